"""Claims, leases and fencing: sent at least once, never settled by two."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from monitor.errors import StoreError
from monitor.model import Delivery, DeliveryState
from monitor.store import Store
from monitor.store.outbox import SUSPECT_WAITS
from tests.build import alert_of
from tests.store.samples import record, waiting

LEASE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)
PENDING, LEASED, SENT, DEAD, DROPPED = DeliveryState


def claim_one(store: Store, now: datetime, worker: str = "w1") -> Delivery:
    (claimed,) = store.outbox.claim(now, LEASE, worker)
    return claimed


def attempts(store: Store) -> list[tuple[int, int, str | None]]:
    """Of all deliveries: number, token, outcome."""
    with store._database.read() as connection:
        rows = connection.execute(text("SELECT n, token, outcome FROM attempt ORDER BY id"))
        return [(row.n, row.token, row.outcome) for row in rows]


def test_a_claimed_delivery_is_leased_counted_and_claimed_by_nobody_else(store: Store, now: datetime) -> None:
    waiting(store, now)
    claimed = claim_one(store, now)
    assert (claimed.state, claimed.attempts, claimed.lease_token) == (LEASED, 1, 1)
    assert attempts(store) == [(1, 1, None)]
    assert store.outbox.claim(now + LEASE - SECOND, LEASE, "w2") == []


def test_a_sent_delivery_stays_sent(store: Store, now: datetime) -> None:
    waiting(store, now)
    claimed = claim_one(store, now)
    settled = {"state": SENT, "now": now + SECOND, "outcome_class": "sent", "provider_id": "<1@host>"}
    assert store.outbox.settle(claimed, **settled, http_status=250)  # type: ignore[arg-type]
    stored = store.outbox.get(claimed.id)
    assert stored is not None
    assert (stored.state, stored.sent_at, stored.provider_id) == (SENT, now + SECOND, "<1@host>")
    assert attempts(store) == [(1, 1, "sent")]
    assert store.outbox.claim(now + 2 * LEASE, LEASE, "w1") == []
    assert not store.outbox.settle(claimed, **settled)  # type: ignore[arg-type]


def test_a_failed_delivery_waits_for_its_next_time(store: Store, now: datetime) -> None:
    waiting(store, now)
    later = now + timedelta(minutes=10)
    failed = {
        "outcome_class": "retry",
        "error": "503",
        "http_status": 503,
        "retry_after": timedelta(seconds=7),
    }
    claimed = claim_one(store, now)
    assert store.outbox.settle(claimed, state=PENDING, now=now, next_attempt_at=later, **failed)  # type: ignore[arg-type]
    assert store.outbox.claim(later - SECOND, LEASE, "w1") == []
    again = claim_one(store, later)
    assert (again.attempts, again.lease_token, again.last_error, again.id) == (2, 2, "503", claimed.id)


def test_pending_without_a_time_is_refused(store: Store, now: datetime) -> None:
    waiting(store, now)
    with pytest.raises(ValueError, match="next_attempt_at"):
        store.outbox.settle(claim_one(store, now), state=PENDING, now=now, outcome_class="retry")


def test_an_expired_lease_goes_to_another_worker_and_the_first_can_settle_no_more(
    store: Store, now: datetime
) -> None:
    waiting(store, now)
    first = claim_one(store, now)
    second = claim_one(store, now + LEASE, "w2")
    assert (second.id, second.lease_token, second.attempts, second.deaths) == (first.id, 2, 2, 1)
    assert attempts(store) == [(1, 1, "unknown"), (2, 2, None)]
    assert not store.outbox.settle(first, state=SENT, now=now + LEASE, outcome_class="sent")
    assert not store.outbox.release(first, now + LEASE)
    assert store.outbox.settle(second, state=SENT, now=now + LEASE, outcome_class="sent")


def test_a_worker_that_comes_late_may_settle_while_nobody_else_has_the_row(
    store: Store, now: datetime
) -> None:
    waiting(store, now)
    first = claim_one(store, now)
    assert store.outbox.claim(now + LEASE, LEASE, "w2", limit=0) == []  # takes the lease back, claims nothing
    assert store.outbox.counts()[PENDING] == 1
    assert store.outbox.settle(first, state=SENT, now=now + LEASE, outcome_class="sent")
    assert store.outbox.claim(now + 9 * LEASE, LEASE, "w2") == []


def test_a_delivery_that_kills_its_worker_three_times_is_dead(store: Store, now: datetime) -> None:
    waiting(store, now)
    claim_one(store, now)
    claim_one(store, now + LEASE)
    assert store.outbox.claim(now + 2 * LEASE, LEASE, "w1") == []  # suspect: the others go first
    claim_one(store, now + 2 * LEASE + SUSPECT_WAITS)
    assert store.outbox.claim(now + 4 * LEASE, LEASE, "w1") == []
    (dead,) = store.outbox.list(DEAD)
    assert (dead.deaths, dead.last_class) == (3, "unknown")
    assert "w1" in dead.last_error


def test_what_a_killed_process_left_leased_is_due_again_at_the_next_start(
    store: Store, now: datetime
) -> None:
    waiting(store, now)
    first = claim_one(store, now)
    assert store.outbox.recover(now) == 1
    again = claim_one(store, now)
    assert (again.id, again.deaths) == (first.id, 1)
    assert attempts(store)[0][2] == "unknown"
    assert store.outbox.recover(now + LEASE) == 1
    assert store.outbox.recover(now + LEASE) == 0


def test_what_was_planned_while_the_clock_ran_ahead_is_due_when_it_is_set_back(
    store: Store, now: datetime
) -> None:
    waiting(store, now + timedelta(days=365))
    assert [each.state for each in store.outbox.claim(now, LEASE, "w1")] == [LEASED]


def test_a_lease_of_a_clock_that_ran_ahead_is_over_when_it_is_set_back(store: Store, now: datetime) -> None:
    waiting(store, now)
    claim_one(store, now + timedelta(days=365))
    assert claim_one(store, now).deaths == 1


def test_a_released_claim_counts_for_nothing(store: Store, now: datetime) -> None:
    waiting(store, now)
    assert store.outbox.release(claim_one(store, now), now)
    assert attempts(store) == [(1, 1, "released")]
    again = claim_one(store, now)
    assert (again.attempts, again.lease_token, again.deaths) == (1, 2, 0)


def test_the_longest_waiting_go_first_and_a_full_channel_hides_no_other(store: Store, now: datetime) -> None:
    for n in range(8):
        record(store, now + n * SECOND, n, alert={"recipient": "slow", "channels": ("mail",)})
    for n in range(8, 10):
        record(store, now + n * SECOND, n, alert={"recipient": "quick", "channels": ("mail", "chat")})
    later = now + timedelta(hours=1)
    first = store.outbox.claim(later, LEASE, "w1", per_channel=3)
    assert [(each.recipient, each.channel) for each in first[:3]] == [("slow", "mail")] * 3
    assert [each.created_at for each in first[:3]] == [now, now + SECOND, now + 2 * SECOND]
    assert len(first) == 3 + 4
    assert store.outbox.claim(later, LEASE, "w1", per_channel=3) == []  # it has three senders already
    for each in first[:2]:
        store.outbox.settle(each, state=SENT, now=later, outcome_class="sent")
    assert [each.recipient for each in store.outbox.claim(later, LEASE, "w1", per_channel=3)] == ["slow"] * 2


def test_busy_pairs_are_left_alone(store: Store, now: datetime) -> None:
    waiting(store, now, 3, channels=("mail", "chat", "hook"))
    claimed = store.outbox.claim(
        now, LEASE, "w1", busy={("desk", "mail"), ("other", "chat"), ("desk", "hook")}
    )
    assert {each.channel for each in claimed} == {"chat"}
    assert len(store.outbox.claim(now, LEASE, "w1", limit=4)) == 4


def test_thousands_of_busy_pairs_are_no_trouble(store: Store, now: datetime) -> None:
    waiting(store, now, 2, channels=("mail", "chat"))
    busy = [(f"r{n}", "mail") for n in range(3_000)] + [("desk", "mail")]
    assert {each.channel for each in store.outbox.claim(now, LEASE, "w1", busy=busy)} == {"chat"}


def test_the_operator_may_retry_what_is_dead_and_it_starts_afresh(store: Store, now: datetime) -> None:
    for each in waiting(store, now, 3):
        assert each.state is PENDING
    for claimed in store.outbox.claim(now, LEASE, "w1"):
        store.outbox.settle(claimed, state=DEAD, now=now, outcome_class="gave-up", error="550 no such user")
    one, *rest = store.outbox.list(DEAD)
    assert store.outbox.retry(one.id, now) == 1
    assert store.outbox.retry(None, now) == len(rest) == 2
    again = store.outbox.claim(now, LEASE, "w1")
    assert {(each.attempts, each.deaths) for each in again} == {(1, 0)}
    assert store.outbox.retry(one.id, now) == 0  # it is being sent
    assert store.outbox.retry("no such id", now) == 0


def test_what_is_dropped_is_never_sent_unless_it_is_retried(store: Store, now: datetime) -> None:
    (one,) = waiting(store, now)
    assert store.outbox.drop(one.id)
    assert store.outbox.claim(now, LEASE, "w1") == []
    assert store.outbox.retry(one.id, now) == 1
    claimed = claim_one(store, now)
    assert not store.outbox.drop(one.id)  # it is being sent
    store.outbox.settle(claimed, state=SENT, now=now, outcome_class="sent")
    assert not store.outbox.drop(one.id)
    assert not store.outbox.drop("no such id")


def test_a_claim_from_before_the_operators_retry_settles_nothing(store: Store, now: datetime) -> None:
    waiting(store, now)
    stale = claim_one(store, now)
    store.outbox.claim(now + LEASE, LEASE, "w2", limit=0)
    assert store.outbox.retry(stale.id, now + LEASE) == 1
    assert not store.outbox.settle(stale, state=DEAD, now=now + LEASE, outcome_class="gave-up")


def test_an_alert_that_cannot_be_read_any_more_keeps_no_other_from_being_sent(
    store: Store, now: datetime
) -> None:
    waiting(store, now, 3)
    with store._database.write() as connection:
        connection.execute(text('UPDATE alert SET payload = \'{"severity": "purple"}\' WHERE id = 2'))
    assert len(store.outbox.claim(now, LEASE, "w1")) == 2
    (dead,) = store.outbox.list(DEAD)
    assert dead.last_class == "unreadable"
    assert store.check() == []


def test_counts_name_every_state(store: Store, now: datetime) -> None:
    assert store.outbox.counts() == dict.fromkeys(DeliveryState, 0)
    first, *_ = waiting(store, now, 4)
    store.outbox.drop(first.id)
    store.outbox.settle(
        store.outbox.claim(now, LEASE, "w", limit=1)[0], state=SENT, now=now, outcome_class="sent"
    )
    assert store.outbox.counts() == {PENDING: 2, LEASED: 0, SENT: 1, DEAD: 0, DROPPED: 1}


def test_the_list_shows_the_newest_first(store: Store, now: datetime) -> None:
    for n in range(3):
        record(store, now + n * SECOND, n, alert={"channels": ("mail",)})
    assert [alert_of(each).article.title for each in store.outbox.list(limit=2)] == ["Report 2", "Report 1"]


def test_a_very_long_error_is_cut(store: Store, now: datetime) -> None:
    waiting(store, now)
    store.outbox.settle(
        claim_one(store, now), state=DEAD, now=now, outcome_class="gave-up", error="x" * 9_999
    )
    assert len(store.outbox.list()[0].last_error) == 2_000


def test_several_machines_claim_each_delivery_once(postgresql_url: str, now: datetime) -> None:
    stores = [Store.open(postgresql_url, now=now) for _ in range(3)]
    for n in range(60):
        record(stores[0], now, n, alert={"recipient": f"r{n}", "channels": ("mail",)})
    start = Barrier(len(stores))

    def work(store: Store, name: str) -> list[str]:
        start.wait(10)
        return [each.id for _ in range(8) for each in store.outbox.claim(now, LEASE, name, limit=10)]

    with ThreadPoolExecutor(len(stores)) as pool:
        claimed = [each for ids in pool.map(work, stores, ("a", "b", "c")) for each in ids]
    assert len(claimed) == len(set(claimed)) == 60
    for each in stores:
        each.close()


def test_a_reader_may_not_claim(sqlite_url: str, now: datetime) -> None:
    with (
        Store.open(sqlite_url, now=now, writer=False) as reader,
        pytest.raises(StoreError, match="for reading"),
    ):
        reader.outbox.claim(now, LEASE, "w1")
