"""Times of day on five clocks, two of which change twice a year, one with Ramadan, one never."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.clocks import Slot, instant, local, next_slot, quiet_until, slot_of, slots
from monitor.model import DAYS, DigestPlan, QuietHours, Recipient
from tests.build import make_recipient

CASABLANCA, PARIS, LONDON = "Africa/Casablanca", "Europe/Paris", "Europe/London"
QATAR, NEW_YORK = "Asia/Qatar", "America/New_York"
ZONES = (CASABLANCA, PARIS, LONDON, QATAR, NEW_YORK)
WEEKDAYS, GULF_WEEK = DAYS[:5], ("mon", "tue", "wed", "thu", "sun")
YEAR = datetime(2026, 1, 1, tzinfo=UTC)

times = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
days = st.sets(st.sampled_from(DAYS), min_size=1).map(lambda some: tuple(day for day in DAYS if day in some))
moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: YEAR + timedelta(minutes=minutes))
recipients = st.builds(make_recipient, timezone=st.sampled_from(ZONES), working_days=days)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(*texts: str) -> tuple[time, ...]:
    return tuple(map(time.fromisoformat, texts))


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        # an ordinary day
        (CASABLANCA, "2026-11-23 07:30", "2026-11-23 06:30"),
        (QATAR, "2026-11-23 07:30", "2026-11-23 04:30"),
        # skipped: the first moment of the new time
        (CASABLANCA, "2026-03-22 02:30", "2026-03-22 02:00"),  # Ramadan is over
        (PARIS, "2026-03-29 02:30", "2026-03-29 01:00"),
        (LONDON, "2026-03-29 01:00", "2026-03-29 01:00"),
        (NEW_YORK, "2026-03-08 02:59", "2026-03-08 07:00"),
        # shown twice: the first time
        (CASABLANCA, "2026-02-15 02:30", "2026-02-15 01:30"),  # Ramadan begins
        (PARIS, "2026-10-25 02:30", "2026-10-25 00:30"),
        (LONDON, "2026-10-25 01:30", "2026-10-25 00:30"),
        (NEW_YORK, "2026-11-01 01:30", "2026-11-01 05:30"),
        # a whole day was skipped in Samoa
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),
    ],
)
def test_a_time_of_a_day_is_one_instant(zone: str, wall: str, expected: str) -> None:
    day, clock = wall.split()
    assert instant(date.fromisoformat(day), time.fromisoformat(clock), ZoneInfo(zone)) == utc(expected)


@given(st.sampled_from(ZONES), moments, times, times)
def test_times_keep_their_order_and_none_comes_before_the_clock_shows_it(
    zone: str, moment: datetime, one: time, other: time
) -> None:
    place, day = ZoneInfo(zone), moment.date()
    found = instant(day, one, place)
    assert local(found, place) >= datetime.combine(day, one)
    assert local(found - timedelta(seconds=1), place) < datetime.combine(day, one)
    if one < other:
        assert found <= instant(day, other, place) <= instant(day + timedelta(days=1), one, place)


# --- digests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        # neither the skipped nor the repeated hour loses or doubles a slot
        (PARIS, "2026-03-29", ["2026-03-29 01:00", "2026-03-29 01:00", "2026-03-29 05:30"]),
        (PARIS, "2026-10-25", ["2026-10-25 00:30", "2026-10-25 02:00", "2026-10-25 06:30"]),
        (CASABLANCA, "2026-02-15", ["2026-02-15 01:30", "2026-02-15 03:00", "2026-02-15 07:30"]),
        (CASABLANCA, "2026-03-22", ["2026-03-22 02:00", "2026-03-22 02:00", "2026-03-22 06:30"]),
        (QATAR, "2026-03-29", ["2026-03-28 23:30", "2026-03-29 00:00", "2026-03-29 04:30"]),
    ],
)
def test_a_day_on_which_clocks_change_has_each_slot_once(zone: str, day: str, expected: list[str]) -> None:
    reader = make_recipient(timezone=zone)
    plan = DigestPlan(at("02:30", "03:00", "07:30"))
    noon = instant(date.fromisoformat(day), time(12), ZoneInfo(zone))
    found = slots(plan, reader, noon - timedelta(hours=13), noon)
    assert [slot.at for slot in found] == [utc(one) for one in expected]
    assert [slot.key for slot in found] == [f"{day} {clock} {zone}" for clock in ("02:30", "03:00", "07:30")]


@pytest.mark.parametrize(
    ("days", "week", "now", "key"),
    [
        # stated days count, whatever the working week
        (("sat",), WEEKDAYS, "2026-11-23 12:00", "2026-11-28 07:30"),
        # without them the working week: of a Friday morning in Doha the next one is Sunday's
        (None, GULF_WEEK, "2026-11-26 12:00", "2026-11-29 07:30"),
        (None, WEEKDAYS, "2026-11-27 12:00", "2026-11-30 07:30"),
        # a slot that has come is closed
        (None, WEEKDAYS, "2026-11-23 04:30", "2026-11-24 07:30"),
        (None, WEEKDAYS, "2026-11-23 04:29", "2026-11-23 07:30"),
    ],
)
def test_the_next_slot_is_of_a_day_that_counts(
    days: tuple[str, ...] | None, week: tuple[str, ...], now: str, key: str
) -> None:
    reader = make_recipient(timezone=QATAR, working_days=week)
    assert next_slot(DigestPlan(at("07:30"), days), reader, utc(now)).key == f"{key} {QATAR}"


@given(recipients, st.lists(times, min_size=1, max_size=4, unique=True), days, moments)
def test_walking_a_week_from_slot_to_slot_meets_every_slot_once(
    reader: Recipient, clocks: list[time], some: tuple[str, ...], start: datetime
) -> None:
    plan = DigestPlan(tuple(sorted(clocks)), some)
    end = start + timedelta(days=7)
    found = slots(plan, reader, start, end)
    assert len({slot.key for slot in found}) == len(found)
    # seven days hold each weekday's slots once; at the edges a change of clocks moves one in or out
    assert abs(len(found) - len(clocks) * len(some)) <= len(clocks)
    now, walked = start, set()
    while (slot := next_slot(plan, reader, now)).at <= end:
        walked.add(slot.at)
        now = slot.at
    assert walked == {slot.at for slot in found}


@given(recipients, times, moments, st.lists(st.integers(1, 40 * 60), min_size=1, max_size=20))
def test_however_long_a_machine_sleeps_no_slot_is_lost_or_doubled(
    reader: Recipient, clock: time, start: datetime, naps: list[int]
) -> None:
    plan, now = DigestPlan((clock,)), start
    met: list[Slot] = []
    for nap in naps:
        woken = now + timedelta(minutes=nap)
        met += slots(plan, reader, now, woken)
        now = woken
    assert met == list(slots(plan, reader, start, now))


# --- quiet hours -----------------------------------------------------------------------------------------------------

NIGHT = QuietHours(time(21), time(6, 30))


@pytest.mark.parametrize(
    ("zone", "week", "quiet", "now", "end"),
    [
        # by day
        (QATAR, DAYS, NIGHT, "2026-11-23 12:00", None),
        # both ends: quiet begins on the minute and is over on the minute
        (QATAR, DAYS, NIGHT, "2026-11-23 18:00", "2026-11-24 03:30"),
        (QATAR, DAYS, NIGHT, "2026-11-24 03:29", "2026-11-24 03:30"),
        (QATAR, DAYS, NIGHT, "2026-11-24 03:30", None),
        # after midnight it is still the evening's night
        (CASABLANCA, DAYS, NIGHT, "2026-11-24 01:00", "2026-11-24 05:30"),
        # one that does not cross midnight
        (QATAR, DAYS, QuietHours(time(13), time(15)), "2026-11-23 11:00", "2026-11-23 12:00"),
        # Friday evening to Monday morning in one piece; in Doha Thursday evening to Sunday morning
        (PARIS, WEEKDAYS, NIGHT, "2026-11-27 21:00", "2026-11-30 05:30"),
        (PARIS, WEEKDAYS, NIGHT, "2026-11-28 12:00", "2026-11-30 05:30"),
        (PARIS, WEEKDAYS, NIGHT, "2026-11-27 12:00", None),
        (QATAR, GULF_WEEK, NIGHT, "2026-11-26 18:00", "2026-11-29 03:30"),
        (QATAR, GULF_WEEK, NIGHT, "2026-11-29 12:00", None),
        # the night is an hour shorter, and longer, by the clock's own count
        (PARIS, DAYS, NIGHT, "2026-03-29 00:00", "2026-03-29 04:30"),
        (PARIS, DAYS, NIGHT, "2026-10-25 00:00", "2026-10-25 05:30"),
        (NEW_YORK, DAYS, NIGHT, "2026-11-01 05:00", "2026-11-01 11:30"),
        # an end that is skipped, and one that is shown twice: quiet ends once
        (PARIS, DAYS, QuietHours(time(21), time(2, 30)), "2026-03-29 00:59", "2026-03-29 01:00"),
        (PARIS, DAYS, QuietHours(time(21), time(2, 30)), "2026-10-25 00:29", "2026-10-25 00:30"),
        (PARIS, DAYS, QuietHours(time(21), time(2, 30)), "2026-10-25 01:15", None),
        (CASABLANCA, DAYS, QuietHours(time(21), time(2, 30)), "2026-02-15 01:00", "2026-02-15 01:30"),
        (CASABLANCA, DAYS, QuietHours(time(21), time(2, 30)), "2026-03-22 01:59", "2026-03-22 02:00"),
    ],
)
def test_quiet_ends_once(
    zone: str, week: tuple[str, ...], quiet: QuietHours, now: str, end: str | None
) -> None:
    reader = make_recipient(timezone=zone, working_days=week)
    assert quiet_until(quiet, reader, utc(now)) == (utc(end) if end else None)


@given(recipients, times, times, moments)
def test_when_quiet_is_over_it_is_over(reader: Recipient, start: time, end: time, now: datetime) -> None:
    if start == end:
        return
    quiet = QuietHours(start, end)
    over = quiet_until(quiet, reader, now)
    if over is not None:
        assert over > now
        assert quiet_until(quiet, reader, over) is None
        assert quiet_until(quiet, reader, over - timedelta(seconds=1)) == over
        assert slot_of(over, reader).key.endswith(reader.timezone)


def test_quiet_hours_of_no_length_are_refused() -> None:
    with pytest.raises(ValueError, match="begin and end at 21:00"):
        QuietHours(time(21), time(21))
