"""The hall: the order of things, and nothing else. Called by `app`; knows every room's door, none of their insides.

    gather    store.sources.due -> fetch -> [worker] sift -> store.articles.met -> recognise -> store.articles.survey
              -> fetch the page -> [worker] draft -> store.candidates -> judge -> store.record
              -> assess, store.sources.save
    deliver   see `despatch`

The store is used by one thread, one call at a time; judge-and-record is one such call, so each article sees the story
that its forerunner opened. A source's validators are saved after its last item is recorded: whatever dies in between
is read again, and what was recorded is known by then. No transaction is open while the network is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from monitor.collect import (
    Fetcher,
    Reading,
    Repeats,
    addressed,
    assess,
    charset_of,
    next_state,
    recognise,
    request_for,
    to_fill,
    told,
    unread,
)
from monitor.deliver import Sender
from monitor.drafting import Draft, draft, draft_all
from monitor.errors import ParseError, StoreError, WorkerFailed
from monitor.gate import Gate
from monitor.judge import Rules, judge
from monitor.model import (
    Article,
    Condition,
    Decision,
    Item,
    Novelty,
    PollingPolicy,
    Purpose,
    Reason,
    Recipient,
    Request,
    Response,
    Shown,
    Source,
    SourceKind,
    SourceState,
    Verdict,
)
from monitor.reach import spread_with
from monitor.sift import NOTHING, Sifted, sift
from monitor.store import Store, StoreThread
from monitor.workers import Workers

PARSE_DEADLINE = 10.0  # seconds; a hostile document is killed then (hardening: each under 10 s)
DRAFT_DEADLINE = 10.0
PAGES_AT_ONCE = 4  # a source; the fetcher's limit a host holds as well
FURTHER_DOCUMENTS = 5  # of one poll: the newest that an index names, the next pages of a list
DOCUMENTS_AT_ONCE = 32  # being read at a time, of those that wait for no page: their items fill memory
ITEMS_AT_ONCE = 16  # where no page is asked for


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
    gate: Gate = field(default_factory=Gate)  # how fast, and how many at once
    underway: dict[str, asyncio.Event] = field(default_factory=dict)  # item keys being made into articles
    conditions: dict[str, Condition] = field(default_factory=dict)  # as the store has them; each read once
    desk: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DOCUMENTS_AT_ONCE))
    repeats: Repeats = field(default_factory=Repeats)
    volumes: dict[datetime, dict[str, dict[datetime, int]]] = field(
        default_factory=dict
    )  # day (UTC) that is over -> watchlist -> hour -> matching articles; see `follow.spikes`
    memos: dict[str, bytes] = field(
        default_factory=dict
    )  # source's id -> what its last reading left for `sift`


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
    alerts: int = (
        0  # decided; `withdrawn` of these, or of earlier ones, turned out to tell of another alert's story
    )
    withdrawn: int = 0
    delivered: int = 0
    retried: int = 0
    dead: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)  # (source's or recipient's id, sentence)

    def add(self, other: Tally) -> None:
        """Both together, in place."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


async def read_source(parts: Parts, source: Source, state: SourceState) -> Tally:
    """Read one source to its end: fetch, sift, refine, judge, record, and set when it is due next.

    Never raises for what the source does; what it did wrong is in the tally, the ledger and the source's state.
    """
    source, state = addressed(source, state, parts.clock())
    request = replace(request_for(source, state), secret=source.password)
    response = await parts.fetcher.fetch(parts.repeats.asked(source.id, state.body_hash, request))
    tally = Tally(sources=1, fetched=0 if response.failure else 1, not_modified=int(response.not_modified))
    digest = parts.repeats.digest(source.id, response)
    if response.failure or response.not_modified or digest == state.body_hash:
        reading = Reading(response=response, body_hash=digest or state.body_hash)
    else:
        async with parts.desk if _waits_for_nobody(source) else nullcontext():
            reading, work = await _find_work(parts, source, state, response, digest)
            del response  # it may be large, and pages are waited for
            reading = await _do_work(parts, source, state, reading, work, tally)
    await _settle_source(parts, source, state, reading, tally)
    return tally


