"""When a watchlist's volume is a spike: once, with its numbers, by the clock on the wall."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies
from lxml import etree

from monitor.model import Spike
from monitor.review import png, spikes, svg
from monitor.review.spike import Counts, tail

HOUR = timedelta(hours=1)
NOW = datetime(2026, 4, 21, 14, 20, tzinfo=UTC)
THIS_HOUR = NOW.replace(minute=0)
RABAT, PARIS, NEW_YORK = ZoneInfo("Africa/Casablanca"), ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
KATHMANDU, CAIRO = ZoneInfo("Asia/Kathmandu"), ZoneInfo("Africa/Cairo")


def steady(
    now: datetime = THIS_HOUR, rate: Callable[[datetime], int] = lambda hour: 1, days: int = 17
) -> dict[datetime, int]:
    """The counts of the past, `rate` of each hour."""
    return {now - n * HOUR: rate(now - n * HOUR) for n in range(24 * days + 1)}


def found(counts: Counts, now: datetime = NOW, zone: ZoneInfo = RABAT) -> list[Spike]:
    return list(spikes({"w": counts}, now, zone))


@pytest.mark.parametrize(
    ("before", "hours", "spike"),
    [
        # nothing ever, and five at once
        (0, (5, 0, 0), True),
        # four are too few, however rare
        (0, (4, 0, 0), False),
        # spread over the window
        (0, (2, 2, 1), True),
        # three an hour, and thirty
        (3, (22, 4, 4), True),
        # three an hour, and twice as many
        (3, (6, 6, 6), False),
        # a hundred an hour, and a hundred and fifty: rare by Poisson, and still a normal day
        (100, (150, 150, 150), False),
        # as always
        (3, (3, 3, 3), False),
        # quieter
        (3, (0, 0, 0), False),
    ],
)
def test_a_spike_is_rare_many_and_a_multiple(before: int, hours: tuple[int, int, int], spike: bool) -> None:
    counts = steady(rate=lambda hour: before)
    counts |= {THIS_HOUR - n * HOUR: count for n, count in enumerate(hours)}
    assert bool(found(counts)) is spike


def test_a_spike_tells_its_numbers() -> None:
    (one,) = found(steady() | {THIS_HOUR: 20, THIS_HOUR - HOUR: 6})
    assert (one.watchlist, one.began, one.at, one.since) == ("w", THIS_HOUR, THIS_HOUR, THIS_HOUR - 2 * HOUR)
    assert (one.count, one.days, one.lasts) == (27, 14, True)
    assert one.expected == pytest.approx((14 * 3 + 1) / 14, abs=0.01)
    assert one.ratio == pytest.approx(8.8, abs=0.1)
    assert 0 < one.chance < 1e-12
    assert one.hours[-3:] == (1, 6, 20)
    assert one.usual == (1.0,) * 24


def test_asked_every_ten_minutes_a_spike_has_one_beginning() -> None:
    """Six hours of a story: it grows within its hours, sinks, flares up again, ends."""
    growth = (3, 9, 12, 8, 6, 7, 2, 1, 1, 1, 1)
    seen = set()
    for step in range(len(growth) * 6):
        now = THIS_HOUR + step * HOUR / 6
        hours, tenths = divmod(step, 6)
        counts = steady()
        counts |= {THIS_HOUR + n * HOUR: count for n, count in enumerate(growth[:hours])}
        counts[THIS_HOUR + hours * HOUR] = growth[hours] * (tenths + 1) // 6
        seen |= {each.began for each in found(counts, now)}
    assert seen == {THIS_HOUR + HOUR}


def test_a_second_spike_needs_the_first_to_end() -> None:
    def day(*counts: int) -> dict[datetime, int]:
        return steady() | {THIS_HOUR - (len(counts) - 1 - n) * HOUR: count for n, count in enumerate(counts)}

    assert [each.lasts for each in found(day(30, 1, 30))] == [True]
    first, second = found(day(30, 1, 1, 1, 1, 1, 30))
    assert (first.lasts, second.lasts) == (False, True)
    assert second.began - first.began == 6 * HOUR


def test_the_morning_rush_of_every_day_is_no_spike_and_at_night_it_is_one() -> None:
    def rush(hour: datetime) -> int:
        return 12 if hour.astimezone(RABAT).hour in (8, 9, 10) else 0

    morning = datetime(2026, 4, 21, 9, 30, tzinfo=UTC)  # 10:30 in Rabat
    assert found(steady(morning.replace(minute=0), rush), morning) == []
    night = datetime(2026, 4, 21, 2, 30, tzinfo=UTC)
    assert found(steady(night.replace(minute=0), rush) | {night.replace(minute=0): 12}, night)


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        # summer time began in Paris on 29 March: the week before, eight o'clock was another hour in UTC
        (PARIS, datetime(2026, 3, 30, 8, 30, tzinfo=PARIS)),
        # the hour after the one that does not exist
        (PARIS, datetime(2026, 3, 29, 3, 30, tzinfo=PARIS)),
        # it ended on 25 October: the hour that is there twice, the first and the second
        (PARIS, datetime(2026, 10, 25, 2, 30, tzinfo=PARIS)),
        (PARIS, datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=PARIS)),
        # and a week later
        (PARIS, datetime(2026, 11, 1, 9, 30, tzinfo=PARIS)),
        # New York, both ways
        (NEW_YORK, datetime(2026, 3, 9, 9, 30, tzinfo=NEW_YORK)),
        (NEW_YORK, datetime(2026, 11, 2, 9, 30, tzinfo=NEW_YORK)),
        # Morocco leaves its summer time for Ramadan, and comes back
        (RABAT, datetime(2026, 2, 16, 9, 30, tzinfo=RABAT)),
        (RABAT, datetime(2026, 3, 23, 9, 30, tzinfo=RABAT)),
        # Cairo
        (CAIRO, datetime(2026, 4, 25, 9, 30, tzinfo=CAIRO)),
        # a zone off by three quarters of an hour
        (KATHMANDU, datetime(2026, 4, 25, 9, 30, tzinfo=KATHMANDU)),
    ],
)
def test_the_same_hours_are_those_on_the_wall(zone: ZoneInfo, now: datetime) -> None:
    """A press that publishes by the local clock, its rush at this very hour: never a spike, across every change."""

    def rush(hour: datetime) -> int:
        return 12 if hour.astimezone(zone).hour == now.hour else 0

    now = now.astimezone(UTC)
    this_hour = now.replace(minute=0)
    for hour in (this_hour, this_hour + HOUR, this_hour + 2 * HOUR):
        assert found(steady(hour, rush), hour, zone) == []
    assert found(steady(this_hour, rush) | {this_hour - HOUR: 60}, now, zone)


def test_by_the_hours_of_utc_a_change_of_the_clock_would_raise_a_spike() -> None:
    now = datetime(2026, 3, 30, 6, 30, tzinfo=UTC)  # eight in Paris; the days before, seven

    def rush(hour: datetime) -> int:
        return 12 if hour.astimezone(PARIS).hour == 8 else 0

    counts = steady(now.replace(minute=0), rush)
    assert found(counts, now, ZoneInfo("UTC"))
    assert found(counts, now, PARIS) == []


@pytest.mark.parametrize(
    ("days", "judged"),
    [
        # the monitor is two days old
        (2, False),
        (7, False),
        # a week and its window
        (8, True),
        (30, True),
    ],
)
def test_without_a_week_of_baseline_nothing_is_judged(days: int, judged: bool) -> None:
    counts = {THIS_HOUR: 50}
    assert bool(spikes({"w": counts}, NOW, RABAT, THIS_HOUR - timedelta(days=days))) is judged


def test_each_watchlist_has_its_own_baseline() -> None:
    told = spikes({"quiet": {THIS_HOUR: 9}, "busy": steady(rate=lambda hour: 9), "none": {}}, NOW, RABAT)
    assert [each.watchlist for each in told] == ["quiet"]


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        spikes({}, datetime(2026, 4, 21, 9))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("count", "mean", "chance"),
    [
        # by hand: 1 - e^-1
        (1, 1.0, 0.6321205588),
        (0, 1.0, 1.0),
        # 1 - e^-3 (1 + 3 + 4.5)
        (3, 3.0, 0.5768099189),
        # e^-0.5 sum from 5 on, by hand: 0.5^5/120 (1 + 0.5/6 + 0.25/42 + ...)
        (5, 0.5, 0.0001721156),
    ],
)
def test_the_tail_is_poissons(count: int, mean: float, chance: float) -> None:
    assert tail(count, mean) == pytest.approx(chance, rel=1e-6)


@given(strategies.integers(1, 400), strategies.floats(0.05, 150))
@settings(max_examples=60, deadline=None)
def test_the_tail_falls_with_the_count_and_stays_a_chance(count: int, mean: float) -> None:
    assert 0 <= tail(count + 1, mean) <= tail(count, mean) * (1 + 1e-9) <= 1 + 1e-6


# --- the chart -------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[1, 1000], ids=["small", "large"])
def spike(request: pytest.FixtureRequest) -> Spike:
    (one,) = found(steady() | {THIS_HOUR: 20 * request.param})
    return one


def test_the_svg_is_sound_names_its_hours_and_tells_those_who_do_not_see_it(spike: Spike) -> None:
    drawn = etree.fromstring(svg(spike, KATHMANDU, "20 < 1000 & more"))
    assert drawn.findtext("{*}title") == "20 < 1000 & more"
    labels = [each.text for each in drawn.iter("{*}text")]
    assert labels[:3] == [str(spike.count - 2), "0", "19:45"]  # 14:00 UTC
    heights = [float(each.get("height", "")) for each in drawn.iter("{*}rect")]
    assert max(heights) == 110.0


def test_the_png_is_one_that_any_program_reads(spike: Spike) -> None:
    """Chunk by chunk, by the specification: sizes, checksums, rows."""
    data = png(spike, RABAT)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + content)
        chunks[kind] = content
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == (width + 1) * height
    assert {0, 2, 3, 4} <= set(rows) <= {0, 1, 2, 3, 4}  # ground, calm and loud bars, the usual, ink
    assert len(data) < 3_000
