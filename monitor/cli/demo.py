"""`monitor demo`: the whole work on a small press of its own. Works without a configuration and without the internet."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.cli.output import output_option, print_json
from monitor.errors import EXIT_OK, EXIT_PARTIAL


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Where alerts and database go (default: a new folder under var/demo).",
)
@output_option
def demo(out: Path | None, output: str) -> int:
    """See the whole work: a press on this machine is read, judged, and four desks are alerted or left in peace.

    Six imaginary outlets in four languages, with reprints, traps, a hostile feed and a dead source. Takes seconds.
    """
    from rich.console import Console

    from monitor.cli.once import summary
    from monitor.demo import perform, prepare
    from monitor.demo.show import Screen, Silent, finale

    folder = prepare(out or new_folder(Path("var/demo"), datetime.now(UTC)))
    quiet = output == "json"
    console = Console(quiet=quiet, highlight=False)
    scene = Silent() if quiet else Screen(console)
    begun = time.monotonic()
    report = asyncio.run(perform(folder, lambda: datetime.now(UTC), scene, console))
    if quiet:
        print_json(summary(report.tally))
    else:
        finale(console, report, time.monotonic() - begun)
    return EXIT_PARTIAL if report.tally.dead or report.tally.retried else EXIT_OK


def new_folder(parent: Path, now: datetime) -> Path:
    """A folder that no demo has used: named by the time, numbered where two begin in the same second."""
    stem = f"{now:%Y%m%d-%H%M%S}"
    names = (stem, *(f"{stem}-{n}" for n in range(2, 1000)))
    return next(parent / name for name in names if not (parent / name).exists())