def _waits_for_nobody(source: Source) -> bool:
    """Whether, once its document is here, no further request is needed."""
    return source.kind is SourceKind.FEED and not source.full_text


async def _find_work(
    parts: Parts, source: Source, state: SourceState, response: Response, digest: str | None
) -> tuple[Reading, list[_Work]]:
    """The reading of a document, and of its items, oldest first, what the store does not know as it is now.

    What its last reading showed is not parsed again, unless the store asks for it: a page that could not be read then.
    """
    memo = parts.memos.pop(source.id, NOTHING)
    try:
        sifted = await _sift(parts, source, response, memo, state.succeeded_at, _ahead(parts, source, state))
        fresh = _fresh(sifted, response, digest)
        reading, unknown = await parts.in_store.together(_meet, parts, source, state, fresh, sifted.shown)
        if any(at not in sifted.items for at in unknown):
            sifted = await _sift(parts, source, response, NOTHING, state.succeeded_at)
    except (ParseError, WorkerFailed) as error:
        return unread(response, error), []
    if sifted.memo:
        parts.memos[source.id] = sifted.memo
    return reading, [
        _Work(sifted.items[at], sifted.shown[at], sifted.drafts.get(at)) for at in reversed(unknown)
    ]


def _ahead(parts: Parts, source: Source, state: SourceState) -> datetime | None:
    """When articles are first seen that are drafted where the document is read; None where they wait for their pages, or are
    told of as those that were there before."""
    return None if source.full_text or state.first_reading else parts.clock()


def _fresh(sifted: Sifted, response: Response, digest: str | None) -> Reading:
    """The reading before the store is asked about its items."""
    feed = sifted.feed
    if (
        feed.links
    ):  # an index may stand still while the documents behind it move on: no validator of it is kept
        digest, response = None, replace(response, headers={})
    else:
        response = replace(response, body=b"")  # its digest stands for it
    return Reading(response, body_hash=digest, notice="; ".join(feed.problems), hints=feed.hints)


def _meet(
    parts: Parts, source: Source, state: SourceState, reading: Reading, shown: Sequence[Shown]
) -> tuple[Reading, list[int]]:
    """What the store knows of a document's items: the reading with it, and where those stand that need work.

    Runs whole in the store's thread. What is known, if only by its title, is noted as still shown.
    """
    articles, now = parts.store.articles, parts.clock()
    met, sighted = articles.met(source.id, shown, now)
    reading, further, known = recognise(state, reading, shown, met)
    asked = [_asked(source, shown[at]) for at in further]
    novelties = articles.survey(source.id, [*asked, *((*each, False) for each in known)], now, sighted)
    unknown: dict[str, int] = {}  # a document may show an item twice
    for at, novelty in zip(further, novelties, strict=False):
        if novelty is not Novelty.KNOWN:
            unknown.setdefault(shown[at].key, at)
    return reading, list(unknown.values())


def _asked(source: Source, shown: Shown) -> tuple[str, str | None, str, bool]:
    return shown.key, shown.id, shown.hash, source.full_text


async def _do_work(
    parts: Parts, source: Source, state: SourceState, reading: Reading, work: Sequence[_Work], tally: Tally
) -> Reading:
    tally.items = reading.items
    lost = await _take_items(parts, source, work, state.first_reading and not source.backfill, tally)
    notice = "; ".join(filter(None, (reading.notice, *lost)))
    return replace(reading, new_items=tally.articles_new, notice=notice)


async def _sift(
    parts: Parts,
    source: Source,
    response: Response,
    memo: bytes,
    since: datetime | None,
    ahead: datetime | None = None,
) -> Sifted:
    """The document's items, and those of the documents behind it: what an index names, the next pages of a list.

    One of those that fails is a problem told, not the end of the others. Raises ParseError where nothing could be read.
    """
    sifted = await _sift_one(parts, source, response, memo, since, ahead)
    waiting = [*sifted.feed.links]
    if not waiting:
        return sifted
    shown, items, problems, read = list(sifted.shown), dict(sifted.items), list(sifted.feed.problems), 0
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
        items |= {len(shown) + at: item for at, item in part.items.items()}
        shown += part.shown
        problems += part.feed.problems
        waiting = [*part.feed.links, *waiting]
    if not shown and not read:
        raise ParseError("; ".join(problems))
    return replace(
        sifted, feed=replace(sifted.feed, problems=tuple(problems)), shown=tuple(shown), items=items
    )


