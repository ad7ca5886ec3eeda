"""The index of live articles: by which hashes each is found. Called by neighbours (reads), record and housekeeping (writes).

Ids of articles ascend with the time they came, so the live window is a range of ids. Which of the articles found are
looked at is decided in `text.nearness`, never here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BigInteger, Connection, Insert, Select, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.store.columns import Moment
from monitor.store.engine import Database
from monitor.store.sql import as_list, joined, listed, numbers
from monitor.store.tables import article, fingerprint, meta
from monitor.text.nearness import POSTINGS

LIVE = timedelta(hours=72)
SLICE = 20_000  # rows that one transaction of a sweep looks through
SLICES = 100  # in one call; the next call goes on
LOWEST = -(2**63)


def first_live(connection: Connection, since: datetime) -> int | None:
    """The lowest id of the articles that came at or after `since`, None where there is none."""
    return connection.execute(FIRST_LIVE, {"since": since}).scalar()


FIRST_LIVE = (
    select(article.c.id)
    .where(article.c.first_seen >= bindparam("since", type_=Moment))
    .order_by(article.c.first_seen, article.c.id)
    .limit(1)
)


def postings(connection: Connection, hashes: Sequence[int], first: int) -> dict[int, list[int]]:
    """For each hash that live articles have (ids from `first` on), the newest POSTINGS of these."""
    values = {"values": as_list(connection, hashes), "first": first}
    found = connection.execute(_newest(connection.dialect.name), values).all()
    return {hash: numbers(ids) for hash, ids in found if ids}


@cache
def _newest(dialect: str) -> Select[int, str]:
    """A row a hash, its articles as one text: a row each would take most of the time to be made."""
    wanted = listed(dialect)
    mine = (fingerprint.c.hash == wanted.c.value) & (
        fingerprint.c.article_id >= bindparam("first", type_=BigInteger)
    )
    newest = select(fingerprint.c.article_id).where(mine).order_by(fingerprint.c.article_id.desc())
    return select(wanted.c.value, joined(newest.limit(POSTINGS).correlate(wanted)))


def add(connection: Connection, article_id: int, hashes: Sequence[int]) -> None:
    """Let the article be found by these hashes too."""
    if hashes:
        # in the order of the index, which meets each of its pages once
        values = {"values": as_list(connection, sorted(hashes)), "article_id": article_id}
        connection.execute(_insert_new(connection.dialect.name), values)


@cache
def _insert_new(dialect: str) -> Insert:
    wanted = listed(dialect)
    # SQLite takes ON CONFLICT behind a SELECT only where that has a WHERE
    several = select(wanted.c.value, bindparam("article_id", type_=BigInteger)).where(
        wanted.c.value.is_not(None)
    )
    into = sqlite.insert(fingerprint) if dialect == "sqlite" else postgresql.insert(fingerprint)
    return into.from_select(["hash", "article_id"], several).on_conflict_do_nothing()


def sweep(database: Database, before: int) -> Iterator[int]:
    """Delete the rows of articles with ids below `before`, a transaction a step. How many went in each.

    Goes through the index in slices, from where the last call stopped: a hash's postings lie together, an article's do not.
    """
    with database.read() as connection:
        at = connection.execute(select(meta.c.swept_to)).scalar()
    for _ in range(SLICES):
        with database.write() as connection:
            end = _slice_end(connection, at)
            gone = _sweep_slice(connection, at, end, before)
            connection.execute(update(meta).values(swept_to=end))
        yield gone
        at = end
        if end is None:
            break


def _slice_end(connection: Connection, start: int | None) -> int | None:
    """The last hash of the slice behind `start`; None where the slice is the last one."""
    later = fingerprint.c.hash > (LOWEST if start is None else start)
    end = select(fingerprint.c.hash).where(later).order_by(fingerprint.c.hash).offset(SLICE).limit(1)
    return connection.execute(end).scalar()


def _sweep_slice(connection: Connection, start: int | None, end: int | None, before: int) -> int:
    old = delete(fingerprint).where(fingerprint.c.article_id < before)
    if start is not None:
        old = old.where(fingerprint.c.hash > start)
    if end is not None:
        old = old.where(fingerprint.c.hash <= end)
    return connection.execute(old).rowcount
