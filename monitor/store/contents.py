"""What a copy of the database is: private, on the disk, ours, and of a schema that is known.

Called by the modules that copy; they look for damage, each in its database's way.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import SchemaMismatch, StoreError
from monitor.store.engine import Database
from monitor.store.migrate import HEAD, known_revisions, revision

APART = 1_000_000  # more ids than are given between two backups


@dataclass(frozen=True, slots=True)
class Contents:
    """`waiting`: deliveries that were not sent when the copy was made."""

    schema: str
    articles: int
    waiting: int


def refuse_newer(database: Database) -> None:
    """Raises SchemaMismatch where a newer program wrote the database, StoreError where it holds none of ours."""
    with database.read() as connection:
        judge_schema(revision(connection), database.where)


def judge_schema(found: str | None, where: str | Path) -> str:
    if found is None:
        raise StoreError(f"{where} holds no database of monitor")
    if found != HEAD and found not in known_revisions():
        raise SchemaMismatch(
            f"{where} has schema {found}, which is newer than this monitor's {HEAD}: install the newer version first"
        )
    return found


def make_private(path: Path) -> None:
    """An empty file for its owner's eyes alone."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def sync_folder(folder: Path) -> None:
    """Names that were made or changed in it are on the disk when this returns."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
