"""The few statements that SQLAlchemy spells per database though both understand the same words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
CHUNK = 400  # values in one IN (...)


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> Any:
    """Insert unless a unique key is taken. The new row's (first) primary key, or None: nothing was written.

    A concurrent insert of the same key is waited for, so on None the other row can be read."""
    statement = _insert(connection, table).values(values).on_conflict_do_nothing()
    key = next(iter(table.primary_key.columns))
    return connection.execute(statement.returning(key)).scalar_one_or_none()


def upsert(
    connection: Connection, table: Table, values: Mapping[str, Any], key: Sequence[str], **changes: Any
) -> None:
    """Insert, or where the row with `key` exists overwrite the other columns; `changes` win over `values` there."""
    new = {name: value for name, value in values.items() if name not in key}
    statement = _insert(connection, table).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_={**new, **changes}))


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
