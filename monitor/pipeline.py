"""The hall: the order of things, and nothing else. Called by `app`; knows every room's door, none of their insides.

    gather    store.sources.due -> fetch -> [worker] parse -> store.articles.novelty -> fetch the page
              -> [worker] refine -> store.candidates -> judge -> store.record -> store.sources.save
    deliver   store.outbox.claim -> render -> send -> next_step -> store.outbox.settle

The store is used by one thread, one call at a time; judge-and-record is one such call, so each article sees the story
that its forerunner opened. A source's validators are saved after its last item is recorded: whatever dies in between
is read again, and what was recorded is known by then. No transaction is open while the network is.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from monitor.collect import (
    Fetcher,
    Reading,
    addressed,
    assess,
    charset_of,
    next_state,
    parse,
    recognise,
    request_for,
    to_fill,
    told,
    unread,
)
from monitor.deliver import Sender, next_step, render
from monitor.errors import ParseError, WorkerFailed
from monitor.judge import Rules, judge
from monitor.links import links_of, reachable
from monitor.model import (
    Article,
    Channel,
    ChannelKind,
    Condition,
    Decision,
    Delivery,
    DeliveryState,
    Feed,
    GaveUp,
    Item,
    Links,
    Novelty,
    Outcome,
    PollingPolicy,
    Purpose,
    Reason,
    Recipient,
    Request,
    Response,
    Source,
    SourceState,
)
from monitor.refine import item_hash, item_key, refine
from monitor.store import Store
from monitor.workers import Workers

Lane = tuple[str, str]
"""A channel on its way: the recipient's id and the channel's."""

P = ParamSpec("P")
T = TypeVar("T")

PARSE_DEADLINE = 10.0  # seconds; a hostile document is killed then (hardening: each under 10 s)
REFINE_DEADLINE = 10.0
LEASE = timedelta(
    minutes=3
)  # longer than a send that runs into its deadline, and its settling on a busy disk
PAGES_AT_ONCE = 4  # a source; the fetcher's limit a host holds as well
FURTHER_DOCUMENTS = 5  # of one poll: the newest that an index names, the next pages of a list


class StoreThread:
    """The one thread that uses the store, so that the loop never waits for the disk."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="store")

    async def __call__(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: call(*args, **kwargs))

    def close(self) -> None:
        self._executor.shutdown(wait=True)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the pipeline works with. Replaced whole on reload; work under way keeps the old one."""

    store: Store
    in_store: StoreThread
    fetcher: Fetcher
    workers: Workers
    sender: Sender
    rules: Rules
    sources: Mapping[str, Source]
    recipients: Mapping[str, Recipient]
    polling: PollingPolicy
    public_url: str
    host: str
    clock: Callable[[], datetime]
    chance: Callable[[], float]  # in [0, 1)
    fault: Callable[[str, BaseException], None]  # tells an operator of a mistake of ours
    link_key: str = field(default="", repr=False)  # signs the links in alerts; "": there are none
    worker: str = "monitor"  # the owner named in leases
    underway: dict[str, asyncio.Event] = field(default_factory=dict)  # item keys being made into articles
    conditions: dict[str, Condition] = field(default_factory=dict)  # as the store has them; each read once


@dataclass(slots=True)
class Tally:
    """What a pass did; the numbers of `monitor once`."""

    sources: int = 0
    fetched: int = 0
    not_modified: int = 0
    failed: int = 0
    items: int = 0
    articles_new: int = 0
    matches: int = 0
    alerts: int = 0
    delivered: int = 0
    retried: int = 0
    dead: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)  # (source's or recipient's id, sentence)

    def add(self, other: Tally) -> None:
        """Both together, in place."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


# --- gather ----------------------------------------------------------------------------------------------------------


async def read_source(parts: Parts, source: Source) -> Tally:
    """Read one source to its end: fetch, parse, refine, judge, record, and set when it is due next.

    Never raises for what the source does; what it did wrong is in the tally, the ledger and the source's state.
    """
    state = await parts.in_store(parts.store.sources.state, source.id, parts.clock())
    source, state = addressed(source, state, parts.clock())
    response = await parts.fetcher.fetch(replace(request_for(source, state), secret=source.password))
    tally = Tally(sources=1, fetched=0 if response.failure else 1, not_modified=int(response.not_modified))
    digest = hashlib.sha256(response.body).hexdigest() if response.body else None
    if response.failure or response.not_modified or digest == state.body_hash:
        reading = Reading(response=response, body_hash=digest or state.body_hash)
    else:
        fresh = Reading(response=response, body_hash=digest)
        reading = await _read_body(parts, source, state, fresh, tally)
    await _settle_source(parts, source, state, reading, tally)
    return tally


