"""When an alert goes and how: at once, gathered, in a digest's slot, or after quiet hours. Pure; called by `routing`,
and by whoever sends a story's updates and escalations. Never looks at what was sent: `last` and `sent_at` are arguments.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.judge.clocks import local, local_text, next_slot, quiet_until, slot_of
from monitor.model import DAYS, How, QuietHours, Recipient, Route, Severity, Timing

GROUP_INTERVAL = timedelta(minutes=30)  # where the route states none
NO_WAIT = timedelta(0)


def when(route: Route, recipient: Recipient, severity: Severity, now: datetime) -> Timing:
    """Of the first edition of a story, recorded at `now`."""
    wait = route.group_wait or NO_WAIT
    if wait:
        sent = Timing(How.GATHERED, now + wait, why=f"after {_span(wait)}, with the copies that came by then")
    else:
        sent = Timing(How.NOW, now, why="at once")
    return _planned(route, recipient, severity, sent, now)


def when_update(
    route: Route, recipient: Recipient, severity: Severity, last: datetime, now: datetime
) -> Timing:
    """Of a material change at `now`; `last` is when this recipient was sent an edition of the story before."""
    interval = GROUP_INTERVAL if route.group_interval is None else route.group_interval
    at = max(now, last + interval)
    if at > now:
        sent = Timing(How.GATHERED, at, why=f"an update at most every {_span(interval)}")
    else:
        sent = Timing(How.NOW, now, why="at once")
    return _planned(route, recipient, severity, sent, at)


def escalations(route: Route, severity: Severity, sent_at: datetime) -> tuple[tuple[str, datetime], ...]:
    """Who hears next, and when, of a critical alert that nobody acknowledged by then; in order."""
    if severity is not Severity.CRITICAL or route.escalate_after is None:
        return ()
    step = route.escalate_after
    return tuple((id, sent_at + number * step) for number, id in enumerate(route.escalate_to, start=1))


def breaks_through(quiet: QuietHours | None, severity: Severity) -> bool:
    return quiet is not None and severity.rank >= quiet.break_through.rank


def _planned(
    route: Route, recipient: Recipient, severity: Severity, sent: Timing, earliest: datetime
) -> Timing:
    """What digests and quiet hours make of an alert that would go as `sent`."""
    quiet = route.quiet_hours
    if breaks_through(quiet, severity):
        return sent
    if route.digest is not None:
        slot = next_slot(route.digest, recipient, earliest)
        return Timing(How.DIGEST, slot.at, slot.key, f"in the digest of {local_text(slot.at, recipient)}")
    if quiet is not None and (end := quiet_until(quiet, recipient, sent.at)) is not None:
        why = f"held until {local_text(end, recipient)} by {_quiet_name(quiet, recipient, sent.at)}"
        return Timing(How.HELD, end, slot_of(end, recipient).key, why)
    return sent


def _quiet_name(quiet: QuietHours, recipient: Recipient, moment: datetime) -> str:
    day = DAYS[local(moment, ZoneInfo(recipient.timezone)).weekday()]
    if day not in recipient.working_days:
        return "a day off"
    return f"quiet hours ({quiet.start:%H:%M} to {quiet.end:%H:%M})"


def _span(length: timedelta) -> str:
    """A duration as configuration writes it."""
    seconds = round(length.total_seconds())
    unit, size = next((u, n) for u, n in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)) if seconds % n == 0)
    return f"{seconds // size}{unit}"
