"""Times of day on a recipient's own clock -> instants: digest slots, quiet hours, days off. Pure; called by `timing`.

A time of a day means the first instant at which the zone's clock shows that time or a later one. A time that clocks
skip is so the moment after the skip, one that they show twice is its first showing: each happens exactly once, in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.model import DAYS, DigestPlan, QuietHours, Recipient

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
WEEK_AND_MORE = timedelta(days=9)  # holds each weekday whole, in every zone


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which a recipient gets one letter. `key` is unique for the recipient: "2026-11-23 07:30 Africa/Casablanca"."""

    key: str
    at: datetime


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When it is `at` on that day, in UTC."""
    wall = datetime.combine(day, at)
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if local(first, zone) == wall:
        return first
    return _after_the_skip(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first, zone)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the zone's clock shows, naive."""
    return moment.astimezone(zone).replace(tzinfo=None)


def local_text(moment: datetime, recipient: Recipient) -> str:
    """On the recipient's own clock: "mon 2026-11-23 07:30 Africa/Casablanca"."""
    clock = local(moment, ZoneInfo(recipient.timezone))
    return f"{DAYS[clock.weekday()]} {clock:%Y-%m-%d %H:%M} {recipient.timezone}"


def _after_the_skip(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second of the new offset; one change lies between the two instants."""
    new = after.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before) // SECOND // 2)
        if middle.astimezone(zone).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after


# --- digests ---------------------------------------------------------------------------------------------------------


def slots(plan: DigestPlan, recipient: Recipient, after: datetime, until: datetime) -> tuple[Slot, ...]:
    """Those with after < slot.at <= until, ascending."""
    zone = ZoneInfo(recipient.timezone)
    wanted = recipient.working_days if plan.days is None else plan.days
    found = [
        Slot(f"{day} {at:%H:%M} {recipient.timezone}", instant(day, at, zone))
        for day in _days(after, until, zone)
        if DAYS[day.weekday()] in wanted
        for at in plan.at
    ]
    return tuple(sorted((slot for slot in found if after < slot.at <= until), key=lambda slot: slot.at))


def next_slot(plan: DigestPlan, recipient: Recipient, now: datetime) -> Slot:
    """The first one behind `now`: a slot that has come is closed."""
    return slots(plan, recipient, now, now + WEEK_AND_MORE)[0]


def slot_of(moment: datetime, recipient: Recipient) -> Slot:
    """The moment itself as a slot: of a catch-up."""
    return Slot(f"{local(moment, ZoneInfo(recipient.timezone)):%Y-%m-%d %H:%M} {recipient.timezone}", moment)


def _days(after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The dates that may hold an instant between the two: a day more on both ends, since clocks jump."""
    day = local(after, zone).date() - DAY
    while day <= local(until, zone).date() + DAY:
        yield day
        day += DAY


# --- quiet hours -----------------------------------------------------------------------------------------------------


def quiet_until(quiet: QuietHours, recipient: Recipient, now: datetime) -> datetime | None:
    """When the quiet around `now` ends, nights and days off in a row as one; None: it is not quiet."""
    end = now
    while (later := _end_of_quiet(quiet, recipient, end)) is not None:
        end = later
    return end if end > now else None


def _end_of_quiet(quiet: QuietHours, recipient: Recipient, now: datetime) -> datetime | None:
    zone = ZoneInfo(recipient.timezone)
    ends = [
        end
        for day in _days(now, now, zone)
        for start, end in _quiet(quiet, recipient, day)
        if start <= now < end
    ]
    return max(ends, default=None)


def _quiet(quiet: QuietHours, recipient: Recipient, day: date) -> Iterator[tuple[datetime, datetime]]:
    """The quiet that begins on a day."""
    zone = ZoneInfo(recipient.timezone)
    next_day = day + DAY
    last = next_day if quiet.end <= quiet.start else day
    yield instant(day, quiet.start, zone), instant(last, quiet.end, zone)
    if DAYS[day.weekday()] not in recipient.working_days:
        yield instant(day, time(), zone), instant(next_day, time(), zone)
