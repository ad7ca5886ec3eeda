"""What recipients answered: kept once, taken back, given again, and respected by the next verdict."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from monitor.errors import StoreError
from monitor.model import Delivery, Reason, ReplyKind, RetentionPolicy
from monitor.store import Store
from monitor.store.responses import that_matter
from tests.build import alert_of, make_article
from tests.store.samples import record, waiting

HOUR = timedelta(hours=1)


@pytest.fixture
def told(store: Store, now: datetime) -> Delivery:
    (delivery,) = waiting(store, now)
    return delivery


@pytest.mark.parametrize("kind", list(ReplyKind))
def test_an_answer_given_twice_is_one_answer(
    store: Store, told: Delivery, now: datetime, kind: ReplyKind
) -> None:
    assert store.responses.holding(kind, told) is None
    assert store.responses.add(kind, told, "link", now) == 1
    assert store.responses.add(kind, told, "one-click", now + HOUR) == 0
    (given,) = store.responses.recent()
    assert (given.kind, given.recipient, given.delivery) == (kind, "desk", told.id)
    assert (given.at, given.by) == (now, "link")
    assert store.responses.holding(kind, told) == given


def test_an_answer_is_taken_back_and_given_again(store: Store, told: Delivery, now: datetime) -> None:
    kind = ReplyKind.SILENCE_STORY
    store.responses.add(kind, told, "link", now)
    assert store.responses.undo(kind, told, now + HOUR) == 1
    assert store.responses.undo(kind, told, now + HOUR) == 0
    assert store.responses.recent() == []
    assert store.responses.add(kind, told, "link", now + 2 * HOUR) == 1
    assert [each.at for each in store.responses.recent()] == [now + 2 * HOUR]


def test_unsubscribing_is_a_row_a_watchlist_and_holds_when_all_do(store: Store, now: datetime) -> None:
    record(store, now, alert={"watchlists": ("w", "v"), "titles": ("W", "V"), "channels": ("mail",)})
    (told,) = store.outbox.list()
    assert store.responses.add(ReplyKind.UNSUBSCRIBE, told, "link", now) == 2
    one, other = store.responses.unsubscriptions()
    assert {one.watchlist, other.watchlist} == {"w", "v"}
    assert one.story is None
    assert store.responses.undo_one(one.id, now)
    assert not store.responses.undo_one(one.id, now)
    assert store.responses.holding(ReplyKind.UNSUBSCRIBE, told) is None
    assert store.responses.add(ReplyKind.UNSUBSCRIBE, told, "link", now + HOUR) == 1


def test_the_answer_counts_for_the_story_whichever_channel_it_came_from(store: Store, now: datetime) -> None:
    mail, chat = waiting(store, now, channels=("mail", "chat"))
    store.responses.add(ReplyKind.ACKNOWLEDGE, mail, "link", now)
    assert store.responses.holding(ReplyKind.ACKNOWLEDGE, chat) is not None
    assert mail.story is not None
    assert [each.kind for each in store.responses.of_story(mail.story)] == [ReplyKind.ACKNOWLEDGE]


def test_the_ledger_of_the_article_tells_each_answer_and_its_undoing(
    store: Store, told: Delivery, now: datetime
) -> None:
    store.responses.add(ReplyKind.NOT_RELEVANT, told, "link", now)
    store.responses.add(ReplyKind.NOT_RELEVANT, told, "link", now)
    store.responses.undo(ReplyKind.NOT_RELEVANT, told, now)
    known = store.articles.by_url_key("gazette.example.org/0")
    assert known is not None
    lines = [line.decision for line in store.ledger.of_article(known.id) if line.decision.stage == "reply"]
    assert [(each.reason, each.subject) for each in lines] == [
        (Reason.NOT_RELEVANT, "desk"),
        (Reason.REPLY_UNDONE, "desk"),
    ]
    assert lines[0].detail == f"desk called story {told.story} not relevant, by link"


def test_a_verdict_is_given_every_unsubscription_and_the_silence_of_its_own_story(
    store: Store, now: datetime
) -> None:
    told = {alert_of(each).article.key[-1]: each for each in waiting(store, now, count=2)}
    first, second = told["0"], told["1"]
    store.responses.add(ReplyKind.UNSUBSCRIBE, first, "link", now)
    store.responses.add(ReplyKind.SILENCE_STORY, first, "link", now)
    store.responses.add(ReplyKind.SILENCE_STORY, second, "link", now)
    store.responses.add(ReplyKind.ACKNOWLEDGE, first, "link", now)
    again = make_article("Report 0", key="gazette.example.org/0")
    given = store.candidates(again, now).replies
    assert [(each.kind, each.story) for each in given] == [
        (ReplyKind.UNSUBSCRIBE, None),
        (ReplyKind.SILENCE_STORY, first.story),
    ]


def test_forgetting_takes_answers_about_forgotten_stories_and_leaves_unsubscriptions(
    store: Store, told: Delivery, now: datetime
) -> None:
    store.responses.add(ReplyKind.ACKNOWLEDGE, told, "link", now)
    store.responses.add(ReplyKind.UNSUBSCRIBE_ALL, told, "link", now)
    (claimed,) = store.outbox.claim(now, HOUR, "w")
    store.outbox.drop(claimed.id)
    far = now + timedelta(days=800)
    store.outbox.recover(far)
    store.outbox.drop(told.id)
    for day in range(3):
        store.housekeeping(far + timedelta(days=day), RetentionPolicy())
    assert store.articles.count() == 1  # its source was never read again, so it may still be shown
    assert {each.kind for each in store.responses.recent()} == {
        ReplyKind.ACKNOWLEDGE,
        ReplyKind.UNSUBSCRIBE_ALL,
    }


def test_an_answer_taken_back_is_forgotten_in_the_end(store: Store, told: Delivery, now: datetime) -> None:
    store.responses.add(ReplyKind.UNSUBSCRIBE_ALL, told, "link", now)
    store.responses.undo(ReplyKind.UNSUBSCRIBE_ALL, told, now)
    assert store.housekeeping(now + timedelta(days=800), RetentionPolicy())["response"] == 1


def test_the_key_of_the_links_is_made_once_and_kept(database_url: str, now: datetime) -> None:
    with Store.open(database_url, now=now) as store:
        key = store.link_key()
        assert len(key) >= 43
    with Store.open(database_url, now=now, writer=False) as store:
        assert store.link_key() == key
    assert key not in repr(store)


def test_a_reader_makes_no_key(sqlite_url: str, now: datetime) -> None:
    with Store.open(sqlite_url, now=now, writer=False) as store, pytest.raises(StoreError, match="reading"):
        store.link_key()


def test_an_article_never_waits_for_all_that_was_ever_answered(sqlite_url: str, now: datetime) -> None:
    asked: list[str] = []
    with Store.open(sqlite_url, now=now) as store, store._database.read() as connection:
        raw = connection.connection.dbapi_connection
        raw.set_trace_callback(asked.append)  # type: ignore[union-attr]
        that_matter(connection, [1, 2])
        raw.set_trace_callback(None)  # type: ignore[union-attr]
        [query] = asked
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert any("SEARCH response USING INDEX" in step for step in plan)
    assert [step for step in plan if step.startswith(("SCAN response", "SCAN story"))] == []
