"""What a publisher says of how often to ask: in the feed (ttl, skipHours, skipDays, sy:) and in Cache-Control.

Pure. The feed's parser calls `read`, `politeness` asks the rest. A hint only ever makes a poll later, and never later
than the operator's `max`: a feed that names all hours of the week cannot silence itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from monitor.model import Hints, Response

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PERIODS = {"hourly": 1.0, "daily": 24.0, "weekly": 168.0, "monthly": 730.0, "yearly": 8760.0}  # hours
DEFAULT = ("hourly", 1)  # what WordPress writes without anybody having decided it: no statement
LONGEST = timedelta(days=365)

_ITEM = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:item|entry)\s{0,9}>", re.IGNORECASE)
_TTL = re.compile(r"<ttl[^<>]{0,200}>\s{0,99}(\d{1,9})", re.IGNORECASE)
_PERIOD = re.compile(r"<sy:updatePeriod[^<>]{0,200}>\s{0,99}(\w{1,40})", re.IGNORECASE)
_FREQUENCY = re.compile(r"<sy:updateFrequency[^<>]{0,200}>\s{0,99}(\d{1,6})", re.IGNORECASE)
_HOUR = re.compile(r"<hour[^<>]{0,200}>\s{0,99}(\d{1,2})\s{0,99}<", re.IGNORECASE)
_DAY = re.compile(r"<day[^<>]{0,200}>\s{0,99}(\w{1,40})\s{0,99}<", re.IGNORECASE)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_HEAD = 100_000  # characters of a document that are looked at for its first item ...
_TAIL = 20_000  # ... and for the end of its last


def read(text: str) -> Hints | None:
    """The hints in the markup of an RSS, RDF or Atom document; None where there are none."""
    channel = _channel(text)
    every = max((each for each in (_ttl(channel), _update(channel)) if each), default=None)
    hints = Hints(every, _hours(channel), _days(channel))
    return hints if hints != Hints() else None


def _channel(text: str) -> str:
    """What stands before the first item and behind the last."""
    first = _ITEM.search(text[:_HEAD])
    if first is None:
        return text[:_HEAD]
    tail = text[-_TAIL:]
    ends = [match.end() for match in _ITEM_END.finditer(tail)]
    return text[: first.start()] + (tail[ends[-1] :] if ends else "")


def _ttl(head: str) -> timedelta | None:
    match = _TTL.search(head)
    minutes = int(match[1]) if match else 0
    return min(timedelta(minutes=minutes), LONGEST) or None


def _update(head: str) -> timedelta | None:
    period, frequency = _PERIOD.search(head), _FREQUENCY.search(head)
    if not (period or frequency):
        return None
    name = period[1].lower() if period else "daily"
    times = max(int(frequency[1]), 1) if frequency else 1
    if (name, times) == DEFAULT or name not in PERIODS:
        return None
    return timedelta(hours=PERIODS[name] / times)


def _hours(channel: str) -> tuple[int, ...]:
    return tuple(sorted({int(each) % 24 for each in _HOUR.findall(channel) if int(each) <= 24}))


def _days(channel: str) -> tuple[int, ...]:
    names = {each.lower() for each in _DAY.findall(channel)}
    return tuple(number for number, name in enumerate(DAYS) if name in names)


def fresh_for(response: Response) -> timedelta:
    """How long a cache may still answer with this very document: Cache-Control's max-age without the Age it has."""
    control = response.headers.get("cache-control", "")
    match = _MAX_AGE.search(control)
    if not match or re.search(r"\bno-(?:cache|store)\b", control, re.IGNORECASE):
        return timedelta(0)
    age = _age(response.headers)
    return min(timedelta(seconds=max(int(match[1]) - age, 0)), LONGEST)


def _age(headers: Mapping[str, str]) -> int:
    value = headers.get("age", "").strip()
    return int(value) if re.fullmatch(r"\d{1,9}", value) else 0


def past_skips(moment: datetime, hints: Hints | None, limit: datetime) -> datetime:
    """The moment itself, or the end of the skipped hours and days that it lies in; no later than `limit`."""
    if hints is None or not (hints.skip_hours or hints.skip_days):
        return moment
    while moment < limit and (moment.hour in hints.skip_hours or moment.weekday() in hints.skip_days):
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(moment, limit)
