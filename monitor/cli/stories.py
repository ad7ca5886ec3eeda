"""`monitor stories`: what belongs together, and an analyst's word on it. May run beside the daemon.

Articles are named by the numbers that `stories show` prints.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, harmless, output_option, print_json, print_table
from monitor.errors import EXIT_OK, MonitorError, UsageError

if TYPE_CHECKING:
    from monitor.model import StoryMember
    from monitor.settings import Settings
    from monitor.store import Correction, Placing, Store, ToldStory

COLUMNS = ("id", "last article", "articles", "outlets", "told", "title")
author_option = click.option("--author", metavar="NAME", help="Who says so; kept with the correction.")


@click.group()
def stories() -> None:
    """List the stories, show one with its articles, split or merge."""


def _settings(directory: str | None) -> Settings:
    from monitor.settings import find_directory, load

    return load(find_directory(directory), os.environ)


def _open(settings: Settings) -> Store:
    from monitor.store import Store

    return Store.open(settings.database, now=datetime.now(UTC), upgrade=False, writer=False)


# --- list, show ------------------------------------------------------------------------------------------------------


@stories.command("list")
@click.option(
    "--since", metavar="TIME", help="Only stories with an article since then: 36h, 7d, or 2026-04-21."
)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@config_option
@output_option
def list_(since: str | None, limit: int, directory: str | None, output: str) -> int:
    """The stories, the one with the latest article first."""
    settings = _settings(directory)
    begin = read_since(since, datetime.now(UTC))
    with _open(settings) as store:
        found = [_named(each, settings) for each in store.stories.recent(begin, limit)]
    documents = [_document(each) for each in found]
    if output == "json":
        print_json(documents)
    else:
        print_table(COLUMNS, map(_line, documents), empty="no stories")
    return EXIT_OK


@stories.command("show")
@click.argument("story_id", metavar="ID", type=int)
@config_option
@output_option
def show(story_id: int, directory: str | None, output: str) -> int:
    """One story: its articles in the order they were seen, whose text they are, why each is in it, what was corrected.

    ID is that of `stories list`; the number of a story that was merged shows the one it went into.
    """
    settings = _settings(directory)
    with _open(settings) as store:
        told = _named(_found(store, story_id), settings)
        placings = store.stories.placings([member.id for member in told.members])
        corrections = store.stories.corrections(told.story.id)
    document = {
        **_document(told),
        "apart": sorted(told.story.apart),
        "members": [_member(each, placings) for each in told.members],
        "corrections": [_correction(each) for each in corrections],
    }
    if output == "json":
        print_json(document)
    else:
        _print(told, placings, corrections)
    return EXIT_OK


def read_since(text: str | None, now: datetime) -> datetime | None:
    """A moment from a distance (36h) or ISO 8601, UTC where it names no zone. Raises UsageError."""
    from monitor.settings.fields import duration

    if text is None:
        return None
    try:
        return now - duration(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--since {text}: write 36h, 7d, 2026-04-21 or 2026-04-21T09:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _found(store: Store, story_id: int) -> ToldStory:
    told = store.stories.get(story_id)
    if told is None:
        raise MonitorError(f"there is no story {story_id}: see `monitor stories list`")
    return told


def _named(told: ToldStory, settings: Settings) -> ToldStory:
    """With the outlets' names: several feeds of one newspaper are one outlet."""
    names = {source.id: source.name for source in settings.sources if source.name}
    members = (replace(each, outlet=names.get(each.source_id, each.source_id)) for each in told.members)
    return replace(told, members=tuple(members))


def _document(told: ToldStory) -> dict[str, object]:
    first = told.members[0] if told.members else None
    return {
        "id": told.story.id,
        "title": first.title if first else "",
        "url": first.url if first else None,
        "articles": len(told.members),
        "outlets": list(dict.fromkeys(each.outlet for each in told.members)),
        "spread": spread_words(told.members),
        "opened_at": told.opened_at,
        "last_article_at": told.last_article_at,
        "alerted": sorted(told.story.alerted),
    }


