"""The few statements that SQLAlchemy spells per database though both understand the same words."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    ScalarSelect,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.selectable import FromClause

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


# --- many numbers in one parameter, and many in one value: for the statements that each article waits for ------------


def listed(dialect: str) -> FromClause:
    """The numbers of the parameter `values` (see `as_list`) as a table of one column, `value`."""
    name: Any = column("value", BigInteger)
    if dialect == "sqlite":
        return func.json_each(bindparam("values")).table_valued(name, name="wanted")
    several = bindparam("values", type_=ARRAY(BigInteger))
    return func.unnest(several).table_valued(name, name="wanted").render_derived()


def as_list(connection: Connection, values: Sequence[int]) -> object:
    return json.dumps(values) if connection.dialect.name == "sqlite" else list(values)


def joined(ids: Select[int]) -> ScalarSelect[str]:
    """The ids as one text, for `numbers`: a row each would take most of the time to be made."""
    (id,) = ids.subquery().c
    return select(func.aggregate_strings(cast(id, Text), ",")).scalar_subquery()


def numbers(text: str | None) -> list[int]:
    return list(map(int, text.split(","))) if text else []
