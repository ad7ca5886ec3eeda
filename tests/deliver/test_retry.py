"""The schedule of attempts, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.deliver.retry import delay, next_step, of_status, retry_after
from monitor.model import DeliveryState, GaveUp, Outcome, Retry, Sent
from tests.deliver.samples import NOW, make_delivery

PENDING, SENT, DEAD = DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.DEAD
SOON = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("outcome", "state", "outcome_class"),
    [
        (Sent(), SENT, "sent"),
        (Sent("abc", 250), SENT, "sent"),
        (Retry("busy", status=503), PENDING, "status-503"),
        (Retry("greylisted", status=451), PENDING, "status-451"),
        (Retry("slow", kind="timeout"), PENDING, "timeout"),
        # a kind says more than the relay's code
        (Retry("login", status=535, kind="login"), PENDING, "login"),
        (Retry("no idea"), PENDING, "failed"),
        (GaveUp("gone", 410), DEAD, "status-410"),
        (GaveUp("no such box", 550), DEAD, "status-550"),
        (GaveUp("not an address", kind="address"), DEAD, "address"),
    ],
)
def test_an_outcome_leads_to_a_state_and_a_class(
    outcome: Outcome, state: DeliveryState, outcome_class: str
) -> None:
    step = next_step(make_delivery(), outcome, SOON, 0.5)
    assert (step.state, step.outcome_class) == (state, outcome_class)


def test_a_step_carries_what_the_far_side_told() -> None:
    sent = next_step(make_delivery(), Sent("queue-7", 250), SOON, 0.5)
    again = next_step(make_delivery(), Retry("later", timedelta(seconds=90), 429), SOON, 0.5)
    assert (sent.provider_id, sent.http_status, sent.next_attempt_at) == ("queue-7", 250, SOON)
    assert (again.error, again.http_status, again.retry_after) == ("later", 429, timedelta(seconds=90))


@pytest.mark.parametrize(
    ("attempts", "asked", "jitter", "seconds"),
    [
        # doubling from 5 s, all of it with jitter just under 1
        (0, None, 1.0, 5),
        (1, None, 1.0, 10),
        (2, None, 1.0, 20),
        (9, None, 1.0, 2560),
        # never more than an hour
        (10, None, 1.0, 3600),
        (19, None, 1.0, 3600),
        # full jitter: anywhere between at once and then
        (3, None, 0.0, 0),
        (3, None, 0.25, 10),
        # the far side's wish is kept, within 1 s and 6 h
        (1, 120, 0.5, 120),
        (1, 0, 0.0, 1),
        (1, -5, 0.0, 1),
        (1, 999_999, 0.0, 21_600),
        # and does not shorten our own patience
        (10, 2, 0.5, 1800),
    ],
)
def test_the_wait_doubles_and_keeps_the_far_sides_wish(
    attempts: int, asked: int | None, jitter: float, seconds: int
) -> None:
    wish = None if asked is None else timedelta(seconds=asked)
    assert delay(attempts, wish, jitter) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("attempts", "age", "state"),
    [
        (19, timedelta(hours=1), PENDING),
        (20, timedelta(hours=1), DEAD),
        (21, timedelta(hours=1), DEAD),
        (3, timedelta(hours=71, minutes=59), PENDING),
        (3, timedelta(hours=72), DEAD),
    ],
)
def test_twenty_attempts_or_three_days_are_enough(
    attempts: int, age: timedelta, state: DeliveryState
) -> None:
    step = next_step(make_delivery(attempts=attempts), Retry("busy", status=503), NOW + age, 0.5)
    assert step.state is state
    assert "busy" in step.error


def test_an_alert_that_was_given_up_says_after_what() -> None:
    step = next_step(make_delivery(attempts=20), Retry("busy", status=503), SOON, 0.5)
    assert step.error == "gave up after 20 attempts; last: busy"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_an_answer_that_may_change_is_tried_again(status: int) -> None:
    assert of_status(status, "e", timedelta(seconds=3)) == Retry("e", timedelta(seconds=3), status)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 413, 422])
def test_an_answer_that_will_not_change_is_final(status: int) -> None:
    assert of_status(status, "e") == GaveUp("e", status)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_success_is_sent(status: int) -> None:
    assert of_status(status, "e") == Sent(status=status)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("30", 30),
        (" 30 ", 30),
        # Discord states fractions
        ("0.75", 0.75),
        ("Tue, 21 Apr 2026 12:15:00 GMT", 300),
        # a moment that has passed
        ("Tue, 21 Apr 2026 12:00:00 GMT", 0),
        ("soon", None),
        ("-1", None),
        ("9" * 40, None),
        ("٣٠", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, seconds: float | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(value, datetime(2026, 4, 21, 12, 10, tzinfo=UTC)) == expected
