"""A SQLite database copied while it is written, and a copy put in its place. Called by `backups`.

The copy is one transaction's state (VACUUM INTO), one file without a journal beside it. While a copy is moved in, a file
NAME.restoring stands beside the database, and it is not opened: half a restore must not look like an empty database.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from monitor.errors import StoreCorrupt, StoreError
from monitor.store.contents import APART, Contents, judge_schema, make_private, sync_folder
from monitor.store.engine import INCREMENTAL, Database, restoring
from monitor.store.lock import ProcessLock
from monitor.store.wall import first_line, translated, wall

AT_THE_TARGET = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")
SIDES = ("-wal", "-shm")


def copy(database: Database, target: Path) -> None:
    """What is committed now, to an empty file; on the disk when this returns."""
    raw = database.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(
            f"PRAGMA auto_vacuum = {INCREMENTAL}"
        )  # of the copy: one that was made without gives space back
        cursor.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        there = (getattr(error, "sqlite_errorname", "") or "").startswith(AT_THE_TARGET)
        raise translated(error, str(target) if there else database.where) from error
    finally:
        raw.close()
    with target.open("rb") as file:
        os.fsync(file.fileno())


def examine(path: Path, named: Path) -> Contents:
    """Read all of a copy. Raises StoreCorrupt, SchemaMismatch or StoreError, which call it `named`."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as connection:
            damage = [row[0] for row in connection.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchmany(1)
            if damage or dangling:
                raise sqlite3.DatabaseError("; ".join(damage) or f"dangling references in {dangling[0][0]}")
            return _contents(connection, named)
    except sqlite3.DatabaseError as error:
        said = first_line(error)
        raise StoreCorrupt(f"{named} is no sound backup ({said}): choose another one") from error


def _contents(connection: sqlite3.Connection, named: Path) -> Contents:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found = (
        connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if "alembic_version" in tables
        else None
    )
    schema = judge_schema(found[0] if found else None, named)
    [articles] = connection.execute("SELECT count(*) FROM article").fetchone()
    open_states = "('pending', 'leased')"
    [waiting] = connection.execute(f"SELECT count(*) FROM delivery WHERE state IN {open_states}").fetchone()
    return Contents(schema, articles, waiting)


def put_back(path: Path, file: Path, stamp: str) -> tuple[Contents, tuple[Path, ...]]:
    """The copy in the place of the database at `path`; what the files of before are called now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = ProcessLock(path.with_name(path.name + ".lock"))
    with wall(str(path)):
        lock.acquire(str(path))
        try:
            belongs_to_its_folder(lock.path)
            part = path.with_name(path.name + ".part")
            try:
                contents = _prepared(file, part)
                kept = _exchange(part, path, stamp)
            finally:
                part.unlink(missing_ok=True)
            return contents, kept
        finally:
            lock.release()


def _prepared(file: Path, part: Path) -> Contents:
    """A checked copy beside the database, with an identity of its own from here on."""
    if file.resolve() == part.resolve():
        raise StoreError(f"{file} cannot be restored from there: move it elsewhere")
    part.unlink(missing_ok=True)
    make_private(part)
    shutil.copyfile(file, part)
    contents = examine(part, file)
    with closing(sqlite3.connect(part)) as connection, connection:
        # what was sent since the backup used ids and references that this database would give to other things
        connection.execute("UPDATE meta SET instance = ?", (str(uuid.uuid4()),))
        connection.execute(f"UPDATE sqlite_sequence SET seq = seq + {APART}")
    belongs_to_its_folder(part)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    return contents


def _exchange(part: Path, path: Path, stamp: str) -> tuple[Path, ...]:
    marker = restoring(path)
    part.rename(marker)
    sync_folder(path.parent)
    kept = []
    for side in ("", *SIDES):
        old = path.with_name(path.name + side)
        if old.exists():
            kept.append(old.rename(path.with_name(f"{path.name}.before-{stamp}{side}")))
    sync_folder(path.parent)
    marker.rename(path)
    sync_folder(path.parent)
    return tuple(kept)


def belongs_to_its_folder(path: Path) -> None:
    """Root makes files that the service's user could not write."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
