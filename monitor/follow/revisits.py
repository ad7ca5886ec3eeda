"""The page of an alerted article, looked at again: versions, a changed headline, a removal; each told to the ledger.

    store.revisits.due -> fetch -> [worker] draft -> judge and record as any update -> store.revisits.done

A removed article is marked and kept. What changed goes the way of every changed article, so that a watchlist which
only the new text meets is told of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from monitor.collect import charset_of
from monitor.drafting import Draft, draft
from monitor.errors import WorkerFailed
from monitor.follow.headlines import headline_changed
from monitor.intake import DRAFT_DEADLINE, judge_and_record
from monitor.model import (
    Article,
    Decision,
    FailureKind,
    Item,
    KnownArticle,
    Purpose,
    Reason,
    Request,
    Response,
    Revisit,
    Source,
    TextFrom,
)
from monitor.parts import Parts, Tally
from monitor.refine import Extract, extract

STAGE = "revisit"
AT_ONCE = 4
AGAIN = timedelta(minutes=30)  # after a page that did not answer ...
TRIES = 3  # ... so often
GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a second look found: the article as it is now, or that (and why) it is gone."""

    draft: Draft | None = None
    headline: str = ""
    gone: str = ""


async def due_revisits(parts: Parts, limit: int = AT_ONCE) -> list[Revisit]:
    return await parts.in_store(parts.store.revisits.due, parts.clock(), limit)


async def revisit(parts: Parts, one: Revisit) -> Tally:
    """Look at the page once, and record what it shows. Never raises for what the outlet does."""
    known = await parts.in_store(parts.store.articles.get, one.article_id)
    if known is None or not known.article.url:
        await parts.in_store(parts.store.revisits.done, one, None, (), parts.clock())
        return Tally()
    response = await parts.fetcher.fetch(Request(known.article.url, Purpose.PAGE))
    gone = _gone(response)
    if response.failure and not gone:
        return await _put_off(parts, one, known, response.failure.message, response.failure.kind)
    if gone:
        return await _settle(parts, one, known, Seen(gone=gone))
    try:
        seen = await _read(parts, known, response)
    except WorkerFailed as error:
        return await _put_off(parts, one, known, str(error), FailureKind.PROTOCOL)
    return await _settle(parts, one, known, seen)


def _gone(response: Response) -> str:
    """Why the page counts as removed; '' where it does not. Many outlets answer with their front page instead."""
    if response.failure:
        return response.failure.message if response.status in GONE else ""
    front = urlsplit(response.url).path in ("", "/") and not urlsplit(response.url).query
    asked = urlsplit(response.request.url)
    return "it leads to the front page now" if front and asked.path not in ("", "/") else ""


async def _read(parts: Parts, known: KnownArticle, response: Response) -> Seen:
    """The article that the page holds now, under the same key. Raises WorkerFailed."""
    old = known.article
    source = parts.sources.get(old.source_id) or Source(old.source_id, old.url or "")
    charset = charset_of(response)
    read: Extract = await parts.workers.run(extract, DRAFT_DEADLINE, response.body, response.url, charset)
    title = read.title if headline_changed(old.title, read.title) else old.title
    item = Item(
        id=old.guid,
        url=old.url,
        title=title,
        summary=old.summary,  # the old text is left out: a page that was shortened must count too
        published=old.published,
        authors=old.authors,
        language=old.language,
    )
    drafted = await parts.workers.run(
        draft,
        DRAFT_DEADLINE,
        item,
        source,
        response.body,
        response.url,
        "",
        parts.clock(),
        old.backlog,
        charset,
    )
    return Seen(drafted.of(old.source_id, old.key), read.title)


async def _settle(parts: Parts, one: Revisit, known: KnownArticle, seen: Seen) -> Tally:
    now = parts.clock()
    changed = seen.draft is not None and _differs(known.article, seen.draft.article)
    tally = Tally()
    if seen.draft is not None and changed:
        [(source_id, item_key, item_hash), *_] = await parts.in_store(
            parts.store.articles.sightings, known.id
        )
        drafted = seen.draft.of(source_id)
        done = await parts.in_store.together(judge_and_record, parts, drafted, item_key, item_hash)
        tally = done if isinstance(done, Tally) else Tally(problems=[(source_id, done)])
    decisions = tuple(_decisions(one, known, seen, changed))
    removed_at = (known.removed_at or now) if seen.gone else None
    await parts.in_store(parts.store.revisits.done, one, known, decisions, now, removed_at=removed_at)
    return tally


def _differs(old: Article, new: Article) -> bool:
    """A page is compared with a page; where only the feed's text was stored, the page's fuller one is worth keeping."""
    better = new.text_from is TextFrom.PAGE
    return better and (old.title, old.body) != (new.title, new.body)


def _decisions(one: Revisit, known: KnownArticle, seen: Seen, changed: bool) -> Iterator[Decision]:
    old = known.article
    if seen.gone:
        yield Decision(STAGE, Reason.REMOVED, f"look {one.round}: {seen.gone}")
        return
    if known.removed_at:
        yield Decision(STAGE, Reason.RESTORED, f"look {one.round}: the page is there again")
    if seen.draft and seen.draft.article.title != old.title:
        yield Decision(STAGE, Reason.HEADLINE_CHANGED, f"«{old.title}» became «{seen.draft.article.title}»")
    if not changed:
        yield Decision(STAGE, Reason.REVISITED, f"look {one.round}: unchanged")


async def _put_off(parts: Parts, one: Revisit, known: KnownArticle, message: str, kind: FailureKind) -> Tally:
    now = parts.clock()
    if kind is FailureKind.REFUSED or one.tries + 1 >= TRIES:
        told = (Decision(STAGE, Reason.PAGE_FAILED, f"look {one.round}: {message}"),)
        await parts.in_store(parts.store.revisits.done, one, known, told, now, removed_at=known.removed_at)
    else:
        await parts.in_store(parts.store.revisits.later, one, now + AGAIN)
    return Tally()
