"""What is remembered of each source between two polls, and which are due. The schedule is this table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from monitor.model import Condition, Decision, SourceState
from monitor.store import conditions, ledger, rows
from monitor.store.engine import Database
from monitor.store.sql import chunks, upsert
from monitor.store.tables import source_state

CLOCK_DRIFT = timedelta(minutes=5)  # a clock may be set back by that much unnoticed


class Sources:
    def __init__(self, database: Database) -> None:
        self._database = database

    def states(self, now: datetime, known: Iterable[str], limit: int) -> list[SourceState]:
        """Of at most `limit` of the `known` sources, in their order, whether due or not."""
        remembered = {each.source_id: each for each in self.all()}
        some = list(known)[:limit]
        return [remembered.get(each) or SourceState(each, next_check_at=now) for each in some]

    def due(self, now: datetime, known: Iterable[str], limit: int) -> list[SourceState]:
        """Those of the `known` sources whose time has come, never polled ones first, then the longest overdue.

        A source that was polled in the future is due too: the clock was wrong then, and so is what it planned.
        """
        wanted = set(known)
        ids = select(source_state.c.source_id)
        come = or_(source_state.c.next_check_at <= now, source_state.c.checked_at > now + CLOCK_DRIFT)
        overdue = ids.where(come).order_by(source_state.c.next_check_at)
        with self._database.read() as connection:
            new = sorted(wanted.difference(connection.execute(ids).scalars()))[:limit]
            late = [each for each in connection.execute(overdue).scalars() if each in wanted]
            found = _load(connection, late[: limit - len(new)])
        return [SourceState(source_id, next_check_at=now) for source_id in new] + found

    def state(self, source_id: str, now: datetime) -> SourceState:
        """What is remembered; of an unknown source, that it is due."""
        with self._database.read() as connection:
            row = connection.execute(
                select(source_state).where(source_state.c.source_id == source_id)
            ).one_or_none()
        return SourceState(source_id, next_check_at=now) if row is None else rows.source_state(row)

    def save(
        self, state: SourceState, told: Decision | None = None, condition: Condition | None = None
    ) -> None:
        """Remember the state, and in the same transaction what the ledger is told of it and the condition, where it
        changed."""
        with self._database.write() as connection:
            upsert(connection, source_state, rows.source_values(state), ("source_id",))
            if condition is not None:
                conditions.save(connection, condition)
            if told is not None:
                at = state.checked_at or state.next_check_at
                ledger.write(connection, (told,), state.source_id, None, None, at)

    def all(self) -> list[SourceState]:
        with self._database.read() as connection:
            found = connection.execute(select(source_state).order_by(source_state.c.source_id)).all()
        return [rows.source_state(row) for row in found]

    def last_successes(self) -> dict[str, datetime]:
        """When each source that ever was read well was read so last."""
        query = select(source_state.c.source_id, source_state.c.succeeded_at)
        with self._database.read() as connection:
            found = connection.execute(query.where(source_state.c.succeeded_at.is_not(None)))
            return {row.source_id: row.succeeded_at for row in found}

    def hasten(self, ids: Iterable[str], now: datetime) -> list[str]:
        """Make these sources due at once, but for those that failed last: they were told to come later. Which were."""
        soon = update(source_state).where(source_state.c.failures == 0, source_state.c.next_check_at > now)
        with self._database.write() as connection:
            return [
                each
                for chunk in chunks(ids)
                for each in connection.execute(
                    soon.where(source_state.c.source_id.in_(chunk))
                    .values(next_check_at=now)
                    .returning(source_state.c.source_id)
                ).scalars()
            ]

    def rhythms(self, ids: Iterable[str]) -> list[str]:
        """What was learnt of each of these sources."""
        query = select(source_state.c.rhythm)
        with self._database.read() as connection:
            return [
                each
                for chunk in chunks(ids)
                for each in connection.execute(query.where(source_state.c.source_id.in_(chunk))).scalars()
            ]

    def forget(self, ids: Iterable[str]) -> int:
        """Drop the states of these sources (their articles stay). How many there were."""
        with self._database.write() as connection:
            return sum(
                connection.execute(delete(source_state).where(source_state.c.source_id.in_(chunk))).rowcount
                for chunk in chunks(ids)
            )


def _load(connection: Connection, ids: Sequence[str]) -> list[SourceState]:
    """In the order of `ids`."""
    found = {
        row.source_id: rows.source_state(row)
        for chunk in chunks(ids)
        for row in connection.execute(select(source_state).where(source_state.c.source_id.in_(chunk)))
    }
    return [found[each] for each in ids]
