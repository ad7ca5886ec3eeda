"""`monitor reload`: the running daemon reads its configuration again, and this says whether the new rules are in force."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli import daemon_page
from monitor.cli.output import config_option, output_option, print_json
from monitor.errors import EXIT_CONFIG, EXIT_FAILED, EXIT_OK, ConfigurationError, MonitorError

if TYPE_CHECKING:
    from monitor.settings import Settings

PATIENCE = 60.0  # seconds; ten thousand watchlists take some
PAUSE = 0.1
RELOADS = "monitor_reloads_total"


@click.command()
@config_option
@output_option
def reload(directory: str | None, output: str) -> int:
    """Check the configuration, let the running daemon read it, and say whether it is in force.

    With one mistake the daemon is left alone and its old rules stay in force. The daemon is found by web.listen and told by SIGHUP, which
    its own user and root may send.

    Exit codes: 0 in force, 1 no daemon, or it refused, 78 bad configuration.
    """
    from monitor.settings import find_directory, load

    try:
        settings = load(find_directory(directory), os.environ)
    except ConfigurationError as error:
        _print_mistakes(error, output)
        return EXIT_CONFIG
    before = _figures(settings)
    pid = int(before.value("monitor_process_id") or 0)
    _signal(pid)
    after = _answer(settings, before)
    refused = bool(after.value("monitor_config_reload_refused"))
    _print(settings, pid, refused, after.labels("monitor_config_restart_needed", "key"), output)
    return EXIT_FAILED if refused else EXIT_OK


def _figures(settings: Settings) -> daemon_page.Figures:
    try:
        return daemon_page.figures(settings.web.listen)
    except OSError as error:
        raise MonitorError(
            f"no daemon answers at {settings.web.listen} (web.listen): {daemon_page.reason(error)}. Is it running? Where "
            "web.listen itself was changed it has to be restarted"
        ) from error


def _signal(pid: int) -> None:
    try:
        called = Path(f"/proc/{pid}/cmdline").read_bytes() if pid > 1 else b""
        if b"monitor" not in called:
            raise MonitorError("what answers at web.listen is no monitor of this machine: nobody was told")
        os.kill(pid, signal.SIGHUP)
    except PermissionError:
        raise MonitorError(
            f"process {pid} belongs to somebody else: run this as root, or `systemctl reload media-monitor`"
        ) from None
    except (ProcessLookupError, FileNotFoundError):
        raise MonitorError(f"the daemon (process {pid}) has just ended") from None


def _answer(settings: Settings, before: daemon_page.Figures) -> daemon_page.Figures:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(PAUSE)
        now = _figures(settings)
        if now.total(RELOADS) != before.total(RELOADS):
            return now
    raise MonitorError(f"the daemon was told, and has not answered within {PATIENCE:.0f} s: its log will say")


def _print_mistakes(error: ConfigurationError, output: str) -> None:
    if output == "json":
        problems = [
            {"file": one.file, "line": one.line, "column": one.column, "message": one.message}
            for one in error.problems
        ]
        print_json({"in_force": False, "problems": problems})
        return
    click.echo(str(error), err=True)
    count = len(error.problems)
    mistakes = "mistake" if count == 1 else "mistakes"
    click.echo(
        f"{count} {mistakes} in the configuration: the daemon was not told, its rules stay in force", err=True
    )


def _print(settings: Settings, pid: int, refused: bool, restart: list[str], output: str) -> None:
    counts = {"sources": len(settings.sources), "watchlists": len(settings.watchlists)}
    if output == "json":
        print_json({"in_force": not refused, "pid": pid, **counts, "restart_needed": restart, "problems": []})
        return
    if refused:
        click.echo(
            f"process {pid} refused: its old rules stay in force. The files are sound here, so it sees other variables or "
            "secrets, or they changed meanwhile; its log names the mistakes (`journalctl -u media-monitor`)",
            err=True,
        )
        return
    click.echo(f"in force: {counts['sources']} sources, {counts['watchlists']} watchlists (process {pid})")
    if restart:
        click.echo(f"changed, but in force only after a restart: {', '.join(restart)}")
