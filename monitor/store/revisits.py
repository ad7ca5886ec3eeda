"""When the pages of alerted articles are looked at again, and what that found. The schedule is this table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select, update

from monitor.model import Decision, KnownArticle, Revisit
from monitor.store import growth, ledger, rows
from monitor.store.engine import Database
from monitor.store.sql import insert_new
from monitor.store.tables import article, revisit

AFTER = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))  # the alert
LONGEST_WAIT = timedelta(days=2)
STAGE = "revisit"


class Revisits:
    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime, limit: int) -> list[Revisit]:
        """The longest overdue first, one an article: a look serves all its rounds that are due."""
        # the last round is a day after the alert: what is planned for later was while the clock ran ahead
        come = or_(revisit.c.due_at <= now, revisit.c.due_at > now + LONGEST_WAIT)
        first = select(func.min(revisit.c.id)).where(come).group_by(revisit.c.article_id)
        query = select(revisit).where(revisit.c.id.in_(first)).order_by(revisit.c.due_at, revisit.c.id)
        with self._database.read() as connection:
            return [rows.revisit(row) for row in connection.execute(query.limit(limit))]

    def of_article(self, article_id: int) -> list[Revisit]:
        """Those that are still to come."""
        query = select(revisit).where(revisit.c.article_id == article_id).order_by(revisit.c.due_at)
        with self._database.read() as connection:
            return [rows.revisit(row) for row in connection.execute(query)]

    def later(self, one: Revisit, due_at: datetime) -> None:
        """The page did not answer: try again then."""
        changes = {"due_at": due_at, "tries": revisit.c.tries + 1}
        with self._database.write() as connection:
            connection.execute(update(revisit).where(revisit.c.id == one.id).values(changes))

    def done(
        self,
        one: Revisit,
        known: KnownArticle | None,
        decisions: Sequence[Decision],
        now: datetime,
        *,
        removed_at: datetime | None = None,
    ) -> None:
        """Strike it out, and in the same transaction mark the article as removed (or as being there: None) and tell
        the ledger. Rounds that are overdue as well are struck out too: one look serves them all."""
        with self._database.write() as connection:
            passed = (revisit.c.article_id == one.article_id) & (revisit.c.due_at <= now)
            connection.execute(delete(revisit).where((revisit.c.id == one.id) | passed))
            if known is None:
                return
            if removed_at != known.removed_at:
                mine = article.c.id == known.id
                connection.execute(update(article).where(mine).values(removed_at=removed_at))
                if removed_at is not None:
                    growth.add(connection, known.story_id, (), now)
            ledger.write(connection, decisions, known.article.source_id, known.id, None, now)


def plan(connection: Connection, article_id: int, now: datetime) -> None:
    """After an alert; once an article, also where it is alerted again."""
    for number, after in enumerate(AFTER, 1):
        row = {"article_id": article_id, "round": number, "due_at": now + after, "tries": 0}
        insert_new(connection, revisit, row)
