from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.model import Decision, Health, Reason, SourceState
from monitor.store import Store

HOUR = timedelta(hours=1)


def everything(now: datetime) -> SourceState:
    return SourceState(
        source_id="gazette",
        next_check_at=now + HOUR,
        etag='W/"é"',
        last_modified="Tue, 21 Apr 2026 09:00:00 GMT",
        body_hash="f" * 64,
        checked_at=now,
        succeeded_at=now - HOUR,
        health=Health.FAILING,
        since=now - HOUR,
        failures=3,
        message="503 Service Unavailable",
        interval=timedelta(minutes=7, microseconds=5),
        moved_to="https://new.example.org/feed",
        moved_seen=2,
        items_seen=40,
    )


def test_a_saved_state_comes_back_whole_and_is_overwritten_by_the_next(store: Store, now: datetime) -> None:
    first = everything(now)
    store.sources.save(first)
    assert store.sources.state("gazette", now) == first
    second = replace(first, health=Health.OK, failures=0, etag=None, moved_to=None)
    store.sources.save(second)
    assert store.sources.all() == [second]


def test_an_unknown_source_is_due_at_once(store: Store, now: datetime) -> None:
    assert store.sources.state("new", now) == SourceState("new", next_check_at=now)
    assert store.sources.due(now, ["new"], 10) == [SourceState("new", next_check_at=now)]


def test_due_sources_come_new_ones_first_then_the_longest_overdue(store: Store, now: datetime) -> None:
    for name, hours in {"late": -1, "later": -2, "early": 1, "exactly": 0, "removed": -9}.items():
        store.sources.save(SourceState(name, next_check_at=now + hours * HOUR))
    known = ["early", "exactly", "late", "later", "new"]
    assert [state.source_id for state in store.sources.due(now, known, 10)] == [
        "new",
        "later",
        "late",
        "exactly",
    ]
    assert [state.source_id for state in store.sources.due(now, known, 2)] == ["new", "later"]


def test_a_source_polled_by_a_clock_that_ran_ahead_is_due_when_it_is_set_back(
    store: Store, now: datetime
) -> None:
    ahead = now + timedelta(days=365)
    store.sources.save(SourceState("gazette", next_check_at=ahead + HOUR, checked_at=ahead))
    store.sources.save(SourceState("courier", next_check_at=now + HOUR, checked_at=now))
    assert [state.source_id for state in store.sources.due(now, ["gazette", "courier"], 9)] == ["gazette"]


def test_a_state_and_what_the_ledger_is_told_of_it_are_saved_together(store: Store, now: datetime) -> None:
    told = Decision("collect", Reason.FETCH_FAILED, "503 Service Unavailable")
    store.sources.save(everything(now), told)
    assert [line.decision for line in store.ledger.of_source("gazette")] == [told]


def test_sources_that_left_the_configuration_are_forgotten(store: Store, now: datetime) -> None:
    for name in ("kept", "gone"):
        store.sources.save(SourceState(name, next_check_at=now))
    assert store.sources.forget(["gone", "never known"]) == 1
    assert [state.source_id for state in store.sources.all()] == ["kept"]


def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="naive"):
        store.sources.save(SourceState("gazette", next_check_at=datetime(2026, 4, 21)))  # noqa: DTZ001


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+00:00",  # the earliest that Python knows
        "1969-12-31T23:59:59.999999+00:00",
        "2026-04-21T09:00:00.000001+02:00",  # given in another zone
        "9999-12-31T23:59:59.999999+00:00",
    ],
)
def test_every_instant_is_kept_to_the_microsecond(store: Store, moment: str) -> None:
    instant = datetime.fromisoformat(moment)
    store.sources.save(SourceState("gazette", next_check_at=instant))
    assert store.sources.state("gazette", instant).next_check_at == instant
