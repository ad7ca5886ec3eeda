"""Backups of the database: taken beside a running daemon, checked before they count, rotated, and put back.

`take` and `restore` are for `monitor db`; doctor and web ask `found`. A backup has its final name only when it
is whole, checked and on the disk; of the others in the folder nothing but older backups of the same database is deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from monitor.errors import StoreBusy, StoreError
from monitor.store import pgcopy, sqlitecopy
from monitor.store.contents import Contents, make_private, refuse_newer, sync_folder
from monitor.store.engine import Database, read_url
from monitor.store.lock import ProcessLock
from monitor.store.wall import wall

BESIDE = "backups"  # the folder beside a SQLite file, where none is named
STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that `take` has finished; `size` in bytes."""

    path: Path
    taken_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Taken:
    backup: Backup
    contents: Contents
    removed: tuple[Path, ...]  # older ones that were rotated away


@dataclass(frozen=True, slots=True)
class Restored:
    """`kept`: where the database of before is now."""

    database: str
    taken_at: datetime
    contents: Contents
    kept: tuple[Path, ...]


def file_of(url: str) -> Path | None:
    """SQLite's file; None for PostgreSQL."""
    parsed = read_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def folder_of(url: str, configured: str = "") -> Path:
    """Where backups go. Raises StoreError for a PostgreSQL database without a configured folder."""
    path = file_of(url)
    if configured:
        return Path(configured)
    if path is not None:
        return path.parent / BESIDE
    raise StoreError(
        "where shall backups of a PostgreSQL database go? Name a folder: `monitor db backup DIR`, or backup.folder in "
        "monitor.yaml"
    )


def found(url: str, folder: Path) -> list[Backup]:
    """The backups of this database in the folder, the newest first; none where there is no such folder."""
    stem, suffix = _name(read_url(url))
    pattern = re.compile(rf"{re.escape(stem)}-(\d{{8}}T\d{{6}}Z){re.escape(suffix)}")
    matches = [(path, pattern.fullmatch(path.name)) for path in _entries(folder)]
    backups = [
        Backup(path, datetime.strptime(match[1], STAMP).replace(tzinfo=UTC), path.stat().st_size)
        for path, match in matches
        if match
    ]
    return sorted(backups, key=lambda each: each.taken_at, reverse=True)


def take(url: str, folder: Path, *, keep: int, now: datetime) -> Taken:
    """Write a backup, check it, give it its name, and delete all but the `keep` newest.

    The daemon may be running: it goes on writing meanwhile. Raises StoreError and its kinds; then the folder's backups are as
    they were."""
    stem, suffix = _name(read_url(url))
    path = folder / f"{stem}-{now.astimezone(UTC):{STAMP}}{suffix}"
    with wall(str(folder)), _alone(folder, stem):
        if path.exists():
            raise StoreError(f"{path} was taken within this second")
        part = folder / f".{stem}.part"
        part.unlink(missing_ok=True)  # of one that was killed
        try:
            contents = _copied(url, part)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(folder)
        removed = tuple(each.path for each in found(url, folder)[max(keep, 1) :])
        for each in removed:
            each.unlink()
    return Taken(Backup(path, now, path.stat().st_size), contents, removed)


def restore(url: str, file: Path, *, folder: Path, now: datetime) -> Restored:
    """Put a backup in the database's place and keep beside it what was there; ids that were given since are not given
    again, nor are deliveries' references.

    Raises StoreBusy while a daemon runs on it, StoreCorrupt or SchemaMismatch where the file is damaged or newer than this
    program; nothing is changed then. `folder`: where a PostgreSQL database of before is dumped to."""
    if not file.is_file():
        raise StoreError(f"there is no backup {file}")
    stamp = f"{now.astimezone(UTC):{STAMP}}"
    parsed = read_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(parsed.database or "")
        contents, kept = sqlitecopy.put_back(path, file, stamp)
        return Restored(str(path), _taken_at(file), contents, kept)
    stem, suffix = _name(parsed)
    old = folder / f"{stem}-before-{stamp}{suffix}"
    with wall(str(folder)), _alone(folder, stem):
        contents, where = pgcopy.put_back(url, file, old)
    return Restored(where, _taken_at(file), contents, (old,))


def _copied(url: str, part: Path) -> Contents:
    """The database written to `part`, for its owner's eyes alone, and read again from there."""
    database = Database(url, writer=False)
    try:
        refuse_newer(database)
        make_private(part)
        if database.sqlite:
            sqlitecopy.copy(database, part)
            return sqlitecopy.examine(part, part)
        pgcopy.dump(database.url, part)
        return pgcopy.examine(part)
    finally:
        database.close()


@contextmanager
def _alone(folder: Path, stem: str) -> Iterator[None]:
    """Two that write and rotate at once would delete each other's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = ProcessLock(folder / f".{stem}.lock")
    try:
        lock.acquire(str(folder))
    except StoreBusy as error:
        raise StoreBusy(f"another backup is being written to {folder}") from error
    try:
        yield
    finally:
        lock.release()


def _name(url: URL) -> tuple[str, str]:
    """What a backup's file is called before and behind its time."""
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        return path.stem, path.suffix or ".db"
    return re.sub(r"[^A-Za-z0-9_.-]", "_", url.database or "postgresql"), ".dump"


def _entries(folder: Path) -> list[Path]:
    with suppress(FileNotFoundError, NotADirectoryError):
        return list(folder.iterdir())
    return []


def _taken_at(file: Path) -> datetime:
    if stamp := re.search(r"-(\d{8}T\d{6}Z)\.", file.name):
        with suppress(ValueError):
            return datetime.strptime(stamp[1], STAMP).replace(tzinfo=UTC)
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
