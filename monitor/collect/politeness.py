"""When to look at a source again, and what to ask for. Pure; called by the pipeline with `now` and a random number.

The schedule is data: `next_state` takes what a reading brought and answers the source's next state. It knows no article,
only how many were new. A refusal slows a source down and never stops it: only a person removes a source.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from monitor.collect import hints, rhythm
from monitor.collect.xmltext import TRUNCATED
from monitor.errors import NotAFeed, ParseError
from monitor.model import (
    FailureKind,
    Health,
    Hints,
    Met,
    PollingPolicy,
    Request,
    Response,
    Shown,
    Source,
    SourceKind,
    SourceState,
)

SOON = timedelta(minutes=10)  # a failure of a source is looked after within that, at first
BACK_OFF, SLOW_DOWN = 2.0, 4.0  # a failure; a refusal such as 404 or 403
RETRY_AFTER = (timedelta(seconds=60), timedelta(hours=24))
GONE_AFTER = timedelta(hours=72)  # of 404
MOVED_AFTER = 3  # equal permanent redirects that led to a feed
FULL_EVERY = 20  # polls, of which one asks unconditionally; a slow source asks so more often
FULL_EVERY_SLOW = 4
SLOW = timedelta(hours=1)
DISTRUSTED = ""  # as a validator: the server's are not to be believed, so none is stored again
MAX_BACK_OFF = 16  # doublings; only keeps the power from overflowing
FEW = 3  # items; with fewer, a document without anything known is no overrun
HURRY, CALM_DOWN = (
    0.5,
    1.25,
)  # after an overrun the interval is at most half of what was too long, then grows again
CHURN_AFTER = 3  # readings in which the ids of known articles are new
LONGEST_JITTER = timedelta(minutes=1)  # of a planned poll, which has its reasons to be then
OVERRUN = "overrun: nothing in it was known any more, so articles came and went unseen"
CHURN = "the ids change with every reading: articles are recognised by title"
REACHES_BACK = (SourceKind.NEWS_SITEMAP, SourceKind.WORDPRESS)

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
    arrivals: tuple[
        datetime | None, ...
    ] = ()  # stated dates of the articles that this source shows first now
    dates: tuple[datetime, ...] = ()  # of all its items, for a first reading
    strangers: int = 0  # items whose key this source had not shown ...
    namesakes: int = 0  # ... and how many of them bear the title of one that it had
    hints: Hints | None = None

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


def recognise(
    state: SourceState, reading: Reading, shown: Sequence[Shown], met: Sequence[Met]
) -> tuple[Reading, list[int], list[tuple[str, str | None, str]]]:
    """The reading with what `met` says of each item, and where those stand that are to be read further. Where ids are
    worth nothing those with a known title are not among them; the third part is what they were known as."""
    pairs = list(zip(shown, met, strict=True))
    reading = replace(
        reading,
        items=len(pairs),
        arrivals=tuple(item.published for item, each in pairs if not (each.by_key or each.namesake)),
        dates=tuple(item.published for item, _ in pairs if item.published),
        strangers=sum(not each.by_key for each in met),
        namesakes=sum(each.namesake is not None for each in met),
    )
    if not by_title(state, reading):
        return reading, list(range(len(pairs))), []
    further = [at for at, each in enumerate(met) if each.namesake is None]
    return reading, further, [each.namesake for each in met if each.namesake]


def churn_of(state: SourceState, reading: Reading) -> int:
    """How many readings in a row, this one included, had new ids on more than half of the items, most of them known by
    title. From `CHURN_AFTER` on the title decides (`by_title`)."""
    if state.first_reading or not reading.items:
        return state.churn
    churns = reading.strangers * 2 > reading.items and reading.namesakes * 2 >= reading.strangers
    return min(state.churn + 1, CHURN_AFTER) if churns else 0


def by_title(state: SourceState, reading: Reading) -> bool:
    """Whether an item with a known title is a known article, whatever its id says."""
    return churn_of(state, reading) >= CHURN_AFTER


def overran(state: SourceState, source: Source, reading: Reading) -> bool:
    """Whether nothing of what the source shows had been seen, though it was read before at this address."""
    read_here = not state.first_reading and state.read_from in (None, source.url)
    return read_here and reading.items >= FEW and len(reading.arrivals) == reading.items


def to_fill(state: SourceState, source: Source, reading: Reading, sources: Iterable[Source]) -> list[str]:
    """After an overrun the ids of the outlet's other sources that reach further back than a feed: to be read at once."""
    if reading.failed or not overran(state, source, reading):
        return []
    home = _home(source)
    others = (each for each in sources if each.id != source.id and each.kind in REACHES_BACK)
    return [each.id for each in others if _home(each) == home]


