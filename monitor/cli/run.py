"""`monitor run`: the daemon in the foreground, for systemd or a terminal."""

from __future__ import annotations

import asyncio
import os

import click

from monitor.cli.output import config_option


@click.command(
    epilog="Signals: HUP reads the configuration again, all or nothing; TERM and INT (Ctrl-C) end it in order."
)
@config_option
@click.option(
    "--log-format",
    type=click.Choice(["auto", "json", "text"]),
    default="auto",
    help="JSON lines or text; auto: text on a terminal.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    help="The least to log.",
)
def run(directory: str | None, log_format: str, log_level: str) -> None:
    """Run the daemon: poll, judge, alert, until it is told to stop.

    Logs go to standard error; alerts of console channels to standard output.

    Exit codes: 0 told to stop, 1 cannot start or go on (the database is in use or damaged), 78 bad configuration.
    """
    from monitor.daemon import run_daemon
    from monitor.daemon.logs import set_up
    from monitor.settings import find_directory

    redaction = set_up(os.environ, form=log_format, level=log_level)
    asyncio.run(run_daemon(find_directory(directory), os.environ, redaction))
