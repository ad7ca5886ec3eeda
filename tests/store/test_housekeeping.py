"""What is forgotten, and what must not be."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.model import DeliveryState, Novelty, RetentionPolicy
from monitor.store import Store, StoreThread, housekeeping
from monitor.store.engine import BUSY_SECONDS, Database
from tests.build import make_article
from tests.store.samples import MATCHED, make_verdict, record

DAY = timedelta(days=1)
POLICY = RetentionPolicy(articles=30 * DAY, ledger=10 * DAY)


def send_all(store: Store, now: datetime, state: DeliveryState = DeliveryState.SENT) -> None:
    for each in store.outbox.claim(now, DAY, "w", per_channel=1000, limit=1000):
        store.outbox.settle(each, state=state, now=now, outcome_class=state)


def test_what_is_young_enough_stays(store: Store, now: datetime) -> None:
    record(store, now)
    send_all(store, now)
    assert set(store.housekeeping(now + 9 * DAY, POLICY).values()) == {0}


def test_old_ledger_lines_and_sent_deliveries_go_but_who_was_told_stays(store: Store, now: datetime) -> None:
    record(store, now)
    send_all(store, now)
    gone = store.housekeeping(now + 11 * DAY, POLICY)
    assert {each: n for each, n in gone.items() if n} == {"ledger": 1, "delivery": 2}
    assert record(store, now + 11 * DAY).deliveries == 0


def test_an_old_article_goes_with_all_that_belongs_to_it(store: Store, now: datetime) -> None:
    old = record(store, now, 1)
    record(store, now, 1, item_hash="h2", same_as=old.article_id)
    send_all(store, now)
    later = now + 31 * DAY
    record(store, later, 2, alert=False)  # the source's document has moved on
    gone = store.housekeeping(later, POLICY)
    assert {each: n for each, n in gone.items() if n} == {
        "ledger": 2,
        "delivery": 2,
        "sighting": 1,
        "article": 1,
        "story": 1,
    }
    assert store.articles.get(old.article_id) is None
    assert store.check() == []


def test_an_item_that_its_quiet_source_still_shows_is_never_news_again(store: Store, now: datetime) -> None:
    done = record(store, now, 1)
    send_all(store, now)
    year_later = now + 400 * DAY  # the document was the same all year: 304, nothing stamped
    assert store.housekeeping(year_later, POLICY)["article"] == 0
    known = ("gazette.example.org/1", None, "h", False)
    assert store.articles.novelty("gazette", [known]) == [Novelty.KNOWN]
    assert store.articles.get(done.article_id) is not None


def test_a_stamped_item_stays_while_its_neighbours_go(store: Store, now: datetime) -> None:
    for n in (1, 2):
        record(store, now, n, alert=False)
    later = now + 40 * DAY
    store.articles.seen("gazette", "gazette.example.org/1", None, "h", later)
    assert store.housekeeping(later, POLICY)["article"] == 1
    assert store.articles.by_url_key("gazette.example.org/1") is not None


def test_a_story_that_still_owes_somebody_stays(store: Store, now: datetime) -> None:
    record(store, now, 1)
    later = now + 31 * DAY
    record(store, later, 2, alert=False)
    assert store.housekeeping(later, POLICY)["story"] == 0
    assert len(store.outbox.claim(later, DAY, "w")) == 2


def test_dead_letters_stay_visible_longer_than_sent_ones(store: Store, now: datetime) -> None:
    record(store, now)
    send_all(store, now, DeliveryState.DEAD)
    assert store.housekeeping(now + 29 * DAY, POLICY)["delivery"] == 0
    assert store.housekeeping(now + 31 * DAY, POLICY)["delivery"] == 2


def test_more_than_one_batch_goes_in_one_call(store: Store, now: datetime) -> None:
    for _ in range(3):
        store.ledger.add([MATCHED] * housekeeping.BATCH, source_id="a", now=now)
    store.ledger.add([MATCHED], source_id="a", now=now)
    assert store.housekeeping(now + 11 * DAY, POLICY)["ledger"] == 3 * housekeeping.BATCH + 1


def test_a_duplicate_outlives_its_original(store: Store, now: datetime) -> None:
    original = record(store, now, 1, alert=False)
    copy = make_article(key="herald.example.org/1", source_id="herald", first_seen=now + 20 * DAY)
    verdict = make_verdict(copy, duplicate_of=original.article_id, story=original.story_id, alert=False)
    done = store.record(verdict, copy.key, "h", now + 20 * DAY)
    record(store, now + 31 * DAY, 2, alert=False)
    store.housekeeping(now + 31 * DAY, POLICY)
    known = store.articles.get(done.article_id)
    assert known is not None
    assert (known.duplicate_of, known.story_id) == (None, original.story_id)
    assert store.check() == []


def test_the_file_shrinks_when_much_was_forgotten_and_keeps_a_reserve(
    sqlite_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "SPARE_PAGES", 50)
    monkeypatch.setattr(housekeeping, "PAGES", 20)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with Store.open(sqlite_url, now=now) as store:
        with store.together():
            for n in range(120):
                article = make_article(f"Report {n}", "x" * 8_000, key=f"k/{n}", first_seen=now)
                store.record(make_verdict(article, alert=False), f"k/{n}", "h", now)
        store._database.checkpoint()
        before = path.stat().st_size
        record(store, now + 40 * DAY, 999)  # the source's document has moved on
        steps = list(store.upkeep(now + 40 * DAY, POLICY))
        after = path.stat().st_size
        assert before > 1_000_000
        assert after < before / 2
        given_back = [pages for table, pages in steps if table == "page"]
        assert max(given_back) == 20  # never more at once
        [(free,)] = store._database.pragma("freelist_count")
        assert 45 < free <= 50
        assert path.with_name("monitor.db-wal").stat().st_size == 0
        assert store.check() == []


def test_housekeeping_waits_for_no_reader_of_the_journal(sqlite_url: str, now: datetime) -> None:
    with Store.open(sqlite_url, now=now) as store, closing(Database(sqlite_url, writer=False)) as reader:
        with reader.read() as connection:
            connection.execute(text("SELECT count(*) FROM article"))
            record(store, now)
            begun = time.monotonic()
            store.housekeeping(now + DAY, POLICY)
            assert time.monotonic() - begun < BUSY_SECONDS / 2
        assert store._database.pragma("busy_timeout") == [(BUSY_SECONDS * 1000,)]


async def test_others_use_the_store_between_the_slices(
    sqlite_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 5)
    with Store.open(sqlite_url, now=now) as store:
        store.ledger.add([MATCHED] * 50, source_id="a", now=now)
        in_store = StoreThread(store.together)
        work = store.upkeep(now + 11 * DAY, POLICY)
        seen: list[int] = []

        async def others() -> None:
            while len(seen) < 6:
                seen.append(await in_store(lambda: len(store.ledger.recent(100))))

        async def tidy() -> None:
            while await in_store(lambda: next(work, None)):
                continue

        await asyncio.gather(tidy(), others())
        in_store.close()
        assert len(set(seen)) > 1  # it looked while lines were going
