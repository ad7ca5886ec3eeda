"""`monitor routes test`: who would hear of a watchlist, through which route, when and why. Opens the configuration only:
no database, so silences and what was told before are not looked at.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import click

from monitor.cli.output import config_option, output_option, print_json
from monitor.errors import EXIT_NOTHING, EXIT_OK, UsageError
from monitor.judge.clocks import local_text
from monitor.judge.routing import Way, way_of, ways_of
from monitor.judge.timing import escalations, when
from monitor.model import Recipient, Severity, Timing, Watchlist, utc
from monitor.settings import Settings, find_directory, load


@click.group()
def routes() -> None:
    """Try the routes: who hears of what, and when."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a recipient hears, and the ways that were not taken since they are no sooner."""

    recipient: Recipient
    way: Way
    timing: Timing
    others: tuple[tuple[Way, Timing], ...]


def _moment(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        return utc(datetime.fromisoformat(text))
    except ValueError:
        raise click.BadParameter(
            f"{text} is not a time with its offset, such as 2026-11-23T21:30+01:00 or 2026-11-23T20:30Z"
        ) from None


@routes.command("test")
@click.option("-w", "--watchlist", "id", required=True, help="The watchlist's id.")
@click.option(
    "--severity",
    type=click.Choice([one.value for one in Severity]),
    help="As if it were the watchlist's (default: its own).",
)
@click.option(
    "--at", "now", callback=_moment, help="As if it matched then (default: now): ISO 8601 with an offset."
)
@config_option
@output_option
def test(id: str, severity: str | None, now: datetime, directory: str | None, output: str) -> int:
    """Show who hears of a match of a watchlist, by which channels, through which route, when and why.

    Of several ways to one recipient the soonest counts; the others are shown too. Silences, and whether the story was
    told before, are not looked at. Exits with 3 when nobody hears.
    """
    settings = load(find_directory(directory), os.environ)
    watchlist = _watchlist(settings, id)
    if severity is not None:
        watchlist = replace(watchlist, severity=Severity(severity))
    told = _told(settings, watchlist, now)
    if output == "json":
        print_json(_document(settings, watchlist, now, told))
    else:
        _print(settings, watchlist, now, told)
    return EXIT_OK if told else EXIT_NOTHING


def _watchlist(settings: Settings, id: str) -> Watchlist:
    for one in settings.watchlists:
        if one.id == id:
            return one
    known = ", ".join(one.id for one in settings.watchlists) or "none"
    raise UsageError(f"no watchlist is called {id}; there are {known}")


def _told(settings: Settings, watchlist: Watchlist, now: datetime) -> list[_Told]:
    by_id = {one.id: one for one in settings.recipients}
    ways = ways_of(watchlist, settings.routes)
    told = []
    for id in dict.fromkeys(way.recipient for way in ways):
        recipient = by_id[id]
        found = way_of(recipient, [watchlist], settings.routes, now)
        if found is not None:
            way, timing = found
            others = tuple(
                (other, when(other.route, recipient, watchlist.severity, now))
                for other in ways
                if other.recipient == id
                and (other.notify, other.route.place) != (way.notify, way.route.place)
            )
            told.append(_Told(recipient, way, timing, others))
    return told


# --- as text ---------------------------------------------------------------------------------------------------------


def _print(settings: Settings, watchlist: Watchlist, now: datetime, told: list[_Told]) -> None:
    click.echo(f"{watchlist.id}, {watchlist.severity.value}, at {now:%Y-%m-%d %H:%M} UTC")
    if not told:
        click.echo(f"nobody hears of {watchlist.id}: write notify, or a route", err=True)
    for one in told:
        recipient = one.recipient
        click.echo(f"\n{recipient.id}  {local_text(one.timing.at, recipient)}")
        click.echo(f"  why      {one.timing.why}")
        click.echo(f"  through  {_through(settings, watchlist, one.way)}")
        click.echo(f"  by       {', '.join(f'{each.id} ({each.kind.value})' for each in recipient.channels)}")
        for next_one, at in escalations(one.way.route, watchlist.severity, one.timing.at):
            click.echo(f"  then     {next_one}, unless acknowledged by {local_text(at, recipient)}")
        for way, timing in one.others:
            click.echo(f"  also     {_through(settings, watchlist, way)}: {timing.why}")


def _through(settings: Settings, watchlist: Watchlist, way: Way) -> str:
    file, line, column = _place(settings, watchlist, way)
    return f"{'notify' if way.notify else 'the route'} at {file}:{line}:{column}"


def _place(settings: Settings, watchlist: Watchlist, way: Way) -> tuple[str, int, int]:
    if way.notify:
        return settings.places.of("watchlists", watchlist.id, "notify", text=way.recipient)
    return way.route.place


# --- as JSON ---------------------------------------------------------------------------------------------------------


def _document(
    settings: Settings, watchlist: Watchlist, now: datetime, told: list[_Told]
) -> dict[str, object]:
    return {
        "watchlist": watchlist.id,
        "severity": watchlist.severity.value,
        "at": now,
        "recipients": [
            {
                "id": one.recipient.id,
                "channels": [{"id": each.id, "kind": each.kind.value} for each in one.recipient.channels],
                **_as_json(settings, watchlist, one.recipient, one.way, one.timing),
                "escalates": [
                    {"to": id, "at": at}
                    for id, at in escalations(one.way.route, watchlist.severity, one.timing.at)
                ],
                "also": [_as_json(settings, watchlist, one.recipient, *other) for other in one.others],
            }
            for one in told
        ],
    }


def _as_json(
    settings: Settings, watchlist: Watchlist, recipient: Recipient, way: Way, timing: Timing
) -> dict[str, object]:
    file, line, column = _place(settings, watchlist, way)
    return {
        "how": timing.how.value,
        "at": timing.at,
        "local": local_text(timing.at, recipient),
        "slot": timing.slot or None,
        "why": timing.why,
        "through": "notify" if way.notify else "route",
        "file": file,
        "line": line,
        "column": column,
    }
