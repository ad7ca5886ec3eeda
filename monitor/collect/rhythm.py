"""A source's rhythm: how many articles to expect at which hour of the week, and from that when it is worth asking again.

Pure. Called by `politeness` with what each poll brought. It knows no source by name and never looks at a clock. What is
learnt is a short text (JSON) that the store keeps without reading it; a text that cannot be read knows nothing.

Arrivals are a Poisson process whose rate depends on the hour of the week and, within the hour, on the minute. Counts
fade with a half-life, and each bin is shrunk towards its neighbours, the same hour of other days and the whole
(Gamma-Poisson: a prior worth so many arrivals, so that a batch by the clock does not smear over its neighbours). A recent excess raises the expectation for an hour or so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from operator import mul

HOURS = 168
UNIT = 1_000
PARTS = 12  # of an hour: batches come out on the hour, often by a clock
HALF_LIFE = 21 * 24.0  # hours; a changed timetable is learnt in about as long
LONGEST_WATCH = 24.0  # hours between two polls; what came in more than that says nothing about the hour
BACKLOG = 14 * 24.0  # hours of a first document's dates that count ...
FEW_DATES = 5  # ... where it has as many

FIRST_RATE = 1.0  # articles an hour, believed until something was seen ...
FIRST_HOURS = 3.0  # ... as firmly as after so many hours of watching
DAY_ARRIVALS = 25.0  # the weight of the whole week in the factor of one day
NEIGHBOUR_ARRIVALS = 1.0  # of the hours beside it, and the whole, in an hour of the day
NEIGHBOUR_HOURS = 6.0  # of the whole in those beside it
SAME_ARRIVALS = 6.0  # of the same hour of other days in an hour of the week
PROFILE_ARRIVALS = 4.0  # of the minutes of all hours in those of one hour
EVEN_ARRIVALS = 10.0  # of an even hour in the minutes of all hours
BURST_HOURS = 2.0  # how long an excess lasts, as a mean
BURST_ARRIVALS = 1.5  # arrivals' worth of doubt about one
MOST = 8.0  # an excess raises the rate by no more

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday


@dataclass
class Rhythm:
    """What was seen so far, in thousandths: whole numbers are kept faster. Hours are counted from a Monday's midnight in
    UTC; the bins' weights hold for `base`."""

    base: float = 0.0
    seen: list[int] = field(default_factory=lambda: [0] * HOURS)  # arrivals by hour of the week
    watched: list[int] = field(default_factory=lambda: [0] * HOURS)  # hours
    parts: list[int] = field(default_factory=lambda: [0] * (24 * PARTS))  # arrivals by part of the day
    lately: float = 0.0  # arrivals of the last hours, fading ...
    expected: float = 0.0  # ... and how many had been expected
    until: float = 0.0  # to where those two were counted


def hours(moment: datetime) -> float:
    return (moment - _EPOCH) / timedelta(hours=1)


