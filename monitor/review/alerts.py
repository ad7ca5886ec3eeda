"""Alerts -> Review: a digest is a review of what was held for one recipient. Pure; called by whoever sends digests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.model import Alert, Answers, Receipt, Recipient, Spread
from monitor.review.values import Copy, Foot, Heading, Occasion, Review, ReviewStory


def of_alerts(
    alerts: Sequence[Alert],
    recipient: Recipient,
    since: datetime,
    until: datetime,
    receipt: Receipt | None = None,
    title: str = "",
    occasion: Occasion = Occasion.DIGEST,
    foot: Foot | None = None,
) -> Review:
    """In the recipient's language and time zone, a story an alert, numbered from 1; the foot's links are theirs in the
    same order. A heading's severity is the highest of its alerts. Raises ValueError where the period is empty."""
    headings: dict[str, Heading] = {}
    for alert in alerts:
        for id, name in zip(alert.watchlists, alert.titles, strict=True):
            known = headings.get(id)
            if known is None or known.severity.rank < alert.severity.rank:
                headings[id] = Heading(id, name, alert.severity)
    links = dict(enumerate(foot.links.answers if foot and foot.links else (), start=1))
    return Review(
        since=since,
        until=until,
        headings=tuple(headings.values()),
        stories=tuple(_story(n, alert, links.get(n)) for n, alert in enumerate(alerts, start=1)),
        receipt=receipt,
        title=title,
        occasion=occasion,
        language=recipient.language,
        timezone=recipient.timezone,
        foot=foot,
    )


def _story(number: int, alert: Alert, answers: Answers | None) -> ReviewStory:
    """With the spread that the alert knows; of the other outlets their names alone."""
    article, outlet = alert.article, alert.source_name or alert.article.source_id
    state = alert.story_state or Spread(outlets=(outlet,), own=(outlet,))
    outlets = state.outlets if outlet in state.outlets else (outlet, *state.outlets)
    return ReviewStory(
        id=number,
        watchlists=alert.watchlists,
        article=article,
        outlet=outlet,
        outlets=outlets,
        first_seen=article.first_seen,
        last_seen=article.first_seen,
        matches=alert.matches,
        agencies=state.agencies,
        own=state.own,
        copies=tuple(_copy(each, alert, outlet) for each in outlets),
        tier=state.tier,
        correction=alert.correction,
        answers=answers,
    )


def _copy(name: str, alert: Alert, outlet: str) -> Copy:
    article = alert.article
    if name != outlet:
        return Copy(name, article.title, article.first_seen)
    return Copy(name, article.title, article.first_seen, article.url, article.language)
