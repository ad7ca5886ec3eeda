"""What articles are found by lasts as long as they are live; what is deleted leaves nothing behind."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from monitor.model import RetentionPolicy, Traits
from monitor.store import Store, fingerprints
from monitor.store.engine import Database
from monitor.store.tables import fingerprint, profile, story
from tests.build import make_article
from tests.store.samples import make_verdict, record

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = RetentionPolicy(articles=30 * DAY, ledger=10 * DAY)


def put(store: Store, now: datetime, n: int) -> None:
    article = make_article(f"Report {n}", key=f"k/{n}", first_seen=now)
    traits = Traits(sketch=(n, 1000 + n, 7), handles=(-n,), profile=b"p")
    store.record(make_verdict(article, alert=False, traits=traits), f"k/{n}", "h", now)


def count(store: Store) -> tuple[int, int]:
    """Rows of fingerprint and profile."""
    with store._database.read() as connection:
        tables = (fingerprint, profile)
        counts = [connection.execute(select(func.count()).select_from(each)).scalar_one() for each in tables]
        return counts[0], counts[1]


def test_what_has_left_the_live_window_is_swept(store: Store, now: datetime) -> None:
    for n in range(10):
        put(store, now + n * HOUR, 10 + n)
    assert count(store) == (40, 10)
    gone = store.housekeeping(now + 77 * HOUR, POLICY)
    assert (gone["fingerprint"], gone["profile"]) == (20, 5)
    assert count(store) == (20, 5)
    assert store.articles.count() == 10
    store.housekeeping(now + 200 * HOUR, POLICY)  # nobody is live
    assert count(store) == (0, 0)
    assert store.check() == []


def test_a_long_index_is_swept_in_several_calls(
    store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints, "SLICE", 7)
    monkeypatch.setattr(fingerprints, "SLICES", 3)
    for n in range(20):
        put(store, now, 10 + n)
    put(store, now + 100 * HOUR, 5)
    swept = [store.housekeeping(now + 101 * HOUR, POLICY)["fingerprint"] for _ in range(6)]
    assert sum(swept) == 80
    assert max(swept) < 60
    assert count(store) == (4, 1)


def test_a_short_retention_leaves_no_fingerprint_of_what_it_deletes(store: Store, now: datetime) -> None:
    put(store, now, 10)
    later = now + 30 * HOUR
    put(store, later, 11)  # the source's document has moved on
    gone = store.housekeeping(later, RetentionPolicy(articles=5 * HOUR, ledger=DAY))
    assert (gone["article"], gone["story"]) == (1, 1)
    assert count(store) == (4, 1)
    assert store.check() == []


def test_a_merged_story_goes_with_the_one_it_went_into(store: Store, now: datetime) -> None:
    a, b = record(store, now, 1), record(store, now, 2)
    store.stories.merge(a.story_id, b.story_id, now)
    deliveries = store.outbox.claim(now, DAY, "w", per_channel=9)
    for each in deliveries:
        store.outbox.settle(each, state=each.state.SENT, now=now, outcome_class="sent")
    record(store, now + 20 * DAY, 3, alert=False, story=a.story_id)
    record(store, now + 45 * DAY, 4, alert=False)
    store.housekeeping(now + 45 * DAY, POLICY)
    kept = store.stories.get(b.story_id)
    assert kept is not None
    assert kept.story.alerted == {"desk"}
    record(store, now + 90 * DAY, 5, alert=False)
    for _ in range(2):
        store.housekeeping(now + 90 * DAY, POLICY)
    assert store.stories.get(b.story_id) is None
    assert store.check() == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (insert(fingerprint).values(hash=5, article_id=999), "fingerprints without an article: 1"),
        (update(profile).values(story_id=77), "profiles in another story than their article: 1"),
        (update(story).values(articles=0), "stories that count fewer articles than they hold: 1"),
        (update(story).values(merged_into=1), "merged stories that hold articles: 1"),
    ],
)
def test_the_check_sees_what_does_not_agree(
    database_url: str, now: datetime, damage: object, said: str
) -> None:
    with Store.open(database_url, now=now) as store:
        put(store, now, 10)
        assert store.check() == []
    database = Database(database_url, writer=True)
    with database.write() as connection:
        connection.execute(damage)  # type: ignore[call-overload]
    database.close()
    with Store.open(database_url, now=now) as store:
        assert store.check() == [said]
