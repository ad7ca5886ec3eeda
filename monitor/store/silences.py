"""Silences: what nobody (or one recipient) is told of for a time. Made and ended by `monitor silence`, beside the daemon.

A silence is never deleted by hand: it is given an end, so that the ledger's mention of it can be looked up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from monitor.model import Silence
from monitor.store import growth, rows
from monitor.store.columns import Moment
from monitor.store.engine import Database
from monitor.store.tables import silence

_NOW = bindparam("now", type_=Moment)
# every article asks for these: made once, since making a statement takes longer than answering it
_IN_FORCE = (
    select(silence).where(silence.c.starts_at <= _NOW, silence.c.ends_at > _NOW).order_by(silence.c.id)
)


class Silences:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, wanted: Silence, now: datetime) -> Silence:
        """Keep it; `id` is given here. Allowed beside a running daemon."""
        values = {
            "author": wanted.author,
            "comment": wanted.comment,
            "made_at": now,
            "starts_at": wanted.starts_at,
            "ends_at": wanted.ends_at,
            "watchlist": wanted.watchlist,
            "story_id": wanted.story,
            "source": wanted.source,
            "entity": wanted.entity,
            "recipient": wanted.recipient,
        }

        def work(connection: Connection) -> int:
            made = insert(silence).values(values).returning(silence.c.id)
            return int(connection.execute(made).scalar_one())

        return replace(wanted, id=self._database.commit(work, shared=True))

    def expire(self, id: int, now: datetime) -> bool:
        """End it now. False: there is none, or it is over. Allowed beside a running daemon."""
        mine = (silence.c.id == id) & (silence.c.ends_at > now)
        with self._database.write(shared=True) as connection:
            return connection.execute(update(silence).where(mine).values(ends_at=now)).rowcount == 1

    def get(self, id: int) -> Silence | None:
        with self._database.read() as connection:
            row = connection.execute(select(silence).where(silence.c.id == id)).one_or_none()
        return None if row is None else rows.silence(row)

    def all(self, now: datetime, *, over: bool = False) -> list[Silence]:
        """Those that hold or will hold, in the order in which they end; with `over` also those that are over."""
        query = select(silence).order_by(silence.c.ends_at, silence.c.id)
        with self._database.read() as connection:
            found = connection.execute(query if over else query.where(silence.c.ends_at > now)).all()
        return [rows.silence(row) for row in found]

    def in_force(self, now: datetime) -> tuple[Silence, ...]:
        """What a verdict must respect. A story that was merged is named by the one it is in now."""
        with self._database.read() as connection:
            return in_force(connection, now)


def in_force(connection: Connection, now: datetime) -> tuple[Silence, ...]:
    """See `Silences.in_force`."""
    found = [rows.silence(row) for row in connection.execute(_IN_FORCE, {"now": now})]
    return tuple(
        each if each.story is None else replace(each, story=growth.present(connection, each.story))
        for each in found
    )
