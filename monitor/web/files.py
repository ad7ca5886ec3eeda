"""What the machine knows of the database: its file and journal, the disk they lie on, its backups. Asked by metrics and doctor.

Looks at names and sizes only; opens nothing. What cannot be found out is None.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import StoreError
from monitor.settings import Settings
from monitor.store import backups


@dataclass(frozen=True, slots=True)
class Files:
    """Sizes in bytes; `free` of `disk` at `folder`. `newest`: the last backup in the configured folder."""

    folder: Path
    database: int | None
    journal: int | None
    free: int
    disk: int
    newest: backups.Backup | None


def look(settings: Settings) -> Files:
    path = backups.file_of(settings.database)
    folder = path.parent if path else Path.cwd()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    journal = path.with_name(path.name + "-wal") if path else None
    return Files(folder, _size(path), _size(journal), usage.free, usage.total, _newest(settings))


def _size(path: Path | None) -> int | None:
    with suppress(OSError):
        return path.stat().st_size if path else None
    return None


def _newest(settings: Settings) -> backups.Backup | None:
    with suppress(StoreError, OSError):
        folder = backups.folder_of(settings.database, settings.backup.folder)
        return next(iter(backups.found(settings.database, folder)), None)
    return None
