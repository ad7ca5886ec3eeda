"""What a source's readings add up to. Each state is told apart from its neighbours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.collect import assess
from monitor.collect.health import server_ahead
from monitor.collect.politeness import Reading, next_state
from monitor.model import (
    Cause,
    Condition,
    FailureKind,
    FetchFailure,
    Health,
    PollingPolicy,
    Request,
    Response,
    SourceState,
)
from tests.build import NOON, make_source

SOURCE = make_source()
REQUEST = Request(SOURCE.url, etag='"1"')
FRESH = (NOON - timedelta(minutes=5), NOON - timedelta(hours=1), NOON - timedelta(hours=2))


def answer(status: int = 200, **fields: Any) -> Response:
    body = b"" if status == 304 else b"<rss/>"
    return Response(REQUEST, SOURCE.url, status, {}, body, **fields)


def good(**fields: Any) -> Reading:
    return Reading(**{"response": answer(), "items": 3, "dates": FRESH, "body_hash": "h", **fields})


def failed(kind: FailureKind, status: int | None = None, message: str = "it failed") -> Reading:
    failure = FetchFailure(kind, message)
    return Reading(Response(REQUEST, SOURCE.url, status, {}, failure=failure))


UNCHANGED = Reading(answer(304))
LOGIN = Reading(answer(), problem="not a feed: a login page", not_a_feed=True, blocked=True)
JUNK = Reading(answer(), problem="not a feed: an HTML page", not_a_feed=True)
DOWN = failed(FailureKind.CONNECT)


class Watched:
    """A source's state and condition, a reading at a time."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now
        self.state = SourceState(SOURCE.id, next_check_at=now)
        self.condition = Condition(SOURCE.id)

    def reads(self, reading: Reading, hours: float = 1.0) -> Condition:
        self.now += timedelta(hours=hours)
        self.state = next_state(self.state, SOURCE, PollingPolicy(), reading, self.now, 0.0)
        self.condition = assess(self.condition, self.state, reading, self.now)
        return self.condition


@pytest.mark.parametrize(
    ("reading", "state", "cause"),
    [
        (good(), Health.OK, Cause.NONE),
        # reads well, holds nothing: not broken, and not silent
        (good(items=0, dates=()), Health.EMPTY, Cause.NONE),
        # the host is unknown or dead: perhaps our own network
        (DOWN, Health.FAILING, Cause.NETWORK),
        # a bad certificate is an answer: the network is well
        (failed(FailureKind.TLS), Health.FAILING, Cause.NONE),
        (failed(FailureKind.STATUS, 500), Health.FAILING, Cause.NONE),
        (failed(FailureKind.STATUS, 403), Health.BLOCKED, Cause.REFUSAL),
        (failed(FailureKind.STATUS, 404), Health.FAILING, Cause.REFUSAL),
        (failed(FailureKind.STATUS, 410), Health.GONE, Cause.NONE),
        # answers 200 with what is no feed
        (LOGIN, Health.BLOCKED, Cause.WALL),
        (JUNK, Health.FAILING, Cause.NONE),
        # nothing newer than six weeks: abandoned before it was ever read
        (good(dates=(NOON - timedelta(days=80),)), Health.SILENT, Cause.NONE),
        # all items tomorrow
        (good(dates=(NOON + timedelta(hours=30),) * 3), Health.CLOCK_WRONG, Cause.DATES),
        # one announced event among today's articles is no wrong clock
        (good(dates=(NOON + timedelta(hours=30), *FRESH)), Health.OK, Cause.NONE),
        (good(response=answer(ahead=timedelta(hours=3))), Health.CLOCK_WRONG, Cause.CLOCK),
        # a cache answers with an old Date
        (good(response=answer(ahead=-timedelta(hours=3))), Health.OK, Cause.NONE),
        (good(response=answer(ahead=-timedelta(hours=30))), Health.CLOCK_WRONG, Cause.CLOCK),
    ],
)
def test_one_reading_is_judged(reading: Reading, state: Health, cause: Cause) -> None:
    condition = Watched().reads(reading)
    assert (condition.state, condition.cause) == (state, cause)
    assert bool(condition.reason) is (state is not Health.OK)


def test_a_304_after_a_document_that_could_not_be_read_keeps_the_failure() -> None:
    source = Watched()
    source.reads(good())
    source.reads(JUNK)
    assert source.state.etag is None  # so nothing is asked conditionally, and a 304 is no answer
    unasked = failed(FailureKind.STATUS, 304, "304 Not Modified, though nothing was asked conditionally")
    condition = source.reads(unasked)
    assert condition.state is Health.FAILING
    assert condition.readings == 2


