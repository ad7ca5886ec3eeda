"""A file that cannot give space back is written anew, and can from then on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreBusy, StoreError
from monitor.model import RetentionPolicy
from monitor.store import Store, compaction
from tests.store.samples import record

ARTICLES = 300


@pytest.fixture
def url(tmp_path: Path, now: datetime) -> str:
    """Of a database that was made without auto_vacuum, with articles of two years and of today."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE first (id); DROP TABLE first")
    with Store.open(f"sqlite:///{path}", now=now) as store:
        for number in range(ARTICLES):
            record(store, now - timedelta(days=730 if number % 10 else 0), number)
    return f"sqlite:///{path}"


@pytest.fixture
def store(url: str, now: datetime) -> Iterator[Store]:
    with Store.open(url, now=now) as opened:
        yield opened


def size(url: str) -> int:
    return Path(url.removeprefix("sqlite:///")).stat().st_size


def forget(store: Store, now: datetime) -> None:
    store.housekeeping(now, RetentionPolicy())


def test_such_a_file_keeps_what_was_forgotten_until_it_is_compacted(
    store: Store, url: str, now: datetime
) -> None:
    store._database.checkpoint()
    full = size(url)
    forget(store, now)
    assert size(url) == full
    empty = store.unused()
    assert empty
    done = store.compact()
    assert (done.before, done.after) == (full, size(url))
    assert done.after <= full - 0.9 * empty
    assert store.unused() is None  # it gives space back by itself
    assert store.articles.count() == ARTICLES // 10
    assert store.check() == []


def test_nothing_of_it_is_done_beside_a_daemon_or_without_room(
    store: Store, url: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreBusy):
        Store.open(url, now=now)
    monkeypatch.setattr(compaction, "ROOM", 1e9)
    before = size(url)
    with pytest.raises(StoreError, match=r"must be free at .*: make room, or take a backup to another disk"):
        store.compact()
    assert size(url) == before


def test_postgresql_needs_none(postgresql_url: str, now: datetime) -> None:
    with Store.open(postgresql_url, now=now) as store, pytest.raises(StoreError, match="its own space"):
        store.compact()
