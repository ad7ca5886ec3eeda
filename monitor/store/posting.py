"""An alert's rows: kept once, then either posted to its channels or held until its time. Called by whatever tells people.

Each delivery's identity is made of what it tells, so that whatever is done twice is one row.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, insert, select, update

from monitor.model import Alert, DeliveryState, Timing
from monitor.store import rows
from monitor.store.sql import insert_new
from monitor.store.tables import alert, delivery, waiting

EXPIRY = timedelta(hours=72)


def keep(connection: Connection, told: Alert, story_id: int, now: datetime) -> int | None:
    """The row of an alert; None where this recipient has this edition of the story already."""
    values = {
        "story_id": story_id,
        "recipient": told.recipient,
        "edition": told.edition,
        "created_at": now,
        **content(told),
    }
    alert_id: int | None = insert_new(connection, alert, values)
    return alert_id


def content(told: Alert) -> dict[str, Any]:
    """What of an alert's row may change as long as it waits."""
    return {
        "severity": told.severity.value,
        "watchlists": list(told.watchlists),
        "payload": rows.frozen(Alert, told),
    }


def hold(connection: Connection, alert_id: int, recipient: str, timing: Timing) -> None:
    values = {"alert_id": alert_id, "recipient": recipient, **planned(timing)}
    connection.execute(insert(waiting), values)


def planned(timing: Timing) -> dict[str, Any]:
    return {"how": timing.how.value, "slot": timing.slot, "due_at": timing.at}


def post(
    connection: Connection,
    alert_id: int,
    told: Alert,
    story_id: int,
    instance: uuid.UUID,
    now: datetime,
) -> int:
    """Enqueue an alert through its channels. How many deliveries that made."""
    mark_told(connection, [alert_id], now)
    subject = _subject(connection, told, story_id, alert_id)
    parts = [(subject, told.recipient, channel, told.edition) for channel in dict.fromkeys(told.channels)]
    return enqueue(connection, parts, alert_id, told.edition, instance, now)


def mark_told(
    connection: Connection, ids: Sequence[int], now: datetime, letter_id: int | None = None
) -> None:
    told = {"told_at": now, "letter_id": letter_id}
    connection.execute(update(alert).where(alert.c.id.in_(ids)).values(told))


def enqueue(
    connection: Connection,
    parts: Iterable[tuple[object, ...]],
    alert_id: int,
    edition: int,
    instance: uuid.UUID,
    now: datetime,
) -> int:
    pending = [delivery_values(each, alert_id, edition, instance, now) for each in parts]
    if pending:
        connection.execute(insert(delivery), pending)
    return len(pending)


def _subject(connection: Connection, told: Alert, story_id: int, alert_id: int) -> str:
    """What the deliveries' identities name: the story. Where a split took an earlier alert out of it, whose deliveries
    keep that name, the new alert as well."""
    names = [delivery_key((story_id, told.recipient, channel, told.edition)) for channel in told.channels]
    taken = connection.execute(select(delivery.c.id).where(delivery.c.dedup_key.in_(names)).limit(1)).all()
    return f"{story_id}.{alert_id}" if taken else str(story_id)


def delivery_key(parts: tuple[object, ...]) -> str:
    return "/".join(quote(str(part), safe="") for part in parts)


def delivery_values(
    parts: tuple[object, ...], alert_id: int, edition: int, instance: uuid.UUID, now: datetime
) -> dict[str, Any]:
    """The row of a new delivery. Of `parts` its identity is made for ever: what it tells of, recipient, channel, ...;
    what is no alert begins with a word for what it is."""
    key = delivery_key(parts)
    _, recipient, channel, *_ = parts if parts[0] not in WORDS else parts[1:]
    return {
        "id": str(uuid.uuid5(instance, key)),
        "dedup_key": key,
        "recipient": recipient,
        "channel_id": channel,
        "alert_id": alert_id,
        "edition": edition,
        "state": DeliveryState.PENDING.value,
        "attempts": 0,
        "deaths": 0,
        "created_at": now,
        "next_attempt_at": now,
        "lease_token": 0,
        "expires_at": now + EXPIRY,
        "last_class": "",
        "last_error": "",
    }


WORDS = ("notice", "letter", "spike")
