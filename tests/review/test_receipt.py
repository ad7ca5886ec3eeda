"""What is told of the sources: read, failed, silent, and for how long they were not read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.model import SourceState
from monitor.review import Trouble, receipt
from tests.build import make_source

SINCE = datetime(2026, 4, 20, 6, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
HOUR = timedelta(hours=1)
GAZETTE = make_source("gazette")
HERALD = make_source("herald", name="")


def at(hours: float) -> datetime:
    return SINCE + timedelta(hours=hours)


def fine(id: str = "gazette", read: float = 23.5, **fields: Any) -> SourceState:
    return SourceState(id, next_check_at=UNTIL, succeeded_at=at(read), **fields)


@pytest.mark.parametrize(
    ("state", "troubles", "idle", "uncovered", "read", "failed"),
    [
        # read to the end
        (fine(), [], [], 0.0, 1, ()),
        # after the period as well: a review of last week
        (fine(read=200), [], [], 0.0, 1, ()),
        # failed at the fifth hour, well at the eighth; said again in between
        (fine(), [(5, True), (6, True), (8, False)], [], 3.0, 1, ()),
        # well, failing, well, failing to the end
        (fine(read=20), [(1, False), (2, True), (3, False), (20, True)], [], 5.0, 1, ("Gazette",)),
        # failing since before the period
        (fine(read=-30), [(-29, True)], [], 24.0, 0, ("Gazette",)),
        # failing since before what the ledger remembers
        (fine(read=-900), [], [], 24.0, 0, ("Gazette",)),
        # the daemon stopped at the tenth hour: two intervals later the source is overdue
        (fine(read=10, interval=2 * HOUR), [], [], 10.0, 1, ()),
        # polled every minute: an hour of grace
        (fine(read=10, interval=HOUR / 60), [], [], 13.0, 1, ()),
        # never read, and not even known
        (SourceState("gazette", next_check_at=UNTIL), [], [], 24.0, 0, ("Gazette",)),
        (None, [], [], 24.0, 0, ("Gazette",)),
        # the machine slept for four hours in the night
        (fine(), [], [3, 4, 5, 6], 4.0, 1, ()),
        # two quiet hours, and two others
        (fine(), [], [3, 4, 9, 10], 0.0, 1, ()),
        # asleep while it failed: counted once
        (fine(), [(4, True), (8, False)], [3, 4, 5, 6], 5.0, 1, ()),
    ],
)
def test_hours_without_a_reading_are_counted_once(
    state: SourceState | None,
    troubles: list[tuple[float, bool]],
    idle: list[float],
    uncovered: float,
    read: int,
    failed: tuple[str, ...],
) -> None:
    lines = [Trouble("gazette", at(hours), bad) for hours, bad in troubles]
    states = {"gazette": state} if state else {}
    made = receipt([GAZETTE], states, lines, {}, [at(hour) for hour in idle], SINCE, UNTIL)
    assert (made.hours_uncovered, made.sources_read, made.failed) == (uncovered, read, failed)


def test_hours_are_summed_over_the_sources_that_the_configuration_has() -> None:
    troubles = [
        Trouble("gone", at(1), True),
        Trouble("herald", at(22), True),
        Trouble("gazette", at(23), True),
    ]
    made = receipt(
        [GAZETTE, HERALD], {"gazette": fine(), "herald": fine("herald")}, troubles, {}, [], SINCE, UNTIL
    )
    assert made.failed == ("Gazette", "herald")
    assert made.hours_uncovered == 3.0


@pytest.mark.parametrize(
    ("expected", "came", "silent"),
    [
        # seven were to be expected and none came: one chance in a thousand
        (7.0, 0, ("Gazette",)),
        # a slow paper
        (6.9, 0, ()),
        # one article is enough
        (70.0, 1, ()),
    ],
)
def test_a_source_is_silent_against_its_own_rhythm(
    expected: float, came: int, silent: tuple[str, ...]
) -> None:
    made = receipt([GAZETTE], {"gazette": fine()}, [], {"gazette": (expected, came)}, [], SINCE, UNTIL)
    assert made.silent == silent


def test_a_source_that_could_not_be_read_is_not_called_silent() -> None:
    lines = [Trouble("gazette", at(2), True)]
    made = receipt([GAZETTE], {"gazette": fine(read=2)}, lines, {"gazette": (90.0, 0)}, [], SINCE, UNTIL)
    assert (made.failed, made.silent) == (("Gazette",), ())
