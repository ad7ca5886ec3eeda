"""What an analyst corrects: a story that is two, or two that are one. Called by stories.py, a transaction each.

Articles move, with the copies of them and with what was told of them; a line in `correction` says so for ever. Later
verdicts see where articles are now, so whatever copies them follows them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from monitor.errors import StoreError
from monitor.model import Decision, Reason
from monitor.store import ledger, traits
from monitor.store.sql import chunks
from monitor.store.tables import alert, article, correction, story
from monitor.store.unions import keep_apart, move, recount, unite

STAGE = "correct"


def present(connection: Connection, story_id: int) -> Row[Any] | None:
    """The story's row, or that of the story it was merged into."""
    row = connection.execute(select(story).where(story.c.id == story_id)).one_or_none()
    if row is None or row.merged_into is None:
        return row
    return connection.execute(select(story).where(story.c.id == row.merged_into)).one_or_none()


def _there(connection: Connection, story_id: int) -> int:
    row = present(connection, story_id)
    if row is None:
        raise StoreError(f"there is no story {story_id}: see `monitor stories list`")
    return int(row.id)


# --- split -----------------------------------------------------------------------------------------------------------


def split(
    connection: Connection, story_id: int, articles: Sequence[int], author: str | None, now: datetime
) -> int:
    old = _there(connection, story_id)
    moving = _with_copies(connection, old, articles)
    new = _open(connection, moving, now)
    move(connection, moving, new)
    _loosen(connection, moving)
    _move_alerts(connection, old, new, moving)
    for each in (old, new):
        recount(connection, each)
        traits.follow(connection, each)
    connection.execute(update(story).where(story.c.id == old).values(articles=story.c.articles - len(moving)))
    keep_apart(connection, old, new)
    _note(connection, "split", old, new, moving, author, now)
    return new


def _with_copies(connection: Connection, story_id: int, articles: Collection[int]) -> list[int]:
    """The articles and the story's copies of them. Raises StoreError where they are not in it, or are all of it."""
    here = connection.execute(
        select(article.c.id, article.c.duplicate_of).where(article.c.story_id == story_id)
    ).all()
    strangers = sorted(set(articles) - {row.id for row in here})
    if strangers:
        names = ", ".join(map(str, strangers))
        raise StoreError(f"not in story {story_id}: {names}; see `monitor stories show {story_id}`")
    moving = sorted(row.id for row in here if row.id in articles or row.duplicate_of in articles)
    if not moving:
        raise StoreError("name the articles that are another story")
    if len(moving) == len(here):
        raise StoreError(
            f"with the copies of them these are all articles of story {story_id}: none would be left"
        )
    return moving


def _open(connection: Connection, articles: Sequence[int], now: datetime) -> int:
    opened = {
        "first_article": articles[0],
        "opened_at": now,
        "last_article_at": now,
        "articles": len(articles),
    }
    return int(connection.execute(insert(story).values(opened).returning(story.c.id)).scalar_one())


def _loosen(connection: Connection, moved: Sequence[int]) -> None:
    """A copy that was split from its original is none any more."""
    for chunk in chunks(moved):
        astray = article.c.duplicate_of.is_not(None) & article.c.duplicate_of.not_in(moved)
        connection.execute(update(article).where(article.c.id.in_(chunk), astray).values(duplicate_of=None))


def _move_alerts(connection: Connection, old: int, new: int, moved: Sequence[int]) -> None:
    """Who was told of an article that moved was told of the new story, and not of what is left of the old one."""
    keys: set[str] = set()
    for chunk in chunks(moved):
        keys.update(connection.execute(select(article.c.key).where(article.c.id.in_(chunk))).scalars())
    ever = select(story.c.id).where(or_(story.c.id == old, story.c.merged_into == old))
    told = connection.execute(select(alert.c.id, alert.c.payload).where(alert.c.story_id.in_(ever))).all()
    going = [row.id for row in told if row.payload.get("article", {}).get("key") in keys]
    if going:
        connection.execute(update(alert).where(alert.c.id.in_(going)).values(story_id=new))


# --- merge -----------------------------------------------------------------------------------------------------------


def merge(connection: Connection, story_id: int, other_id: int, author: str | None, now: datetime) -> int:
    into, other = _there(connection, story_id), _there(connection, other_id)
    if into == other:
        raise StoreError(f"{story_id} and {other_id} are one story already")
    moving = unite(connection, into, other).moved
    _note(connection, "merge", into, other, moving, author, now)
    return into


# --- both ------------------------------------------------------------------------------------------------------------


def _note(
    connection: Connection,
    kind: str,
    story_id: int,
    other_id: int,
    articles: Iterable[int],
    author: str | None,
    now: datetime,
) -> None:
    moved = list(articles)
    values = {"at": now, "author": author, "kind": kind, "story_id": story_id, "other_id": other_id}
    connection.execute(insert(correction).values(articles=moved, **values))
    by = f" by {author}" if author else ""
    told = (
        Decision(STAGE, Reason.SPLIT, f"split from story {story_id} into story {other_id}{by}")
        if kind == "split"
        else Decision(STAGE, Reason.MERGED, f"story {other_id} merged into story {story_id}{by}")
    )
    for each in moved:
        ledger.write(connection, [told], None, each, None, now)
