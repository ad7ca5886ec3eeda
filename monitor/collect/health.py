"""How a source is, judged over its readings: `assess`. Pure; called by the pipeline beside `next_state`.

`next_state` says what the last poll met; this says what an operator should know: silence against the source's own rhythm,
a lasting redirect, dates or a clock that are off, an overrun that was repaired meanwhile. A broken source is not a silent
one: silence is only judged where the source was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.collect.politeness import MOVED_AFTER, Reading
from monitor.collect.silence import HOUR, MEMORY, is_silent, last_news, note
from monitor.model import Cause, Condition, FailureKind, Health, SourceState

NETWORK = (FailureKind.NAME, FailureKind.CONNECT, FailureKind.TIMEOUT)
REFUSALS = (401, 403, 404, 451)
SERVER_AHEAD = timedelta(hours=1)  # of this machine's clock, by its Date header
SERVER_BEHIND = timedelta(hours=12)  # further, since a cache between may answer with the Date of yesterday
DATED_AHEAD = timedelta(hours=2)  # all items: one hour is a time zone's mistake that mends itself
FEWEST_DATES = 3
OVERRUN_SHOWN = timedelta(hours=24)  # what was missed is missed, however well the next reading went


@dataclass(frozen=True, slots=True)
class Finding:
    state: Health
    reason: str = ""
    cause: Cause = Cause.NONE
    since: datetime | None = None  # where it is known better than by the time of the reading


def assess(condition: Condition, after: SourceState, reading: Reading, now: datetime) -> Condition:
    """The condition after a reading; `after` is what `next_state` made of the same reading."""
    if reading.failed:
        return _found(condition, _illness(after, reading), now)
    if reading.dates or reading.new_items:
        condition = note(condition, _news(reading, now), now)
    finding = _first_flaw(condition, after, reading, now)
    return condition if _still_overrun(condition, finding, now) else _found(condition, finding, now)


def faulted(condition: Condition, after: SourceState, now: datetime) -> Condition:
    """The condition where this program itself failed on the source: `after` says so."""
    return _found(condition, Finding(after.health, after.message), now)


def server_ahead(headers: Mapping[str, str], wall: float) -> timedelta | None:
    """How far a server's clock is ahead of ours, by its Date (and Age) headers; None where it states none that can
    be read. `wall` is this machine's time of day in seconds since 1970: the fetcher asks with it."""
    try:
        date = parsedate_to_datetime(headers["date"])
        age = int(headers.get("age", "0"))
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return date + timedelta(seconds=age) - datetime.fromtimestamp(wall, UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def _news(reading: Reading, now: datetime) -> Sequence[datetime]:
    """When the document's items came. Where it dates none into the past, now, if there are new ones at all."""
    past = [each for each in reading.dates if each <= now]
    return past or ([now] if reading.new_items else [])


def _found(before: Condition, finding: Finding, now: datetime) -> Condition:
    state = finding.state
    again = before.state is state
    well = state is Health.OK
    return replace(
        before,
        state=state,
        since=finding.since or (before.since if again and before.since else now),
        reason=finding.reason,
        cause=finding.cause,
        ill_since=None if well else before.ill_since or now,
        readings=0 if well else before.readings + 1 if again else 1,
        last_at=None if well else now,
    )


# --- a reading that failed -------------------------------------------------------------------------------------------


def _illness(after: SourceState, reading: Reading) -> Finding:
    failure = reading.response.failure
    if reading.blocked:
        cause = Cause.WALL
    elif failure and failure.kind in NETWORK:
        cause = Cause.NETWORK
    elif failure and failure.kind is FailureKind.STATUS and reading.response.status in REFUSALS:
        cause = Cause.REFUSAL
    else:
        cause = Cause.NONE
    return Finding(after.health, after.message, cause)


# --- a reading that went well ----------------------------------------------------------------------------------------


def _first_flaw(condition: Condition, after: SourceState, reading: Reading, now: datetime) -> Finding:
    """The first that holds, what weighs most first."""
    flaws = (
        _empty(after),
        _wrong_clock(condition, reading, now),
        _overrun(after, reading),
        _silent(condition, reading, now),
        _moved(after),
    )
    return next((flaw for flaw in flaws if flaw), Finding(Health.OK))


def _empty(after: SourceState) -> Finding | None:
    if after.health is not Health.EMPTY:
        return None
    return Finding(Health.EMPTY, after.message or "it reads well and holds no item")


def _wrong_clock(condition: Condition, reading: Reading, now: datetime) -> Finding | None:
    ahead = reading.response.ahead
    if ahead is not None and not -SERVER_BEHIND < ahead < SERVER_AHEAD:
        way = "ahead of" if ahead > timedelta(0) else "behind"
        return Finding(Health.CLOCK_WRONG, f"its server's clock is {_span(ahead)} {way} ours", Cause.CLOCK)
    if not reading.items:  # an unchanged document: what its dates were is known from when it was read
        dated = condition.state is Health.CLOCK_WRONG and condition.cause is Cause.DATES
        return Finding(Health.CLOCK_WRONG, condition.reason, Cause.DATES) if dated else None
    if len(reading.dates) >= FEWEST_DATES and min(reading.dates) > now + DATED_AHEAD:
        first = min(reading.dates).isoformat(" ", "minutes").removesuffix("+00:00")
        return Finding(
            Health.CLOCK_WRONG, f"all its items are dated ahead, to {first} UTC or later", Cause.DATES
        )
    return None


def _overrun(after: SourceState, reading: Reading) -> Finding | None:
    """A new one: an unchanged document only repeats the last."""
    if after.health is not Health.OVERRUN or not reading.items:
        return None
    said = "in one reading nothing was known any more: items were missed before it"
    return Finding(Health.OVERRUN, after.message or said)


def _still_overrun(condition: Condition, finding: Finding, now: datetime) -> bool:
    """Whether what was found is no worse than the overrun of the last day, which stays shown."""
    if condition.state is not Health.OVERRUN or condition.last_at is None:
        return False
    return finding.state in (Health.OK, Health.MOVED) and now - condition.last_at < OVERRUN_SHOWN


def _silent(condition: Condition, reading: Reading, now: datetime) -> Finding | None:
    latest = last_news(condition)
    if latest is None:
        return _long_dead(condition, reading, now)
    if not is_silent(condition, now):
        return None
    return Finding(
        Health.SILENT,
        f"nothing new for {_span(now - latest)}, which its own rhythm does not explain",
        since=latest,
    )


def _long_dead(condition: Condition, reading: Reading, now: datetime) -> Finding | None:
    """A source that was abandoned before it was ever read here: no rhythm is known, and none is needed."""
    if not reading.items and condition.state is Health.SILENT:
        return Finding(Health.SILENT, condition.reason, since=condition.since)
    newest = max(reading.dates, default=now)
    if now - newest < MEMORY * HOUR:
        return None
    return Finding(Health.SILENT, f"its newest item is of {newest:%Y-%m-%d}", since=newest)


def _moved(after: SourceState) -> Finding | None:
    if after.moved_to is None or after.moved_seen < MOVED_AFTER:
        return None
    return Finding(Health.MOVED, f"it has moved for good to {after.moved_to}")


def _span(length: timedelta) -> str:
    """`5 days`, `7 hours`: one unit, for a sentence."""
    hours = abs(length) / timedelta(hours=1)
    amount, unit = (hours / 24, "days") if hours >= 48 else (hours, "hours")
    return f"{amount:.0f} {unit}"
