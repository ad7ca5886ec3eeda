"""When an article was published, as far as its source can be believed. Called by refine and extract.

Feeds' dates are read by collect; here they are only judged. Pages state theirs in machine-readable places as ISO 8601.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)  # clocks and time zones are wrong by hours, not by days

_DIGITS = re.compile(r"\d{9,10}|\d{12,13}")
_HOURS_ONLY = re.compile(r"([T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?([+-]\d\d)(:?\d\d)?$")


def clamp(published: datetime | None, first_seen: datetime) -> tuple[datetime | None, str]:
    """The date, or None and why where it cannot be: before the press was on the web, or from the future."""
    if published is None:
        return None, ""
    if published < EARLIEST or published - first_seen > AHEAD:
        return None, f"date {published:%Y-%m-%d} is absurd: first seen taken"
    return published, ""


def read_moment(text: str) -> datetime | None:
    """A moment that a page states: ISO 8601, RFC 2822 or an epoch; in UTC, and taken as UTC where no zone is given."""
    text = text.strip()
    for reader in (_epoch, _iso, parsedate_to_datetime):
        try:
            moment = reader(text)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return _in_utc(moment)
    return None


def _in_utc(moment: datetime) -> datetime | None:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # year 1 or 9999, moved over the edge by its zone
        return None


def _epoch(text: str) -> datetime:
    if not _DIGITS.fullmatch(text):
        raise ValueError(text)
    return datetime.fromtimestamp(int(text[:10] if len(text) > 11 else text), UTC)


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(_HOURS_ONLY.sub(_padded, text))


def _padded(zone: re.Match[str]) -> str:
    """`+01` and `10:00 +0100`, which fromisoformat does not take, in the form that it does."""
    return f"{zone[1]}{zone[2]}:{(zone[3] or '00').lstrip(':')}"
