"""When a watchlist's volume leaves its own baseline. Pure.

Called with the store's hourly counts by whoever raises spike alerts. Asked again every few minutes it answers with the
same spikes, so their (watchlist, began) is the key under which each is told once.

For each hour the articles of the last three hours are compared with those of the same three hours, by the local clock, of
the 14 days before. It is a spike where a Poisson variable of the baseline's mean (with one article added to the
baseline's sum, so a mean is never zero) would be that high with a probability below `CHANCE`, and the count is at least
`LEAST` and `FACTOR` times the mean. It lasts until the count has fallen below `OVER` times the mean or below half of
`LEAST`: only then can another one begin. The running hour counts as it stands, against its whole mean: what is a spike
within an hour is one at its end too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from monitor.model import Spike, utc

HOUR = timedelta(hours=1)
WINDOW = 3  # hours
DAYS = 14
FEWEST_DAYS = 7  # of baseline; with fewer nothing is judged
CHANCE = 1e-4  # judged each hour, that is one false alarm in some 400 days, were the press a Poisson process
LEAST = 5  # articles
FACTOR = 3.0  # the press is burstier than Poisson: a full desk's normal afternoon must not be a spike
OVER = 1.5
REPLAYED = 48  # hours; a spike that began earlier and lasts is told of no more

Counts = Mapping[datetime, int]
"""Articles by the beginning of their hour in UTC; an hour that is not there had none."""


@dataclass(frozen=True, slots=True)
class _Reading:
    hour: datetime
    count: int
    expected: float
    days: int

    @property
    def chance(self) -> float:
        return tail(self.count, self.expected)

    @property
    def high(self) -> bool:
        return self.count >= max(LEAST, FACTOR * self.expected) and self.chance < CHANCE

    @property
    def over(self) -> bool:
        return self.count < max(LEAST / 2, OVER * self.expected)


def spikes(
    counts: Mapping[str, Counts], now: datetime, zone: tzinfo = UTC, counting_since: datetime | None = None
) -> tuple[Spike, ...]:
    """The spikes of the last two days, by watchlist and beginning. `counting_since`: when the first article was ever
    counted; days before it are no baseline (None: all are). `counts` reach back 17 days. Raises ValueError on a naive
    datetime."""
    start = _hour(utc(now)) - REPLAYED * HOUR
    hours = [start + n * HOUR for n in range(REPLAYED + 1)]
    first = None if counting_since is None else utc(counting_since)
    return tuple(
        spike
        for watchlist in sorted(counts)
        for spike in _spikes(watchlist, counts[watchlist], hours, zone, first)
    )


def tail(count: int, mean: float) -> float:
    """P(X >= count) of a Poisson variable; exact to rounding also where it is tiny."""
    if count <= mean:
        return 1.0 - math.fsum(_mass(k, mean) for k in range(count))
    total, k = 0.0, count
    term = _mass(k, mean)
    while term > total * 1e-16:
        total += term
        k += 1
        term *= mean / k
    return total


def _mass(k: int, mean: float) -> float:
    return math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))


def _spikes(
    watchlist: str, counts: Counts, hours: list[datetime], zone: tzinfo, first: datetime | None
) -> Iterator[Spike]:
    began: datetime | None = None
    peak: _Reading | None = None
    for hour in hours:
        if began is None and _count(counts, hour) < LEAST:  # cannot begin one, whatever is usual
            continue
        reading = _read(counts, hour, zone, first)
        if reading is None:
            continue
        if peak is None or began is None:
            if reading.high:
                began, peak = hour, reading
        elif reading.over:
            yield _spike(watchlist, began, peak, counts, zone, first, lasts=False)
            began = peak = None
        elif reading.count > peak.count:
            peak = reading
    if began is not None and peak is not None:
        yield _spike(watchlist, began, peak, counts, zone, first, lasts=True)


def _count(counts: Counts, hour: datetime) -> int:
    return sum(counts.get(each, 0) for each in _window(hour))


def _window(hour: datetime) -> list[datetime]:
    return [hour - n * HOUR for n in range(WINDOW)]


def _read(counts: Counts, hour: datetime, zone: tzinfo, first: datetime | None) -> _Reading | None:
    window = _window(hour)
    days = [sum(counts.get(each, 0) for each in past) for past in _same_hours(window, zone, first)]
    if len(days) < FEWEST_DAYS:
        return None
    return _Reading(hour, _count(counts, hour), (sum(days) + 1) / len(days), len(days))


def _same_hours(window: list[datetime], zone: tzinfo, first: datetime | None) -> Iterator[list[datetime]]:
    """For each of the days before, the hours with the same local time. A day is left out where its window begins before
    the first count, or where an hour does not exist, skipped by a change to summer time."""
    for back in range(1, DAYS + 1):
        past = [_days_before(hour, back, zone) for hour in window]
        found = [hour for hour in past if hour is not None]
        if len(found) == len(window) and (first is None or min(found) >= first):
            yield found


@lru_cache(maxsize=20_000)  # of a zone some 800 are asked for each time, for every watchlist the same
def _days_before(hour: datetime, days: int, zone: tzinfo) -> datetime | None:
    """By the clock on the wall; of an hour that a change back repeats, the first."""
    local = hour.astimezone(zone)
    wall = local.replace(tzinfo=None) - timedelta(days=days)
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    return _hour(moment) if moment.astimezone(zone).replace(tzinfo=None) == wall else None


def _spike(
    watchlist: str,
    began: datetime,
    peak: _Reading,
    counts: Counts,
    zone: tzinfo,
    first: datetime | None,
    *,
    lasts: bool,
) -> Spike:
    shown = [peak.hour - n * HOUR for n in range(23, -1, -1)]
    return Spike(
        watchlist=watchlist,
        began=began,
        at=peak.hour,
        since=peak.hour - (WINDOW - 1) * HOUR,
        count=peak.count,
        expected=round(peak.expected, 2),
        chance=peak.chance,
        days=peak.days,
        lasts=lasts,
        hours=tuple(counts.get(hour, 0) for hour in shown),
        usual=tuple(_usual(counts, hour, zone, first) for hour in shown),
    )


def _usual(counts: Counts, hour: datetime, zone: tzinfo, first: datetime | None) -> float:
    past = [counts.get(each, 0) for (each,) in _same_hours([hour], zone, first)]
    return round(sum(past) / len(past), 2) if past else 0.0


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
