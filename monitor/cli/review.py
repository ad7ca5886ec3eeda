"""`monitor review`: what the watchlists found in a period, as a document. Reads only; may run beside the daemon."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click

from monitor.cli.output import config_option
from monitor.errors import EXIT_NOTHING, EXIT_OK, MonitorError, UsageError

if TYPE_CHECKING:
    from monitor.press_review import Order
    from monitor.review import Review
    from monitor.settings import Settings

KINDS = ("pdf", "html", "xlsx", "csv", "jsonl", "atom", "text")
BINARY = {"pdf": "a PDF", "xlsx": "a workbook"}
SUFFIXES = {".txt": "text", ".xml": "atom", ".htm": "html"}
WHEN = "write 24h, 7d, 2026-04-21 or 2026-04-21T09:00"


@click.command()
@click.option(
    "--since", default="24h", show_default=True, metavar="TIME", help="From when: 24h, 7d, or 2026-04-21."
)
@click.option("--until", metavar="TIME", help="Up to when (default: now).")
@click.option(
    "--watchlist", "watchlists", multiple=True, metavar="ID", help="Only this one; may be repeated."
)
@click.option(
    "-o", "--output", type=click.Choice(KINDS), help="The form (default: by FILE's ending, else text)."
)
@click.option(
    "--language",
    type=click.Choice(["en", "fr", "ar", "es"]),
    default="en",
    show_default=True,
    help="Of the document's own words.",
)
@click.option(
    "--timezone", default="UTC", show_default=True, metavar="ZONE", help="Whose clock: Africa/Casablanca."
)
@click.option("--title", default="", help='Instead of "Press review".')
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@config_option
def review(
    since: str,
    until: str | None,
    watchlists: tuple[str, ...],
    output: str | None,
    language: str,
    timezone: str,
    title: str,
    file: Path | None,
    directory: str | None,
) -> int:
    """Print what the watchlists found: stories by watchlist and importance, who carries them, and what was read.

    Into FILE, or on stdout. Nothing found is a document too, and exit code 3. A PDF needs the package typst.
    """
    from monitor.press_review import Order
    from monitor.settings import find_directory, load

    kind = output or _kind(file)
    if kind in BINARY and file is None and sys.stdout.isatty():
        raise UsageError(
            f"{BINARY[kind]} is nothing for a terminal: name a file, as in `monitor review review.{kind}`"
        )
    settings = load(find_directory(directory), os.environ)
    begin, end = _period(since, until, _zone(timezone))
    _known(watchlists, settings)
    made = _compose(settings, Order(begin, end, watchlists, language, timezone, title))
    _put(_document(made, kind, settings), file)
    if made.stories:
        return EXIT_OK
    click.echo("nothing matched in this time", err=True)
    return EXIT_NOTHING


def _kind(file: Path | None) -> str:
    if file is None:
        return "text"
    ending = file.suffix.lower()
    kind = SUFFIXES.get(ending, ending.removeprefix("."))
    if kind not in KINDS:
        raise UsageError(f"{file}: its ending tells no form; say -o with one of {', '.join(KINDS)}")
    return kind


def _zone(name: str) -> ZoneInfo:
    from zoneinfo import available_timezones

    from monitor.settings.fields import nearest

    known = available_timezones()
    if name not in known:
        raise UsageError(f"--timezone {name}: no such time zone{nearest(name, known)}")
    return ZoneInfo(name)


def _period(since: str, until: str | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """In UTC. A distance counts back from the end; a time without a zone is one of the document's clock."""
    now = datetime.now(UTC)
    end = _moment("--until", until, now, zone) if until else now
    begin = _moment("--since", since, end, zone)
    if begin >= end:
        raise UsageError(f"the time from {begin:%Y-%m-%d %H:%M}Z to {end:%Y-%m-%d %H:%M}Z is empty")
    return begin, end


def _moment(option: str, text: str, end: datetime, zone: ZoneInfo) -> datetime:
    from monitor.settings.fields import duration

    try:
        return end - duration(text)
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: {WHEN}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _known(watchlists: Sequence[str], settings: Settings) -> None:
    from monitor.settings.fields import nearest

    ids = [each.id for each in settings.watchlists]
    for id in watchlists:
        if id not in ids:
            raise UsageError(f"--watchlist {id}: there is no such watchlist{nearest(id, ids)}")


def _compose(settings: Settings, order: Order) -> Review:
    from monitor.press_review import compose
    from monitor.store import Store

    with Store.open(settings.database, now=datetime.now(UTC), upgrade=False, writer=False) as store:
        return compose(store, order, settings.watchlists, settings.sources)


def _document(made: Review, kind: str, settings: Settings) -> bytes:
    from monitor import review as forms

    match kind:
        case "pdf":
            for script in forms.missing_scripts():
                click.echo(
                    f"no font for {script} on this machine (Debian: apt install fonts-noto-core)", err=True
                )
            return forms.pdf(made)
        case "xlsx":
            return forms.xlsx(made)
        case "atom":
            return forms.atom(made, urlsplit(settings.web.public_url).hostname or "localhost")
        case _:
            text = {"html": forms.html, "csv": forms.csv, "jsonl": forms.jsonl, "text": forms.text}[kind](
                made
            )
            return text.encode()


def _put(document: bytes, file: Path | None) -> None:
    """A file appears whole or not at all: a desk may read it while it is written anew."""
    if file is None:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
        return
    partial = file.with_name(f".{file.name}.partial")
    try:
        partial.write_bytes(document)
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise MonitorError(f"{file} cannot be written: {error.strerror}") from None
