"""The outbox: deliveries that wait, are leased to a worker, sent, dead or dropped.

pending -> leased -> sent | pending (again later) | dead. Every change is one conditional UPDATE whose count is checked.
A claim raises the row's token: only the last claimant can settle, however late another worker wakes up. `lease_owner`
is set from the claim until its settlement, also when the lease ran out meanwhile: a worker that did send may say so
until somebody else has the row.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, or_, select, true, update

from monitor.model import ChannelState, Delivery, DeliveryState
from monitor.store import channels, queue, rows
from monitor.store.channels import Lane
from monitor.store.engine import Database
from monitor.store.growth import ever
from monitor.store.tables import alert, attempt, delivery

MOST_DEATHS = 3  # leases that ran out unsettled: a delivery that kills its worker must not kill every one
SUSPECT_WAITS = timedelta(minutes=1)
LONGEST_ERROR = 2000  # characters
PENDING, LEASED, SENT, DEAD, DROPPED = (state.value for state in DeliveryState)


Address = tuple[str, str | None]
"""A recipient, and one of his channels or all."""


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self,
        now: datetime,
        lease: timedelta,
        worker: str,
        per_channel: int = 5,
        busy: Collection[Lane] = (),
        limit: int = 100,
        only: Lane | None = None,
    ) -> list[Delivery]:
        """Lease what is due: of each (recipient, channel) that does not rest the oldest, so that at most `per_channel`
        are leased at once; none of the `busy` pairs, or of one pair `only`. Committed, with an attempt a delivery,
        before this returns."""

        def work(connection: Connection) -> list[Delivery]:
            _take_back(connection, now, _over(now))
            lanes = queue.lanes(connection, now, busy) if only is None else _awake(connection, only, now)
            due = queue.heads(connection, lanes, now, per_channel, limit)
            claimed = _lease(connection, due, now, lease, worker)
            return _bury_unreadable(connection, load(connection, claimed), now)

        return self._database.commit(work)

    def due(self, now: datetime, busy: Collection[Lane] = ()) -> list[ChannelState]:
        """The channels that have something to send now, the longest waiting first; none of the `busy`. Leases that ran
        out are taken back before."""

        def work(connection: Connection) -> list[ChannelState]:
            _take_back(connection, now, _over(now))
            found = queue.lanes(connection, now, busy)
            known = {state.lane: state for state in channels.those(connection)} if found else {}
            return [known.get(lane) or ChannelState(*lane) for lane in found]

        return self._database.commit(work)

    def recover(self, now: datetime) -> int:
        """Take back every lease, however long it still runs: for the start of a process that has the database for
        itself, so that whoever leased is dead. How many there were."""
        return self._database.commit(lambda connection: _take_back(connection, now, true()))

    def settle(
        self,
        claimed: Delivery,
        *,
        state: DeliveryState,
        now: datetime,
        next_attempt_at: datetime | None = None,
        outcome_class: str,
        error: str = "",
        provider_id: str | None = None,
        http_status: int | None = None,
        retry_after: timedelta | None = None,
        channel: channels.Decide | None = None,
    ) -> bool:
        """Write what became of a claim, and what `channel` makes of its channel's state. `next_attempt_at` is needed for
        PENDING. False: the lease went to somebody else meanwhile, and nothing was written."""
        if state is DeliveryState.PENDING and next_attempt_at is None:
            raise ValueError("a delivery that goes back to pending needs its next_attempt_at")
        error = error[:LONGEST_ERROR]
        changes: dict[str, Any] = {"state": state.value, "last_class": outcome_class, "last_error": error}
        changes |= {"next_attempt_at": next_attempt_at} if next_attempt_at is not None else {}
        changes |= {"sent_at": now, "provider_id": provider_id} if state is DeliveryState.SENT else {}
        end = {
            "outcome": outcome_class,
            "http_status": http_status,
            "retry_after": retry_after,
            "error": error or None,
        }
        return self._end_claim(claimed, changes, {**end, "finished_at": now}, channel)

    def release(self, claimed: Delivery, now: datetime) -> bool:
        """Put a claim back unsent, as if it had not been made (at shutdown). False as in `settle`."""
        back = {"state": PENDING, "next_attempt_at": now, "attempts": delivery.c.attempts - 1}
        return self._end_claim(claimed, back, {"outcome": "released", "finished_at": now})

    def _end_claim(
        self,
        claimed: Delivery,
        changes: dict[str, Any],
        end: dict[str, Any],
        channel: channels.Decide | None = None,
    ) -> bool:
        mine = and_(
            delivery.c.id == claimed.id,
            delivery.c.lease_token == claimed.lease_token,
            delivery.c.lease_owner.is_not(None),
        )
        this_attempt = and_(attempt.c.delivery_id == claimed.id, attempt.c.token == claimed.lease_token)

        def work(connection: Connection) -> bool:
            if not _change(connection, mine, {**changes, "lease_owner": None, "lease_until": None}):
                return False
            connection.execute(update(attempt).where(this_attempt).values(end))
            if channel is not None:
                channels.decide(connection, (claimed.recipient, claimed.channel), channel)
            return True

        return self._database.commit(work)

    def retry(self, delivery_id: str | None, now: datetime, to: Address | None = None) -> int:
        """Make a dead, dropped or waiting delivery due now with all its attempts before it; None: all dead ones, or those
        `to` a recipient or channel. Its channel is tried now, too. How many that were. Allowed beside a running daemon."""
        which = and_(delivery.c.state == DEAD, _to(to))
        if delivery_id is not None:
            which = and_(delivery.c.id == delivery_id, delivery.c.state.in_((PENDING, DEAD, DROPPED)))
        again = {"state": PENDING, "next_attempt_at": now, "attempts": 0, "deaths": 0}
        lanes = select(delivery.c.recipient, delivery.c.channel_id).where(which).distinct()
        with self._database.write(shared=True) as connection:
            channels.hurry(connection, [(row[0], row[1]) for row in connection.execute(lanes)], now)
            return _change(connection, which, {**again, **_DISOWNED})

    def drop(self, delivery_id: str) -> bool:
        """Never send it. False: it is unknown, sent, or being sent this moment. Allowed beside a running daemon."""
        which = and_(delivery.c.id == delivery_id, delivery.c.state.in_((PENDING, DEAD)))
        with self._database.write(shared=True) as connection:
            return _change(connection, which, {"state": DROPPED, **_DISOWNED}) == 1

    def drop_dead(self, to: Address | None = None) -> int:
        """Never send what is dead, or what of it goes `to` a recipient or channel. How many. Allowed beside a daemon."""
        with self._database.write(shared=True) as connection:
            return _change(
                connection, and_(delivery.c.state == DEAD, _to(to)), {"state": DROPPED, **_DISOWNED}
            )

    def get(self, delivery_id: str) -> Delivery | None:
        with self._database.read() as connection:
            return next(iter(load(connection, [delivery_id])), None)

    def of_story(self, story_id: int, recipient: str | None = None) -> list[Delivery]:
        """What was made of a story for its recipients, or for one of them, oldest first; with the digests that told of it,
        and what was told of a story that was merged into it."""
        about = alert.c.story_id.in_(ever(story_id))
        digests = select(alert.c.letter_id).where(about, alert.c.letter_id.is_not(None))
        query = select(delivery.c.id).join(alert, alert.c.id == delivery.c.alert_id)
        query = query.where(or_(about, alert.c.id.in_(digests)))
        if recipient is not None:
            query = query.where(delivery.c.recipient == recipient)
        with self._database.read() as connection:
            ids = connection.execute(query.order_by(delivery.c.created_at, delivery.c.id)).scalars().all()
            return load(connection, ids)

    def first_of(self, one: Delivery) -> Delivery | None:
        """What first told of this story on this channel, if it arrived there: an alert, or the letter that held it."""
        told = alert.alias()
        began = and_(told.c.story_id.in_(ever(one.story or 0)), told.c.edition == 0)
        query = (
            select(delivery.c.id)
            .join(told, or_(told.c.id == delivery.c.alert_id, told.c.letter_id == delivery.c.alert_id))
            .where(began, told.c.recipient == one.recipient, delivery.c.recipient == one.recipient)
            .where(delivery.c.channel_id == one.channel, delivery.c.edition == 0)
            .where(delivery.c.state == SENT, delivery.c.id != one.id)
            .order_by(delivery.c.created_at, delivery.c.id)
            .limit(1)
        )
        with self._database.read() as connection:
            return next(iter(load(connection, connection.execute(query).scalars().all())), None)

    def starting_with(self, start: str, limit: int = 10) -> list[Delivery]:
        """Those whose id begins so, as people type ids."""
        begins = delivery.c.id.startswith(start, autoescape=True)
        query = select(delivery.c.id).where(begins).order_by(delivery.c.id).limit(limit)
        with self._database.read() as connection:
            return load(connection, connection.execute(query).scalars().all())

    def list(
        self, state: DeliveryState | None = None, limit: int = 100, to: Address | None = None
    ) -> list[Delivery]:
        """The newest deliveries first: all, or those in a state, or `to` a recipient or channel."""
        query = _whole().where(_to(to)).order_by(delivery.c.created_at.desc(), delivery.c.id).limit(limit)
        if state is not None:
            query = query.where(delivery.c.state == state.value)
        with self._database.read() as connection:
            return [rows.delivery(row) for row in connection.execute(query)]

    def late(self, now: datetime) -> timedelta:
        """For how long the delivery that is due the longest is due; none is due: 0."""
        mine = delivery.c.state == DeliveryState.PENDING.value
        with self._database.read() as connection:
            first = connection.execute(select(func.min(delivery.c.next_attempt_at)).where(mine)).scalar()
        return max(timedelta(0), now - first) if first else timedelta(0)

    def counts(self) -> dict[DeliveryState, int]:
        """How many there are in each state, also 0."""
        query = select(delivery.c.state, func.count()).group_by(delivery.c.state)
        with self._database.read() as connection:
            found = {row.state: int(row[1]) for row in connection.execute(query)}
        return {state: found.get(state.value, 0) for state in DeliveryState}


# nobody may settle an earlier claim after this
_DISOWNED = {"lease_owner": None, "lease_until": None, "lease_token": delivery.c.lease_token + 1}


def _whole() -> Select[Any]:
    return select(delivery, alert.c.payload, alert.c.story_id).join(alert, alert.c.id == delivery.c.alert_id)


def load(connection: Connection, ids: Sequence[str]) -> list[Delivery]:
    """In the order of `ids`."""
    found = {row.id: rows.delivery(row) for row in connection.execute(_whole().where(delivery.c.id.in_(ids)))}
    return [found[each] for each in ids if each in found]


def _bury_unreadable(connection: Connection, claimed: list[Delivery], now: datetime) -> list[Delivery]:
    """One alert that this version cannot read must not keep the others from being sent."""
    for each in claimed:
        if each.alert is rows.UNREADABLE:
            words = {
                "last_class": "unreadable",
                "last_error": "the stored alert cannot be read by this version",
            }
            _change(connection, delivery.c.id == each.id, {"state": DEAD, **words, **_DISOWNED})
            channels.decide(connection, (each.recipient, each.channel), _dead_letter(now))
            this_attempt = and_(attempt.c.delivery_id == each.id, attempt.c.token == each.lease_token)
            connection.execute(
                update(attempt).where(this_attempt).values(outcome="unreadable", finished_at=now)
            )
    return [each for each in claimed if each.alert is not rows.UNREADABLE]


def _change(connection: Connection, condition: ColumnElement[bool], values: dict[str, Any]) -> int:
    return connection.execute(update(delivery).where(condition).values(values)).rowcount


def _take_back(connection: Connection, now: datetime, abandoned: ColumnElement[bool]) -> int:
    """Leases that nobody will settle: whether the message went out is unknown, so it goes again with the same id.

    What was in flight at two deaths may have caused them; it waits, so that the others go first.
    """
    taken = 0
    left = and_(delivery.c.state == LEASED, abandoned)
    for row in connection.execute(select(delivery).where(left)).all():
        error = f"worker {row.lease_owner} ended, or did not answer before {row.lease_until:%Y-%m-%d %H:%M:%S} UTC"
        changes = {
            "state": DEAD if row.deaths + 1 >= MOST_DEATHS else PENDING,
            "deaths": delivery.c.deaths + 1,
            "next_attempt_at": now + (SUSPECT_WAITS if row.deaths else timedelta(0)),
        }
        unsettled = and_(delivery.c.id == row.id, delivery.c.lease_token == row.lease_token, left)
        if _change(connection, unsettled, {**changes, "last_class": "unknown", "last_error": error}):
            lost = and_(attempt.c.delivery_id == row.id, attempt.c.token == row.lease_token)
            end = {"outcome": "unknown", "finished_at": now, "error": error}
            connection.execute(update(attempt).where(lost).values(end))
            if changes["state"] == DEAD:
                channels.decide(connection, (row.recipient, row.channel_id), _dead_letter(now))
            taken += 1
    return taken


def _to(address: Address | None) -> ColumnElement[bool]:
    if address is None:
        return true()
    recipient, channel = address
    mine = delivery.c.recipient == recipient
    return mine if channel is None else and_(mine, delivery.c.channel_id == channel)


def _over(now: datetime) -> ColumnElement[bool]:
    return or_(delivery.c.lease_until <= now, delivery.c.lease_until > now + queue.LONGEST_WAIT)


def _awake(connection: Connection, lane: Lane, now: datetime) -> list[Lane]:
    return [lane] if lane not in channels.resting(connection, now, now + queue.LONGEST_WAIT) else []


def _dead_letter(now: datetime) -> channels.Decide:
    return lambda state: replace(state, dead_since=state.dead_since or now)


def _lease(
    connection: Connection, due: Sequence[str], now: datetime, lease: timedelta, worker: str
) -> list[str]:
    """Those of the due that are ours now, with a new attempt each: another claimant may have been quicker."""
    free = and_(delivery.c.id.in_(due), delivery.c.state == PENDING)
    leased = {"state": LEASED, "lease_owner": worker, "lease_until": now + lease}
    counted = {"lease_token": delivery.c.lease_token + 1, "attempts": delivery.c.attempts + 1}
    ours = connection.execute(
        update(delivery)
        .where(free)
        .values({**leased, **counted})
        .returning(delivery.c.id, delivery.c.attempts, delivery.c.lease_token)
    ).all()
    begun = [{"delivery_id": id_, "n": n, "token": token, "started_at": now} for id_, n, token in ours]
    if begun:
        connection.execute(insert(attempt), begun)
    claimed = {row.id for row in ours}
    return [each for each in due if each in claimed]
