"""What of the outbox is due: by channel, and of each channel the oldest first. SQL alone; called by the outbox.

Within a channel deliveries go in the order in which they were enqueued, as far as they are due: a new attempt takes its
old place. An edition never overtakes an earlier one of its story.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from monitor.model import DeliveryState
from monitor.store import channels
from monitor.store.channels import Lane
from monitor.store.tables import alert, delivery

LONGEST_WAIT = timedelta(hours=7)  # a Retry-After is obeyed up to six hours
PENDING, LEASED = DeliveryState.PENDING.value, DeliveryState.LEASED.value


def lanes(connection: Connection, now: datetime, busy: Collection[Lane] = ()) -> list[Lane]:
    """The channels for which something is due and that do not rest, the longest waiting first; none of the `busy`."""
    left_out = {*busy, *channels.resting(connection, now, now + LONGEST_WAIT)}
    lane = (delivery.c.recipient, delivery.c.channel_id)
    waiting = select(*lane).where(delivery.c.state == PENDING, _come(now)).group_by(*lane)
    found = connection.execute(waiting.order_by(func.min(delivery.c.next_attempt_at), *lane))
    return [(row[0], row[1]) for row in found if (row[0], row[1]) not in left_out]


def heads(
    connection: Connection, of: Iterable[Lane], now: datetime, per_channel: int, limit: int
) -> list[str]:
    """Ids of what these channels send next: so many that at most `per_channel` of each are leased then."""
    under_way = _leased(connection)
    found: list[str] = []
    for lane in of:
        room = min(per_channel - under_way.get(lane, 0), limit - len(found))
        if room > 0:
            found += _head(connection, lane, now, room)
        if len(found) >= limit:
            break
    return found


def _head(connection: Connection, lane: Lane, now: datetime, count: int) -> list[str]:
    mine = and_(delivery.c.recipient == lane[0], delivery.c.channel_id == lane[1])
    query = select(delivery.c.id).where(delivery.c.state == PENDING, mine, _come(now), ~_follows_another())
    return list(connection.execute(query.order_by(delivery.c.alert_id).limit(count)).scalars())


def _come(now: datetime) -> ColumnElement[bool]:
    # no schedule waits longer: what seems to was planned while the clock ran ahead
    return or_(delivery.c.next_attempt_at <= now, delivery.c.next_attempt_at > now + LONGEST_WAIT)


def _follows_another() -> ColumnElement[bool]:
    """An earlier edition of its story is still on the way through the same channel."""
    mine, earlier, earlier_alert = alert.alias(), delivery.alias(), alert.alias()
    same_story = and_(mine.c.id == delivery.c.alert_id, earlier_alert.c.story_id == mine.c.story_id)
    same_lane = and_(
        earlier.c.recipient == delivery.c.recipient, earlier.c.channel_id == delivery.c.channel_id
    )
    on_the_way = and_(earlier.c.edition < delivery.c.edition, earlier.c.state.in_((PENDING, LEASED)))
    other = select(earlier.c.id).where(
        earlier.c.alert_id == earlier_alert.c.id,
        earlier_alert.c.recipient == mine.c.recipient,
        same_story,
        same_lane,
        on_the_way,
    )
    return and_(delivery.c.edition > 0, other.exists())


def _leased(connection: Connection) -> dict[Lane, int]:
    lane = (delivery.c.recipient, delivery.c.channel_id)
    query = select(*lane, func.count()).where(delivery.c.state == LEASED).group_by(*lane)
    return {(row[0], row[1]): int(row[2]) for row in connection.execute(query)}
