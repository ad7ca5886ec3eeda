"""What is remembered of each source between two polls, and which are due. The schedule is this table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select

from monitor.model import SourceState
from monitor.store import rows
from monitor.store.engine import Database
from monitor.store.sql import chunks, upsert
from monitor.store.tables import source_state


class Sources:
    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime, known: Iterable[str], limit: int) -> list[SourceState]:
        """Those of the `known` sources whose time has come, never polled ones first, then the longest overdue."""
        wanted = set(known)
        by_time = select(source_state).where(source_state.c.next_check_at <= now)
        with self._database.read() as connection:
            stored = set(connection.execute(select(source_state.c.source_id)).scalars())
            overdue = connection.execute(by_time.order_by(source_state.c.next_check_at)).all()
        new = [SourceState(source_id, next_check_at=now) for source_id in sorted(wanted - stored)]
        return (new + [rows.source_state(row) for row in overdue if row.source_id in wanted])[:limit]

    def state(self, source_id: str, now: datetime) -> SourceState:
        """What is remembered; of an unknown source, that it is due."""
        with self._database.read() as connection:
            row = connection.execute(
                select(source_state).where(source_state.c.source_id == source_id)
            ).one_or_none()
        return SourceState(source_id, next_check_at=now) if row is None else rows.source_state(row)

    def save(self, state: SourceState) -> None:
        with self._database.write() as connection:
            upsert(connection, source_state, rows.source_values(state), ("source_id",))

    def all(self) -> list[SourceState]:
        with self._database.read() as connection:
            found = connection.execute(select(source_state).order_by(source_state.c.source_id)).all()
        return [rows.source_state(row) for row in found]

    def forget(self, ids: Iterable[str]) -> int:
        """Drop the states of these sources (their articles stay). How many there were."""
        with self._database.write() as connection:
            return sum(
                connection.execute(delete(source_state).where(source_state.c.source_id.in_(chunk))).rowcount
                for chunk in chunks(ids)
            )
