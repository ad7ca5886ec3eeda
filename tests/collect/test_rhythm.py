"""What is learnt of a source's hours, and when it is therefore asked again."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect import rhythm

MONDAY = datetime(2026, 4, 20, tzinfo=UTC)
PRICE, SHORTEST, LONGEST = timedelta(minutes=3), timedelta(minutes=2), timedelta(hours=6)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def lived(weeks: int, arrivals: Callable[[datetime], list[datetime | None]], step: float = 0.5) -> str:
    """What is learnt of so many weeks until MONDAY, polled every `step` hours; `arrivals` of the half hour that begins."""
    learnt, at = "", MONDAY - timedelta(weeks=weeks)
    while at < MONDAY:
        learnt = rhythm.observe(learnt, at, at + hours(step), arrivals(at))
        at += hours(step)
    return learnt


def office(at: datetime) -> list[datetime | None]:
    """Four articles an hour from 8 to 18, and none at the weekend."""
    return (
        [at + timedelta(minutes=7), at + timedelta(minutes=22)]
        if 8 <= at.hour < 18 and at.weekday() < 5
        else []
    )


def wait(learnt: str, now: datetime) -> timedelta:
    return rhythm.wait(learnt, now, PRICE, SHORTEST, LONGEST)


def test_a_source_is_polled_often_when_it_writes_and_seldom_when_it_sleeps() -> None:
    learnt = lived(4, office)
    day, night, sunday = (wait(learnt, MONDAY + hours(at)) for at in (10, 19, 6 * 24 + 10))
    assert day < timedelta(minutes=20)
    assert night > 4 * day
    assert sunday > 3 * day


def test_the_last_poll_of_the_night_is_planned_for_the_first_articles_of_the_morning() -> None:
    learnt = lived(4, office)
    found = MONDAY + hours(7) + wait(learnt, MONDAY + hours(7))
    assert MONDAY + hours(8) < found < MONDAY + hours(8.5)


def test_a_batch_that_comes_by_the_clock_is_fetched_minutes_after_it() -> None:
    def batch(at: datetime) -> list[datetime | None]:
        return [at + timedelta(seconds=1)] * 20 if (at.hour, at.minute) == (5, 0) else []

    learnt = lived(3, batch)
    found = MONDAY + hours(4) + wait(learnt, MONDAY + hours(4))
    assert MONDAY + hours(5) < found < MONDAY + hours(5.1)


def test_a_burst_is_followed_up() -> None:
    quiet = lived(3, lambda at: [at] if at.hour == 12 and at.minute == 0 else [])
    burst = rhythm.observe(quiet, MONDAY, MONDAY + hours(0.5), [MONDAY + hours(0.2)] * 6)
    same = rhythm.observe(quiet, MONDAY, MONDAY + hours(0.5), [])
    assert wait(burst, MONDAY + hours(0.5)) < wait(same, MONDAY + hours(0.5)) * 0.8


def test_old_habits_fade() -> None:
    """After three months of mornings, two of evenings."""
    learnt, at = "", MONDAY - timedelta(weeks=20)
    while at < MONDAY:
        writes = 7 if at < MONDAY - timedelta(weeks=8) else 19
        learnt = rhythm.observe(learnt, at, at + hours(1), [None] * 5 if at.hour == writes else [])
        at += hours(1)
    morning, evening = (rhythm.expect(learnt, MONDAY + hours(at), MONDAY + hours(at + 1)) for at in (7, 19))
    assert evening > 3 * morning
    assert 3 < evening < 5.5


@pytest.mark.parametrize(
    "stated",
    [None, MONDAY - timedelta(days=400), MONDAY + timedelta(days=4)],
    ids=["undated", "long ago", "in the future"],
)
def test_an_article_whose_date_lies_elsewhere_counts_when_it_is_shown(stated: datetime | None) -> None:
    learnt = rhythm.load(rhythm.observe("", MONDAY, MONDAY + hours(4), [stated] * 4))
    assert learnt.seen[:4] == pytest.approx([1_000] * 4, rel=0.01)
    assert sum(learnt.seen[4:]) == sum(learnt.parts) == 0


def test_a_long_silence_of_the_poller_teaches_nothing() -> None:
    learnt = lived(1, office)
    assert rhythm.observe(learnt, MONDAY, MONDAY + timedelta(days=3), [None] * 500) == learnt
    assert rhythm.observe(learnt, MONDAY, MONDAY - hours(1), [None]) == learnt  # the clock was set back


def test_what_is_expected_is_what_came() -> None:
    learnt = lived(6, office)
    assert rhythm.expect(learnt, MONDAY, MONDAY + timedelta(weeks=1)) == pytest.approx(200, rel=0.1)


@pytest.mark.parametrize(
    "text", ["", "null", "{}", "[]", '{"at":[1,2]}', '{"at":"x"}', "\ud800", '{"at":[1,2,3,4],"seen":[1]}']
)
def test_a_text_that_cannot_be_read_knows_nothing(text: str) -> None:
    assert wait(text, MONDAY) == wait("", MONDAY)


def test_what_is_kept_is_small_and_comes_back_as_it_was() -> None:
    chance = random.Random(1)
    learnt = lived(6, lambda at: [at + hours(chance.random() / 2) for _ in range(chance.randrange(12))])
    assert len(learnt) < 5_000
    assert rhythm.dump(rhythm.load(learnt)) == learnt
    assert len(lived(6, office)) < 2_500
    assert json.loads(learnt)


@given(
    st.lists(st.tuples(st.floats(-1, 30), st.integers(0, 600)), max_size=20),
    st.floats(0, 10_000),
    st.sampled_from([timedelta(seconds=1), PRICE, timedelta(days=30)]),
)
def test_whatever_came_the_wait_keeps_its_bounds(
    polls: list[tuple[float, int]], later: float, price: timedelta
) -> None:
    learnt, at = "", MONDAY
    for gap, count in polls:
        learnt = rhythm.observe(learnt, at, at + hours(gap), [None] * count)
        at += hours(abs(gap))
    assert SHORTEST <= rhythm.wait(learnt, at + hours(later), price, SHORTEST, LONGEST) <= LONGEST
