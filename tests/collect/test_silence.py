"""Silence against a source's own rhythm, on rhythms that press outlets have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from monitor.collect.silence import is_silent, last_news, note, usual_patience
from monitor.model import Condition

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW = Condition("gazette")


def lived(shows: Callable[[datetime], bool], days: int = 42) -> Condition:
    """A source that showed news in the hours for which `shows` says so, for `days` from Monday on."""
    hours = [MONDAY + n * HOUR for n in range(days * 24)]
    return note(NEW, [hour for hour in hours if shows(hour)], MONDAY + timedelta(days=days))


def daily(hour: datetime) -> bool:
    return 6 <= hour.hour < 22


def office(hour: datetime) -> bool:
    return hour.weekday() < 5 and 8 <= hour.hour < 18


def weekly(hour: datetime) -> bool:
    return hour.weekday() == 3 and hour.hour == 9


def silent_after(condition: Condition) -> float:
    """Hours from the last news until the silence is established."""
    last = last_news(condition)
    assert last is not None
    return next(n for n in range(24 * 60) if is_silent(condition, last + n * HOUR))


@pytest.mark.parametrize(
    ("shows", "least", "most"),
    [
        # news each hour of the day: the night explains nine hours, the next morning does not
        (daily, 9, 16),
        # workdays only: the last news is of Friday; the weekend is its own, Monday noon is not
        (office, 63, 72),
        # once a week: two Thursdays must pass
        (weekly, 8 * 24, 29 * 24),
        # news in every hour: six hours are the floor
        (lambda hour: True, 6, 7),
        # one hour in three, at any time
        (lambda hour: hour.hour % 3 == 0, 6, 26),
    ],
)
def test_a_silence_is_established_within_the_sources_own_rhythm(
    shows: Callable[[datetime], bool], least: int, most: int
) -> None:
    assert least <= silent_after(lived(shows)) <= most


def test_a_weekend_is_no_silence_of_a_paper_that_works_on_workdays() -> None:
    condition = lived(office)  # 42 days: ends on a Sunday night
    assert not is_silent(condition, MONDAY + timedelta(days=42, hours=8))
    assert is_silent(condition, MONDAY + timedelta(days=42, hours=18))


def test_with_less_than_a_week_known_only_three_days_are_a_silence() -> None:
    condition = lived(daily, days=4)
    last = last_news(condition)
    assert last is not None
    assert not is_silent(condition, last + 60 * HOUR)
    assert is_silent(condition, last + 73 * HOUR)


def test_an_outage_that_is_remembered_does_not_excuse_the_next_one() -> None:
    shows = lambda hour: daily(hour) and not 10 <= (hour - MONDAY).days < 17  # noqa: E731
    assert silent_after(lived(shows)) < 48


def test_ten_articles_in_one_hour_are_one_sign_of_life() -> None:
    burst = [MONDAY + timedelta(days=7 * n, minutes=m) for n in range(6) for m in range(10)]
    single = [MONDAY + timedelta(days=7 * n) for n in range(6)]
    now = MONDAY + timedelta(days=42)
    assert note(NEW, burst, now).news == note(NEW, single, now).news


def test_dates_of_the_future_and_of_long_ago_are_not_remembered() -> None:
    now = MONDAY + timedelta(days=100)
    assert note(NEW, [now + HOUR, MONDAY], now) == NEW


def test_noting_the_same_document_again_changes_nothing() -> None:
    condition = lived(daily)
    now = MONDAY + timedelta(days=42)
    again = [now - timedelta(hours=hour) for hour in range(3, 16)]
    assert note(condition, again, now) == note(note(condition, again, now), again, now)


def test_the_memory_moves_on_and_stays_six_weeks_long() -> None:
    condition = lived(daily, days=100)
    assert len(condition.news) <= 252
    assert condition.news_from is not None
    assert condition.news_until is not None
    assert condition.news_until - condition.news_from < timedelta(weeks=6)


@pytest.mark.parametrize(
    ("condition", "least", "most"),
    [
        # nothing is known: three days
        (NEW, 72, 72),
        # news all day and night: the floor
        (lived(lambda hour: True), 6, 6),
        # a weekly one: never longer than three days
        (lived(weekly), 72, 72),
    ],
)
def test_patience_with_an_accident_is_measured_by_the_rhythm(
    condition: Condition, least: int, most: int
) -> None:
    assert least * HOUR <= usual_patience(condition, MONDAY + timedelta(days=42)) <= most * HOUR
