"""Channels that rest, the order within a channel, and what operators are told of channels."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from monitor.model import Alert, Delivery, DeliveryState, Notice, NoticeLine
from monitor.store import Store
from monitor.store.channels import Decide
from tests.store.samples import make_verdict, record, waiting

LEASE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
PENDING, LEASED, SENT, DEAD, DROPPED = DeliveryState
MAIL = ("desk", "mail")


def rests_until(moment: datetime) -> Decide:
    return lambda state: replace(state, failures=state.failures + 1, try_at=moment, last_error="503")


def fail(store: Store, claimed: Delivery, now: datetime, channel: Decide, after: timedelta = SECOND) -> None:
    assert store.outbox.settle(
        claimed, state=PENDING, now=now, next_attempt_at=now + after, outcome_class="x", channel=channel
    )


def one_of(store: Store, now: datetime) -> Delivery:
    [claimed] = store.outbox.claim(now, LEASE, "w", per_channel=1, only=MAIL)
    return claimed


def titles(deliveries: list[Delivery]) -> list[str]:
    return [each.alert.article.title for each in deliveries if isinstance(each.alert, Alert)]


def test_to_a_channel_that_rests_nothing_is_sent_and_nothing_counts_as_an_attempt(
    store: Store, now: datetime
) -> None:
    waiting(store, now, 3)
    fail(store, one_of(store, now), now, rests_until(now + HOUR))
    later = now + HOUR - SECOND
    assert store.outbox.due(later) == []
    assert store.outbox.claim(later, LEASE, "w") == []
    assert store.outbox.claim(later, LEASE, "w", only=MAIL) == []
    assert sorted(each.attempts for each in store.outbox.list()) == [0, 0, 1]
    [due] = store.outbox.due(now + HOUR)
    assert (due.lane, due.failures, due.last_error) == (MAIL, 1, "503")


def test_what_waited_goes_in_the_order_in_which_it_came(store: Store, now: datetime) -> None:
    waiting(store, now, 4)
    fail(store, one_of(store, now), now, rests_until(now + HOUR), after=timedelta(minutes=20))
    sent = []
    while claimed := store.outbox.claim(now + HOUR, LEASE, "w", per_channel=1):
        sent += titles(claimed)
        store.outbox.settle(claimed[0], state=SENT, now=now + HOUR, outcome_class="sent")
    assert sent == ["Report 0", "Report 1", "Report 2", "Report 3"]


def test_a_delivery_in_its_own_backoff_lets_the_others_by(store: Store, now: datetime) -> None:
    waiting(store, now, 2)
    fail(store, one_of(store, now), now, lambda state: state, after=HOUR)
    assert titles([one_of(store, now)]) == ["Report 1"]


def test_an_update_never_overtakes_the_first_alert_of_its_story(store: Store, now: datetime) -> None:
    done = record(store, now, 1, alert={"channels": ("mail", "chat")})
    later = {"channels": ("mail", "chat"), "edition": 1}
    article = store.articles.get(done.article_id)
    assert article is not None
    store.record(make_verdict(article.article, alert=later, same_as=done.article_id), "k", "h2", now)
    claimed = store.outbox.claim(now, LEASE, "w", per_channel=9)
    assert {(each.channel, each.edition) for each in claimed} == {("mail", 0), ("chat", 0)}
    mail = next(each for each in claimed if each.channel == "mail")
    fail(store, mail, now, lambda state: state, after=HOUR)
    assert store.outbox.claim(now, LEASE, "w", per_channel=9) == []
    chat = next(each for each in claimed if each.channel == "chat")
    store.outbox.settle(chat, state=DEAD, now=now, outcome_class="x")
    # one that was given up is waited for no longer
    assert [(each.channel, each.edition) for each in store.outbox.claim(now, LEASE, "w")] == [("chat", 1)]


def test_one_sender_has_a_channel_at_a_time_whoever_asks(store: Store, now: datetime) -> None:
    waiting(store, now, 3)
    one_of(store, now)
    assert store.outbox.claim(now, LEASE, "another", per_channel=1) == []
    assert store.outbox.claim(now, LEASE, "another", per_channel=1, only=MAIL) == []


def test_due_channels_are_named_with_the_longest_waiting_first(store: Store, now: datetime) -> None:
    for n, recipient in enumerate(("late", "early", "middle")):
        record(store, now + n * SECOND, n, alert={"recipient": recipient, "channels": ("mail",)})
    claimed = store.outbox.claim(now + HOUR, LEASE, "w", only=("late", "mail"))
    fail(store, claimed[0], now + HOUR, lambda state: state)
    due = store.outbox.due(now + 2 * HOUR, busy={("middle", "mail")})
    assert [state.recipient for state in due] == ["early", "late"]


def test_a_lease_that_ran_out_makes_its_channel_due(store: Store, now: datetime) -> None:
    waiting(store, now)
    one_of(store, now)
    assert store.outbox.due(now + LEASE - SECOND) == []
    assert [state.lane for state in store.outbox.due(now + LEASE)] == [MAIL]


def test_a_rest_that_was_planned_while_the_clock_ran_ahead_is_over_when_it_is_set_back(
    store: Store, now: datetime
) -> None:
    waiting(store, now, 2)
    year = timedelta(days=365)
    fail(store, one_of(store, now), now, rests_until(now + year))
    assert titles([one_of(store, now)]) == ["Report 1"]


def test_a_settlement_that_comes_too_late_changes_no_channel(store: Store, now: datetime) -> None:
    waiting(store, now)
    first = one_of(store, now)
    second = one_of(store, now + LEASE)
    assert not store.outbox.settle(
        first, state=SENT, now=now, outcome_class="sent", channel=rests_until(now + HOUR)
    )
    assert store.channels.all() == []
    fail(store, second, now + LEASE, rests_until(now + HOUR))
    assert [state.failures for state in store.channels.all()] == [1]


def test_an_operators_retry_tries_the_channel_now(store: Store, now: datetime) -> None:
    first, _ = waiting(store, now, 2)
    fail(store, one_of(store, now), now, rests_until(now + HOUR))
    assert store.outbox.retry(first.id, now) == 1
    assert [each.id for each in store.outbox.claim(now, LEASE, "w", per_channel=1)] == [first.id]
    assert store.channels.get(MAIL).failures == 1  # only a success makes it well


@pytest.mark.parametrize("how", ["deaths", "unreadable"])
def test_what_the_store_itself_gives_up_is_a_dead_letter_too(store: Store, now: datetime, how: str) -> None:
    waiting(store, now)
    if how == "unreadable":
        with store._database.write() as connection:
            connection.execute(text('UPDATE alert SET payload = \'{"severity": "purple"}\''))
    for n in range(4):  # at the third it waits, so that the others go first
        store.outbox.claim(now + n * HOUR, LEASE, "w")
    store.outbox.due(now + 4 * HOUR)
    [(lane, (count, error))] = store.channels.dead().items()
    assert (lane, count) == (MAIL, 1)
    assert error
    assert store.channels.waiting() == {}
    state = store.channels.get(MAIL)
    assert state.dead_since == now + (4 * HOUR if how == "deaths" else timedelta(0))


def test_telling_keeps_what_was_settled_meanwhile_and_settling_what_was_told(
    store: Store, now: datetime
) -> None:
    waiting(store, now, 2)
    fail(store, one_of(store, now), now, rests_until(now))
    seen = store.channels.get(MAIL)
    fail(store, one_of(store, now), now, rests_until(now))
    notice = Notice("ops", "channels", (NoticeLine("desk/mail", "unreachable"),), ("chat",))
    told = replace(seen, told_open=True, told_at=now)
    assert store.channels.tell([told], [notice], now) == 1
    assert store.channels.get(MAIL) == replace(told, failures=2)
    fail(store, one_of(store, now + SECOND), now, rests_until(now))
    assert store.channels.get(MAIL) == replace(told, failures=3)
    assert {each.recipient for each in store.outbox.list(PENDING)} == {"desk", "ops"}


def test_a_channel_is_forgotten_only_when_nothing_is_wrong(store: Store, now: datetime) -> None:
    waiting(store, now, 2)
    fail(store, one_of(store, now), now, rests_until(now))
    assert store.channels.forget([MAIL]) == 0
    well = lambda state: replace(state, failures=0, try_at=None)  # noqa: E731
    store.outbox.settle(one_of(store, now), state=SENT, now=now, outcome_class="sent", channel=well)
    assert store.channels.forget([MAIL, ("nobody", "mail")]) == 1
    assert store.channels.all() == []


def test_dead_letters_are_over_for_a_channel_when_none_stands(store: Store, now: datetime) -> None:
    one, _ = waiting(store, now, 2)
    gone = lambda state: replace(state, dead_since=state.dead_since or now)  # noqa: E731
    for _ in range(2):
        store.outbox.settle(one_of(store, now), state=DEAD, now=now, outcome_class="x", channel=gone)
    store.outbox.drop(one.id)
    store.channels.bury([MAIL])
    assert store.channels.get(MAIL).dead_since == now
    store.outbox.retry(None, now)
    store.channels.bury([MAIL])
    assert store.channels.get(MAIL).dead_since is None
