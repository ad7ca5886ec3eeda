"""Whether a source has been silent for longer than its own rhythm explains. Pure; called by `health`.

The memory is six weeks of hours, one bit each: did the source date an item into that hour? Hours and not items, so that
ten articles at once are one sign of life. For each hour of the week the share of such hours is estimated, shrunk towards
the same hour on all days and these towards the whole; the probability of a silence is the product over its hours. Nights
and weekends are quiet in the data and so cost a silence little.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from monitor.model import Condition

HOUR = timedelta(hours=1)
WEEK = 168  # hours
MEMORY = 6 * WEEK
UNLIKELY = math.log(1e-3)  # beyond every gap that is remembered
ABSURD = math.log(1e-6)  # whatever is remembered: an outage of before must not excuse the next one for ever
SHORTEST = 6  # hours; nobody is told of a shorter silence
KNOWN_AFTER = 8 * 24  # hours of memory that hold a weekend; with less ...
UNKNOWN_SILENCE = 72  # ... only this is a silence
LATENESS = 2  # hours, beyond the longest gap remembered
SHRINK = 0.5  # hours that the coarser estimate weighs


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`chances`: for each hour of the week, that it brings news; `longest`: the longest gap remembered, in hours."""

    chances: tuple[float, ...]
    longest: int


def note(condition: Condition, moments: Iterable[datetime], now: datetime) -> Condition:
    """The condition, remembering that news came at these moments. Future ones, and those before the memory, do not count."""
    present = _hour(now)
    hours = sorted({hour for each in moments if present - MEMORY < (hour := _hour(each)) <= present})
    if not hours:
        return condition
    bits, until, start = _memory(condition)
    newest = max(hours[-1], until)
    bits = bits << (newest - until) if bits else 0
    for hour in hours:
        bits |= 1 << (newest - hour)
    # a tenth is left out: a page of news may keep one old favourite for ever
    first = hours[len(hours) // 10]
    start = max(min(start, first) if condition.news_from else first, newest - MEMORY + 1)
    return replace(
        condition,
        news=f"{bits & ((1 << MEMORY) - 1):x}",
        news_until=_moment(newest),
        news_from=_moment(start),
    )


def last_news(condition: Condition) -> datetime | None:
    """The hour in which the latest news came."""
    return condition.news_until if condition.news else None


def is_silent(condition: Condition, now: datetime) -> bool:
    """Whether the present silence is longer than the source's rhythm makes plausible."""
    bits, until, start = _memory(condition)
    gap = _hour(now) - until - 1  # whole hours: the present one may bring news yet
    if not bits or gap < SHORTEST:
        return False
    if gap >= MEMORY:
        return True
    if until - start < KNOWN_AFTER and gap < UNKNOWN_SILENCE:
        return False
    rhythm = _rhythm(bits, until, start)
    chance = _chance_of_silence(rhythm, until + 1, gap)
    return chance < ABSURD or (chance < UNLIKELY and gap > rhythm.longest + LATENESS)


def usual_patience(condition: Condition, now: datetime) -> timedelta:
    """How long nothing may come from now on until that would be a silence; without a known rhythm, three days."""
    bits, until, start = _memory(condition)
    if not bits or until - start < KNOWN_AFTER:
        return UNKNOWN_SILENCE * HOUR
    rhythm = _rhythm(bits, until, start)
    left, hours, first = UNLIKELY, 0, _hour(now)
    while left < 0 and hours < UNKNOWN_SILENCE:
        left -= math.log1p(-rhythm.chances[(first + hours) % WEEK])
        hours += 1
    return max(hours, SHORTEST) * HOUR


def _chance_of_silence(rhythm: Rhythm, first: int, hours: int) -> float:
    """The natural logarithm of the probability that none of these hours brings news."""
    return sum(math.log1p(-rhythm.chances[hour % WEEK]) for hour in range(first, first + hours))


@lru_cache(maxsize=4096)
def _rhythm(bits: int, until: int, start: int) -> Rhythm:
    week, day, seen = [0] * WEEK, [0] * 24, 0
    known_week, known_day = [0] * WEEK, [0] * 24
    longest = gap = 0
    for hour in range(start, until + 1):
        came = bits >> (until - hour) & 1
        known_week[hour % WEEK] += 1
        known_day[hour % 24] += 1
        week[hour % WEEK] += came
        day[hour % 24] += came
        seen += came
        gap = 0 if came else gap + 1
        longest = max(longest, gap)
    whole = (seen + 0.5) / (until - start + 2)
    by_day = [(day[h] + SHRINK * whole) / (known_day[h] + SHRINK) for h in range(24)]
    # a full hour of each kind is never certain: the estimate stays below one
    by_week = ((week[h] + SHRINK * by_day[h % 24]) / (known_week[h] + SHRINK) for h in range(WEEK))
    return Rhythm(tuple(min(chance, 0.95) for chance in by_week), longest)


def _memory(condition: Condition) -> tuple[int, int, int]:
    """Bits, the hour of the lowest bit, the first known hour."""
    if not condition.news or condition.news_until is None:
        return 0, 0, 0
    until = _hour(condition.news_until)
    start = _hour(condition.news_from) if condition.news_from else until
    return int(condition.news, 16), until, max(start, until - MEMORY + 1)


def _hour(moment: datetime) -> int:
    """Hours since 1970; a multiple of 24 begins a day, and the week begins where it may."""
    return int(moment.timestamp() // 3600)


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, UTC)
