"""How channels fare, as far as they are not well, and what operators were told of it.

A row is written in the transaction that settles a delivery, by a decision that the caller brings; no row means well.
Called through `Store.channels` and by the outbox.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, select, update

from monitor.model import ChannelState, DeliveryState, Notice
from monitor.store.conditions import enqueue_notice
from monitor.store.engine import Database
from monitor.store.rows import AnyRow
from monitor.store.sql import upsert
from monitor.store.tables import channel_state, delivery

Lane = tuple[str, str]
Decide = Callable[[ChannelState], ChannelState]

TOLD = ("told_open", "told_at", "dead_told_at")  # written by `tell` alone


class Channels:
    def __init__(self, database: Database, instance: uuid.UUID) -> None:
        self._database = database
        self._instance = instance

    def all(self) -> list[ChannelState]:
        """Of the channels that are not well, or were not lately."""
        with self._database.read() as connection:
            return those(connection)

    def get(self, lane: Lane) -> ChannelState:
        """What is known; of a channel that is well, that."""
        with self._database.read() as connection:
            return read(connection, lane)

    def dead(self) -> dict[Lane, tuple[int, str]]:
        """How many dead letters stand, by channel, and the last one's error."""
        letters = _by_lane(DeliveryState.DEAD, func.max(delivery.c.alert_id).label("last")).subquery()
        lane = (delivery.c.recipient == letters.c.recipient, delivery.c.channel_id == letters.c.channel_id)
        newest = and_(*lane, delivery.c.alert_id == letters.c.last)
        query = select(letters, delivery.c.last_error).join(delivery, newest)
        with self._database.read() as connection:
            return {(row[0], row[1]): (int(row[2]), row.last_error) for row in connection.execute(query)}

    def waiting(self) -> dict[Lane, int]:
        """How many deliveries wait, by channel."""
        with self._database.read() as connection:
            found = connection.execute(_by_lane(DeliveryState.PENDING))
            return {(row[0], row[1]): int(row[2]) for row in found}

    def tell(self, told: Sequence[ChannelState], notices: Sequence[Notice], now: datetime) -> int:
        """Enqueue the notices and remember what they tell, in one transaction: told once, whatever dies in between.
        How many deliveries that made."""

        def work(connection: Connection) -> int:
            for (
                each
            ) in told:  # a delivery may have been settled since: of the row only what was told is changed
                values = {name: getattr(each, name) for name in TOLD}
                connection.execute(update(channel_state).where(_is(each.lane)).values(values))
            return sum(enqueue_notice(connection, each, self._instance, now) for each in notices)

        return self._database.commit(work)

    def forget(self, lanes: Iterable[Lane]) -> int:
        """Drop these channels' rows, in which nothing is wrong any more. How many there were."""
        with self._database.write() as connection:
            return sum(
                connection.execute(delete(channel_state).where(_is(lane), _nothing_wrong())).rowcount
                for lane in lanes
            )

    def bury(self, lanes: Iterable[Lane]) -> None:
        """Of these channels no dead letter stands any more: an operator retried or dropped them."""
        with self._database.write() as connection:
            for lane in lanes:
                still = select(delivery.c.id).where(_is(lane, delivery), delivery.c.state == "dead").exists()
                connection.execute(update(channel_state).where(_is(lane), ~still).values(dead_since=None))


def state(row: AnyRow) -> ChannelState:
    values = dict(row._mapping)
    return ChannelState(channel=values.pop("channel_id"), **values)


def those(connection: Connection) -> list[ChannelState]:
    found = connection.execute(select(channel_state).order_by(*_lane_of(channel_state)))
    return [state(row) for row in found]


def read(connection: Connection, lane: Lane) -> ChannelState:
    row = connection.execute(select(channel_state).where(_is(lane))).one_or_none()
    return ChannelState(*lane) if row is None else state(row)


def decide(connection: Connection, lane: Lane, decision: Decide) -> None:
    """Write what the decision makes of the channel's state, where that is another one."""
    before = read(connection, lane)
    after = decision(before)
    if after != before:
        values = {each.name: getattr(after, each.name) for each in fields(after) if each.name != "channel"}
        keep = TOLD if before != ChannelState(*lane) else ()
        upsert(connection, channel_state, values | {"channel_id": lane[1]}, ("recipient", "channel_id"), keep)


def resting(connection: Connection, now: datetime, longest: datetime) -> set[Lane]:
    """Those to which nothing may be sent yet. A time beyond `longest` was planned while the clock ran ahead."""
    wait = and_(channel_state.c.try_at > now, channel_state.c.try_at <= longest)
    return {(row[0], row[1]) for row in connection.execute(select(*_lane_of(channel_state)).where(wait))}


def hurry(connection: Connection, lanes: Iterable[Lane], now: datetime) -> None:
    """An operator wants to know whether they work now."""
    for lane in lanes:
        later = and_(_is(lane), channel_state.c.try_at > now)
        connection.execute(update(channel_state).where(later).values(try_at=now))


def _by_lane(which: DeliveryState, *more: Any) -> Select[Any]:
    """Recipient, channel, how many there are in this state."""
    lane = _lane_of(delivery)
    return (
        select(*lane, func.count().label("count"), *more)
        .where(delivery.c.state == which.value)
        .group_by(*lane)
    )


def _lane_of(table: Any) -> tuple[Any, Any]:
    return table.c.recipient, table.c.channel_id


def _is(lane: Lane, table: Any = channel_state) -> Any:
    return and_(table.c.recipient == lane[0], table.c.channel_id == lane[1])


def _nothing_wrong() -> Any:
    row = channel_state.c
    return and_(row.failures == 0, row.dead_since.is_(None), row.told_open.is_(False))
