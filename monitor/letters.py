"""Delivery -> Message, where two rooms are needed for it: deliver knows mails, review lays out digests and draws charts. Pure.

    Digest     -> review.of_alerts -> review.letter -> deliver.render
    SpikeAlert -> review.png ----------------------> deliver.render
    Alert, Notice ---------------------------------> deliver.render

Called by despatch for each claimed delivery.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor import review
from monitor.deliver import render
from monitor.model import Delivery, Digest, Letter, Links, Message, Recipient, SpikeAlert
from monitor.review import Foot, Occasion
from monitor.text.plain import NAME, one_line

DAY = timedelta(days=1)  # of a digest that does not say where its time begins


def message_of(
    delivery: Delivery,
    recipient: Recipient,
    public_url: str,
    host: str,
    links: Links | None = None,
    first: Delivery | None = None,
) -> Message:
    """As `deliver.render`, with all that it needs."""
    told = delivery.alert
    letter = _letter(delivery.id, told, recipient, links) if isinstance(told, Digest) else None
    chart = review.png(told.spike, _zone(recipient.timezone)) if isinstance(told, SpikeAlert) else b""
    return render(delivery, recipient, public_url, host, links, first=first, letter=letter, chart=chart)


def _letter(reference: str, digest: Digest, recipient: Recipient, links: Links | None) -> Letter:
    until = slot_of(digest.slot)
    earliest = min((alert.article.first_seen for alert in digest.alerts), default=until - DAY)
    since = digest.since or min(earliest, until - timedelta(minutes=1))
    foot = Foot(one_line(recipient.name or recipient.id, NAME), reference, links)
    return review.letter(
        review.of_alerts(
            digest.alerts,
            recipient,
            since,
            max(until, since + timedelta(minutes=1)),
            digest.receipt,
            occasion=Occasion(digest.kind),
            foot=foot,
        )
    )


def slot_of(slot: str) -> datetime:
    """The instant of "2026-11-23 07:30 Africa/Casablanca". Raises ValueError where it is no such text."""
    day, time, name = slot.split(" ", 2)
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=_zone(name)).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    # The configuration refuses an unknown zone; a delivery recorded under an older one must still go out.
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
