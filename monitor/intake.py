"""From an item that the store does not know to a recorded verdict: its page, its draft, the judgement. Called by the pipeline
for each document, and by `follow` for a page that is looked at again.

    fetch the page -> [worker] draft -> store.candidates -> judge -> store.record

Judge-and-record is one call in the store's thread, so each article sees the story that its forerunner opened. What fails on
one item is told of that item alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from monitor.collect import (
    charset_of,
)
from monitor.drafting import Draft, draft, draft_all
from monitor.errors import StoreError, WorkerFailed
from monitor.judge import judge
from monitor.model import (
    Article,
    Decision,
    Item,
    Novelty,
    Purpose,
    Reason,
    Request,
    Response,
    Shown,
    Source,
    Verdict,
)
from monitor.parts import Parts, Tally
from monitor.reach import spread_with

DRAFT_DEADLINE = 10.0
PAGES_AT_ONCE = 4  # a source; the fetcher's limit a host holds as well
ITEMS_AT_ONCE = 16  # where no page is asked for


@dataclass(frozen=True, slots=True)
class Work:
    """An item that the store does not know as it is now."""

    item: Item
    shown: Shown
    draft: Draft | None = None  # made where the document was read

    @property
    def key(self) -> str:
        return self.shown.key


async def take_items(
    parts: Parts, source: Source, work: Sequence[Work], backlog: bool, tally: Tally
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
async def _claimed(parts: Parts, work: Sequence[Work]) -> AsyncIterator[None]:
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
    wanted = [asked(source, each) for each in shown]
    novelties = await parts.in_store.together(parts.store.articles.survey, source.id, wanted, parts.clock())
    return [at for at, novelty in enumerate(novelties) if novelty is not Novelty.KNOWN]


async def _take_group(
    parts: Parts, source: Source, group: Sequence[Work], backlog: bool, tally: Tally
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


async def _record(parts: Parts, work: Work, drafted: Draft | str) -> Tally | str:
    if isinstance(drafted, str):
        return drafted
    # the document may have given the address to several items
    mine = drafted.of(drafted.article.source_id, work.key)
    return await parts.in_store.together(judge_and_record, parts, mine, work.key, work.shown.hash)


async def _drafts_of(
    parts: Parts, source: Source, group: Sequence[Work], backlog: bool
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


def asked(source: Source, shown: Shown) -> tuple[str, str | None, str, bool]:
    """As the store is asked whether an item needs work."""
    return shown.key, shown.id, shown.hash, source.full_text
