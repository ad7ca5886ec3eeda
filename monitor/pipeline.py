"""The hall: the order of things, and nothing else. Called by `app`; knows every room's door, none of their insides.

    gather    store.sources.due -> fetch -> [worker] sift -> store.articles.met -> recognise -> store.articles.survey
              -> see `intake` -> assess, store.sources.save
    deliver   see `despatch`

The store is used by one thread, one call at a time; judge-and-record is one such call, so each article sees the story
that its forerunner opened. A source's validators are saved after its last item is recorded: whatever dies in between
is read again, and what was recorded is known by then. No transaction is open while the network is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import datetime

from monitor.collect import (
    Reading,
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
from monitor.errors import ParseError, WorkerFailed
from monitor.intake import Work, asked, take_items
from monitor.model import (
    Decision,
    Novelty,
    Reason,
    Request,
    Response,
    Shown,
    Source,
    SourceKind,
    SourceState,
)
from monitor.parts import Parts, Tally
from monitor.sift import NOTHING, Sifted, sift

PARSE_DEADLINE = 10.0  # seconds; a hostile document is killed then (hardening: each under 10 s)
FURTHER_DOCUMENTS = 5  # of one poll: the newest that an index names, the next pages of a list


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
) -> tuple[Reading, list[Work]]:
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
        Work(sifted.items[at], sifted.shown[at], sifted.drafts.get(at)) for at in reversed(unknown)
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
    wanted = [asked(source, shown[at]) for at in further]
    novelties = articles.survey(source.id, [*wanted, *((*each, False) for each in known)], now, sighted)
    unknown: dict[str, int] = {}  # a document may show an item twice
    for at, novelty in zip(further, novelties, strict=False):
        if novelty is not Novelty.KNOWN:
            unknown.setdefault(shown[at].key, at)
    return reading, list(unknown.values())


async def _do_work(
    parts: Parts, source: Source, state: SourceState, reading: Reading, work: Sequence[Work], tally: Tally
) -> Reading:
    tally.items = reading.items
    lost = await take_items(parts, source, work, state.first_reading and not source.backfill, tally)
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
