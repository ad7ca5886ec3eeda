"""The table of dates: what feeds state, and the moment that is meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.dates import read_date

READ = {
    # RFC 822 and its relatives
    "Tue, 21 Apr 2026 10:00:00 GMT": "2026-04-21T10:00:00",
    "Tue, 21 Apr 2026 10:00:00 +0100": "2026-04-21T09:00:00",
    "Tue, 21 Apr 2026 10:00:00 -0530": "2026-04-21T15:30:00",
    "Tue, 21 Apr 2026 10:00:00 -0000": "2026-04-21T10:00:00",
    "21 Apr 2026 10:00:00 Z": "2026-04-21T10:00:00",
    "Tue, 21 Apr 26 10:00:00 EST": "2026-04-21T15:00:00",  # two digits of a year
    "Tue, 21 Apr 98 10:00 GMT": "1998-04-21T10:00:00",
    "Tue,21 Apr 2026 10:00:00 GMT": "2026-04-21T10:00:00",
    "Tuesday, 21 April 2026 10:00:00 GMT": "2026-04-21T10:00:00",
    "Tue, 21 Apr 2026 10:00:00 +0100 (CET)": "2026-04-21T09:00:00",
    "Tue, 21 Apr 2026 10:00:00 GMT+0300": "2026-04-21T07:00:00",
    "Tue, 21 Apr 2026 10:00:00 UTC+03:00": "2026-04-21T07:00:00",
    "Tue, 21 Apr 2026 10:00:00 GMT+3": "2026-04-21T07:00:00",
    "Tue, 21 Apr 2026 10:00:00": "2026-04-21T10:00:00",  # no zone is UTC
    "Tue, 21 Apr 2026": "2026-04-21T00:00:00",
    "Tue, 21 Apr 2026 23:59:60 GMT": "2026-04-22T00:00:00",  # a leap second
    # zones by name
    "Tue, 21 Apr 2026 10:00 AEST": "2026-04-21T00:00:00",
    "Tue, 21 Apr 2026 10:00:00 PDT": "2026-04-21T17:00:00",
    "Tue, 21 Apr 2026 10:00:00 CEST": "2026-04-21T08:00:00",
    "Tue, 21 Apr 2026 10:00:00 AST": "2026-04-21T07:00:00",  # Arabia
    "Tue, 21 Apr 2026 10:00:00 GST": "2026-04-21T06:00:00",  # the Gulf
    "Tue, 21 Apr 2026 10:00:00 Africa/Casablanca": "2026-04-21T09:00:00",
    "Tue, 21 Apr 2026 10:00:00 Asia/Qatar": "2026-04-21T07:00:00",
    "Tue, 21 Apr 2026 10:00:00 XYZ": "2026-04-21T10:00:00",  # an unknown one is UTC
    # ISO 8601
    "2026-04-21T10:00:00Z": "2026-04-21T10:00:00",
    "2026-04-21T10:00:00+01:00": "2026-04-21T09:00:00",
    "2026-04-21T10:00:00+0100": "2026-04-21T09:00:00",
    "2026-04-21T10:00:00.123456789-07:00": "2026-04-21T17:00:00.123456",
    "2026-04-21 10:00:00": "2026-04-21T10:00:00",
    "2026-04-21 10:00:00 +0300": "2026-04-21T07:00:00",
    "2026-04-21T10:00": "2026-04-21T10:00:00",
    "2026-04-21T10:00:00 CET": "2026-04-21T09:00:00",
    "2026-04-21T10:00:00+00:00Z": "2026-04-21T10:00:00",  # two zones that agree
    "2026-04-21T24:00:00Z": "2026-04-22T00:00:00",
    "2026-04-21": "2026-04-21T00:00:00",
    "20260421": "2026-04-21T00:00:00",
    "20260421T100000Z": "2026-04-21T10:00:00",
    "20260421100000": "2026-04-21T10:00:00",
    # numbers
    "2016/6/29 15:07:41": "2016-06-29T15:07:41",
    "2016.06.29": "2016-06-29T00:00:00",
    "29/06/2016 15:07": "2016-06-29T15:07:00",
    "06/29/2016": "2016-06-29T00:00:00",  # it can only be the month first
    "05/07/2026 10:00": "2026-07-05T10:00:00",  # day first ...
    "5/7/2026 10:00:00 AM": "2026-05-07T10:00:00",  # ... but not with am and pm
    "29.06.2016": "2016-06-29T00:00:00",
    "29-06-2016 15:07:41": "2016-06-29T15:07:41",
    # seconds and milliseconds since 1970
    "1692950400": "2023-08-25T08:00:00",
    "1692950400000": "2023-08-25T08:00:00",
    "1692950400.5": "2023-08-25T08:00:00.500000",
    # words
    "April 21, 2026, 3:07 pm": "2026-04-21T15:07:00",
    "Apr 21st 2026 12:00 a.m.": "2026-04-21T00:00:00",
    "Tuesday, April 21, 2026 - 15:07": "2026-04-21T15:07:00",
    "Tue Apr 21 10:00:00 UTC 2026": "2026-04-21T10:00:00",
    "Tue Apr 21 10:00:00 2026": "2026-04-21T10:00:00",
    "21-Apr-2026 10:00": "2026-04-21T10:00:00",
    "21 avril 2026 à 10h30": "2026-04-21T10:30:00",
    "mar., 21 avr. 2026 10:00:00 +0000": "2026-04-21T10:00:00",  # "mar" is a Tuesday here
    "1er août 2026": "2026-08-01T00:00:00",
    "Lundi 2 février 2026": "2026-02-02T00:00:00",
    "21 de abril de 2026 10:00": "2026-04-21T10:00:00",
    "3 ene 2026": "2026-01-03T00:00:00",
    "21 أبريل 2026": "2026-04-21T00:00:00",
    "الثلاثاء 21 غشت 2026 - 10:00": "2026-08-21T10:00:00",  # Morocco's August
    "٢١ أبريل ٢٠٢٦ ١٠:٣٠": "2026-04-21T10:30:00",
    "21 نيسان 2026 10:00 م": "2026-04-21T22:00:00",
    # whatever is a date is answered; refine decides what is absurd
    "Fri, 31 Dec 9999 23:59:59 +0000": "9999-12-31T23:59:59",
    "Mon, 01 Jan 0001 00:00:00 +0000": "0001-01-01T00:00:00",
    "  Tue, 21 Apr 2026 10:00:00 GMT \n": "2026-04-21T10:00:00",
    "\u200fTue, 21 Apr 2026 10:00:00 GMT": "2026-04-21T10:00:00",
}


@pytest.mark.parametrize(("raw", "moment"), READ.items())
def test_the_date_that_is_stated_is_read(raw: str, moment: str) -> None:
    assert read_date(raw) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "", " ", "0000-00-00 00:00:00", "0000-00-00", "2026-13-45", "31/31/2026", "30 Feb 2026", "Tue, 21 Apr 2026 25:61 GMT",
        "9999-12-31T23:59:59-05:00",  # beyond the calendar once it is in UTC
        "21 كانون 2026", "10:00", "May", "2026", "2026-04", "yesterday", "now", "il y a 3 heures", "42", "-1", "1e400", "nan",
        "10" * 60, "9" * 4000, "Tue, 21 Apr 2026 10:00:00 GMT" + " " * 200,
    ],
)  # fmt: skip
def test_what_states_no_whole_date_is_none(raw: str) -> None:
    assert read_date(raw) is None


@pytest.mark.parametrize("raw", [None, True, [], {}, float("nan"), float("inf"), 10**400, b"2026-04-21"])
def test_what_is_no_text_and_no_moment_is_none(raw: object) -> None:
    assert read_date(raw) is None


def test_numbers_are_seconds_or_milliseconds() -> None:
    assert read_date(1692950400) == read_date(1692950400000) == datetime(2023, 8, 25, 8, tzinfo=UTC)


@given(st.integers(min_value=-30_000_000_000, max_value=250_000_000_000))
def test_every_iso_date_comes_back_as_itself(seconds: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert read_date(moment.isoformat()) == moment


@given(st.text(max_size=120))
def test_no_text_makes_it_raise_or_answer_without_a_zone(raw: str) -> None:
    moment = read_date(raw)
    assert moment is None or moment.tzinfo is UTC


def test_a_number_too_long_to_be_written_is_none() -> None:
    assert read_date(10**5000) is None
