"""`monitor silence`: what nobody, or one recipient, is told of for a time. May run beside the daemon, which respects it at once.

A silence says who made it and why, and it ends. What it hides stays in the archive and in the ledger.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, output_option, print_json, print_table
from monitor.errors import EXIT_OK, MonitorError, UsageError
from monitor.model import Silence, utc

if TYPE_CHECKING:
    from monitor.settings import Settings
    from monitor.store import Store

COLUMNS = ("id", "state", "ends", "by", "hides", "comment")


@click.group()
def silence() -> None:
    """Silence a watchlist, story, source or entity for a time; list the silences, end one."""


def _settings(directory: str | None) -> Settings:
    from monitor.settings import find_directory, load

    return load(find_directory(directory), os.environ)


def _open(settings: Settings) -> Store:
    from monitor.store import Store

    return Store.open(settings.database, now=datetime.now(UTC), upgrade=False, writer=False)


# --- add -------------------------------------------------------------------------------------------------------------


@silence.command("add")
@click.option("-w", "--watchlist", metavar="ID", help="What this watchlist matches.")
@click.option(
    "--story", metavar="ID", type=int, help="This story: the number that `monitor stories list` prints."
)
@click.option("--source", metavar="ID", help="What this source was the first to show.")
@click.option("--entity", metavar="ID", help="What would not match without this entity's names.")
@click.option("-r", "--recipient", metavar="ID", help="Only for this recipient (default: for everybody).")
@click.option("--for", "length", metavar="TIME", help="For so long: 30m, 12h, 7d.")
@click.option("--until", "end", metavar="ISO", help="Until then: 2026-04-21T18:00+01:00.")
@click.option("--comment", metavar="TEXT", required=True, help="Why; kept with it.")
@click.option("--author", metavar="NAME", help="Who says so (default: your login).")
@config_option
@output_option
def add(directory: str | None, output: str, **words: str | int | None) -> int:
    """Tell nobody of what it names until it ends. What is named must all hold: a watchlist and a source hide what that
    watchlist matches in that source.

    Alerts that wait are silenced too, and those still in the outbox. Whoever was told of a story hears no update of it.
    """
    settings, now = _settings(directory), datetime.now(UTC)
    _check_names(settings, words)
    ends_at = _end(words.get("length"), words.get("end"), now)
    with _open(settings) as store:
        story = words.get("story")
        if story is not None and store.stories.get(int(story)) is None:
            raise UsageError(f"there is no story {story}: see `monitor stories list`")
        made = store.silences.add(_silence(words, now, ends_at), now)
    if output == "json":
        print_json(_document(made, now))
    else:
        click.echo(f"silence {made.id}: {_hides(made)} until {_minute(made.ends_at)}")
    return EXIT_OK


def _silence(words: dict[str, str | int | None], now: datetime, ends_at: datetime) -> Silence:
    def text(name: str) -> str | None:
        value = words.get(name)
        return None if value is None else str(value)

    story = words.get("story")
    return Silence(
        id=0,
        author=text("author") or getpass.getuser(),
        comment=text("comment") or "",
        starts_at=now,
        ends_at=ends_at,
        watchlist=text("watchlist"),
        story=None if story is None else int(story),
        source=text("source"),
        entity=text("entity"),
        recipient=text("recipient"),
    )


def _check_names(settings: Settings, words: dict[str, str | int | None]) -> None:
    """Raises UsageError where nothing is named, or the configuration does not know it."""
    known: dict[str, Iterable[str]] = {
        "watchlist": (one.id for one in settings.watchlists),
        "source": (one.id for one in settings.sources),
        "entity": (one.id for one in settings.entities),
        "recipient": (one.id for one in settings.recipients),
    }
    if all(words.get(name) is None for name in (*known, "story")):
        raise UsageError("silence add: name a --watchlist, --story, --source, --entity or --recipient")
    if not str(words.get("comment") or "").strip():
        raise UsageError("silence add: --comment must say why")
    for name, ids in known.items():
        asked = words.get(name)
        if asked is not None and asked not in (there := list(ids)):
            shown = ", ".join(there[:20]) or "none"
            raise UsageError(f"no {name} is called {asked}; there are {shown}{', ...' * (len(there) > 20)}")


def _end(length: str | int | None, end: str | int | None, now: datetime) -> datetime:
    from monitor.settings.fields import duration

    if (length is None) == (end is None):
        raise UsageError("silence add: give its end, by --for 12h or by --until 2026-04-21T18:00+01:00")
    if length is not None:
        try:
            return now + duration(str(length))
        except ValueError as error:
            raise UsageError(f"--for {length}: write 30m, 12h or 7d") from error
    try:
        moment = utc(datetime.fromisoformat(str(end)))
    except ValueError as error:
        raise UsageError(f"--until {end}: write a time with its offset, 2026-04-21T18:00+01:00") from error
    if moment <= now:
        raise UsageError(f"--until {end} is over already")
    return moment


# --- list, expire ----------------------------------------------------------------------------------------------------


@silence.command("list")
@click.option("--all", "over", is_flag=True, help="Also those that are over.")
@config_option
@output_option
def list_(over: bool, directory: str | None, output: str) -> int:
    """The silences, in the order in which they end."""
    now = datetime.now(UTC)
    with _open(_settings(directory)) as store:
        found = store.silences.all(now, over=over)
    if output == "json":
        print_json([_document(each, now) for each in found])
    else:
        print_table(COLUMNS, (_line(each, now) for each in found), empty="no silences")
    return EXIT_OK


@silence.command("expire")
@click.argument("id", type=int)
@config_option
@output_option
def expire(id: int, directory: str | None, output: str) -> int:
    """End a silence now. What it hid is not told afterwards; a further copy of the story is."""
    now = datetime.now(UTC)
    with _open(_settings(directory)) as store:
        ended = store.silences.expire(id, now)
        found = store.silences.get(id)
    if found is None:
        raise MonitorError(f"there is no silence {id}: see `monitor silence list`")
    if not ended:
        raise MonitorError(f"silence {id} was over on {_minute(found.ends_at)}")
    if output == "json":
        print_json(_document(found, now))
    else:
        click.echo(f"silence {id} is over: {_hides(found)}")
    return EXIT_OK


def _document(one: Silence, now: datetime) -> dict[str, object]:
    return {
        "id": one.id,
        "state": _state(one, now),
        "author": one.author,
        "comment": one.comment,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "watchlist": one.watchlist,
        "story": one.story,
        "source": one.source,
        "entity": one.entity,
        "recipient": one.recipient,
    }


def _line(one: Silence, now: datetime) -> dict[str, object]:
    return {
        "id": one.id,
        "state": _state(one, now),
        "ends": _minute(one.ends_at),
        "by": one.author,
        "hides": _hides(one),
        "comment": one.comment,
    }


def _state(one: Silence, now: datetime) -> str:
    return "over" if one.ends_at <= now else "in force" if one.starts_at <= now else "to come"


def _hides(one: Silence) -> str:
    named = [
        f"{name} {value}"
        for name, value in (
            ("watchlist", one.watchlist),
            ("story", one.story),
            ("source", one.source),
            ("entity", one.entity),
        )
        if value is not None
    ]
    what = ", ".join(named) or "everything"
    return f"{what} for {one.recipient}" if one.recipient else what


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
