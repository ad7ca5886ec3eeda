"""What is forgotten, and what must not be."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.model import DeliveryState, Novelty, RetentionPolicy
from monitor.store import Store, housekeeping
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
    assert gone == {
        "ledger": 1,
        "delivery": 2,
        "alert": 0,
        "sighting": 0,
        "article": 0,
        "story": 0,
        "response": 0,
    }
    assert record(store, now + 11 * DAY).deliveries == 0


def test_an_old_article_goes_with_all_that_belongs_to_it(store: Store, now: datetime) -> None:
    old = record(store, now, 1)
    record(store, now, 1, item_hash="h2", same_as=old.article_id)
    send_all(store, now)
    later = now + 31 * DAY
    record(store, later, 2, alert=False)  # the source's document has moved on
    gone = store.housekeeping(later, POLICY)
    assert gone == {
        "ledger": 2,
        "delivery": 2,
        "alert": 0,
        "sighting": 1,
        "article": 1,
        "story": 1,
        "response": 0,
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
