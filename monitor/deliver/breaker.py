"""Whether a channel rests: its circuit breaker, after each attempt. Pure; no clock.

Called where an attempt is settled; the store keeps the state and claims nothing before `try_at`. Closed: everything
goes. Open, after TRIP failures in a row: one delivery at a time is tried, to probe, each pause twice as long as the last.
An answer closes it. What waits meanwhile is not attempted and loses neither its place nor an attempt.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.deliver.retry import Step, granted
from monitor.model import ChannelState, Delivery, DeliveryState, GaveUp, Outcome, Retry, Sent

TRIP = 5
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)

# What may be one message's fault: when it fails again, that says nothing new of the channel
_PERHAPS_THE_MESSAGE = frozenset({"unexpected", "crash", "service"})


def after(
    state: ChannelState, delivery: Delivery, outcome: Outcome, step: Step, now: datetime
) -> ChannelState:
    """The channel's state after this attempt of `delivery`; `step` is what becomes of the delivery."""
    match outcome:
        case Sent():
            return replace(_answered(state), dead_since=None)
        case GaveUp(status=status):
            found = state if status is None else _answered(state)
        case Retry():
            found = _failed(state, delivery, outcome, now)
    dead = step.state is DeliveryState.DEAD
    return replace(found, dead_since=state.dead_since or now) if dead else found


def standing(state: ChannelState, now: datetime) -> str:
    """How the channel is, in a word: open (it rests between two probes), probing (the next delivery is one), resting (as
    the far side asked), failing, or ok."""
    rests = state.try_at is not None and now < state.try_at
    if state.opened_at is not None:
        return "open" if rests else "probing"
    if rests:
        return "resting"
    return "failing" if state.failures else "ok"


def _answered(state: ChannelState) -> ChannelState:
    """The far side took it, or said what is wrong with it: it is there."""
    return replace(
        state, failures=0, failing_since=None, opened_at=None, try_at=None, last_class="", last_error=""
    )


def _failed(state: ChannelState, delivery: Delivery, outcome: Retry, now: datetime) -> ChannelState:
    again = delivery.attempts > 1 and (outcome.kind in _PERHAPS_THE_MESSAGE or outcome.status == 500)
    counts = not again or state.opened_at is not None
    failures = state.failures + counts
    opened_at = state.opened_at or (now if failures >= TRIP else None)
    pause = max(granted(outcome.after), _rest(failures) if opened_at else timedelta(0))
    return replace(
        state,
        failures=failures,
        failing_since=state.failing_since or now,
        opened_at=opened_at,
        try_at=now + pause if pause else None,
        last_class=outcome.kind or (f"status-{outcome.status}" if outcome.status else "failed"),
        last_error=outcome.error,
    )


def _rest(failures: int) -> timedelta:
    return min(LONGEST_REST, FIRST_REST * (1 << min(failures - TRIP, 10)))
