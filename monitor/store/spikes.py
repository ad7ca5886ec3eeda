"""Which spikes of a watchlist were told to whom, once each; and their deliveries. Called by `monitor.follow`."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from monitor.model import Decision, SpikeAlert
from monitor.store import ledger, posting, rows
from monitor.store.engine import Database
from monitor.store.sql import insert_new
from monitor.store.tables import alert, spike

KEPT = timedelta(days=30)  # a spike is told of for two days after it began

Known = tuple[str, datetime, str]
"""A watchlist, when its spike began, and a recipient."""


class Spikes:
    def __init__(self, database: Database, instance: uuid.UUID) -> None:
        self._database = database
        self._instance = instance

    def known(self) -> set[Known]:
        """Who was told of which spike, or was not to be."""
        with self._database.read() as connection:
            found = connection.execute(select(spike.c.watchlist, spike.c.began, spike.c.recipient))
            return {(row.watchlist, row.began, row.recipient) for row in found}

    def settle(self, told: SpikeAlert, decision: Decision, now: datetime, *, send: bool) -> int:
        """Once a spike and recipient: enqueue it, or note that it is not to be told. How many deliveries."""
        watchlist, began = told.spike.watchlist, told.spike.began

        def work(connection: Connection) -> int:
            mine = {"watchlist": watchlist, "began": began, "recipient": told.recipient, "told_at": now}
            if insert_new(connection, spike, mine) is None:
                return 0
            connection.execute(delete(spike).where(spike.c.told_at < now - KEPT))
            ledger.write(connection, (decision,), None, None, None, now)
            return _enqueue(connection, told, self._instance, now) if send else 0

        return self._database.commit(work)


def _enqueue(connection: Connection, told: SpikeAlert, instance: uuid.UUID, now: datetime) -> int:
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
    subject = f"{told.spike.watchlist} {told.spike.began:%Y-%m-%dT%H}"
    parts = [("spike", subject, told.recipient, channel) for channel in dict.fromkeys(told.channels)]
    return posting.enqueue(connection, parts, alert_id, 0, instance, now)