async def _further(parts: Parts, source: Source, link: str, since: datetime | None) -> Sifted:
    answer = await parts.fetcher.fetch(Request(link, secret=source.password))
    if answer.failure:
        raise ParseError(answer.failure.message)
    return await _sift_one(parts, replace(source, also=()), answer, NOTHING, since)


async def _sift_one(
    parts: Parts,
    source: Source,
    response: Response,
    memo: bytes,
    since: datetime | None,
    ahead: datetime | None = None,
) -> Sifted:
    def work(ahead: datetime | None) -> Awaitable[Sifted]:
        return parts.workers.run(
            sift,
            PARSE_DEADLINE,
            response.body,
            source.kind,
            response.url,
            response.media_type,
            charset_of(response),
            replace(source, password=None),
            since,
            memo,
            ahead,
        )

    if memo and ahead is not None:
        with suppress(WorkerFailed):  # of an item perhaps, which must not cost the others
            return await work(ahead)
    return await work(None)


@dataclass(frozen=True, slots=True)
class _Work:
    """An item that the store does not know as it is now."""

    item: Item
    shown: Shown
    draft: Draft | None = None  # made where the document was read

    @property
    def key(self) -> str:
        return self.shown.key


async def _take_items(
    parts: Parts, source: Source, work: Sequence[_Work], backlog: bool, tally: Tally
) -> tuple[str, ...]:
    """Refine, judge and record what is new, oldest first. The sentences say which items could not be read.

    An item that another source (the outlet's sitemap beside its feed) is at work on waits until that one is recorded;
    by then it is known, and its page is not fetched twice.
    """
    lost: list[str] = []
    at_once = PAGES_AT_ONCE if source.full_text else ITEMS_AT_ONCE
    while work:
        mine = [each for each in work if each.key not in parts.underway]
        async with _claimed(parts, mine):
            for start in range(0, len(mine), at_once):
                lost += await _take_group(parts, source, mine[start : start + at_once], backlog, tally)
        others = [each for each in work if each not in mine]
        if not others:
            break
        await asyncio.gather(*(parts.underway[o.key].wait() for o in others if o.key in parts.underway))
        work = [others[at] for at in await _unknown(parts, source, [each.shown for each in others])]
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


async def _unknown(parts: Parts, source: Source, shown: Sequence[Shown]) -> list[int]:
    """Where the items stand that need work; those that are known are noted as seen at this source."""
    asked = [_asked(source, each) for each in shown]
    novelties = await parts.in_store.together(parts.store.articles.survey, source.id, asked, parts.clock())
    return [at for at, novelty in enumerate(novelties) if novelty is not Novelty.KNOWN]


async def _take_group(
    parts: Parts, source: Source, group: Sequence[_Work], backlog: bool, tally: Tally
) -> list[str]:
    """A few items at once up to their drafts; then judged and recorded one by one, in their order."""
    drafts = await _drafts_of(parts, source, group, backlog)
    results = await asyncio.gather(
        *(_record(parts, each, drafted) for each, drafted in zip(group, drafts, strict=True))
    )
    lost: list[str] = []
    for each, result in zip(group, results, strict=True):
        if isinstance(result, Tally):
            tally.add(result)
            continue
        lost.append(f"{each.item.url or each.item.title}: {result}")
        told = (Decision("refine", Reason.REFINE_FAILED, result),)
        await parts.in_store.together(
            parts.store.ledger.add, told, source_id=source.id, item_key=each.key, now=parts.clock()
        )
    return lost


