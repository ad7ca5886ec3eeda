"""`monitor once`: one pass over the press and the outbox, in the foreground. Works exactly as the daemon does."""

from __future__ import annotations

import asyncio
import os
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, output_option, print_json
from monitor.errors import EXIT_FAILED, EXIT_OK, EXIT_PARTIAL, UsageError

if TYPE_CHECKING:
    from monitor.parts import Tally

SUMMARY = (
    "sources",
    "fetched",
    "not_modified",
    "failed",
    "items",
    "articles_new",
    "matches",
    "alerts",
    "delivered",
)


def read_time(text: str | None) -> datetime | None:
    """An instant from ISO 8601; one without a zone is UTC, as feeds' are. Raises UsageError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--now {text!r} is not a time: write it as 2026-04-21T09:00:00Z ({error})"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@config_option
@click.option("--all", "everything", is_flag=True, help="Read every source, due or not.")
@click.option("--now", "at", metavar="ISO", help="Work as if it were this time (for replays).")
@output_option
def once(directory: str | None, everything: bool, at: str | None, output: str) -> int:
    """Read the due sources once, deliver what is due, print a summary.

    Exit codes: 0 all well, 1 no source could be read, 4 a delivery failed, 78 bad configuration.
    """
    from monitor.app import build
    from monitor.settings import find_directory, load

    fixed = read_time(at)
    settings = load(find_directory(directory), os.environ)

    async def work() -> Tally:
        async with build(settings, clock=lambda: fixed or datetime.now(UTC), on_fault=tell_fault) as app:
            tally = await app.gather(everything=everything)
            tally.add(await app.follow())
            tally.add(await app.deliver())
            return tally

    tally = asyncio.run(work())
    print_summary(tally, output)
    return exit_code(tally)


def tell_fault(name: str, error: BaseException) -> None:
    """The program's own fault on one source or channel: shown whole, and the others go on."""
    click.echo(f"{name}: the program failed here; please report it", err=True)
    click.echo("".join(traceback.format_exception(error)), err=True)


def summary(tally: Tally) -> dict[str, object]:
    """The document that `monitor once -o json` and `monitor demo -o json` print."""
    numbers: dict[str, object] = {name: getattr(tally, name) for name in SUMMARY}
    # what an earlier pass had decided may be withdrawn in this one: not fewer than none were decided in it
    numbers["alerts"] = max(0, tally.alerts - tally.withdrawn)
    return {**numbers, "problems": [{"source": who, "message": what} for who, what in tally.problems]}


def print_summary(tally: Tally, output: str) -> None:
    document = summary(tally)
    if output == "json":
        print_json(document)
        return
    for name in SUMMARY:
        click.echo(f"{name.replace('_', ' '):14} {document[name]}")
    for who, what in tally.problems:
        click.echo(f"{who}: {what}", err=True)


def exit_code(tally: Tally) -> int:
    """1 where sources were due and none could be read; 4 where a delivery did not go out."""
    if tally.dead or tally.retried:
        return EXIT_PARTIAL
    return EXIT_FAILED if tally.sources and tally.failed == tally.sources else EXIT_OK
