"""Who is told of an article's matches, when and how; and who is not, and why. Called by `verdict`.

Routes form a tree, walked as Alertmanager walks its own: `ways_of` names who hears of a watchlist through which route,
`timing` says when. Of several ways to one recipient the soonest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.judge.replies import refused, still_wanted
from monitor.judge.rules import Rules
from monitor.judge.silencing import Occasion, covering, silenced
from monitor.judge.timing import when
from monitor.model import (
    Alert,
    Article,
    Decision,
    How,
    Match,
    Reason,
    Recipient,
    Reply,
    Route,
    Silence,
    Story,
    Timing,
    Watchlist,
)

STAGE = "route"
REASONS = {
    How.NOW: Reason.ALERTED,
    How.GATHERED: Reason.ALERTED,
    How.DIGEST: Reason.IN_DIGEST,
    How.HELD: Reason.HELD,
}
Watched = tuple[Watchlist, Match]


# --- the tree --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    """How a watchlist reaches a recipient. A watchlist's `notify` has a route of its own, without a place."""

    recipient: str
    route: Route
    notify: bool = False


def ways_of(watchlist: Watchlist, routes: Sequence[Route]) -> tuple[Way, ...]:
    """Those of its own `notify`, then those of the routes that act, in the tree's order."""
    named = [Way(id, Route((id,)), notify=True) for id in dict.fromkeys(watchlist.notify)]
    routed = [Way(id, one, notify=False) for one in acting(watchlist, routes) for id in dict.fromkeys(one.to)]
    return (*named, *routed)


def recipients_of(watchlist: Watchlist, routes: Sequence[Route]) -> tuple[str, ...]:
    """Everybody who hears of it, each once."""
    return tuple(dict.fromkeys(way.recipient for way in ways_of(watchlist, routes)))


def acting(watchlist: Watchlist, routes: Sequence[Route]) -> tuple[Route, ...]:
    """The routes that tell of it: at each level the first that fits, and further ones where it goes on.

    Of a route that fits, its children act; itself where none of them does. One that names nobody and has no child that
    acts counts as not fitting.
    """
    found: list[Route] = []
    for one in routes:
        if not _fits(one, watchlist):
            continue
        inner = acting(watchlist, one.children) or ((one,) if one.to else ())
        found += inner
        if inner and not one.go_on:
            break
    return tuple(found)


def _fits(one: Route, watchlist: Watchlist) -> bool:
    return (
        (not one.severities or watchlist.severity in one.severities)
        and (not one.watchlists or watchlist.id in one.watchlists)
        and (not one.tags or bool(set(one.tags) & set(watchlist.tags)))
    )


# --- one recipient ---------------------------------------------------------------------------------------------------


def way_of(
    recipient: Recipient, watchlists: Iterable[Watchlist], routes: Sequence[Route], now: datetime
) -> tuple[Way, Timing] | None:
    """The way by which the recipient hears of these watchlists soonest; of equal ones a route before `notify`.

    Its route has the earliest escalation of all his ways. None where none of the watchlists reaches him.
    """
    ways = [
        (way, when(way.route, recipient, watchlist.severity, now))
        for watchlist in watchlists
        for way in ways_of(watchlist, routes)
        if way.recipient == recipient.id
    ]
    if not ways:
        return None
    way, timing = min(ways, key=lambda pair: (pair[1].at, pair[0].notify))
    return replace(way, route=_escalating(way.route, [other.route for other, _ in ways])), timing


def _escalating(chosen: Route, routes: Sequence[Route]) -> Route:
    steps = [(one.escalate_after, one.escalate_to) for one in routes if one.escalate_after is not None]
    if not steps:
        return chosen
    after, to = min(steps, key=lambda step: step[0])
    return replace(chosen, escalate_after=after, escalate_to=to)


# --- an article ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Routed:
    """What becomes of an article's matches."""

    alerts: tuple[Alert, ...] = ()
    timings: tuple[Timing, ...] = ()  # of the alerts, in their order
    again: tuple[Alert, ...] = ()  # what those who know the story would hear
    decisions: tuple[Decision, ...] = ()


