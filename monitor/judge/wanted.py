"""What of an alert its recipient is still to be told: not what he unsubscribed from, ended, or what is silenced. Pure.

Called for alerts that waited: when they are let go, and by whoever sends them. Of a new article `routing` asks the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.judge.replies import refused, still_wanted
from monitor.judge.rules import Rules
from monitor.judge.silencing import silenced, trimmed, unsilenced
from monitor.model import Alert, Decision, Match, Reply, Silence, Watchlist


def still_to_tell(
    alert: Alert,
    story: int | None,
    silences: Sequence[Silence],
    replies: Sequence[Reply],
    rules: Rules,
    now: datetime,
) -> tuple[Alert | None, tuple[Decision, ...]]:
    """The alert without the watchlists that are not wanted any more, or None where nothing is left; and why.

    `replies`: unsubscriptions, and what ended this story for somebody.
    """
    names = ", ".join(alert.watchlists)
    if (ended := refused(alert.recipient, names, replies)) is not None:
        return None, (ended,)
    asked = [(Watchlist(id), Match(id)) for id in alert.watchlists]
    wanted, unsubscribed = still_wanted(alert.recipient, asked, replies)
    left = trimmed(alert, {watchlist.id for watchlist, _ in wanted}, rules)
    if left is None:
        return None, tuple(unsubscribed)
    heard, by = unsilenced(left, story, silences, rules, now)
    kept = heard.watchlists if heard else ()
    gone = ", ".join(id for id in left.watchlists if id not in kept)
    return heard, (*unsubscribed, *(silenced(gone, each, alert.recipient, rules) for each in by))
