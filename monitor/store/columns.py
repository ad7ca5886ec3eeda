"""The column types that make one schema mean the same on SQLite and PostgreSQL, and what a text becomes before it is stored. Used
by `tables` and by the store's statements; never leaves the store.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Double,
    Integer,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from monitor.model import utc

MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
LONGEST_KEY = 400  # bytes; PostgreSQL refuses index entries above 2.7 kB, and guids of 10 kB exist


class Moment(TypeDecorator[datetime]):
    """An instant. timestamptz on PostgreSQL; on SQLite ISO 8601 text of one width, which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = String(27) if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        moment = utc(value)
        if dialect.name != "sqlite":
            return moment
        return f"{moment.year:04d}" + moment.strftime(MOMENT_FORMAT.removeprefix("%Y"))

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if isinstance(value, str):
            return datetime.fromisoformat(value)  # a hundredth of strptime's time
        return None if value is None else utc(value)


class Seconds(TypeDecorator[timedelta]):
    """A span of time, as seconds."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> float | None:
        return None if value is None else value.total_seconds()

    def process_result_value(self, value: float | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(seconds=value)


def storable(text: str) -> str:
    """Without what a database refuses: NUL (PostgreSQL) and lone surrogates (both)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def short_key(key: str) -> str:
    """The key itself, or for an absurdly long one its beginning and a digest. Applied twice it changes nothing."""
    if len(key) <= LONGEST_KEY and key.isascii() and "\0" not in key:
        return key  # as most are; a document's items have a hundred of them
    raw = storable(key).encode()
    if len(raw) <= LONGEST_KEY:
        return raw.decode()
    return raw[:200].decode("utf-8", "ignore") + "#" + hashlib.sha256(raw).hexdigest()


class Words(TypeDecorator[str]):
    """Text from the world: kept whole but for what no database takes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Key(TypeDecorator[str]):
    """Text that is looked up: URL keys, guids, ids. Comparisons shorten their other side in the same way."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else short_key(value)


def storable_tree(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable_tree(name): storable_tree(each) for name, each in value.items()}
    return [storable_tree(each) for each in value] if isinstance(value, list | tuple) else value


class Frozen(TypeDecorator[Any]):
    """A JSON document, its texts treated as Words."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return storable_tree(value)


RowId = BigInteger().with_variant(Integer, "sqlite")
