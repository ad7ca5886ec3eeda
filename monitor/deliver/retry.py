"""What comes after an attempt: again later, never again, or done. Pure; no clock, no dice.

Called by the pipeline between `Sender.send` and the store's `settle`. The HTTP senders ask `of_status` which Outcome an
answer is. The schedule: random(0, min(1 h, 5 s x 2^n)), at least what the far side asked; 20 attempts or 72 h in all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.model import Delivery, DeliveryState, GaveUp, Outcome, Retry, Sent

FIRST = timedelta(seconds=5)
LONGEST = timedelta(hours=1)
ATTEMPTS = 20
EXPIRES = timedelta(hours=72)
ASKED_LEAST = timedelta(seconds=1)
ASKED_MOST = timedelta(hours=6)

_AGAIN = frozenset({408, 425, 429})
_SHOWN = 500  # characters of an error that are kept


@dataclass(frozen=True, slots=True)
class Step:
    """What the store writes of an attempt. `outcome_class` is sent, status-503, timeout, connect, ...: one word to count by."""

    state: DeliveryState
    next_attempt_at: datetime
    outcome_class: str
    error: str = ""
    provider_id: str | None = None
    http_status: int | None = None  # an SMTP reply's code where the channel is mail
    retry_after: timedelta | None = None


def next_step(delivery: Delivery, outcome: Outcome, now: datetime, jitter: float) -> Step:
    """`delivery.attempts` counts the attempt that brought the outcome; `jitter` is in [0, 1)."""
    match outcome:
        case Sent(provider_id, status):
            return Step(DeliveryState.SENT, now, "sent", provider_id=provider_id, http_status=status)
        case GaveUp(error, status, kind):
            return Step(DeliveryState.DEAD, now, _class(status, kind), error[:_SHOWN], http_status=status)
        case Retry():
            return _again(delivery, outcome, now, jitter)


def _again(delivery: Delivery, outcome: Retry, now: datetime, jitter: float) -> Step:
    over = _over(delivery, now)
    error = f"{over}; last: {outcome.error}" if over else outcome.error
    return Step(
        state=DeliveryState.DEAD if over else DeliveryState.PENDING,
        next_attempt_at=now if over else now + delay(delivery.attempts, outcome.after, jitter),
        outcome_class=_class(outcome.status, outcome.kind),
        error=error[:_SHOWN],
        http_status=outcome.status,
        retry_after=outcome.after,
    )


def _over(delivery: Delivery, now: datetime) -> str:
    if delivery.attempts >= ATTEMPTS:
        return f"gave up after {delivery.attempts} attempts"
    if now - delivery.created_at >= EXPIRES:
        return f"gave up after {EXPIRES.total_seconds() / 3600:.0f} hours"
    return ""


def delay(attempts: int, asked: timedelta | None, jitter: float) -> timedelta:
    """How long to wait after so many attempts. The far side's wish is kept, within 1 s and 6 h."""
    doubled = FIRST * (1 << min(attempts, 10))  # 5 s x 2^10 is already beyond an hour
    own = jitter * min(LONGEST, doubled)
    return max(own, granted(asked))


def granted(asked: timedelta | None) -> timedelta:
    """What is obeyed of a far side's wish to wait; nothing where it has none."""
    return timedelta(0) if asked is None else min(max(asked, ASKED_LEAST), ASKED_MOST)


def _class(status: int | None, kind: str) -> str:
    return kind or (f"status-{status}" if status else "failed")


def of_status(status: int, error: str, after: timedelta | None = None) -> Outcome:
    """The Outcome of an HTTP answer. `error` says what the far side answered, in case it is one."""
    if 200 <= status < 300:
        return Sent(status=status)
    if status in _AGAIN or status >= 500:
        return Retry(error, after, status)
    return GaveUp(error, status)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """A Retry-After header in seconds or as a date; None where there is none that can be read."""
    if value is None:
        return None
    if re.fullmatch(r"\s*\d{1,9}(\.\d+)?\s*", value, re.ASCII):
        return timedelta(seconds=float(value))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(timedelta(0), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)
