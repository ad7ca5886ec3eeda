"""Which surges of a watchlist were told, and to whom. Called by `follow`.

A surge is known by its watchlist and the hour it began in. Its deliveries are named after it, so that whoever was told is
told once; the row of `spike` says that there is nobody left to tell.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Connection, insert, select

from monitor.model import Decision, Reason, SpikeAlert
from monitor.store import ledger, posting, rows
from monitor.store.engine import Database
from monitor.store.sql import insert_new
from monitor.store.tables import alert, delivery, spike

STAGE = "spike"


class Surges:
    def __init__(self, database: Database, instance: uuid.UUID) -> None:
        self._database = database
        self._instance = instance

    def done(self, since: datetime) -> set[tuple[str, datetime]]:
        """Watchlist and beginning of those that need no telling any more."""
        with self._database.read() as connection:
            found = connection.execute(select(spike).where(spike.c.began >= since))
            return {(row.watchlist, row.began) for row in found}

    def tell(self, told: SpikeAlert, now: datetime) -> int:
        """Enqueue it, once for this recipient. How many deliveries."""
        return self._database.commit(lambda connection: _tell(connection, told, self._instance, now))

    def end(self, watchlist: str, began: datetime, now: datetime) -> None:
        """Everybody was told who is to hear of it."""
        values = {"watchlist": watchlist, "began": began, "told_at": now}
        with self._database.write() as connection:
            insert_new(connection, spike, values)


def _tell(connection: Connection, told: SpikeAlert, instance: uuid.UUID, now: datetime) -> int:
    surge = f"{told.spike.watchlist} {told.spike.began:%Y-%m-%dT%H}"
    parts = [("spike", surge, told.recipient, channel) for channel in dict.fromkeys(told.channels)]
    keys = [posting.delivery_key(each) for each in parts]
    if connection.execute(select(delivery.c.id).where(delivery.c.dedup_key.in_(keys)).limit(1)).first():
        return 0
    values = {
        "story_id": None,
        "recipient": told.recipient,
        "edition": 0,
        "severity": told.severity.value,
        "watchlists": [told.spike.watchlist],
        "payload": rows.frozen(SpikeAlert, told),
        "created_at": now,
        "told_at": now,
    }
    alert_id = int(connection.execute(insert(alert).values(values).returning(alert.c.id)).scalar_one())
    detail = (
        f"{told.recipient} is told of {told.spike.count} articles of {told.spike.watchlist} since "
        f"{told.spike.since:%Y-%m-%d %H:%M}Z, where {told.spike.expected:g} are usual"
    )
    ledger.write(connection, [Decision(STAGE, Reason.ALERTED, detail, told.recipient)], None, None, None, now)
    return posting.enqueue(connection, parts, alert_id, 0, instance, now)
