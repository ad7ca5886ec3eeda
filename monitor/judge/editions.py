"""How an alert grows with its story: what is a material change, and the next edition. Pure.

Called by whoever keeps what a recipient was sent last. When an update may go is `timing.when_update`'s.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from monitor.model import Alert, Match, Spread, Update

T = TypeVar("T")
REACH = (2, 4, 8, 16)  # outlets; each is news once
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def material(before: Alert, now: Alert) -> tuple[str, ...]:
    """What has changed that is worth an update: language, tier, severity, reach; () where nothing has.

    A new language counts, not one less; a better tier than any before; more outlets than the next figure of REACH.
    """
    old, new = spread_of(before), spread_of(now)
    changed = {
        "language": bool(set(new.languages) - set(old.languages)),
        "tier": new.tier < old.tier,
        "severity": now.severity.rank > before.severity.rank,
        "reach": bisect_right(REACH, len(new.outlets)) > bisect_right(REACH, len(old.outlets)),
    }
    return tuple(reason for reason, true in changed.items() if true)


def grown(before: Alert, spread: Spread, fresh: Alert | None = None) -> Alert | None:
    """The edition after `before`, the one sent last; None where nothing material is new.

    `spread` is the story's now. `fresh` is what this recipient would be told of the newest article; None where it
    matches nothing of his: such a copy widens the story all the same.
    """
    now = refreshed(before, spread, fresh)
    reasons = material(before, now)
    if not reasons:
        return None
    known = set(spread_of(before).outlets)
    outlets = tuple(outlet for outlet in spread.outlets if outlet not in known)
    update = Update(reasons, outlets, len(spread.outlets))
    return replace(now, edition=before.edition + 1, update=update, correction=None)


def refreshed(held: Alert, spread: Spread, fresh: Alert | None = None) -> Alert:
    """An alert that was not sent yet, up to date: the same edition.

    Its article stays the one shown, unless the fresh one brings a watchlist of its own: its evidence stands there.
    """
    held = replace(held, story_state=spread)
    if fresh is None or set(fresh.watchlists) <= set(held.watchlists):
        return held
    rest = [
        pair for pair in zip(held.watchlists, held.titles, strict=True) if pair[0] not in fresh.watchlists
    ]
    return replace(
        held,
        severity=max(held.severity, fresh.severity, key=lambda severity: severity.rank),
        watchlists=(*fresh.watchlists, *(id for id, _ in rest)),
        titles=(*fresh.titles, *(title for _, title in rest)),
        article=fresh.article,
        source_name=fresh.source_name,
        matches=(*fresh.matches, *(Match(id) for id, _ in rest)),
        channels=fresh.channels,
    )


def spread_of(alert: Alert) -> Spread:
    """The story as the alert told it; of one that tells none, the article alone."""
    if alert.story_state is not None:
        return alert.story_state
    language = alert.article.language
    return Spread((alert.source_name,), languages=(language,) if language else ())


def ranked(alerts: Iterable[tuple[Alert, T]]) -> tuple[tuple[Alert, T], ...]:
    """The most important first, each with what stands beside it: by severity, outlets, tier; then the newest."""

    def place(pair: tuple[Alert, T]) -> tuple[int, int, int, float]:
        alert = pair[0]
        spread = spread_of(alert)
        news = alert.article.published or alert.article.first_seen
        return -alert.severity.rank, -len(spread.outlets), spread.tier, -(news - LONG_AGO).total_seconds()

    return tuple(sorted(alerts, key=place))
