"""Dates that make sense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.refine.dates import clamp, read_moment

SEEN = datetime(2026, 4, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "published",
    [
        SEEN,
        SEEN - timedelta(days=9_000),
        # a clock or a time zone that is off by hours
        SEEN + timedelta(hours=14),
        datetime(1990, 1, 1, tzinfo=UTC),
    ],
)
def test_a_plausible_date_is_kept(published: datetime) -> None:
    assert clamp(published, SEEN) == (published, "")


@pytest.mark.parametrize(
    ("published", "told"),
    [
        (datetime(9999, 12, 31, tzinfo=UTC), "9999-12-31"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01"),
        (datetime(1970, 1, 1, tzinfo=UTC), "1970-01-01"),
        (SEEN + timedelta(days=2), "2026-04-23"),
    ],
)
def test_an_absurd_date_is_left_and_told(published: datetime, told: str) -> None:
    moment, note = clamp(published, SEEN)
    assert moment is None
    assert note.endswith("is absurd: first seen taken")
    assert told.lstrip("0") in note


def test_no_date_needs_no_note() -> None:
    assert clamp(None, SEEN) == (None, "")


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("2026-04-21T09:00:00Z", SEEN),
        ("2026-04-21T10:00:00+01:00", SEEN),
        ("2026-04-21T10:00+01", SEEN),
        ("2026-04-21 10:00:00 +0100", SEEN),
        ("2026-04-21T09:00:00.000Z", SEEN),
        (" 2026-04-21T09:00 ", SEEN),
        ("Tue, 21 Apr 2026 10:00:00 +0100", SEEN),
        (str(int(SEEN.timestamp())), SEEN),
        (str(int(SEEN.timestamp()) * 1000), SEEN),
        ("2026-04-21", SEEN.replace(hour=0)),
        # no moment, and moments beyond the calendar
        ("", None),
        ("hier soir", None),
        ("2026-13-45", None),
        ("9999-12-31T23:59:59-05:00", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("9" * 400, None),
    ],
)
def test_moments_that_pages_state_are_read(stated: str, moment: datetime | None) -> None:
    assert read_moment(stated) == moment
