"""The few statements that SQLAlchemy spells per database though both understand the same words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
CHUNK = 400  # values in one IN (...)


@cache
def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> Any:
    """Insert unless a unique key is taken. The new row's (first) primary key, or None: nothing was written.

    A concurrent insert of the same key is waited for, so on None the other row can be read."""
    key = next(iter(table.primary_key.columns))
    statement = _insert(connection.dialect.name, table).on_conflict_do_nothing().returning(key)
    return connection.execute(statement, values).scalar_one_or_none()


def upsert(
    connection: Connection,
    table: Table,
    values: Mapping[str, Any],
    key: Collection[str],
    keep: Collection[str] = (),
    **changes: Any,
) -> None:
    """Insert; where the row with `key` exists overwrite its other columns but `keep`. `changes` are written there
    instead of `values`."""
    statement = _insert(connection.dialect.name, table)
    new = {name: statement.excluded[name] for name in values if name not in (*key, *keep)}
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={**new, **changes}), values
    )


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