async def _read_body(
    parts: Parts, source: Source, state: SourceState, reading: Reading, tally: Tally
) -> Reading:
    response = reading.response
    try:
        feed = await _parse(parts, source, response, state.succeeded_at)
    except (ParseError, WorkerFailed) as error:
        return unread(response, error)
    if (
        feed.links
    ):  # an index may stand still while the documents behind it move on: no validator of it is kept
        reading = replace(reading, body_hash=None, response=replace(response, headers={}))
    tally.items = len(feed.items)
    keys = [item_key(item, source.id) for item in feed.items]
    met = await parts.in_store(parts.store.articles.met, source.id, feed.items, keys, parts.clock())
    reading, feed, known = recognise(state, reading, feed, met)
    await parts.in_store(parts.store.articles.seen_all, source.id, known, parts.clock())
    backlog = state.first_reading and not source.backfill
    lost = await _take_items(parts, source, feed, backlog, tally)
    notice = "; ".join((*feed.problems, *lost))
    return replace(reading, new_items=tally.articles_new, notice=notice)


async def _parse(parts: Parts, source: Source, response: Response, since: datetime | None) -> Feed:
    """The document's items, and those of the documents behind it: what an index names, the next pages of a list.

    One of those that fails is a problem told, not the end of the others. Raises ParseError where nothing could be read.
    """
    feed = await _parse_one(parts, source, response, since)
    waiting = [*feed.links]
    items, problems, read = list(feed.items), list(feed.problems), 0
    for _ in range(FURTHER_DOCUMENTS):
        if not waiting:
            break
        link = waiting.pop(0)
        try:
            part = await _further(parts, source, link, since)
        except (ParseError, WorkerFailed) as error:
            problems.append(f"{link}: {error}")
            continue
        read += 1
        items.extend(part.items)
        problems.extend(part.problems)
        waiting = [*part.links, *waiting]
    if feed.links and not items and not read:
        raise ParseError("; ".join(problems))
    return replace(feed, items=tuple(items), problems=tuple(problems))


async def _further(parts: Parts, source: Source, link: str, since: datetime | None) -> Feed:
    answer = await parts.fetcher.fetch(Request(link, secret=source.password))
    if answer.failure:
        raise ParseError(answer.failure.message)
    return await _parse_one(parts, replace(source, also=()), answer, since)


