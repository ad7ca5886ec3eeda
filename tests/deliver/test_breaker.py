"""A channel's circuit breaker, as sequences of what happened."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from monitor.deliver.breaker import FIRST_REST, LONGEST_REST, TRIP, after
from monitor.deliver.retry import next_step
from monitor.model import ChannelState, DeliveryState, GaveUp, Outcome, Retry, Sent
from tests.deliver.samples import NOW, make_delivery

WELL = ChannelState("security-desk", "mail")
DOWN = Retry("no connection", kind="connect")
MINUTE = timedelta(minutes=1)


def then(state: ChannelState, outcome: Outcome, *, attempts: int = 1, now: datetime = NOW) -> ChannelState:
    delivery = make_delivery(attempts=attempts)
    return after(state, delivery, outcome, next_step(delivery, outcome, now, 0.5), now)


def failed(times: int, outcome: Outcome = DOWN, state: ChannelState = WELL) -> ChannelState:
    for n in range(times):
        state = then(state, outcome, now=NOW + n * MINUTE)
    return state


def test_a_few_failures_make_nothing_wait() -> None:
    state = failed(TRIP - 1)
    assert (state.failures, state.failing_since, state.opened_at, state.try_at) == (TRIP - 1, NOW, None, None)
    assert (state.last_class, state.last_error) == ("connect", "no connection")


def test_failures_in_a_row_open_it_and_each_probe_that_fails_doubles_the_pause() -> None:
    state, opened = failed(TRIP), NOW + (TRIP - 1) * MINUTE
    assert (state.opened_at, state.try_at) == (opened, opened + FIRST_REST)
    pauses = []
    for _ in range(8):
        state = then(state, DOWN, now=NOW)
        assert state.try_at is not None
        pauses.append((state.try_at - NOW) / FIRST_REST)
    assert pauses == [2, 4, 8, 16, *[LONGEST_REST / FIRST_REST] * 4]
    assert (state.opened_at, state.failing_since) == (opened, NOW)


@pytest.mark.parametrize("answer", [Sent(), GaveUp("no such box", 550), GaveUp("gone", 410)])
def test_an_answer_closes_it(answer: Outcome) -> None:
    state = then(failed(TRIP + 3), answer)
    assert (state.failures, state.failing_since, state.opened_at, state.try_at) == (0, None, None, None)


def test_what_never_left_this_machine_says_nothing_of_the_far_side() -> None:
    refused = GaveUp("not an address", kind="address")
    state = then(failed(TRIP + 1), refused)
    assert state.failures == TRIP + 1
    assert state.opened_at
    assert state.dead_since


@pytest.mark.parametrize(
    ("wish", "pause"),
    [
        (timedelta(seconds=30), timedelta(seconds=30)),
        # clamped, as for the delivery
        (timedelta(0), timedelta(seconds=1)),
        (timedelta(days=9), timedelta(hours=6)),
    ],
)
def test_the_far_sides_wish_to_wait_holds_for_the_whole_channel(wish: timedelta, pause: timedelta) -> None:
    state = then(WELL, Retry("slow down", wish, 429))
    assert (state.opened_at, state.try_at) == (None, NOW + pause)
    assert then(state, Sent()).try_at is None


def test_an_open_one_rests_for_the_longer_of_both() -> None:
    state = then(failed(TRIP + 9), Retry("slow down", timedelta(seconds=1), 429))
    assert state.try_at == NOW + LONGEST_REST


@pytest.mark.parametrize(
    "outcome",
    [
        Retry("KeyError", kind="unexpected"),
        Retry("the child died", kind="crash"),
        Retry("500 Internal Server Error", status=500),
    ],
)
def test_one_poisonous_message_does_not_close_the_channel_to_the_others(outcome: Outcome) -> None:
    state = WELL
    for attempts in range(1, 20):
        state = then(state, outcome, attempts=attempts)
    assert (state.failures, state.opened_at) == (1, None)
    assert failed(TRIP, outcome).opened_at  # but several messages do


def test_a_poisonous_probe_keeps_an_open_channel_at_rest() -> None:
    state = then(failed(TRIP), Retry("500", status=500), attempts=7)
    assert state.failures == TRIP + 1


@pytest.mark.parametrize(
    ("outcome", "attempts"),
    [(GaveUp("no such box", 550), 1), (DOWN, 20)],
    ids=["refused", "the last attempt"],
)
def test_the_first_dead_letter_is_remembered_until_something_is_sent(outcome: Outcome, attempts: int) -> None:
    delivery = make_delivery(attempts=attempts)
    assert next_step(delivery, outcome, NOW, 0.5).state is DeliveryState.DEAD
    state = then(WELL, outcome, attempts=attempts)
    assert state.dead_since == NOW
    later = then(state, outcome, attempts=attempts, now=NOW + MINUTE)
    assert later.dead_since == NOW
    assert then(later, Sent()) == WELL
