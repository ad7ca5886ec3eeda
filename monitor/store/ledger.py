"""The ledger: one line a decision, appended and never changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, insert, or_, select, true

from monitor.model import Decision
from monitor.store import rows
from monitor.store.engine import Database
from monitor.store.rows import LedgerLine
from monitor.store.tables import ledger

_APPEND = insert(ledger)  # made once: every article waits for it


class Ledger:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        decisions: Iterable[Decision],
        *,
        source_id: str | None = None,
        article_id: int | None = None,
        item_key: str | None = None,
        now: datetime,
    ) -> None:
        lines = list(decisions)
        if lines:
            with self._database.write() as connection:
                write(connection, lines, source_id, article_id, item_key, now)

    def of_article(
        self, article_id: int | None = None, item_key: str | None = None, limit: int = 1000
    ) -> list[LedgerLine]:
        """What was decided about an article, by its id or an item's key (also one never stored), oldest first."""
        asked = [(ledger.c.article_id, article_id), (ledger.c.item_key, item_key)]
        either = [column == value for column, value in asked if value is not None]
        return self._latest(or_(false(), *either), limit)

    def of_source(self, source_id: str, limit: int = 100) -> list[LedgerLine]:
        """The source's latest lines, oldest first."""
        return self._latest(ledger.c.source_id == source_id, limit)

    def recent(self, limit: int = 100) -> list[LedgerLine]:
        """The latest lines of all, oldest first."""
        return self._latest(true(), limit)

    def _latest(self, condition: ColumnElement[bool], limit: int) -> list[LedgerLine]:
        query = select(ledger).where(condition).order_by(ledger.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            found = connection.execute(query).all()
        return [rows.ledger_line(row) for row in reversed(found)]


def write(
    connection: Connection,
    decisions: Iterable[Decision],
    source_id: str | None,
    article_id: int | None,
    item_key: str | None,
    now: datetime,
) -> None:
    about: dict[str, Any] = {
        "at": now,
        "source_id": source_id,
        "article_id": article_id,
        "item_key": item_key,
    }
    lines = [
        {
            **about,
            "stage": each.stage,
            "reason": each.reason.value,
            "subject": each.subject,
            "detail": each.detail,
        }
        for each in decisions
    ]
    if lines:
        connection.execute(_APPEND, lines)
