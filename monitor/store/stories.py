"""Stories as people see them: which there are, their articles in the order they came, and the way to correct them.

Called by `monitor stories`. What a verdict needs of stories is brought by neighbours.py.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from monitor.model import Story, StoryMember
from monitor.store import corrections
from monitor.store.engine import Database
from monitor.store.neighbours import stories
from monitor.store.sql import chunks
from monitor.store.tables import article, correction, ledger, story

PLACING = (
    "opens-story",
    "joins-story",
    "reprint",
    "same-text",
    "split",
    "merged",
)  # reasons that say why here

MEMBER = [
    article.c[name]
    for name in (
        "id",
        "story_id",
        "source_id",
        "title",
        "first_seen",
        "url",
        "language",
        "published",
        "duplicate_of",
        "agency",
        "wire",
    )
]


@dataclass(frozen=True, slots=True)
class Correction:
    """What an analyst changed. A split took `articles` out of `story` into `other`; a merge took those of `other` in."""

    at: datetime
    kind: str
    story: int
    other: int
    articles: tuple[int, ...]
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Placing:
    """Why an article is in its story, as far as it is still remembered; `likeness` from 0 to 1."""

    likeness: float | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldStory:
    """A story with its articles, first seen first."""

    story: Story
    opened_at: datetime
    last_article_at: datetime
    members: tuple[StoryMember, ...]


class Stories:
    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(self, since: datetime | None = None, limit: int = 50) -> list[ToldStory]:
        """Those with an article since then, the latest first."""
        query = select(story).where(story.c.merged_into.is_(None))
        if since is not None:
            query = query.where(story.c.last_article_at >= since)
        newest = query.order_by(story.c.last_article_at.desc(), story.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return _told(connection, connection.execute(newest).all())

    def get(self, story_id: int) -> ToldStory | None:
        """The story with this id, or the one that it was merged into."""
        with self._database.read() as connection:
            row = corrections.present(connection, story_id)
            return None if row is None else _told(connection, [row])[0]

    def placings(self, articles: Collection[int]) -> dict[int, Placing]:
        """Why each of these articles is where it is, by its id."""
        with self._database.read() as connection:
            reasons: dict[int, list[str]] = {}
            for chunk in chunks(articles):
                said = select(ledger.c.article_id, ledger.c.detail).where(
                    ledger.c.article_id.in_(chunk), ledger.c.reason.in_(PLACING)
                )
                for row in connection.execute(said.order_by(ledger.c.id)):
                    reasons.setdefault(row.article_id, []).append(row.detail)
            found: dict[int, Placing] = {}
            for chunk in chunks(articles):
                for row in connection.execute(
                    select(article.c.id, article.c.likeness).where(article.c.id.in_(chunk))
                ):
                    found[row.id] = Placing(row.likeness, tuple(reasons.get(row.id, ())))
            return found

    def corrections(self, story_id: int) -> list[Correction]:
        """What was corrected about this story, oldest first."""
        about = (correction.c.story_id == story_id) | (correction.c.other_id == story_id)
        with self._database.read() as connection:
            found = connection.execute(select(correction).where(about).order_by(correction.c.id))
            return [
                Correction(row.at, row.kind, row.story_id, row.other_id, tuple(row.articles), row.author)
                for row in found
            ]

    def split(self, story_id: int, articles: Sequence[int], now: datetime, author: str | None = None) -> int:
        """Take these articles, and the copies of them, out of their story into a new one; its id. The machine never puts
        the two together again. Allowed beside a running daemon. Raises StoreError where an article is not in the
        story, or none would be left in it."""
        return self._database.commit(
            lambda connection: corrections.split(connection, story_id, articles, author, now), shared=True
        )

    def merge(self, story_id: int, other_id: int, now: datetime, author: str | None = None) -> int:
        """Put the articles of `other_id` into `story_id`; the id of the one that they are in. Nobody who was told of
        either is told again. Allowed beside a running daemon. Raises StoreError where one is not there."""
        return self._database.commit(
            lambda connection: corrections.merge(connection, story_id, other_id, author, now), shared=True
        )


def told_stories(connection: Connection, ids: Collection[int]) -> list[ToldStory]:
    """The stories with these ids, in no order."""
    found = [
        row for chunk in chunks(ids) for row in connection.execute(select(story).where(story.c.id.in_(chunk)))
    ]
    return _told(connection, found)


def _told(connection: Connection, found: Sequence[Row[Any]]) -> list[ToldStory]:
    ids = [row.id for row in found]
    members: dict[int, list[StoryMember]] = {id: [] for id in ids}
    for chunk in chunks(ids):
        mine = select(*MEMBER).where(article.c.story_id.in_(chunk))
        for row in connection.execute(mine.order_by(article.c.first_seen, article.c.id)):
            members[row.story_id].append(_member(row))
    known = stories(connection, ids)
    return [
        ToldStory(known[row.id], row.opened_at, row.last_article_at, tuple(members[row.id])) for row in found
    ]


def _member(row: Row[Any]) -> StoryMember:
    """The outlet is known to the configuration only: here it is the source's id."""
    return StoryMember(
        id=row.id,
        source_id=row.source_id,
        outlet=row.source_id,
        title=row.title,
        first_seen=row.first_seen,
        url=row.url,
        language=row.language,
        published=row.published,
        duplicate_of=row.duplicate_of,
        agency=row.agency,
        wire=row.wire,
    )