async def _parse_one(parts: Parts, source: Source, response: Response, since: datetime | None) -> Feed:
    return await parts.workers.run(
        parse,
        PARSE_DEADLINE,
        response.body,
        source.kind,
        response.url,
        response.media_type,
        charset_of(response),
        replace(source, password=None),
        since,
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """An item that the store does not know as it is now."""

    item: Item
    key: str
    shown: str  # item_hash


async def _take_items(
    parts: Parts, source: Source, feed: Feed, backlog: bool, tally: Tally
) -> tuple[str, ...]:
    """Refine, judge and record what is new, oldest first. The sentences say which items could not be read.

    An item that another source (the outlet's sitemap beside its feed) is at work on waits until that one is recorded;
    by then it is known, and its page is not fetched twice.
    """
    lost: list[str] = []
    left = tuple(reversed(feed.items))
    while left:
        work = await _unknown(parts, source, left)
        mine = [each for each in work if each.key not in parts.underway]
        async with _claimed(parts, mine):
            for start in range(0, len(mine), PAGES_AT_ONCE):
                group = mine[start : start + PAGES_AT_ONCE]
                lost += await _take_group(parts, source, group, backlog, tally)
        others = [each for each in work if each not in mine]
        await asyncio.gather(*(parts.underway[o.key].wait() for o in others if o.key in parts.underway))
        left = tuple(other.item for other in others)
    return tuple(lost)


@asynccontextmanager
async def _claimed(parts: Parts, work: Sequence[_Work]) -> AsyncIterator[None]:
    """While inside, other sources leave these items alone."""
    done = asyncio.Event()
    parts.underway.update((each.key, done) for each in work)
    try:
        yield
    finally:
        for key in {each.key for each in work}:
            del parts.underway[key]
        done.set()


async def _unknown(parts: Parts, source: Source, items: Sequence[Item]) -> list[_Work]:
    """The items that need work; those that are known are noted as seen at this source."""
    keys = [(item_key(item, source.id), item.id, item_hash(item), source.full_text) for item in items]
    novelties = await parts.in_store(parts.store.articles.novelty, source.id, keys)
    known = [key[:3] for key, novelty in zip(keys, novelties, strict=True) if novelty is Novelty.KNOWN]
    if known:
        await parts.in_store(parts.store.articles.seen_all, source.id, known, parts.clock())
    return [
        _Work(item, key[0], key[2])
        for item, key, novelty in zip(items, keys, novelties, strict=True)
        if novelty is not Novelty.KNOWN
    ]


async def _take_group(
    parts: Parts, source: Source, group: Sequence[_Work], backlog: bool, tally: Tally
) -> list[str]:
    """A few items at once up to their article; then judged and recorded one by one."""
    articles = await asyncio.gather(*(_make_article(parts, source, w.item, backlog) for w in group))
    lost: list[str] = []
    for each, article in zip(group, articles, strict=True):
        try:
            if isinstance(article, str):
                raise WorkerFailed(article)
            tally.add(await parts.in_store(judge_and_record, parts, article, each.key, each.shown))
        except (WorkerFailed, JudgeFailed) as error:
            lost.append(f"{each.item.url or each.item.title}: {error}")
            told = (Decision("refine", Reason.REFINE_FAILED, str(error)),)
            await parts.in_store(
                parts.store.ledger.add, told, source_id=source.id, item_key=each.key, now=parts.clock()
            )
    return lost


async def _make_article(parts: Parts, source: Source, item: Item, backlog: bool) -> Article | str:
    """The article of an item; or, where a worker died of it even without its page, what happened."""
    page: Response | None = None
    note = ""
    if source.full_text and item.url:
        page = await parts.fetcher.fetch(Request(item.url, Purpose.PAGE))
        note = f"page: {page.failure.message}" if page.failure else ""
    whole = page if page and not page.failure and page.body else None
    try:
        return await _refine(parts, source, item, whole, note, backlog)
    except WorkerFailed as error:
        if whole is None:
            return str(error)
        note = f"page: {error}"
    try:
        return await _refine(parts, source, item, None, note, backlog)
    except WorkerFailed as error:
        return str(error)


async def _refine(
    parts: Parts, source: Source, item: Item, page: Response | None, note: str, backlog: bool
) -> Article:
    body, url, charset = (page.body, page.url, charset_of(page)) if page else (None, None, None)
    return await parts.workers.run(
        refine, REFINE_DEADLINE, item, source, body, url, note, parts.clock(), backlog, charset
    )


class JudgeFailed(Exception):
    """The program itself failed on this article; the others of its source go on."""


def judge_and_record(parts: Parts, article: Article, key: str, shown: str) -> Tally:
    """Runs whole in the store's thread: one article at a time."""
    now = parts.clock()
    candidates = parts.store.candidates(article, now)
    try:
        verdict = judge(article, candidates, parts.rules, now)
    except Exception as error:  # told by `fault`, and again with each poll that still shows the item
        parts.fault(article.url or article.key, error)
        raise JudgeFailed(f"the program failed to judge it: {type(error).__name__}") from error
    verdict = replace(verdict, decisions=(*_noted(article), *verdict.decisions))
    recorded = parts.store.record(verdict, key, shown, now)
    new = verdict.same_as is None
    return Tally(
        articles_new=int(new),
        matches=len(verdict.matches) if new else 0,
        alerts=len(verdict.alerts) if recorded.deliveries else 0,
    )


def _noted(article: Article) -> Iterator[Decision]:
    """What refining had to leave or repair, for the ledger."""
    for note in article.notes:
        yield Decision("refine", Reason.PAGE_FAILED if note.startswith("page") else Reason.DAMAGED, note)


async def _settle_source(
    parts: Parts, source: Source, state: SourceState, reading: Reading, tally: Tally
) -> None:
    now = parts.clock()
    after = next_state(state, source, parts.polling, reading, now, parts.chance())
    trouble = reading.failed
    if trouble:
        tally.failed = 1
        tally.problems.append((source.id, trouble))
    elif notice := "; ".join(filter(None, (*told(state, source, reading), reading.notice))):
        tally.problems.append((source.id, notice))
    line = _what_happened(state, after, reading, trouble, tally)
    before = parts.conditions.get(source.id)
    if before is None:
        before = await parts.in_store(parts.store.conditions.get, source.id)
    condition = parts.conditions[source.id] = assess(before, after, reading, now)
    await parts.in_store(parts.store.sources.save, after, line, None if condition == before else condition)
    if gap := to_fill(state, source, reading, parts.sources.values()):
        await parts.in_store(parts.store.sources.hasten, gap, now)


def _what_happened(
    before: SourceState, after: SourceState, reading: Reading, trouble: str | None, tally: Tally
) -> Decision | None:
    """The ledger's line of a reading: news, or a change of the source's state. A poll like the last one has none."""
    if trouble:
        if (before.health, before.message) == (after.health, after.message):
            return None
        reason = Reason.NOT_A_FEED if reading.not_a_feed else Reason.PARSE_FAILED
        return Decision("collect", Reason.FETCH_FAILED if reading.response.failure else reason, after.message)
    if after.message and before.message != after.message:
        return Decision("collect", Reason.DAMAGED, after.message)
    if tally.articles_new or before.health != after.health:
        return Decision("collect", Reason.FETCHED, f"{tally.items} items, {tally.articles_new} new")
    return None


# --- deliver ---------------------------------------------------------------------------------------------------------


async def claim(parts: Parts, busy: Iterable[Lane] = (), only: Lane | None = None) -> dict[Lane, Delivery]:
    """Of each channel the delivery that is due longest, claimed; none of the `busy` channels, or of one alone.

    One at a time: what is claimed is about to be sent, so a crash leaves one delivery a channel in doubt, no more.
    """
    claimed = await parts.in_store(
        parts.store.outbox.claim,
        parts.clock(),
        LEASE,
        parts.worker,
        per_channel=1,
        busy=frozenset(busy),
        only=only,
    )
    return {(delivery.recipient, delivery.channel): delivery for delivery in claimed}


async def run_lane(parts: Parts, first: Delivery, stopping: Callable[[], bool]) -> Tally:
    """Send a channel's due deliveries one after the other, beginning with a claimed one, until none is due or a stop
    is asked for."""
    tally = Tally()
    lane = (first.recipient, first.channel)
    delivery: Delivery | None = first
    if stopping():
        await parts.in_store(parts.store.outbox.release, first, parts.clock())
        return tally
    while delivery is not None:
        tally.add(await _send_one(parts, delivery))
        delivery = None if stopping() else (await claim(parts, only=lane)).get(lane)
    return tally


async def _send_one(parts: Parts, delivery: Delivery) -> Tally:
    recipient = parts.recipients.get(delivery.recipient)
    channel = next((c for c in recipient.channels if c.id == delivery.channel), None) if recipient else None
    if recipient is None or channel is None:
        gone = GaveUp(f"{delivery.recipient}/{delivery.channel} is no longer in the configuration")
        return await _settle(parts, delivery, gone)
    links = _links(parts, delivery, channel)
    message = render(delivery, recipient, parts.public_url, parts.host, links)
    return await _settle(parts, delivery, await parts.sender.send(channel, message))


def _links(parts: Parts, delivery: Delivery, channel: Channel) -> Links | None:
    """By which its reader may answer: only where a reader can follow them and nobody else is shown them. Of a public
    address that is this machine's own they would lead nowhere from another one; a file stays here."""
    local = channel.kind is ChannelKind.FILE
    private = local or (channel.kind is ChannelKind.EMAIL and reachable(parts.public_url))
    return links_of(delivery, parts.link_key, parts.public_url) if parts.link_key and private else None


async def _settle(parts: Parts, delivery: Delivery, outcome: Outcome) -> Tally:
    now = parts.clock()
    step = next_step(delivery, outcome, now, parts.chance())
    kept = await asyncio.shield(
        parts.in_store(
            parts.store.outbox.settle,
            delivery,
            state=step.state,
            now=now,
            next_attempt_at=step.next_attempt_at,
            outcome_class=step.outcome_class,
            error=step.error,
            provider_id=step.provider_id,
            http_status=step.http_status,
            retry_after=step.retry_after,
        )
    )
    name = f"{delivery.recipient}/{delivery.channel}"
    if not kept:
        return Tally(problems=[(name, "the lease was lost while sending: another worker settles it")])
    trouble = [(name, step.error)] if step.error else []
    return Tally(
        delivered=int(step.state is DeliveryState.SENT),
        retried=int(step.state is DeliveryState.PENDING),
        dead=int(step.state is DeliveryState.DEAD),
        problems=trouble,
    )
