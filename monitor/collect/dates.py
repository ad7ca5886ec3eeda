"""Reads the dates that feeds, sitemaps and APIs state, from the raw string. Pure; called by the parsers of this room.

Answers an aware datetime in UTC, or None for what cannot be read: it never guesses a part that is not there. Whether a
date is absurd (9999, next year) is not judged here. docs/feeds.md has the table of what is read.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.collect.datewords import MERIDIEM, MONTHS, ZONES, bare

MAX_LENGTH = 100

_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9}, )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-9]\d{3} "
    r"\d\d:\d\d:\d\d (?:[+-]\d{4}|GMT|UTC|Z)"
)
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?!\d)\s*([^\W\d]\.?\s?[^\W\d]?\.?(?!\w))?"
)
_OFFSET = re.compile(r"(?:(?<![\w.])|(?<=GMT|UTC))([+-])(\d{1,2}):?(\d{2})?(?!\d)")
_ISO_DAY = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_DAY_BEFORE = re.compile(r"(?<![\d:+-])(\d{1,2})(?:er|st|nd|rd|th|º|°)?(?:\s+de)?[\s,.-]*$")
_EPOCH = re.compile(r"-?\d{9,10}(?:\.\d+)?|\d{13}|\d{16}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(Z?)")


def read_date(raw: object) -> datetime | None:
    """The moment that a text, or a number (seconds or milliseconds since 1970), states."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        raw = str(raw) if abs(raw) < 1e17 else ""
    if not isinstance(raw, str) or len(raw) > MAX_LENGTH:
        return None
    text = _plain(raw)
    for reader in (_rfc822, _iso, _epoch, _compact, _written):
        try:
            if moment := reader(text):
                return moment.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            continue
    return None


def _plain(raw: str) -> str:
    """Digits of any script as 0-9, one space between words, bidi and zero-width marks off."""
    text = "".join(
        str(unicodedata.digit(char)) if not char.isascii() and char.isdigit() else char
        for char in raw
        if unicodedata.category(char) != "Cf"
    )
    return " ".join(text.split())


def _rfc822(text: str) -> datetime | None:
    return _zoned(parsedate_to_datetime(text)) if _RFC822.fullmatch(text) else None


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d\d-\d\d(?:$|[T ]\d\d:\d\d)", text):
        return None
    if "T24:00" in text:
        moment = _iso(text.replace("T24:00", "T00:00", 1))
        return moment and moment + timedelta(days=1)
    text = re.sub(r"(\.\d{6})\d+", r"\1", text)
    text = re.sub(r" ?([+-]\d\d:?\d\d)Z?$", r"\1", text)
    return _zoned(datetime.fromisoformat(text))


def _epoch(text: str) -> datetime | None:
    if not _EPOCH.fullmatch(text):
        return None
    scale = {13: 1_000, 16: 1_000_000}.get(len(text) if text.isdigit() else 0, 1)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(text) / scale)


def _compact(text: str) -> datetime | None:
    if not (match := _COMPACT.fullmatch(text)):
        return None
    numbers = [int(part) for part in match.groups()[:6] if part]
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[arg-type, misc]  # year, month, day are always there


def _written(text: str) -> datetime | None:
    """A day in numbers or words, a time if there is one, a zone if there is one; in any order."""
    clock = _TIME.search(text)
    rest = f"{text[: clock.start()]} {text[clock.end() :]}" if clock else text
    half = MERIDIEM.get(re.sub(r"[\s.]", "", clock[4]).casefold()) if clock and clock[4] else None
    if clock and clock[4] and half is None:
        rest += f" {clock[4]}"  # a zone's letter such as Z
    day = _numeric_day(rest, month_first=half is not None) or _worded_day(rest)
    if day is None:
        return None
    moment = datetime(*day, tzinfo=_zone(rest) or UTC)
    return moment + _since_midnight(clock, half)


def _since_midnight(clock: re.Match[str] | None, half: int | None) -> timedelta:
    if clock is None:
        return timedelta(0)
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if half is not None:
        hour = hour % 12 + half
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second):
        raise ValueError("no time of day")
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _numeric_day(text: str, month_first: bool) -> tuple[int, int, int] | None:
    if match := _ISO_DAY.search(text):
        return int(match[1]), int(match[3]), int(match[4])
    if not (match := _DAY_FIRST.search(text)):
        return None
    first, second, year = int(match[1]), int(match[3]), _full_year(match[4])
    # Day first, as the press read here writes it, unless it cannot be; am and pm go with the American order
    if second > 12 or (month_first and first <= 12):
        first, second = second, first
    return year, second, first


def _worded_day(text: str) -> tuple[int, int, int] | None:
    """Finds a month's name, and the day and year among the numbers around it."""
    months = [(word, MONTHS[bare(word[0])]) for word in _WORD.finditer(text) if bare(word[0]) in MONTHS]
    for word, month in months:
        day = _DAY_BEFORE.search(text[: word.start()])
        numbers = _numbers(text[word.end() :])
        if day and numbers:
            return _full_year(numbers[0]), month, int(day[1])
    # Only then month first: "mar. 21 avril" begins with a Tuesday, not with March
    for word, month in months:
        numbers = _numbers(text[word.end() :])
        if len(numbers) >= 2 and len(numbers[0]) <= 2:
            return _full_year(numbers[1]), month, int(numbers[0])
    return None


def _numbers(text: str) -> list[str]:
    return re.findall(r"(?<![\d:+-])\d+(?![\d:])", re.sub(r"^-", " ", re.sub(r"(\d)-(?=\d)", r"\1 ", text)))


def _full_year(digits: str) -> int:
    if len(digits) not in (2, 4):
        raise ValueError("no year")
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year < 69 else 1900)  # POSIX, as RFC 2822 readers do


def _zone(text: str) -> tzinfo | None:
    day = _ISO_DAY.search(text) or _DAY_FIRST.search(text)
    text = text[: day.start()] + " " + text[day.end() :] if day else text
    if match := _OFFSET.search(text):
        ahead = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(ahead if match[1] == "+" else -ahead)
    if match := re.search(r"[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+", text):
        return _region(match[0])
    for word in re.findall(r"(?<![^\W\d_])[A-Z]{1,5}(?![^\W\d_])", text):
        if word in ZONES:
            return timezone(timedelta(minutes=ZONES[word]))
    return None


@lru_cache(maxsize=64)
def _region(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
