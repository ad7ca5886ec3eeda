"""Writing a verdict: article, sighting, matches, story, alerts with their timings, and ledger in one transaction.

Idempotent, because an error at commit leaves open whether it happened: each row that must not exist twice has a unique
key, and whoever comes second finds the first one's row and goes on with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from sqlalchemy import BigInteger, Connection, bindparam, delete, func, insert, select, update

from monitor.model import Article, How, KnownArticle, Severity, TextFrom, Verdict
from monitor.store import growth, ledger, posting, revisits, rows, traits
from monitor.store.articles import by_key, note_sighting
from monitor.store.columns import Moment
from monitor.store.sql import insert_new
from monitor.store.tables import article, article_version, match, story
from monitor.store.unions import are_apart, unite

VERSIONS_KEPT = 20

# Statements that every article waits for are made once: making one takes longer than answering it.
_ASKED = bindparam("asked", type_=BigInteger)
_WHERE = select(article.c.id, article.c.story_id).where(article.c.id == _ASKED)
_PRESENT = select(func.coalesce(story.c.merged_into, story.c.id)).where(story.c.id == _ASKED)
_OPEN = insert(story).returning(story.c.id)
_JOIN = (
    update(story)
    .where(story.c.id == _ASKED)
    .values(articles=story.c.articles + 1, last_article_at=bindparam("at", type_=Moment))
)
_PUT = update(article).where(article.c.id == _ASKED).values(story_id=bindparam("into", type_=BigInteger))


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a verdict was written, how many deliveries it enqueued, and how many alerts wait for their time."""

    article_id: int
    story_id: int
    deliveries: int
    waiting: int = 0
    withdrawn: int = 0  # alerts enqueued before and not begun: told with another one, of the same event


def write_verdict(
    connection: Connection,
    verdict: Verdict,
    item_key: str,
    item_hash: str,
    instance: uuid.UUID,
    now: datetime,
) -> Recorded:
    placed = _place(connection, verdict, now)
    story_id, withdrawn = _united(connection, placed.story_id, verdict.merges, now)
    placed = replace(placed, story_id=story_id)
    article_id = placed.article_id
    new = verdict.article
    note_sighting(connection, new.source_id, item_key, new.guid, item_hash, article_id, now)
    _write_matches(connection, article_id, verdict, replace_old=placed.current and not placed.new)
    _tell_of_growth(connection, verdict, placed, now)
    deliveries, waiting = _write_alerts(connection, verdict, story_id, instance, now)
    if deliveries and new.url:
        revisits.plan(connection, article_id, now)
    ledger.write(connection, verdict.decisions, new.source_id, article_id, item_key, now)
    return Recorded(article_id, story_id, deliveries, waiting, withdrawn)


@dataclass(frozen=True, slots=True)
class _Placed:
    article_id: int
    story_id: int
    new: bool  # the article was not there before
    current: bool  # whether the verdict's text is the one that is stored
    joined: bool  # the story was there before
    retitled: bool  # the article was, with another headline


def _write_alerts(
    connection: Connection, verdict: Verdict, story_id: int, instance: uuid.UUID, now: datetime
) -> tuple[int, int]:
    """How many deliveries that made, and how many alerts wait. An alert without a timing goes at once."""
    deliveries = waiting = 0
    for told, timing in zip_longest(verdict.alerts, verdict.timings, fillvalue=None):
        if told is None:
            break
        alert_id = posting.keep(connection, told, story_id, now)
        if alert_id is None:
            continue
        if timing is None or timing.how is How.NOW:
            deliveries += posting.post(connection, alert_id, told, story_id, instance, now)
        else:
            posting.hold(connection, alert_id, told.recipient, timing)
            waiting += 1
    return deliveries, waiting


def _tell_of_growth(connection: Connection, verdict: Verdict, placed: _Placed, now: datetime) -> None:
    """Before the verdict's own alerts are written: whom it tells himself need not look at the story again. Critical ones
    must be looked at, to plan who hears next."""
    if verdict.again:
        growth.add(connection, placed.story_id, verdict.again, now)
    elif ((placed.joined or placed.retitled) and growth.told(connection, placed.story_id)) or any(
        each.severity is Severity.CRITICAL for each in verdict.alerts
    ):
        growth.add(connection, placed.story_id, (), now)