async def _record(parts: Parts, work: _Work, drafted: Draft | str) -> Tally | str:
    if isinstance(drafted, str):
        return drafted
    # the document may have given the address to several items
    mine = drafted.of(drafted.article.source_id, work.key)
    return await parts.in_store.together(judge_and_record, parts, mine, work.key, work.shown.hash)


async def _drafts_of(
    parts: Parts, source: Source, group: Sequence[_Work], backlog: bool
) -> Sequence[Draft | str]:
    missing = [each for each in group if each.draft is None]
    made = iter(await _make_drafts(parts, source, [each.item for each in missing], backlog))
    return [each.draft or next(made) for each in group]


async def _make_drafts(
    parts: Parts, source: Source, items: Sequence[Item], backlog: bool
) -> Sequence[Draft | str]:
    """In one call where the feed itself has the text; one by one where pages are asked for, or a worker died of one."""
    if not source.full_text and len(items) > 1:
        with suppress(WorkerFailed):
            return await parts.workers.run(draft_all, DRAFT_DEADLINE, items, source, parts.clock(), backlog)
    return await asyncio.gather(*(_make_draft(parts, source, item, backlog) for item in items))


async def _make_draft(parts: Parts, source: Source, item: Item, backlog: bool) -> Draft | str:
    """The draft of an item; or, where a worker died of it even without its page, what happened."""
    page: Response | None = None
    note = ""
    if source.full_text and item.url:
        page = await parts.fetcher.fetch(Request(item.url, Purpose.PAGE))
        note = f"page: {page.failure.message}" if page.failure else ""
    whole = page if page and not page.failure and page.body else None
    try:
        return await _draft(parts, source, item, whole, note, backlog)
    except WorkerFailed as error:
        if whole is None:
            return str(error)
        note = f"page: {error}"
    try:
        return await _draft(parts, source, item, None, note, backlog)
    except WorkerFailed as error:
        return str(error)


async def _draft(
    parts: Parts, source: Source, item: Item, page: Response | None, note: str, backlog: bool
) -> Draft:
    body, url, charset = (page.body, page.url, charset_of(page)) if page else (None, None, None)
    return await parts.workers.run(
        draft, DRAFT_DEADLINE, item, source, body, url, note, parts.clock(), backlog, charset
    )


def judge_and_record(parts: Parts, drafted: Draft, key: str, shown: str) -> Tally | str:
    """Runs whole in the store's thread: one article at a time. Where the program itself fails on it, a sentence; the
    others of its source go on."""
    article, now = drafted.article, parts.clock()
    try:
        candidates = parts.store.candidates(article, now, drafted.traits)
        verdict = _with_reach(parts, judge(article, candidates, parts.rules, now, drafted.traits))
    except StoreError:
        raise
    except Exception as error:  # told by `fault`, and again with each poll that still shows the item
        parts.fault(article.url or article.key, error)
        return f"the program failed to judge it: {type(error).__name__}"
    verdict = replace(verdict, decisions=(*_noted(article), *verdict.decisions))
    recorded = parts.store.record(verdict, key, shown, now)
    new = verdict.same_as is None
    return Tally(
        articles_new=int(new),
        matches=len(verdict.matches) if new else 0,
        alerts=len(verdict.alerts) if recorded.deliveries or recorded.waiting else 0,
        withdrawn=recorded.withdrawn,
    )


def _with_reach(parts: Parts, verdict: Verdict) -> Verdict:
    """Each alert with how far its story has come: later editions are measured against it."""
    if not verdict.alerts:
        return verdict
    story = parts.store.stories.get(verdict.story) if verdict.story is not None else None
    state = spread_with(verdict, story.members if story else (), parts.sources)
    return replace(verdict, alerts=tuple(replace(each, story_state=state) for each in verdict.alerts))


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
        before = await parts.in_store.together(parts.store.conditions.get, source.id)
    condition = assess(before, after, reading, now)
    changed = None if condition == before else condition
    await parts.in_store.together(parts.store.sources.save, after, line, changed)
    parts.conditions[source.id] = condition
    if gap := to_fill(state, source, reading, parts.sources.values()):
        await parts.in_store.together(parts.store.sources.hasten, gap, now)


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
