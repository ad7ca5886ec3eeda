"""Stories to look at again: an article joined one that somebody was told of, or says something else now. A queue.

Written with the verdict, in its transaction; read by whoever makes further editions (`monitor.follow.growth`). Rows of a
story that was merged are the rows of the one that it was merged into.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, Select, bindparam, delete, func, insert, or_, select

from monitor.model import Alert
from monitor.store import rows
from monitor.store.engine import Database
from monitor.store.tables import alert, growth, story


@dataclass(frozen=True, slots=True)
class Grown:
    """A story to look at, and what recipients who know it would be told of its new articles, in their order."""

    story: int
    again: tuple[Alert, ...]
    upto: int  # the last row of the queue that this holds


_STORY = bindparam("story", type_=BigInteger)
_TOLD = (
    select(alert.c.id)
    .where(
        alert.c.story_id.in_(
            select(story.c.id).where(or_(story.c.id == _STORY, story.c.merged_into == _STORY))
        )
    )
    .limit(1)
)


class Growth:
    def __init__(self, database: Database) -> None:
        self._database = database

    def stories(self, limit: int) -> list[int]:
        """Those that wait longest."""
        first = func.min(growth.c.id)
        query = select(growth.c.story_id).group_by(growth.c.story_id).order_by(first).limit(limit)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def of(self, story_id: int) -> Grown | None:
        """What waits of a story; None where nothing does. `Grown.story` is where its articles are now."""
        mine = select(growth).where(growth.c.story_id == story_id).order_by(growth.c.id)
        with self._database.read() as connection:
            found = connection.execute(mine).all()
            if not found:
                return None
            again = (rows.alert(row.payload) for row in found if row.payload is not None)
            return Grown(present(connection, story_id), tuple(filter(None, again)), found[-1].id)

    def done(self, story_id: int, upto: int) -> None:
        with self._database.write() as connection:
            mine = (growth.c.story_id == story_id) & (growth.c.id <= upto)
            connection.execute(delete(growth).where(mine))


def add(connection: Connection, story_id: int, again: Sequence[Alert], now: datetime) -> None:
    """With what the recipients who know the story would be told of the article; at least one row."""
    payloads = [rows.frozen(Alert, each) for each in again] or [None]
    values = [{"story_id": story_id, "payload": each, "at": now} for each in payloads]
    connection.execute(insert(growth), values)


def told(connection: Connection, story_id: int) -> bool:
    """Whether an alert of the story was sent, or waits."""
    return connection.execute(_TOLD, {"story": story_id}).first() is not None


def ever(story_id: int) -> Select[int]:
    """The ids that a story has had: its own, and those of the stories that were merged into it."""
    return select(story.c.id).where(or_(story.c.id == story_id, story.c.merged_into == story_id))


def present(connection: Connection, story_id: int) -> int:
    """The story itself, or the one that it was merged into."""
    now = select(func.coalesce(story.c.merged_into, story.c.id)).where(story.c.id == story_id)
    return int(connection.execute(now).scalar_one_or_none() or story_id)
