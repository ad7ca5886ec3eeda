"""Conditions, notices and revisits, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.model import (
    Cause,
    Condition,
    Decision,
    DeliveryState,
    Health,
    Notice,
    NoticeLine,
    Reason,
    RetentionPolicy,
)
from monitor.store import Store
from tests.store.samples import record

HOUR = timedelta(hours=1)


def silent(now: datetime, id: str = "gazette") -> Condition:
    return Condition(
        id,
        state=Health.SILENT,
        since=now - 30 * HOUR,
        reason="nothing new for 30 hours",
        cause=Cause.NONE,
        ill_since=now - HOUR,
        readings=4,
        last_at=now,
        news="f" * 252,
        news_until=now - 30 * HOUR,
        news_from=now - 900 * HOUR,
    )


def save(store: Store, now: datetime, condition: Condition) -> None:
    store.sources.save(store.sources.state(condition.source_id, now), None, condition)


def notice(*channels: str) -> Notice:
    return Notice("ops", "sources", (NoticeLine("Gazette", "silent", None, "nothing new"),), channels)


def test_a_condition_is_remembered_whole_and_a_source_never_read_is_new(store: Store, now: datetime) -> None:
    assert store.conditions.get("gazette") == Condition("gazette")
    save(store, now, silent(now))
    assert store.conditions.get("gazette") == silent(now)
    assert store.conditions.all() == [silent(now)]


def test_open_are_those_that_are_ill_or_whose_recovery_is_untold(store: Store, now: datetime) -> None:
    well = Condition("matin", Health.OK, now)
    save(store, now, well)
    save(store, now, silent(now))
    told = replace(Condition("soir", Health.OK, now), told=Health.GONE, told_at=now)
    store.conditions.tell([told], [], now)
    assert [each.source_id for each in store.conditions.open()] == ["gazette", "soir"]
    states = store.conditions.states()
    assert states == {"matin": Health.OK, "gazette": Health.SILENT, "soir": Health.OK}
    assert store.conditions.last_told() == now


def test_a_reading_never_overwrites_what_was_told(store: Store, now: datetime) -> None:
    save(store, now, silent(now))
    told = replace(silent(now), told=Health.SILENT, told_at=now)
    store.conditions.tell([told], [notice("mail")], now)
    save(store, now, replace(silent(now), readings=5))
    assert store.conditions.get("gazette") == replace(told, readings=5)


def test_telling_never_overwrites_what_a_reading_found_meanwhile(store: Store, now: datetime) -> None:
    save(store, now, silent(now))
    told = replace(silent(now), told=Health.SILENT, told_at=now)
    well = replace(silent(now), state=Health.OK, reason="", ill_since=None, readings=0)
    save(store, now, well)
    store.conditions.tell([told], [notice("mail")], now)
    assert store.conditions.get("gazette") == replace(well, told=Health.SILENT, told_at=now)


def test_a_notice_waits_in_the_outbox_as_an_alert_does(store: Store, now: datetime) -> None:
    told = replace(silent(now), told=Health.SILENT, told_at=now)
    assert store.conditions.tell([told], [notice("mail", "screen", "mail")], now) == 2
    claimed = store.outbox.claim(now, HOUR, "w")
    assert {(each.recipient, each.channel, each.story) for each in claimed} == {
        ("ops", "mail", None),
        ("ops", "screen", None),
    }
    assert all(each.alert == notice("mail", "screen", "mail") for each in claimed)
    for each in claimed:
        assert store.outbox.settle(each, state=DeliveryState.SENT, now=now, outcome_class="sent")
    assert store.check() == []


def test_two_notices_of_the_same_words_are_two_deliveries(store: Store, now: datetime) -> None:
    for _ in range(2):
        store.conditions.tell([], [notice("mail")], now)
    ids = {each.id for each in store.outbox.list()}
    assert len(ids) == 2


def test_notices_are_forgotten_with_the_ledger(store: Store, now: datetime) -> None:
    store.conditions.tell([], [notice("mail")], now)
    [claimed] = store.outbox.claim(now, HOUR, "w")
    store.outbox.settle(claimed, state=DeliveryState.SENT, now=now, outcome_class="sent")
    policy = RetentionPolicy(articles=timedelta(days=30), ledger=timedelta(days=10))
    assert store.housekeeping(now + timedelta(days=9), policy)["alert"] == 0
    gone = store.housekeeping(now + timedelta(days=11), policy)
    assert (gone["delivery"], gone["alert"]) == (1, 1)


def test_conditions_of_sources_that_are_gone_can_be_dropped(store: Store, now: datetime) -> None:
    save(store, now, silent(now))
    assert store.conditions.forget(["gazette", "never"]) == 1
    assert store.conditions.all() == []


def test_an_alert_plans_three_looks_and_a_second_alert_no_more(store: Store, now: datetime) -> None:
    done = record(store, now)
    record(store, now + HOUR, item_hash="h2", same_as=done.article_id, alert={"edition": 1})
    looks = store.revisits.of_article(done.article_id)
    assert [look.due_at - now for look in looks] == [HOUR, 6 * HOUR, 24 * HOUR]
    quiet = record(store, now, 2, alert=False)
    assert store.revisits.of_article(quiet.article_id) == []


def test_of_an_article_whose_looks_were_missed_one_is_due_and_all_are_struck_out(
    store: Store, now: datetime
) -> None:
    done = record(store, now)
    assert store.revisits.due(now + HOUR - timedelta(seconds=1), 9) == []
    [look] = store.revisits.due(now + 7 * HOUR, 9)
    known = store.articles.get(done.article_id)
    decision = Decision("revisit", Reason.REMOVED, "410 Gone")
    store.revisits.done(look, known, [decision], now + 7 * HOUR, removed_at=now + 7 * HOUR)
    assert [each.round for each in store.revisits.of_article(done.article_id)] == [3]
    after = store.articles.get(done.article_id)
    assert after is not None
    assert after.removed_at == now + 7 * HOUR
    assert store.ledger.of_article(done.article_id)[-1].decision == decision


def test_a_look_is_put_off_and_counts_its_tries(store: Store, now: datetime) -> None:
    done = record(store, now)
    [look] = store.revisits.due(now + HOUR, 9)
    store.revisits.later(look, now + 2 * HOUR)
    assert store.revisits.due(now + HOUR, 9) == []
    [again] = store.revisits.due(now + 2 * HOUR, 9)
    assert (again.article_id, again.tries) == (done.article_id, 1)
