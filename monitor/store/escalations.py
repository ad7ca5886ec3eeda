"""Who hears next of a critical alert that nobody acknowledges, and when. The schedule is this table.

A step is a row; it is done when its recipient was told, or when somebody before him had answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from monitor.model import Alert
from monitor.store import growth, rows
from monitor.store.engine import Database
from monitor.store.sql import insert_new
from monitor.store.tables import alert, escalation


@dataclass(frozen=True, slots=True)
class Step:
    """`recipient` hears of `alert` (as it was told to its own recipient) at `due_at`, unless one of `heard` answers."""

    id: int
    alert_id: int
    story: int
    alert: Alert
    told_at: datetime
    recipient: str
    due_at: datetime
    heard: tuple[str, ...]  # who was told so far: the alert's recipient, then those of the steps before


class Escalations:
    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, alert_id: int, steps: Sequence[tuple[str, datetime]]) -> None:
        """(recipient, when) in order; what is planned, or was done, stays as it is."""
        with self._database.write() as connection:
            for recipient, due_at in steps:
                row = {"alert_id": alert_id, "recipient": recipient, "due_at": due_at}
                insert_new(connection, escalation, row)

    def due(self, now: datetime, limit: int) -> list[Step]:
        """The longest due first."""
        query = (
            select(escalation, alert.c.payload, alert.c.story_id, alert.c.told_at)
            .join(alert, alert.c.id == escalation.c.alert_id)
            .where(escalation.c.done_at.is_(None), escalation.c.due_at <= now)
            .order_by(escalation.c.due_at, escalation.c.id)
            .limit(limit)
        )
        found: list[Step] = []
        with self._database.read() as connection:
            for row in connection.execute(query).all():
                told = rows.alert(row.payload)
                if told is None:  # of another version: left for one that can read it
                    continue
                before = select(escalation.c.recipient).where(
                    escalation.c.alert_id == row.alert_id, escalation.c.due_at < row.due_at
                )
                heard = (told.recipient, *connection.execute(before.order_by(escalation.c.due_at)).scalars())
                story = growth.present(connection, row.story_id)
                found.append(
                    Step(row.id, row.alert_id, story, told, row.told_at, row.recipient, row.due_at, heard)
                )
        return found

    def take(self, step: Step, now: datetime) -> bool:
        """Its turn has come; the steps behind it wait from now on as long as they were to wait for it, for who is called
        late (the machine slept) shall have his time all the same. False: it was taken before, or put off with one."""

        def work(connection: Connection) -> bool:
            mine = and_(
                escalation.c.id == step.id,
                escalation.c.due_at == step.due_at,
                escalation.c.done_at.is_(None),
            )
            if not connection.execute(update(escalation).where(mine).values(done_at=now)).rowcount:
                return False
            behind = (escalation.c.alert_id == step.alert_id) & escalation.c.done_at.is_(None)
            for row in connection.execute(select(escalation).where(behind)).all():
                due_at = now + (row.due_at - step.due_at)
                this = escalation.c.id == row.id
                connection.execute(update(escalation).where(this).values(due_at=due_at))
            return True

        return self._database.commit(work)

    def stop(self, alert_id: int, now: datetime) -> int:
        """Somebody answered: nobody else hears of it. How many steps that saved."""
        with self._database.write() as connection:
            mine = (escalation.c.alert_id == alert_id) & escalation.c.done_at.is_(None)
            return connection.execute(update(escalation).where(mine).values(done_at=now)).rowcount
