"""Alerts -> Review: a digest is a review of what was held for one recipient. Pure; called by whoever sends digests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.model import Alert, Receipt, Recipient
from monitor.review.values import Copy, Heading, Review, ReviewStory


def of_alerts(
    alerts: Sequence[Alert],
    recipient: Recipient,
    since: datetime,
    until: datetime,
    receipt: Receipt | None = None,
    title: str = "",
) -> Review:
    """In the recipient's language and time zone, a story an alert, numbered from 1. A heading's severity is the highest of
    its alerts. Raises ValueError where the period is empty."""
    headings: dict[str, Heading] = {}
    for alert in alerts:
        for id, name in zip(alert.watchlists, alert.titles, strict=True):
            known = headings.get(id)
            if known is None or known.severity.rank < alert.severity.rank:
                headings[id] = Heading(id, name, alert.severity)
    return Review(
        since=since,
        until=until,
        headings=tuple(headings.values()),
        stories=tuple(_story(number, alert) for number, alert in enumerate(alerts, start=1)),
        receipt=receipt,
        title=title,
        language=recipient.language,
        timezone=recipient.timezone,
    )


def _story(number: int, alert: Alert) -> ReviewStory:
    article, outlet = alert.article, alert.source_name or alert.article.source_id
    return ReviewStory(
        id=number,
        watchlists=alert.watchlists,
        article=article,
        outlet=outlet,
        outlets=(outlet,),
        first_seen=article.first_seen,
        last_seen=article.first_seen,
        matches=alert.matches,
        own=(outlet,),
        copies=(Copy(outlet, article.title, article.first_seen, article.url, article.language),),
    )
