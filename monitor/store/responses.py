"""What recipients answered by the links in their alerts: recorded once each, taken back, read by whoever tells them more.

Unsubscriptions outlive the story and delivery that they came with. An answer given again is the same row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, CompoundSelect, Connection, and_, null, or_, select, union_all, update

from monitor.model import Alert, Decision, Delivery, Digest, Notice, Reason, Reply, ReplyKind, Told
from monitor.store import growth, ledger, rows
from monitor.store.articles import by_key
from monitor.store.engine import Database
from monitor.store.outbox import load
from monitor.store.sql import as_list, insert_new, listed
from monitor.store.tables import response, story

STAGE = "reply"
UNSUBSCRIBING = (ReplyKind.UNSUBSCRIBE.value, ReplyKind.UNSUBSCRIBE_ALL.value)
ENDING = (ReplyKind.NOT_RELEVANT.value, ReplyKind.SILENCE_STORY.value)
REASONS = {
    ReplyKind.ACKNOWLEDGE: Reason.ACKNOWLEDGED,
    ReplyKind.NOT_RELEVANT: Reason.NOT_RELEVANT,
    ReplyKind.SILENCE_STORY: Reason.SILENCED,
    ReplyKind.UNSUBSCRIBE: Reason.UNSUBSCRIBED,
    ReplyKind.UNSUBSCRIBE_ALL: Reason.UNSUBSCRIBED,
}


# Statements that every article waits for are made once: making one takes longer than answering it.
@cache
def _matter(dialect: str) -> CompoundSelect[Any]:
    """Each with the story that its own was merged into, if it was. Three searches by index: as one condition with OR all that
    was ever answered is gone through, 6 ms of 50,000 rows for each article."""
    asked = select(listed(dialect).c.value)
    ending = or_(*(response.c.kind == each for each in ENDING))
    holds = response.c.undone_at.is_(None)
    mine = select(response, null().label("merged_into")).where(response.c.story_id.in_(asked), ending, holds)
    merged = (
        select(response, story.c.merged_into)
        .join(story, story.c.id == response.c.story_id)
        .where(story.c.merged_into.in_(asked), ending, holds)
    )
    # of no story: what makes the index of stories their index
    unsubscribing = or_(*(response.c.kind == each for each in UNSUBSCRIBING))
    never = select(response, null().label("merged_into")).where(
        response.c.story_id.is_(None), unsubscribing, holds
    )
    # this order: PostgreSQL takes the type of a NULL from what stands before it
    return union_all(merged, never, mine).order_by("id")


class Responses:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, kind: ReplyKind, told: Delivery, by: str, now: datetime) -> int:
        """Record what the recipient of this delivery answered. How many rows that changed: 0 where it held already."""
        return self._database.commit(
            lambda connection: sum(_add(connection, each) for each in _replies(kind, told, by, now))
        )

    def undo(self, kind: ReplyKind, told: Delivery, now: datetime) -> int:
        """Take back what `add` recorded, whichever delivery it came with. How many rows that changed."""
        keys = [_dedup_key(each) for each in _replies(kind, told, "", now)]
        return self._database.commit(
            lambda connection: _undo(connection, response.c.dedup_key.in_(keys), now)
        )

    def undo_one(self, id: int, now: datetime) -> bool:
        """Take back one row, by an operator. Allowed beside a running daemon."""
        return bool(self._database.commit(lambda it: _undo(it, response.c.id == id, now), shared=True))

    def holding(self, kind: ReplyKind, told: Delivery) -> Reply | None:
        """The answer of this kind that the recipient gave to this alert, unless it was taken back since."""
        keys = [_dedup_key(each) for each in _replies(kind, told, "", told.created_at)]
        found = self._find(response.c.dedup_key.in_(keys))
        return found[-1] if len(found) == len(keys) else None

    def of_story(self, story_id: int) -> list[Reply]:
        """All that holds about a story, oldest first: who acknowledged it, who wants to hear no more of it. What was
        answered to a story that was merged into it counts."""
        mine = response.c.story_id.in_(growth.ever(story_id))
        return self._find(mine, response.c.kind.not_in(UNSUBSCRIBING))

    def unsubscriptions(self) -> list[Reply]:
        """All that hold, oldest first."""
        return self._find(response.c.kind.in_(UNSUBSCRIBING))

    def that_matter(self, story_ids: Collection[int]) -> tuple[Reply, ...]:
        """To a verdict: every unsubscription, and what ends one of these stories for somebody. What ended a story that was
        merged ends the one that it is in now, which is the one named here."""
        with self._database.read() as connection:
            return that_matter(connection, story_ids)

    def recent(self, limit: int = 100) -> list[Reply]:
        """What holds, the latest first."""
        query = select(response).where(response.c.undone_at.is_(None)).order_by(response.c.id.desc())
        with self._database.read() as connection:
            return [rows.reply(row) for row in connection.execute(query.limit(limit))]

    def _find(self, *conditions: ColumnElement[bool]) -> list[Reply]:
        with self._database.read() as connection:
            return _holding(connection, and_(*conditions))


def that_matter(connection: Connection, story_ids: Collection[int]) -> tuple[Reply, ...]:
    """See `Responses.that_matter`."""
    asked = {"values": as_list(connection, sorted(story_ids))}
    found = connection.execute(_matter(connection.dialect.name), asked)
    return tuple(
        replace(rows.reply(row), story=row.merged_into if row.merged_into in story_ids else row.story_id)
        for row in found
    )


def _holding(connection: Connection, condition: ColumnElement[bool]) -> list[Reply]:
    query = select(response).where(condition, response.c.undone_at.is_(None)).order_by(response.c.id)
    return [rows.reply(row) for row in connection.execute(query)]


def _replies(kind: ReplyKind, told: Delivery, by: str, now: datetime) -> Iterable[Reply]:
    """One, or one a watchlist of what was told."""
    names = () if isinstance(told.alert, Notice) else told.alert.watchlists
    watchlists = names if kind is ReplyKind.UNSUBSCRIBE else ("",)
    story = None if kind.value in UNSUBSCRIBING else told.story
    return [Reply(kind, told.recipient, now, story, each, told.id, by) for each in watchlists]


def _dedup_key(reply: Reply) -> str:
    parts = (reply.kind.value, reply.recipient, reply.story or "", reply.watchlist)
    return "/".join(quote(str(part), safe="") for part in parts)


def _add(connection: Connection, reply: Reply) -> bool:
    values = {
        "dedup_key": _dedup_key(reply),
        "kind": reply.kind.value,
        "recipient": reply.recipient,
        "story_id": reply.story,
        "watchlist": reply.watchlist,
        "delivery_id": reply.delivery,
        "at": reply.at,
        "by": reply.by,
    }
    fresh = insert_new(connection, response, values) is not None
    if not fresh:  # given before: it holds already, or it was taken back and is given again
        mine = and_(response.c.dedup_key == values["dedup_key"], response.c.undone_at.is_not(None))
        again = {"undone_at": None, "at": reply.at, "by": reply.by, "delivery_id": reply.delivery}
        fresh = connection.execute(update(response).where(mine).values(again)).rowcount == 1
    if fresh:
        _tell(connection, reply, REASONS[reply.kind], f"{_about(reply)}, by {reply.by}", reply.at)
    return fresh


def _undo(connection: Connection, which: ColumnElement[bool], now: datetime) -> int:
    found = _holding(connection, which)
    ids = [each.id for each in found]
    connection.execute(update(response).where(response.c.id.in_(ids)).values(undone_at=now))
    for each in found:
        _tell(connection, each, Reason.REPLY_UNDONE, f"taken back: {_about(each)}", now)
    return len(found)


def _about(reply: Reply) -> str:
    match reply.kind:
        case ReplyKind.ACKNOWLEDGE:
            return f"{reply.recipient} acknowledged story {reply.story}"
        case ReplyKind.NOT_RELEVANT:
            return f"{reply.recipient} called story {reply.story} not relevant"
        case ReplyKind.SILENCE_STORY:
            return f"{reply.recipient} silenced story {reply.story}"
        case ReplyKind.UNSUBSCRIBE:
            return f"{reply.recipient} unsubscribed from {reply.watchlist}"
        case ReplyKind.UNSUBSCRIBE_ALL:
            return f"{reply.recipient} unsubscribed from everything"


def _tell(connection: Connection, reply: Reply, reason: Reason, detail: str, now: datetime) -> None:
    article_id = _article_of(connection, reply)
    told = (Decision(STAGE, reason, detail, reply.recipient),)
    ledger.write(connection, told, None, article_id, None, now)


def _article_of(connection: Connection, reply: Reply) -> int | None:
    """The article that the alert showed, if it is still stored; of a letter that of the story which the answer is about."""
    told = next(iter(load(connection, [reply.delivery])), None)
    alert = _alert_of(told.alert, reply.story) if told else None
    known = by_key(connection, alert.article.key) if alert else None
    return known.id if known else None


def _alert_of(told: Told, story_id: int | None) -> Alert | None:
    if isinstance(told, Digest):
        return next((one for one, id in zip(told.alerts, told.stories, strict=False) if id == story_id), None)
    return told if isinstance(told, Alert) else None