def route(
    article: Article,
    matches: Sequence[Match],
    rules: Rules,
    story: Story | None,
    silences: Sequence[Silence],
    now: datetime,
    replies: Sequence[Reply] = (),
) -> Routed:
    """One alert a recipient with all of its watchlists, the most severe first; and a decision for each of them.

    `story` is the one that the article joins; None where it opens one. `replies`: the unsubscriptions, and what ended
    this story for somebody.
    """
    alerts: list[tuple[Alert, Timing]] = []
    again: list[Alert] = []
    decisions: list[Decision] = []
    for id, watched in _by_recipient(matches, rules).items():
        occasion = Occasion(article, id, story.id if story else None, now)
        wanted, unwanted = still_wanted(id, watched, replies)
        left, told = _unsilenced(wanted, silences, occasion, rules)
        decisions += [*unwanted, *told]
        recipient = rules.recipients.get(id)
        refusal = _refusal(id, recipient, left, replies)
        if refusal or recipient is None or not left:
            decisions += refusal
            continue
        alert = _alert(recipient, left, article, rules)
        if story is not None and id in story.alerted:
            again.append(alert)
            decisions.append(_known(alert))
            continue
        found = way_of(recipient, [watchlist for watchlist, _ in left], rules.routes, now)
        if found is not None:  # always: the same tree named him
            alerts.append((alert, found[1]))
            decisions.append(_told(alert, found[1], now))
    decisions += _unheard(matches, rules)
    return Routed(
        tuple(alert for alert, _ in alerts),
        tuple(timing for _, timing in alerts),
        tuple(again),
        tuple(decisions),
    )


def _by_recipient(matches: Sequence[Match], rules: Rules) -> dict[str, list[Watched]]:
    watched = [(_watchlist(match, rules), match) for match in matches]
    watched.sort(key=lambda pair: -pair[0].severity.rank)  # stable: the rules' order within a severity
    by_recipient: dict[str, list[Watched]] = {}
    for watchlist, match in watched:
        for recipient in recipients_of(watchlist, rules.routes):
            by_recipient.setdefault(recipient, []).append((watchlist, match))
    return by_recipient


def _watchlist(match: Match, rules: Rules) -> Watchlist:
    return next(one.watchlist for one in rules.watchlists if one.watchlist.id == match.watchlist)


def _unsilenced(
    watched: Sequence[Watched], silences: Sequence[Silence], occasion: Occasion, rules: Rules
) -> tuple[list[Watched], list[Decision]]:
    """What is left of a recipient's watchlists, and a decision for each that is silenced."""
    if not silences:
        return list(watched), []
    left: list[Watched] = []
    decisions: list[Decision] = []
    for watchlist, match in watched:
        over = covering(match, silences, occasion, rules)
        if over is None:
            left.append((watchlist, match))
        else:
            decisions.append(silenced(watchlist.id, over, occasion.recipient, rules))
    return left, decisions


def _refusal(
    id: str, recipient: Recipient | None, watched: Sequence[Watched], replies: Sequence[Reply]
) -> list[Decision]:
    names = ", ".join(watchlist.id for watchlist, _ in watched)
    if not watched:
        return []
    if recipient is None:
        return [Decision(STAGE, Reason.NOBODY, f"{names} matched, but there is no recipient {id}", id)]
    if not recipient.channels:
        return [Decision(STAGE, Reason.NOBODY, f"{names} matched, but {id} has no channel", id)]
    ended = refused(id, names, replies)
    return [ended] if ended else []


def _alert(recipient: Recipient, watched: Sequence[Watched], article: Article, rules: Rules) -> Alert:
    source = rules.sources.get(article.source_id)
    return Alert(
        recipient=recipient.id,
        severity=watched[0][0].severity,
        watchlists=tuple(watchlist.id for watchlist, _ in watched),
        titles=tuple(watchlist.title or watchlist.id for watchlist, _ in watched),
        article=article,
        source_name=(source.name if source else "") or article.source_id,
        matches=tuple(match for _, match in watched),
        channels=tuple(channel.id for channel in recipient.channels),
    )


def _known(alert: Alert) -> Decision:
    names = ", ".join(alert.watchlists)
    detail = f"{alert.recipient} was told of this story before ({names})"
    return Decision(STAGE, Reason.ALREADY_ALERTED, detail, alert.recipient)


def _told(alert: Alert, timing: Timing, now: datetime) -> Decision:
    detail = f"{alert.recipient} hears of {', '.join(alert.watchlists)} by {', '.join(alert.channels)}"
    if timing.how is not How.NOW:
        detail += f" {timing.why}"
    return Decision(STAGE, REASONS[timing.how], detail + _age(alert.article, now), alert.recipient)


def _unheard(matches: Sequence[Match], rules: Rules) -> list[Decision]:
    return [
        Decision(
            STAGE,
            Reason.NOBODY,
            f"{match.watchlist} matched, but neither notify nor a route names anybody",
            match.watchlist,
        )
        for match in matches
        if not recipients_of(_watchlist(match, rules), rules.routes)
    ]


def _age(article: Article, now: datetime) -> str:
    """How late the news is, for whoever asks later why it was told then."""
    if article.published is None:
        return ""
    minutes = int((now - article.published) / timedelta(minutes=1))
    if minutes < 1:
        return ""
    return f", {minutes} min after publication" if minutes < 120 else f", {minutes // 60} h after publication"
