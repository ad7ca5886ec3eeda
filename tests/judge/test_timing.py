"""When an alert goes, and how."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge.clocks import quiet_until
from monitor.judge.timing import GROUP_INTERVAL, escalations, when, when_update
from monitor.model import DAYS, DigestPlan, How, QuietHours, Recipient, Route, Severity
from tests.build import make_recipient

TWO, HALF_AN_HOUR = timedelta(minutes=2), timedelta(minutes=30)
NIGHT = QuietHours(time(21), time(6, 30))
SLOTS = DigestPlan((time(7, 30), time(17)))
READER = make_recipient(timezone="Africa/Casablanca", working_days=DAYS[:5])
MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # Monday, 10:00 in Casablanca
EVENING = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
PLAIN = Route(("desk",))


def route_of(**plan: object) -> Route:
    return Route(("desk",), **plan)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("plan", "severity", "now", "how", "at", "slot"),
    [
        # nothing planned
        ({}, "normal", EVENING, "now", EVENING, ""),
        # the first copies are waited for
        ({"group_wait": TWO}, "high", MORNING, "gathered", MORNING + TWO, ""),
        # the next slot, on a working day of the recipient's; quiet hours leave the appointment alone
        ({"digest": SLOTS}, "normal", MORNING, "digest", "2026-11-23 16:00", "2026-11-23 17:00"),
        ({"digest": SLOTS}, "critical", EVENING, "digest", "2026-11-24 06:30", "2026-11-24 07:30"),
        ({"digest": SLOTS}, "normal", SATURDAY, "digest", "2026-11-30 06:30", "2026-11-30 07:30"),
        (
            {"digest": SLOTS, "group_wait": TWO},
            "low",
            MORNING,
            "digest",
            "2026-11-23 16:00",
            "2026-11-23 17:00",
        ),
        # quiet hours, and a day off
        ({"quiet_hours": NIGHT}, "high", MORNING, "now", MORNING, ""),
        ({"quiet_hours": NIGHT}, "high", EVENING, "held", "2026-11-24 05:30", "2026-11-24 06:30"),
        ({"quiet_hours": NIGHT}, "high", SATURDAY, "held", "2026-11-30 05:30", "2026-11-30 06:30"),
        # what would be sent in quiet hours is held, though it came before them
        (
            {"quiet_hours": NIGHT, "group_wait": HALF_AN_HOUR},
            "high",
            datetime(2026, 11, 23, 19, 45, tzinfo=UTC),
            "held",
            "2026-11-24 05:30",
            "2026-11-24 06:30",
        ),
        # and what is sent after them is not, though it came in them
        (
            {"quiet_hours": NIGHT, "group_wait": HALF_AN_HOUR},
            "high",
            datetime(2026, 11, 24, 5, 15, tzinfo=UTC),
            "gathered",
            "2026-11-24 05:45",
            "",
        ),
        # what breaks through passes night, day off and digest, at any time of the day, and is gathered as ever
        ({"quiet_hours": NIGHT}, "critical", EVENING, "now", EVENING, ""),
        ({"quiet_hours": NIGHT}, "critical", SATURDAY, "now", SATURDAY, ""),
        ({"quiet_hours": NIGHT, "digest": SLOTS}, "critical", MORNING, "now", MORNING, ""),
        (
            {"quiet_hours": NIGHT, "digest": SLOTS},
            "high",
            EVENING,
            "digest",
            "2026-11-24 06:30",
            "2026-11-24 07:30",
        ),
        ({"quiet_hours": NIGHT, "group_wait": TWO}, "critical", EVENING, "gathered", EVENING + TWO, ""),
        (
            {"quiet_hours": QuietHours(time(21), time(6, 30), Severity.HIGH)},
            "high",
            EVENING,
            "now",
            EVENING,
            "",
        ),
    ],
)
def test_an_alert_goes_as_its_route_plans(
    plan: dict[str, object], severity: str, now: datetime, how: str, at: datetime | str, slot: str
) -> None:
    timing = when(route_of(**plan), READER, Severity(severity), now)
    expected = datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at
    assert (timing.how, timing.at) == (How(how), expected)
    assert timing.slot == (f"{slot} Africa/Casablanca" if slot else "")


@pytest.mark.parametrize(
    ("plan", "now", "why"),
    [
        ({}, MORNING, "at once"),
        ({"group_wait": TWO}, MORNING, "after 2m, with the copies that came by then"),
        ({"digest": SLOTS}, MORNING, "in the digest of mon 2026-11-23 17:00 Africa/Casablanca"),
        (
            {"quiet_hours": NIGHT},
            EVENING,
            "held until tue 2026-11-24 06:30 Africa/Casablanca by quiet hours (21:00 to 06:30)",
        ),
        ({"quiet_hours": NIGHT}, SATURDAY, "held until mon 2026-11-30 06:30 Africa/Casablanca by a day off"),
    ],
)
def test_it_says_why_in_the_recipients_own_time(plan: dict[str, object], now: datetime, why: str) -> None:
    assert when(route_of(**plan), READER, Severity.NORMAL, now).why == why


@pytest.mark.parametrize(
    ("plan", "last", "how", "at"),
    [
        # a change long after the last edition goes at once; nothing is gathered a second time
        ({"group_wait": TWO}, MORNING - timedelta(hours=5), "now", MORNING),
        # one soon after it waits, by default half an hour
        ({}, MORNING - timedelta(minutes=10), "gathered", MORNING - timedelta(minutes=10) + GROUP_INTERVAL),
        ({"group_interval": timedelta(hours=2)}, MORNING, "gathered", MORNING + timedelta(hours=2)),
        # on the minute the interval is over
        ({"group_interval": HALF_AN_HOUR}, MORNING - HALF_AN_HOUR, "now", MORNING),
        # the interval ends in quiet hours, or behind a slot
        ({"group_interval": timedelta(hours=11), "quiet_hours": NIGHT}, MORNING, "held", "2026-11-24 05:30"),
        ({"group_interval": timedelta(hours=8), "digest": SLOTS}, MORNING, "digest", "2026-11-24 06:30"),
        ({"digest": SLOTS}, MORNING, "digest", "2026-11-23 16:00"),
    ],
)
def test_an_update_keeps_its_distance_from_the_last_edition(
    plan: dict[str, object], last: datetime, how: str, at: datetime | str
) -> None:
    timing = when_update(route_of(**plan), READER, Severity.NORMAL, last, MORNING)
    expected = datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at
    assert (timing.how, timing.at) == (How(how), expected)


def test_a_critical_alert_goes_on_from_recipient_to_recipient() -> None:
    plan = route_of(escalate_after=timedelta(minutes=15), escalate_to=("deputy", "head"))
    assert escalations(plan, Severity.CRITICAL, MORNING) == (
        ("deputy", MORNING + timedelta(minutes=15)),
        ("head", MORNING + timedelta(minutes=30)),
    )


@pytest.mark.parametrize(
    ("plan", "severity"),
    [
        (PLAIN, Severity.CRITICAL),
        (route_of(escalate_after=TWO, escalate_to=("head",)), Severity.HIGH),
    ],
)
def test_nothing_else_escalates(plan: Route, severity: Severity) -> None:
    assert escalations(plan, severity, MORNING) == ()


moments = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
clocks = st.integers(0, 24 * 60 - 1).map(lambda minutes: time(minutes // 60, minutes % 60))
plans = st.builds(
    Route,
    to=st.just(("desk",)),
    group_wait=st.sampled_from([None, TWO, HALF_AN_HOUR]),
    digest=st.none()
    | st.builds(DigestPlan, st.lists(clocks, min_size=1, max_size=3, unique=True).map(tuple)),
    quiet_hours=st.none()
    | st.tuples(clocks, clocks, st.sampled_from(Severity))
    .filter(lambda given: given[0] != given[1])
    .map(lambda given: QuietHours(*given)),
)
readers = st.builds(
    make_recipient,
    timezone=st.sampled_from(
        ["Africa/Casablanca", "Europe/Paris", "Europe/London", "Asia/Qatar", "America/New_York"]
    ),
    working_days=st.sampled_from([DAYS, DAYS[:5], ("mon", "tue", "wed", "thu", "sun")]),
)


@given(plans, readers, st.sampled_from(Severity), moments)
def test_over_a_year_every_alert_goes_and_none_in_quiet_hours(
    plan: Route, reader: Recipient, severity: Severity, now: datetime
) -> None:
    timing = when(plan, reader, severity, now)
    assert now <= timing.at <= now + timedelta(days=5)
    assert bool(timing.slot) == (timing.how in (How.DIGEST, How.HELD))
    quiet = plan.quiet_hours
    if quiet is not None and severity.rank < quiet.break_through.rank and timing.how is not How.DIGEST:
        assert quiet_until(quiet, reader, timing.at) is None


@given(plans, readers, st.sampled_from(Severity), moments, st.integers(0, 300))
def test_a_later_alert_never_goes_before_an_earlier_one(
    plan: Route, reader: Recipient, severity: Severity, now: datetime, minutes: int
) -> None:
    later = when(plan, reader, severity, now + timedelta(minutes=minutes))
    assert when(plan, reader, severity, now).at <= later.at
