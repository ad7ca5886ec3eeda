"""The alert's own words and the recipient's clock."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from monitor.deliver.words import moment, words_for
from monitor.model import Severity

AT = datetime(2026, 4, 21, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "spoken"),
    [("fr", "fr"), ("AR", "ar"), ("es-MX", "es"), ("fr_MA", "fr"), ("en", "en"), ("de", "en"), ("", "en")],
)
def test_an_unknown_language_reads_english(language: str, spoken: str) -> None:
    assert words_for(language).language == spoken


@pytest.mark.parametrize("language", ["fr", "ar", "en", "es"])
def test_a_language_has_a_word_for_everything(language: str) -> None:
    words = words_for(language)
    assert set(words.severity) == set(Severity)
    assert all(getattr(words, field.name) for field in fields(words) if field.name != "rtl")
    assert "{n}" in words.update
    assert "{n}" in words.more_watchlists


@pytest.mark.parametrize(
    ("language", "timezone", "expected"),
    [
        ("fr", "Africa/Casablanca", "mardi 21 avril 2026, 13:05 · heure : Maroc"),
        ("ar", "Asia/Qatar", "الثلاثاء، 21 أبريل 2026، 15:05 · توقيت قطر"),
        ("es", "Europe/Madrid", "martes, 21 de abril de 2026, 14:05 · hora de España (Madrid)"),
        ("en", "UTC", "Tuesday, 21 April 2026, 12:05 · UTC"),
        # a zone that the system does not know any more
        ("en", "Mars/Olympus", "Tuesday, 21 April 2026, 12:05 · UTC"),
    ],
)
def test_a_moment_is_told_in_the_recipients_language_and_zone(
    language: str, timezone: str, expected: str
) -> None:
    assert moment(AT, timezone, words_for(language)) == expected


def test_the_day_is_the_recipients_own() -> None:
    late = datetime(2026, 4, 21, 23, 30, tzinfo=UTC)
    assert moment(late, "Africa/Casablanca", words_for("fr")).startswith("mercredi 22 avril 2026, 00:30")


@pytest.mark.parametrize(
    ("at", "clock"),
    [
        # Morocco leaves UTC+1 for Ramadan and comes back
        (datetime(2026, 2, 14, 12, 0, tzinfo=UTC), "13:00"),
        (datetime(2026, 2, 16, 12, 0, tzinfo=UTC), "12:00"),
        (datetime(2026, 3, 23, 12, 0, tzinfo=UTC), "13:00"),
    ],
)
def test_the_clock_follows_the_zones_own_changes(at: datetime, clock: str) -> None:
    assert f", {clock} ·" in moment(at, "Africa/Casablanca", words_for("fr"))