class Forecast:
    """What a Rhythm says of the hours after `start` (as `hours` counts)."""

    def __init__(self, rhythm: Rhythm, start: float) -> None:
        self._rhythm = rhythm
        self._scale: float = 2.0 ** ((rhythm.base - start) / HALF_LIFE) / UNIT
        self._rates: dict[int, float] = {}
        fade: float = math.exp(-max(start - rhythm.until, 0.0) / BURST_HOURS)
        excess = (rhythm.lately * fade + BURST_ARRIVALS) / (rhythm.expected * fade + BURST_ARRIVALS)
        self._start, self._excess = start, min(excess, MOST)

    def rate(self, hour: float) -> float:
        """Articles an hour in the part of an hour that begins here or holds this moment."""
        slot = int(hour * PARTS) % (HOURS * PARTS)
        usual = self._rates.get(slot)
        if usual is None:
            usual = self._rates[slot] = self.usual(slot // PARTS) * self._share(slot)
        return usual * (1 + (self._excess - 1) * math.exp((self._start - hour) / BURST_HOURS))

    def usual(self, at: int) -> float:
        """Articles in this hour of the week (0 to 167), whatever came lately."""
        rhythm = self._rhythm
        prior = self._of_day[at % 24] * self._days[at // 24]
        weight = SAME_ARRIVALS / self._scale
        return (rhythm.seen[at] + weight) / (rhythm.watched[at] + weight / prior)

    def _share(self, slot: int) -> float:
        """Which part of its hour's articles comes in this twelfth of it, times twelve."""
        part, day_hour = slot % PARTS, slot // PARTS % 24
        mine = self._rhythm.parts[day_hour * PARTS : day_hour * PARTS + PARTS]
        weight = PROFILE_ARRIVALS / self._scale
        return PARTS * (mine[part] + weight * self._minutes[part]) / (sum(mine) + weight)

    @cached_property
    def _minutes(self) -> list[float]:
        """Each twelfth's share of the hour, over all hours of the day."""
        sums = [sum(self._rhythm.parts[part::PARTS]) for part in range(PARTS)]
        weight = EVEN_ARRIVALS / self._scale
        return [(each + weight / PARTS) / (sum(sums) + weight) for each in sums]

    @cached_property
    def _whole(self) -> float:
        weight = FIRST_HOURS / self._scale
        return (sum(self._rhythm.seen) + FIRST_RATE * weight) / (sum(self._rhythm.watched) + weight)

    @cached_property
    def _of_day(self) -> list[float]:
        """The rate of each hour of the day, over all days."""
        seen = [sum(self._rhythm.seen[hour::24]) for hour in range(24)]
        watched = [sum(self._rhythm.watched[hour::24]) for hour in range(24)]
        beside, weight = NEIGHBOUR_HOURS / self._scale, NEIGHBOUR_ARRIVALS / self._scale
        rates = []
        for hour in range(24):
            left, right = hour - 1, (hour + 1) % 24
            near = (seen[left] + seen[right] + beside * self._whole) / (
                watched[left] + watched[right] + beside
            )
            rates.append((seen[hour] + weight) / (watched[hour] + weight / near))
        return rates

    @cached_property
    def _days(self) -> list[float]:
        """Each day of the week against what its hours bring on all days."""
        factors = []
        for day in range(7):
            span = slice(day * 24, day * 24 + 24)
            usual = sum(map(mul, self._of_day, self._rhythm.watched[span]))
            weight = DAY_ARRIVALS / self._scale
            factors.append((sum(self._rhythm.seen[span]) + weight) / (usual + weight))
        return factors


# --- learning --------------------------------------------------------------------------------------------------------


def begin(now: datetime, dates: Iterable[datetime]) -> str:
    """The rhythm that a first document suggests: its dated articles of the last two weeks, at half their weight."""
    end = hours(now)
    stated = [moment for each in dates if end - BACKLOG < (moment := hours(each)) <= end]
    if len(stated) < FEW_DATES or end - min(stated) < 1:
        return ""
    rhythm = Rhythm(base=end, until=end)
    for hour, length in _hours_between(min(stated), end):
        rhythm.watched[hour] += round(UNIT * length / 2)
    for moment in stated:
        rhythm.seen[int(moment) % HOURS] += UNIT // 2
    return dump(rhythm)


def observe(text: str, since: datetime, until: datetime, arrivals: Iterable[datetime | None]) -> str:
    """The rhythm after a poll at `until` that followed one at `since`, and brought these articles.

    An article counts at the time that it states, where that lies between the two polls; else it is spread over the
    time between them: what a feed shows late, or dates by the day, comes when it is shown.
    """
    begin, end = hours(since), hours(until)
    if not 0 < end - begin <= LONGEST_WATCH:
        return text
    rhythm = load(text)
    stated = [hours(each) if each is not None else math.nan for each in arrivals]
    _count_lately(rhythm, begin, end, len(stated))
    _rebase(rhythm, end)
    grown: float = UNIT * 2.0 ** ((end - rhythm.base) / HALF_LIFE)
    for hour, length in _hours_between(begin, end):
        rhythm.watched[hour] += round(grown * length)
    for moment in stated:
        _count(rhythm, moment, begin, end, grown)
    return dump(rhythm)


def _count(rhythm: Rhythm, moment: float, begin: float, end: float, weight: float) -> None:
    if begin < moment <= end:
        rhythm.seen[int(moment) % HOURS] += round(weight)
        rhythm.parts[int(moment * PARTS) % (24 * PARTS)] += round(weight)
        return
    for hour, length in _hours_between(begin, end):
        rhythm.seen[hour] += round(weight * length / (end - begin))


def _hours_between(begin: float, end: float) -> Iterable[tuple[int, float]]:
    """Each hour of the week that the span touches, and how much of it."""
    while begin < end:
        edge = min(math.floor(begin) + 1.0, end)
        yield int(begin) % HOURS, edge - begin
        begin = edge


def _count_lately(rhythm: Rhythm, begin: float, end: float, arrivals: int) -> None:
    forecast = Forecast(rhythm, begin)
    usual = sum(forecast.usual(hour) * length for hour, length in _hours_between(begin, end))
    fade: float = math.exp(-max(end - max(rhythm.until, begin), 0.0) / BURST_HOURS)
    rhythm.lately = rhythm.lately * fade + arrivals
    rhythm.expected = rhythm.expected * fade + usual
    rhythm.until = end


def _rebase(rhythm: Rhythm, now: float) -> None:
    """Weights grow with time, so that old counts fade; now and then all are brought back to 1."""
    if abs(now - rhythm.base) > HALF_LIFE / 4:
        scale: float = 2.0 ** ((rhythm.base - now) / HALF_LIFE)
        rhythm.seen = [round(each * scale) for each in rhythm.seen]
        rhythm.watched = [round(each * scale) for each in rhythm.watched]
        rhythm.parts = [round(each * scale) for each in rhythm.parts]
        rhythm.base = now


# --- planning --------------------------------------------------------------------------------------------------------


def wait(text: str, now: datetime, price: timedelta, shortest: timedelta, longest: timedelta) -> timedelta:
    """How long after a poll at `now` the next one is worth a request. `price` is the waiting, summed over articles, that
    justifies one.

    Ends where the integral of u * rate(now + u) du reaches the price. For a constant rate that is an interval of
    sqrt(2 * price / rate): of all schedules with so many requests the one with the least mean delay. Where articles
    come at a known time it is right after them.
    """
    begin, owed = hours(now), price / timedelta(hours=1)
    forecast = Forecast(load(text), begin)
    at, end = 0.0, longest / timedelta(hours=1)
    while at < end:
        edge = min((math.floor((begin + at) * PARTS + 1e-9) + 1) / PARTS - begin, end)
        rate = forecast.rate(begin + at + 1e-9)
        gain = rate * (edge * edge - at * at) / 2
        if gain >= owed:
            at = math.sqrt(at * at + 2 * owed / rate)
            break
        owed, at = owed - gain, edge
    return min(max(timedelta(hours=at), shortest), longest)


def expect(text: str, since: datetime, until: datetime) -> float:
    """How many articles the rhythm leads to expect between two moments."""
    rhythm = load(text)
    forecast = Forecast(rhythm, hours(until))
    return sum(forecast.usual(hour) * length for hour, length in _hours_between(hours(since), hours(until)))


def usual(text: str) -> list[float]:
    """Articles an hour in each hour of the week, Monday's first in UTC."""
    rhythm = load(text)
    forecast = Forecast(rhythm, rhythm.until)
    return [forecast.usual(hour) for hour in range(HOURS)]


# --- keeping ---------------------------------------------------------------------------------------------------------


def load(text: str) -> Rhythm:
    rhythm = Rhythm()
    try:
        told = json.loads(text)
        rhythm.base, rhythm.lately, rhythm.expected, rhythm.until = map(float, told["at"])
        for name in ("seen", "watched", "parts"):
            _unpack(told[name], getattr(rhythm, name))
    except (ValueError, KeyError, TypeError, IndexError):
        return Rhythm()
    return rhythm


def dump(rhythm: Rhythm) -> str:
    told: dict[str, object] = {
        "at": [round(each, 3) for each in (rhythm.base, rhythm.lately, rhythm.expected, rhythm.until)]
    }
    told |= {name: _packed(getattr(rhythm, name)) for name in ("seen", "watched", "parts")}
    return json.dumps(told, separators=(",", ":"))


def _packed(bins: Sequence[int]) -> list[int]:
    """Runs of zeros as one negative number: most sources sleep."""
    packed: list[int] = []
    for each in bins:
        if each:
            packed.append(each)
        elif packed and packed[-1] < 0:
            packed[-1] -= 1
        else:
            packed.append(-1)
    return packed


def _unpack(packed: Sequence[int], bins: list[int]) -> None:
    at = 0
    for value in packed:
        if value < 0:
            at -= int(value)
        else:
            bins[at] = int(value)
            at += 1
