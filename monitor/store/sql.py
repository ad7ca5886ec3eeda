"""The few statements that SQLAlchemy spells per database though both understand the same words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
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
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import FromClause

T = TypeVar("T")
CHUNK = 400  # values in one IN (...)


@cache
def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> Any:
    """Insert unless a unique key is taken. The new row's (first) primary key, or None: nothing was written.

    A concurrent insert of the same key is waited for, so on None the other row can be read."""
    statement = _insert_new(connection.dialect.name, table)
    return connection.execute(statement, values).scalar_one_or_none()


@cache
def _insert_new(dialect: str, table: Table) -> Any:
    """Made once: making it takes longer than most inserts."""
    key = next(iter(table.primary_key.columns))
    return _insert(dialect, table).on_conflict_do_nothing().returning(key)


def upsert(
    connection: Connection,
    table: Table,
    values: Mapping[str, Any],
    key: Collection[str],
    keep: Collection[str] = (),
    **changes: Any,
) -> None:
    """Insert; where the row with `key` exists overwrite its other columns but `keep`. `changes` are written there
    instead of `values`: an expression among them is the caller's constant, by which the statement is known again."""
    names = tuple(name for name in values if name not in (*key, *keep))
    statement = _upsert(connection.dialect.name, table, tuple(key), names, tuple(changes.items()))
    connection.execute(statement, values)


@lru_cache(maxsize=64)
def _upsert(
    dialect: str,
    table: Table,
    key: tuple[str, ...],
    names: tuple[str, ...],
    changes: tuple[tuple[str, Any], ...],
) -> Any:
    statement = _insert(dialect, table)
    new = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=list(key), set_={**new, **dict(changes)})


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
    several = cast(bindparam("values", type_=Text), ARRAY(BigInteger))
    return func.unnest(several).table_valued(name, name="wanted").render_derived()


def as_list(connection: Connection, values: Iterable[int]) -> str:
    """As text: psycopg takes longer to turn a list into an array than PostgreSQL to read one."""
    text = ",".join(map(str, values))
    return f"[{text}]" if connection.dialect.name == "sqlite" else f"{{{text}}}"


def joined(ids: Select[int]) -> ScalarSelect[str]:
    """The ids as one text, for `numbers`: a row each would take most of the time to be made."""
    (id,) = ids.subquery().c
    return select(_Joined(id)).scalar_subquery()


class _Joined(FunctionElement[str]):
    """SQLAlchemy's own `aggregate_strings` writes its separator into the statement anew each time that it is asked."""

    type = Text()
    inherit_cache = True


@compiles(_Joined, "sqlite")
def _group_concat(element: _Joined, compiler: SQLCompiler, **how: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **how)})"


@compiles(_Joined, "postgresql")
def _string_agg(element: _Joined, compiler: SQLCompiler, **how: Any) -> str:
    return f"string_agg(CAST({compiler.process(element.clauses, **how)} AS TEXT), ',')"


def numbers(text: str | None) -> list[int]:
    return list(map(int, text.split(","))) if text else []
