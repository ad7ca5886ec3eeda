"""When to look at a source again, and what to ask for. Pure; called by the pipeline with `now` and a random number.

The schedule is data: `next_state` takes what a reading brought and answers the source's next state. It knows no article,
only how many were new. A refusal slows a source down and never stops it: only a person removes a source.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from monitor.collect.xmltext import TRUNCATED
from monitor.errors import NotAFeed, ParseError
from monitor.model import FailureKind, Health, PollingPolicy, Request, Response, Source, SourceState

FIRST_INTERVAL = timedelta(minutes=10)
SHORTEN, LENGTHEN = 0.5, 1.5
BACK_OFF, SLOW_DOWN = 2.0, 4.0  # a failure; a refusal such as 404 or 403
RETRY_AFTER = (timedelta(seconds=60), timedelta(hours=24))
GONE_AFTER = timedelta(hours=72)  # of 404
MOVED_AFTER = 3  # equal permanent redirects that led to a feed
FULL_EVERY = 20  # polls, of which one asks unconditionally; a slow source asks so more often
FULL_EVERY_SLOW = 4
SLOW = timedelta(hours=1)
DISTRUSTED = ""  # as a validator: the server's are not to be believed, so none is stored again
MAX_BACK_OFF = 16  # doublings; only keeps the power from overflowing

_REFUSALS = {401: Health.BLOCKED, 403: Health.BLOCKED, 451: Health.BLOCKED}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one poll brought. A failed fetch needs `response` alone; see also `unread`."""

    response: Response
    items: int = 0
    new_items: int = 0
    problem: str | None = None  # why the document could not be read
    notice: str = ""  # what was wrong although it could: "truncated: the 20 complete items were read"
    not_a_feed: bool = False
    body_hash: str | None = None  # sha256 hex of the body, if it is to be remembered
    blocked: bool = False  # a login page or a captcha stands where the feed was
    dates: tuple[datetime, ...] = ()  # that the items state, where the document was read

    @property
    def failed(self) -> str | None:
        """The failure in words, or None for a success."""
        failure = self.response.failure
        if failure or self.problem:
            return failure.message if failure else self.problem
        answered = self.response.not_modified or self.response.body or self.items or self.body_hash
        return None if answered else "empty: the server sent no content"

    @property
    def whole(self) -> bool:
        """Whether the document had its end. What broke off must be asked for again, not for changes of it."""
        return TRUNCATED not in self.notice


def unread(response: Response, error: Exception) -> Reading:
    """The Reading of a document that `parse` refused, or that its worker did not survive."""
    return Reading(
        response,
        problem=str(error) if isinstance(error, ParseError) else f"not read: {error}",
        not_a_feed=isinstance(error, NotAFeed),
        blocked=isinstance(error, NotAFeed) and error.blocked,
    )


def request_for(source: Source, state: SourceState) -> Request:
    """The request of the next poll: conditional where validators are known, to the new address after a lasting move."""
    if _full_turn(state):
        # Now and then everything is asked of the configured address: servers lie about ETags, and redirects end
        return Request(source.url)
    url = state.moved_to if state.moved_to and state.moved_seen >= MOVED_AFTER else source.url
    return Request(url, etag=state.etag or None, last_modified=state.last_modified or None)


def _full_turn(state: SourceState) -> bool:
    every = FULL_EVERY_SLOW if (state.interval or timedelta(0)) >= SLOW else FULL_EVERY
    if state.checked_at is None:
        return True
    return zlib.crc32(f"{state.source_id} {state.checked_at.isoformat()}".encode()) % every == 0


def next_state(
    state: SourceState, source: Source, policy: PollingPolicy, reading: Reading, now: datetime, jitter: float
) -> SourceState:
    """The state after a reading. `jitter` in [0, 1) spreads the polls by up to a tenth."""
    after = (
        _failed(state, source, reading, now) if reading.failed else _succeeded(state, source, reading, now)
    )
    interval = _interval(state, source, policy, reading)
    wait = _wait(after, interval, policy, reading)
    since = state.since if after.health is state.health and state.since else now
    return replace(
        after,
        since=since,
        interval=interval,
        checked_at=now,
        next_check_at=now + wait * (1 + 0.1 * jitter),
    )


# --- after a success -------------------------------------------------------------------------------------------------


def _succeeded(state: SourceState, source: Source, reading: Reading, now: datetime) -> SourceState:
    response = reading.response
    moved_to, moved_seen = _moved(state, source, response)
    state = replace(
        state,
        succeeded_at=now,
        health=_health(state, reading),
        failures=0,
        message=reading.notice or (state.message if _same(state, reading) and not state.failures else ""),
        moved_to=moved_to,
        moved_seen=moved_seen,
        items_seen=state.items_seen + reading.new_items,
    )
    if response.not_modified:
        return state
    return _remember(state, reading) if reading.whole else _forget(state)


