"""The schema's revisions: which one a database has, and the way to the newest. Called by Store.open and the tests.

A migration is one transaction. On SQLite it runs with foreign keys off and proves afterwards that no table lost a row
and no reference dangles; on PostgreSQL an advisory lock lets a second migrator wait and find the work done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, select, table, text
from sqlalchemy.sql import column, func

import monitor
from monitor.errors import SchemaMismatch, StoreError
from monitor.store.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0008"
ADVISORY_LOCK = 0x6D6F6E69746F72  # "monitor": any number that nobody else takes


def scripts() -> Path:
    """The folder with env.py and versions/: inside an installed package, beside it in a checkout."""
    package = Path(monitor.__file__).resolve().parent
    for folder in (package / "alembic", package.parent / "alembic"):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError(f"the migrations are missing beside {package}: install media-monitor anew")


def configuration(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    return config


def revision(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def known_revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}


def ensure_schema(database: Database, *, upgrade: bool) -> None:
    """Bring the database to HEAD, or find it there. Raises SchemaMismatch where that cannot or may not be done."""
    with database.read() as connection:
        found = revision(connection)
    if found == HEAD:
        return
    if found is not None and found not in known_revisions():
        raise SchemaMismatch(
            f"the database {database.where} has schema {found}, which is newer than this monitor's {HEAD}: "
            "install the newer version, or restore a backup of the older one"
        )
    if not upgrade:
        raise SchemaMismatch(
            f"the database {database.where} has schema {found or 'none'} and this monitor needs {HEAD}: "
            "run `monitor db upgrade`"
        )
    move(database, "head")


def move(database: Database, target: str) -> None:
    """Upgrade to `target`, a revision or head. Nothing is changed when it fails."""
    from alembic.util import CommandError

    from alembic import command

    with database.wall(), database.migrating_engine().begin() as connection:
        if not database.sqlite:
            for patience in ("lock_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(
                    text(f"SET LOCAL {patience} = 0")
                )  # a long migration, and who waits for it
            connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
        before = row_counts(connection)
        try:
            command.upgrade(configuration(connection), target)
        except CommandError as error:
            raise SchemaMismatch(f"the database {database.where} cannot be upgraded: {error}") from error
        if database.sqlite:
            prove_nothing_lost(connection, before)


def row_counts(connection: Connection) -> dict[str, int]:
    names = inspect(connection).get_table_names()
    return {
        name: connection.execute(select(func.count()).select_from(table(name, column("rowid")))).scalar_one()
        for name in names
    }


def prove_nothing_lost(connection: Connection, before: dict[str, int]) -> None:
    """Raises StoreError, which rolls the migration back."""
    after = row_counts(connection)
    lost = [name for name, rows in before.items() if after.get(name, rows) < rows]
    dangling: list[Any] = list(connection.execute(text("PRAGMA foreign_key_check")))
    if lost or dangling:
        what = ", ".join(lost) or f"{len(dangling)} references"
        raise StoreError(f"the migration was undone because it would have lost rows: {what}")