def _place(connection: Connection, verdict: Verdict, now: datetime) -> _Placed:
    known = _get(connection, verdict.same_as) if verdict.same_as is not None else None
    if known is None:
        goal, original = _goal(connection, verdict)
        values = {**rows.article_values(verdict.article), "updated_at": now, "likeness": verdict.likeness}
        values |= {**traits.provenance(verdict.traits), "story_id": goal, "duplicate_of": original}
        article_id = insert_new(connection, article, values)
        if article_id is not None:
            story_id, joined = _into_story(connection, article_id, goal, now)
            traits.keep(
                connection, article_id, story_id, verdict.article, verdict.traits, now, lead=original is None
            )
            return _Placed(article_id, story_id, new=True, current=True, joined=joined, retitled=False)
        known = by_key(connection, verdict.article.key)
        assert known is not None  # the key was taken, and the transaction that took it has ended
    current = _update(connection, known, verdict.article, now)
    if current:
        connection.execute(
            update(article).where(article.c.id == known.id).values(traits.provenance(verdict.traits))
        )
        told = replace(
            verdict.article, source_id=known.article.source_id, first_seen=known.article.first_seen
        )
        lead = known.duplicate_of is None
        traits.keep(connection, known.id, known.story_id, told, verdict.traits, now, lead=lead)
    retitled = current and known.article.title != verdict.article.title
    return _Placed(known.id, known.story_id, new=False, current=current, joined=False, retitled=retitled)


def _get(connection: Connection, article_id: int) -> KnownArticle | None:
    row = connection.execute(select(article).where(article.c.id == article_id)).one_or_none()
    return None if row is None else rows.known_article(row)


def _goal(connection: Connection, verdict: Verdict) -> tuple[int | None, int | None]:
    """The story that a new article joins and the article that it is a copy of, if they are still there. An analyst may
    have split or merged the story meanwhile: a copy goes where its original is now."""
    if verdict.duplicate_of is not None:
        found = connection.execute(_WHERE, {"asked": verdict.duplicate_of}).one_or_none()
        if found is not None:
            return found.story_id, found.id
    return _present(connection, verdict.story), None


def _into_story(connection: Connection, article_id: int, goal: int | None, now: datetime) -> tuple[int, bool]:
    """Join the story that the article's row names (True), or open one; also where retention has taken the story
    meanwhile."""
    if goal is not None and connection.execute(_JOIN, {"asked": goal, "at": now}).rowcount == 1:
        return goal, True
    opened = {"first_article": article_id, "opened_at": now, "last_article_at": now, "articles": 1}
    story_id = int(connection.execute(_OPEN, opened).scalar_one())
    connection.execute(_PUT, {"asked": article_id, "into": story_id})
    return story_id, False


def _united(connection: Connection, story_id: int, others: Sequence[int], now: datetime) -> tuple[int, int]:
    """The story with these others in it, the oldest of them, and how many alerts were withdrawn. An analyst may have
    corrected any of them meanwhile."""
    withdrawn = 0
    for each in others:
        other = _present(connection, each)
        if other is not None and other != story_id and not are_apart(connection, story_id, other):
            story_id, gone = sorted((story_id, other))
            withdrawn += unite(connection, story_id, gone).withdrawn
            if growth.told(connection, story_id):
                growth.add(connection, story_id, (), now)
    return story_id, withdrawn


def _present(connection: Connection, story_id: int | None) -> int | None:
    """The story itself, or the one that it was merged into."""
    if story_id is None:
        return None
    return connection.execute(_PRESENT, {"asked": story_id}).scalar_one_or_none()


def _update(connection: Connection, known: KnownArticle, new: Article, now: datetime) -> bool:
    """Take the new text unless it is the same, or a poorer one (a summary after a page). True: it is the stored one."""
    old = known.article
    order = list(TextFrom)
    if order.index(new.text_from) < order.index(old.text_from):
        return False
    if (old.title, old.body, old.summary) != (new.title, new.body, new.summary):
        _keep_version(connection, known, now)
    updated = replace(
        new,
        key=old.key,
        source_id=old.source_id,
        first_seen=old.first_seen,
        backlog=old.backlog,
        url=new.url or old.url,
        guid=old.guid or new.guid,
        published=old.published or new.published,
    )
    if updated != old:
        values = {**rows.article_values(updated), "updated_at": now}
        connection.execute(update(article).where(article.c.id == known.id).values(values))
    return True


def _keep_version(connection: Connection, known: KnownArticle, now: datetime) -> None:
    old = known.article
    values = rows.article_values(old)
    version = {name: values[name] for name in ("title", "body", "summary", "text_from", "text_hash")}
    connection.execute(insert(article_version).values(article_id=known.id, replaced_at=now, **version))
    mine = article_version.c.article_id == known.id
    newest = (
        select(article_version.c.id).where(mine).order_by(article_version.c.id.desc()).limit(VERSIONS_KEPT)
    )
    connection.execute(delete(article_version).where(mine, article_version.c.id.not_in(newest)))


def _write_matches(connection: Connection, article_id: int, verdict: Verdict, *, replace_old: bool) -> None:
    """Matches of a poorer text only add to those of the stored one."""
    if replace_old:
        connection.execute(delete(match).where(match.c.article_id == article_id))
    for each in verdict.matches:
        found = {"article_id": article_id, "watchlist": each.watchlist, "hits": rows.hits_value(each)}
        insert_new(connection, match, found)