def _same(state: SourceState, reading: Reading) -> bool:
    """Whether the source still shows what it showed when it was last read well."""
    return reading.response.not_modified or bool(reading.body_hash and reading.body_hash == state.body_hash)


def _health(state: SourceState, reading: Reading) -> Health:
    if _same(state, reading):
        return Health.EMPTY if state.health is Health.EMPTY else Health.OK
    return Health.OK if reading.items else Health.EMPTY


def _remember(state: SourceState, reading: Reading) -> SourceState:
    headers = reading.response.headers
    if DISTRUSTED in (state.etag, state.last_modified) or _lies(state, reading):
        return replace(state, etag=DISTRUSTED, last_modified=DISTRUSTED, body_hash=reading.body_hash)
    return replace(
        state,
        etag=headers.get("etag") or None,
        last_modified=headers.get("last-modified") or None,
        body_hash=reading.body_hash,
    )


def _lies(state: SourceState, reading: Reading) -> bool:
    """The same validator over other items. New items count, not bytes: a weak ETag may cover a changed clock."""
    headers = reading.response.headers
    tag, changed = headers.get("etag"), headers.get("last-modified")
    same = tag == state.etag if tag else bool(changed) and changed == state.last_modified
    return same and reading.new_items > 0 and reading.body_hash != state.body_hash


def _moved(state: SourceState, source: Source, response: Response) -> tuple[str | None, int]:
    if response.request.url != source.url:  # the new address was polled, and answers
        return (state.moved_to, state.moved_seen) if response.moved_to is None else (response.moved_to, 1)
    if response.moved_to is None:
        return None, 0
    if response.moved_to == state.moved_to:
        return state.moved_to, state.moved_seen + 1
    return response.moved_to, 1


# --- after a failure -------------------------------------------------------------------------------------------------


def _failed(state: SourceState, source: Source, reading: Reading, now: datetime) -> SourceState:
    failed = replace(
        state,
        health=_ill_health(state, reading, now),
        failures=state.failures + 1,
        message=reading.failed or "",
    )
    if reading.response.request.url != source.url and failed.failures >= MOVED_AFTER:
        failed = replace(failed, moved_to=None, moved_seen=0)
    return failed if reading.response.failure else _forget(failed)


def _forget(state: SourceState) -> SourceState:
    """A document that cannot be read, or broke off, must be asked for whole the next time, but distrust outlives it."""
    etag = DISTRUSTED if state.etag == DISTRUSTED else None
    return replace(state, etag=etag, last_modified=etag, body_hash=None)


def _ill_health(state: SourceState, reading: Reading, now: datetime) -> Health:
    status = _status(reading)
    if status == HTTPStatus.GONE:
        return Health.GONE
    if status == HTTPStatus.NOT_FOUND:
        long = state.failures and state.since and now - state.since >= GONE_AFTER
        return Health.GONE if state.health is Health.GONE or long else Health.FAILING
    if reading.blocked:
        return Health.BLOCKED
    return _REFUSALS.get(status or 0, Health.FAILING)


def _status(reading: Reading) -> int | None:
    failure = reading.response.failure
    return reading.response.status if failure and failure.kind is FailureKind.STATUS else None


# --- how long to wait ------------------------------------------------------------------------------------------------


def _interval(state: SourceState, source: Source, policy: PollingPolicy, reading: Reading) -> timedelta:
    """The pace of a healthy source: as configured, else shorter with news and longer without. Failures keep it."""
    if fixed := source.every or policy.every:
        return fixed
    interval = state.interval or FIRST_INTERVAL
    if not reading.failed and not state.first_reading:
        interval = interval * (SHORTEN if reading.new_items else LENGTHEN)
    return min(max(interval, policy.min), policy.max)


def _wait(state: SourceState, interval: timedelta, policy: PollingPolicy, reading: Reading) -> timedelta:
    if not reading.failed:
        return interval
    failure = reading.response.failure
    if failure and failure.retry_after is not None and _status(reading) in (429, 503):
        return min(max(failure.retry_after, RETRY_AFTER[0]), RETRY_AFTER[1])
    longest = max(policy.max, interval)
    if state.health is Health.GONE:
        return longest
    refused = reading.blocked or _status(reading) in (401, 403, 404, 429, 451)
    times = min(state.failures - 1, MAX_BACK_OFF)
    # An accident of a slow source is looked after soon; a refusal is answered by coming less often
    wait = interval * SLOW_DOWN**times if refused else min(interval, FIRST_INTERVAL) * BACK_OFF**times
    return min(wait, longest)