def _home(source: Source) -> str:
    return (urlsplit(source.url).hostname or source.url).removeprefix("www.")


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
    if _full_turn(state) or state.read_from not in (None, source.url):
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
    """The state after a reading. `jitter` in [0, 1) spreads the polls by up to a tenth, planned ones by a minute at most."""
    state = _at_address(state, source)
    overrun = overran(state, source, reading) and not reading.failed
    after = (
        _failed(state, source, reading, now) if reading.failed else _succeeded(state, source, reading, now)
    )
    if not reading.failed:
        after = _learnt(after, state, policy, reading, now, overrun)
    fixed = source.every or policy.every
    interval = fixed or _planned(after, policy, reading, now)
    wait = _wait(after, interval, policy, reading)
    spread = wait * (0.1 * jitter)
    return replace(
        after,
        since=state.since if after.health is state.health and state.since else now,
        interval=interval,
        checked_at=now,
        next_check_at=now + wait + (spread if fixed or reading.failed else min(spread, LONGEST_JITTER)),
    )


def _at_address(state: SourceState, source: Source) -> SourceState:
    """The state without what another address said, where the configuration names a new one. The rhythm is the outlet's."""
    if state.read_from in (None, source.url):
        return state
    return replace(
        state,
        etag=None,
        last_modified=None,
        moved_to=None,
        moved_seen=0,
        hints=None,
        hurry=None,
        churn=0,
    )


# --- after a success -------------------------------------------------------------------------------------------------


def _succeeded(state: SourceState, source: Source, reading: Reading, now: datetime) -> SourceState:
    response = reading.response
    moved_to, moved_seen = _moved(state, source, response)
    state = replace(
        state,
        succeeded_at=now,
        health=_health(state, source, reading),
        failures=0,
        message=_message(state, source, reading),
        moved_to=moved_to,
        moved_seen=moved_seen,
        items_seen=state.items_seen + reading.new_items,
        read_from=source.url,
    )
    if response.not_modified:
        return state
    return _remember(state, reading) if reading.whole else _forget(state)


def _same(state: SourceState, reading: Reading) -> bool:
    """Whether the source still shows what it showed when it was last read well."""
    return reading.response.not_modified or bool(reading.body_hash and reading.body_hash == state.body_hash)


def _message(state: SourceState, source: Source, reading: Reading) -> str:
    if _same(state, reading):
        return reading.notice or (state.message if not state.failures else "")
    return "; ".join(each for each in (*told(state, source, reading), reading.notice) if each)


def told(state: SourceState, source: Source, reading: Reading) -> list[str]:
    """What an operator should hear of a reading that succeeded, beside its notice."""
    sentences = [OVERRUN] if overran(state, source, reading) else []
    return [*sentences, CHURN] if by_title(state, reading) else sentences


def _health(state: SourceState, source: Source, reading: Reading) -> Health:
    if _same(state, reading):
        return state.health if state.health in (Health.EMPTY, Health.OVERRUN) else Health.OK
    if overran(state, source, reading):
        return Health.OVERRUN
    return Health.OK if reading.items else Health.EMPTY


def _learnt(
    after: SourceState,
    before: SourceState,
    policy: PollingPolicy,
    reading: Reading,
    now: datetime,
    overrun: bool,
) -> SourceState:
    """What a success taught: the hours, the publisher's hints, whether the last wait was too long."""
    gap = now - before.succeeded_at if before.succeeded_at else None
    if gap is None:
        learnt = rhythm.begin(now, reading.dates)
    else:
        learnt = rhythm.observe(before.rhythm, now - gap, now, reading.arrivals)
    if _same(before, reading):
        return replace(after, rhythm=learnt)
    hurry = before.hurry and before.hurry * CALM_DOWN
    if overrun and gap is not None:
        hurry = max(min(gap, policy.max) * HURRY, policy.min)
    return replace(
        after,
        rhythm=learnt,
        hints=reading.hints,
        churn=churn_of(before, reading),
        hurry=hurry if hurry and hurry < policy.max else None,
    )


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


def _planned(state: SourceState, policy: PollingPolicy, reading: Reading, now: datetime) -> timedelta:
    """When articles are expected to have come, not before the publisher's time, between the operator's bounds. A
    failure keeps the pace that there was."""
    if reading.failed and state.interval:
        return min(max(state.interval, policy.min), policy.max)
    planned = rhythm.wait(state.rhythm, now, policy.price, policy.min, policy.max)
    if state.hurry:
        planned = min(planned, state.hurry)
    asked = max(planned, state.hints.every if state.hints and state.hints.every else planned)
    asked = min(max(asked, hints.fresh_for(reading.response), policy.min), policy.max)
    return hints.past_skips(now + asked, state.hints, now + policy.max) - now


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
    wait = interval * SLOW_DOWN**times if refused else min(interval, SOON) * BACK_OFF**times
    return min(wait, longest)