def test_a_304_keeps_an_empty_feed_empty() -> None:
    source = Watched()
    source.reads(good(items=0, dates=()))
    assert source.reads(UNCHANGED).state is Health.EMPTY


def test_a_304_keeps_wrong_dates_wrong() -> None:
    source = Watched()
    source.reads(good(dates=(NOON + timedelta(days=3),) * 3))
    condition = source.reads(UNCHANGED)
    assert (condition.state, condition.readings) == (Health.CLOCK_WRONG, 2)


def test_since_and_the_illness_begin_where_they_began() -> None:
    source = Watched()
    source.reads(good())
    first = source.reads(failed(FailureKind.STATUS, 503))
    source.reads(failed(FailureKind.STATUS, 503))
    blocked = source.reads(failed(FailureKind.STATUS, 403))
    assert blocked.ill_since == first.since == NOON + timedelta(hours=2)
    assert blocked.since == NOON + timedelta(hours=4)
    well = source.reads(good(dates=(source.now,)))
    assert (well.state, well.ill_since, well.readings) == (Health.OK, None, 0)


def test_a_source_that_falls_silent_is_silent_since_its_last_news_and_not_while_it_cannot_be_read() -> None:
    source = Watched()
    for _ in range(24 * 14):
        source.reads(good(dates=(source.now + timedelta(minutes=30),), body_hash=str(source.now)))
    assert source.condition.state is Health.OK
    last = source.now
    assert source.reads(DOWN, hours=30).state is Health.FAILING
    silent = source.reads(UNCHANGED)
    assert silent.state is Health.SILENT
    assert silent.since is not None
    assert timedelta(0) <= last - silent.since <= timedelta(hours=1)
    assert "nothing new for 32 hours" in silent.reason


def test_an_undated_feed_lives_by_what_is_new_in_it() -> None:
    source = Watched()
    source.reads(good(dates=(), new_items=2))
    assert source.condition.news_until == source.now.replace(minute=0)
    before = source.condition
    source.reads(good(dates=(), new_items=0))
    assert source.condition.news == before.news


def test_a_source_that_is_fed_by_its_sibling_is_not_silent() -> None:
    """Its articles were all recorded from the outlet's other source: nothing is new here, and yet it lives."""
    source = Watched()
    source.reads(good(new_items=0))
    assert source.condition.news != ""


def test_an_overrun_stays_shown_for_a_day_though_the_next_reading_is_well() -> None:
    source = Watched()
    state = replace(source.state, health=Health.OVERRUN, message="50 of 50 items were new")
    overrun = assess(source.condition, state, good(), NOON)
    assert (overrun.state, overrun.reason) == (Health.OVERRUN, "50 of 50 items were new")
    well = replace(state, health=Health.OK, message="")
    later = assess(overrun, well, good(), NOON + timedelta(hours=2))
    assert (later.state, later.readings) == (Health.OVERRUN, 1)
    assert assess(later, state, UNCHANGED, NOON + timedelta(hours=3)).readings == 1  # the same one still
    assert assess(later, state, good(), NOON + timedelta(hours=3)).readings == 2
    assert assess(later, well, good(), NOON + timedelta(hours=25)).state is Health.OK
    assert assess(later, replace(state, health=Health.FAILING), DOWN, NOON).state is Health.FAILING


def test_a_lasting_redirect_is_told_with_its_target() -> None:
    source = Watched()
    moved = good(response=answer(moved_to="https://new.example.org/feed"))
    states = [source.reads(moved).state for _ in range(3)]
    assert states == [Health.OK, Health.OK, Health.MOVED]
    assert source.condition.reason == "it has moved for good to https://new.example.org/feed"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"date": "Tue, 21 Apr 2026 12:00:00 GMT"}, 0),
        ({"date": "Tue, 21 Apr 2026 13:00:00 GMT"}, 3600),
        # a cache says how old its answer is
        ({"date": "Tue, 21 Apr 2026 11:00:00 GMT", "age": "3600"}, 0),
        ({"date": "yesterday"}, None),
        ({"date": "Tue, 21 Apr 2026 12:00:00 GMT", "age": "old"}, None),
        ({}, None),
    ],
)
def test_a_servers_clock_is_read_from_its_answer(headers: dict[str, str], seconds: int | None) -> None:
    ahead = server_ahead(headers, datetime(2026, 4, 21, 12, tzinfo=UTC).timestamp())
    assert ahead == (None if seconds is None else timedelta(seconds=seconds))
