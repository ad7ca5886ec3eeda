"""A SQLite file written anew without the space that nothing is in, and able to give space back from then on. Called by `monitor db compact`.

SQLite's VACUUM, one transaction: whatever ends it amidst, the file is as it was. Nobody else may have the database meanwhile.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

from monitor.errors import StoreError
from monitor.store.engine import INCREMENTAL, Database

ROOM = 2.1  # times what the file holds: a copy of it, and the journal through which that comes back


@dataclass(frozen=True, slots=True)
class Compacted:
    """Bytes of the file."""

    before: int
    after: int


def compact(database: Database) -> Compacted:
    """Raises StoreError where the database is not SQLite's, StoreFull and StoreError where there is not room enough for it."""
    if not database.sqlite:
        raise StoreError(f"{database.where} sees to its own space (autovacuum): there is nothing to do")
    before = database.path.stat().st_size
    _refuse_without_room(database)
    kept = os.environ.get("SQLITE_TMPDIR")
    os.environ["SQLITE_TMPDIR"] = str(database.path.parent)  # not /tmp, which may be memory
    try:
        database.pragma(f"auto_vacuum = {INCREMENTAL}")
        database.vacuum()
        database.checkpoint()
    finally:
        if kept is None:
            del os.environ["SQLITE_TMPDIR"]
        else:
            os.environ["SQLITE_TMPDIR"] = kept
    return Compacted(before, database.path.stat().st_size)


def _refuse_without_room(database: Database) -> None:
    [(pages,)], [(free,)] = database.pragma("page_count"), database.pragma("freelist_count")
    [(size,)] = database.pragma("page_size")
    wanted, folder = int((pages - free) * size * ROOM), database.path.parent
    there = shutil.disk_usage(folder).free
    if there < wanted:
        raise StoreError(
            f"{wanted / 1e6:.0f} MB must be free at {folder} to write the database anew, and {there / 1e6:.0f} are: "
            "make room, or take a backup to another disk and restore it"
        )
