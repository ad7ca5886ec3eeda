"""What operators are shown of each source, and what they were told: conditions, and the notices that come of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from monitor.model import Condition, Health, Notice, Severity
from monitor.store import posting, rows
from monitor.store.engine import Database
from monitor.store.sql import chunks, insert_new, upsert
from monitor.store.tables import alert, source_condition

WELL = (Health.OK.value, Health.NEW.value)
TOLD = ("told", "told_at")  # written by `tell` alone


class Conditions:
    def __init__(self, database: Database, instance: uuid.UUID) -> None:
        self._database = database
        self._instance = instance

    def get(self, source_id: str) -> Condition:
        """What is known; of a source that was never read, that it is new."""
        query = select(source_condition).where(source_condition.c.source_id == source_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return Condition(source_id) if row is None else rows.condition(row)

    def all(self) -> list[Condition]:
        with self._database.read() as connection:
            found = connection.execute(select(source_condition).order_by(source_condition.c.source_id)).all()
        return [rows.condition(row) for row in found]

    def open(self) -> list[Condition]:
        """Those that are not well, and those whose recovery nobody was told of."""
        ill = or_(source_condition.c.state.not_in(WELL), source_condition.c.told.is_not(None))
        query = select(source_condition).where(ill).order_by(source_condition.c.source_id)
        with self._database.read() as connection:
            return [rows.condition(row) for row in connection.execute(query)]

    def states(self) -> dict[str, Health]:
        """The state of each source that was read, and of the machine: no more than figures need."""
        query = select(source_condition.c.source_id, source_condition.c.state)
        with self._database.read() as connection:
            return {row.source_id: Health(row.state) for row in connection.execute(query)}

    def last_told(self) -> datetime | None:
        """When operators were told something for the last time."""
        with self._database.read() as connection:
            told: datetime | None = connection.execute(
                select(func.max(source_condition.c.told_at))
            ).scalar_one()
        return told

    def forget(self, ids: Iterable[str]) -> int:
        """Drop the conditions of these sources. How many there were."""
        with self._database.write() as connection:
            return sum(
                connection.execute(
                    delete(source_condition).where(source_condition.c.source_id.in_(chunk))
                ).rowcount
                for chunk in chunks(ids)
            )

    def tell(self, told: Sequence[Condition], notices: Sequence[Notice], now: datetime) -> int:
        """Enqueue the notices and remember what they tell, in one transaction: told once, whatever dies in between.
        How many deliveries that made."""

        def work(connection: Connection) -> int:
            for each in told:
                if each.source_id.startswith("@"):
                    save(connection, each)
                else:  # a reading may have found more since
                    insert_new(connection, source_condition, rows.condition_values(each))
                mine = source_condition.c.source_id == each.source_id
                values = {name: rows.condition_values(each)[name] for name in TOLD}
                connection.execute(update(source_condition).where(mine).values(values))
            return sum(enqueue_notice(connection, each, self._instance, now) for each in notices)

        return self._database.commit(work)


def save(connection: Connection, condition: Condition) -> None:
    """As a reading found it. What operators were told is left as it is."""
    upsert(connection, source_condition, rows.condition_values(condition), ("source_id",), TOLD)


def enqueue_notice(connection: Connection, notice: Notice, instance: uuid.UUID, now: datetime) -> int:
    values = {
        "story_id": None,
        "recipient": notice.recipient,
        "edition": 0,
        "severity": Severity.NORMAL.value,
        "watchlists": [],
        "payload": rows.frozen(Notice, notice),
        "created_at": now,
        "told_at": now,
    }
    alert_id = int(connection.execute(insert(alert).values(values).returning(alert.c.id)).scalar_one())
    parts = [("notice", alert_id, notice.recipient, channel) for channel in dict.fromkeys(notice.channels)]
    return posting.enqueue(connection, parts, alert_id, 0, instance, now)
