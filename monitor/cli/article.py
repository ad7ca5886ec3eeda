"""`monitor article`: one stored article, the texts it had before, and what was decided about it. Reads the database only."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, harmless, output_option, print_json
from monitor.errors import EXIT_OK, UsageError
from monitor.model import EarlierText, KnownArticle, Match, Revisit, TextFrom

if TYPE_CHECKING:
    from monitor.store import LedgerLine, Store

_SENTENCE = re.compile(r"(?<=[.!?؟…])\s+")
_COLOURS = {"-": "red", "+": "green"}


@dataclass(frozen=True, slots=True)
class Version:
    """A text of the article: `until` is None for the present one; `diff` against the one before, a line a sentence."""

    title: str
    text_from: TextFrom
    until: datetime | None
    diff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    known: KnownArticle
    versions: tuple[Version, ...]
    matches: Sequence[Match]
    revisits: Sequence[Revisit]
    ledger: Sequence[LedgerLine]


@click.command()
@click.argument("article", metavar="ID|URL")
@config_option
@output_option
def article(article: str, directory: str | None, output: str) -> int:
    """Show a stored article: its text, the versions before it with what changed, whether it was removed, and the ledger.

    ID is the article's number, URL its address in any spelling. The pages of alerted articles are looked at again an
    hour, six hours and a day after the alert.
    """
    from monitor.settings import find_directory, load
    from monitor.store import Store

    settings = load(find_directory(directory), os.environ)
    with Store.open(settings.database, now=datetime.now(UTC), upgrade=False, writer=False) as store:
        record = _record(store, _find(store, article))
    if output == "json":
        print_json(_document(record))
    else:
        _print(record)
    return EXIT_OK


def _find(store: Store, wanted: str) -> KnownArticle:
    from monitor.refine import url_key

    known = (
        store.articles.get(int(wanted)) if wanted.isdecimal() else store.articles.by_url_key(url_key(wanted))
    )
    if known is None:
        raise UsageError(
            f"no article {wanted!r} is stored: give its number, or its address as the outlet shows it"
        )
    return known


def _record(store: Store, known: KnownArticle) -> Record:
    return Record(
        known,
        tuple(versions(store.articles.earlier_texts(known.id), known)),
        store.articles.matches(known.id),
        store.revisits.of_article(known.id),
        store.ledger.of_article(known.id),
    )


def versions(earlier: Sequence[EarlierText], known: KnownArticle) -> Iterator[Version]:
    """The first text, and each later one by how it differs from the one before."""
    now = known.article
    texts = [(each.title, each.body, each.text_from, each.replaced_at) for each in earlier]
    before: tuple[str, ...] = ()
    for title, body, text_from, until in (*texts, (now.title, now.body, now.text_from, None)):
        lines = _lines(title, body)
        diff = tuple(difflib.unified_diff(before, lines, n=1, lineterm=""))[2:] if before else ()
        yield Version(title, text_from, until, diff)
        before = lines


def _lines(title: str, body: str) -> tuple[str, ...]:
    """The headline and each sentence: paragraphs are too long to see in them what changed."""
    return (title, *(sentence for line in body.split("\n") for sentence in _SENTENCE.split(line) if sentence))


def _document(record: Record) -> dict[str, object]:
    known, one = record.known, record.known.article
    return {
        "id": known.id,
        "key": one.key,
        "url": one.url,
        "source": one.source_id,
        "title": one.title,
        "body": one.body,
        "language": one.language,
        "published": one.published,
        "first_seen": one.first_seen,
        "story": known.story_id,
        "duplicate_of": known.duplicate_of,
        "removed_at": known.removed_at,
        "watchlists": [each.watchlist for each in record.matches],
        "versions": [
            {"title": each.title, "text_from": each.text_from, "until": each.until, "diff": each.diff}
            for each in record.versions
        ],
        "next_looks": [each.due_at for each in record.revisits],
        "ledger": [
            {
                "at": line.at,
                "stage": line.decision.stage,
                "reason": line.decision.reason,
                "subject": line.decision.subject,
                "detail": line.decision.detail,
            }
            for line in record.ledger
        ],
    }


def _print(record: Record) -> None:
    known, one = record.known, record.known.article
    click.echo(harmless(f"{one.title}\n{one.url or one.key}"))
    facts = (
        f"article {known.id}",
        f"story {known.story_id}",
        one.source_id,
        one.language or "language unknown",
    )
    click.echo(harmless(" · ".join(facts)))
    if known.removed_at:
        click.echo(
            f"removed by the outlet: its page was gone on {_minute(known.removed_at)}; the text is kept"
        )
    click.echo(harmless(f"\n{one.body}\n"))
    for number, each in enumerate(record.versions, 1) if len(record.versions) > 1 else ():
        until = f", until {_minute(each.until)}" if each.until else ", now"
        click.echo(harmless(f"version {number}{until}, from the {each.text_from}: {each.title}"))
        for line in each.diff:
            click.secho(harmless(f"  {line}"), fg=_COLOURS.get(line[:1]))
    for entry in record.ledger:
        decision = entry.decision
        subject = f" {decision.subject}" if decision.subject else ""
        click.echo(
            harmless(f"{_minute(entry.at)}  {decision.stage}: {decision.reason}{subject}  {decision.detail}")
        )
    for one_more in record.revisits:
        click.echo(f"{_minute(one_more.due_at)}  its page will be looked at again")


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