def _line(document: Mapping[str, object]) -> dict[str, object]:
    outlets, alerted, last = document["outlets"], document["alerted"], document["last_article_at"]
    assert isinstance(outlets, list)
    assert isinstance(alerted, list)
    return {
        **document,
        "last article": f"{last:%Y-%m-%d %H:%M}Z",
        "outlets": len(outlets),
        "told": ", ".join(alerted),
    }


def _member(one: StoryMember, placings: Mapping[int, Placing]) -> dict[str, object]:
    placing = placings.get(one.id)
    return {
        "id": one.id,
        "title": one.title,
        "url": one.url,
        "source": one.source_id,
        "outlet": one.outlet,
        "language": one.language,
        "published": one.published,
        "first_seen": one.first_seen,
        "duplicate_of": one.duplicate_of,
        "agency": one.agency or None,
        "credited_by": one.wire or None,
        "likeness": placing.likeness if placing else None,
        "why": list(placing.reasons) if placing else [],
    }


def _correction(one: Correction) -> dict[str, object]:
    return {
        "at": one.at,
        "kind": one.kind,
        "story": one.story,
        "other": one.other,
        "articles": one.articles,
        "author": one.author,
    }


def _print(told: ToldStory, placings: Mapping[int, Placing], corrections: Sequence[Correction]) -> None:
    alerted = ", ".join(sorted(told.story.alerted)) or "nobody"
    click.echo(f"story {told.story.id}: {spread_words(told.members)}; told: {alerted}")
    for one in told.members:
        click.echo("")
        click.echo(harmless(f"[{one.id}] {one.title or '(no title)'}"))
        credit = f", credits {one.agency} ({one.wire})" if one.agency else ""
        language = f", {one.language}" if one.language else ""
        click.echo(harmless(f"  {one.first_seen:%Y-%m-%d %H:%M}Z  {one.outlet}{language}{credit}"))
        if one.url:
            click.echo(harmless(f"  {one.url}"))
        for reason in placings[one.id].reasons if one.id in placings else ():
            click.echo(harmless(f"  {reason}"))
    for each in corrections:
        by = f" by {each.author}" if each.author else ""
        what = (
            f"split: {_numbers(each.articles)} out of story {each.story} into story {each.other}"
            if each.kind == "split"
            else f"merge: story {each.other} into story {each.story}"
        )
        click.echo("")
        click.echo(harmless(f"{each.at:%Y-%m-%d %H:%M}Z  {what}{by}"))


def _numbers(ids: Sequence[int]) -> str:
    return f"{'article' if len(ids) == 1 else 'articles'} {', '.join(map(str, ids))}"


# --- split, merge ----------------------------------------------------------------------------------------------------


@stories.command("split")
@click.argument("story_id", metavar="STORY", type=int)
@click.argument("articles", metavar="ARTICLE...", type=int, nargs=-1, required=True)
@author_option
@config_option
def split(story_id: int, articles: tuple[int, ...], author: str | None, directory: str | None) -> int:
    """Take articles, with the copies of them, out of a story into a new one.

    The machine will not join the two again; what copies an article later goes where that article is now. Nothing that
    was sent is sent again. `stories merge` takes it back.
    """
    with _open(_settings(directory)) as store:
        new = store.stories.split(story_id, articles, datetime.now(UTC), author)
        moved = [member.id for member in _found(store, new).members]
    click.echo(f"{_numbers(moved)} {'is' if len(moved) == 1 else 'are'} now story {new}")
    return EXIT_OK


@stories.command("merge")
@click.argument("story_id", metavar="STORY", type=int)
@click.argument("other_id", metavar="OTHER", type=int)
@author_option
@config_option
def merge(story_id: int, other_id: int, author: str | None, directory: str | None) -> int:
    """Put the articles of OTHER into STORY; new articles of either join it.

    Whoever was told of one of them is told of neither again.
    """
    with _open(_settings(directory)) as store:
        into = store.stories.merge(story_id, other_id, datetime.now(UTC), author)
        count = len(_found(store, into).members)
    click.echo(f"story {into} now holds {count} articles")
    return EXIT_OK


def spread_words(members: Sequence[StoryMember]) -> str:
    """`12 outlets, 11 of them reprinting MAP`."""
    from monitor.judge import sentence, spread

    return sentence(spread(members))
