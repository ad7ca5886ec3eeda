"""A full disk: the ballast is given up, nothing new comes in, and both end when there is space again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreFull
from monitor.model import DeliveryState
from monitor.store import Store, ballast
from monitor.store.ballast import SIZE
from tests.store.samples import record


@pytest.fixture
def store(sqlite_url: str, now: datetime) -> Store:
    return Store.open(sqlite_url, now=now)


@pytest.fixture
def beside(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///") + ".ballast")


def fill(store: Store, now: datetime, full: bool = True) -> None:
    """Let the file grow no further: SQLite says of it what it says of a disk."""
    pages = store._database.pragma("page_count")[0][0] if full else 1_000_000_000
    store._database.pragma(f"max_page_count = {pages}")
    if full:
        with pytest.raises(StoreFull, match="free some space"):
            record_many(store, now)


def record_many(store: Store, now: datetime) -> None:
    for number in range(1_000, 2_000):
        record(store, now, number)


def test_it_takes_its_space_as_soon_as_the_daemon_asks_for_room(store: Store, beside: Path) -> None:
    assert not beside.exists()  # a command that only looks takes none
    assert store.room()
    assert beside.stat().st_blocks * 512 >= SIZE


def test_a_full_disk_spends_it_and_what_is_recorded_can_still_be_sent(
    store: Store, beside: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.room()
    record(store, now, 1)
    fill(store, now)
    assert not beside.exists()
    monkeypatch.setattr(ballast, "ENOUGH", 1 << 60)  # bytes that no disk of ours has
    assert not store.room()
    assert store.articles.count() >= 1
    claimed, *_ = store.outbox.claim(now, timedelta(minutes=1), "w")
    assert store.outbox.settle(claimed, state=DeliveryState.SENT, now=now, outcome_class="sent")


def test_with_space_again_it_is_laid_down_and_news_come_in(store: Store, beside: Path, now: datetime) -> None:
    store.room()
    fill(store, now)
    fill(store, now, full=False)
    assert store.room()
    assert beside.stat().st_size == SIZE
    record(store, now, 2_001)


def test_where_there_never_was_room_for_it_the_daemon_works_without(
    store: Store, beside: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballast, "ENOUGH", 1 << 60)
    assert store.room()
    assert not beside.exists()


def test_a_ballast_cut_short_is_made_whole(store: Store, beside: Path) -> None:
    beside.write_bytes(b"half")
    assert store.room()
    assert beside.stat().st_size == SIZE
