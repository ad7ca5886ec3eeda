"""Who is told of an article's matches, and who is not and why. Called by `verdict`."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime, timedelta

from monitor.judge.replies import refused, still_wanted
from monitor.judge.rules import Rules
from monitor.model import Alert, Article, Decision, Match, Reason, Reply, Route, Watchlist

STAGE = "route"


def route(
    article: Article,
    matches: Sequence[Match],
    rules: Rules,
    alerted: Set[str],
    now: datetime,
    replies: Sequence[Reply] = (),
) -> tuple[tuple[Alert, ...], tuple[Decision, ...]]:
    """One alert a recipient with all of its watchlists, the most severe first; and a decision for each of them.

    `replies`: the unsubscriptions, and what ended the article's story for somebody.
    """
    alerts: list[Alert] = []
    decisions: list[Decision] = []
    for recipient, told in _by_recipient(matches, rules).items():
        watched, unwanted = still_wanted(recipient, told, replies)
        decisions += unwanted
        if not watched:
            continue
        names = ", ".join(watchlist.id for watchlist, _ in watched)
        refusal = _refusal(recipient, names, rules, alerted, replies)
        if refusal is not None:
            decisions.append(refusal)
            continue
        alert = _alert(recipient, watched, article, rules)
        alerts.append(alert)
        detail = f"{recipient} hears of {names} by {', '.join(alert.channels)}{_age(article, now)}"
        decisions.append(Decision(STAGE, Reason.ALERTED, detail, recipient))
    unheard = [
        match.watchlist for match in matches if not recipients_of(_watchlist(match, rules), rules.routes)
    ]
    decisions += [
        Decision(STAGE, Reason.NOBODY, f"{id} matched, but neither notify nor a route names anybody", id)
        for id in unheard
    ]
    return tuple(alerts), tuple(decisions)


def recipients_of(watchlist: Watchlist, routes: Sequence[Route]) -> tuple[str, ...]:
    """The watchlist's own `notify`, then those of the first route that fits, and of further ones where it goes on."""
    told = list(watchlist.notify)
    for one in routes:
        if _fits(one, watchlist):
            told += one.to
            if not one.go_on:
                break
    return tuple(dict.fromkeys(told))


def _fits(one: Route, watchlist: Watchlist) -> bool:
    return (
        (not one.severities or watchlist.severity in one.severities)
        and (not one.watchlists or watchlist.id in one.watchlists)
        and (not one.tags or bool(set(one.tags) & set(watchlist.tags)))
    )


def _watchlist(match: Match, rules: Rules) -> Watchlist:
    return next(one.watchlist for one in rules.watchlists if one.watchlist.id == match.watchlist)


def _by_recipient(matches: Sequence[Match], rules: Rules) -> dict[str, list[tuple[Watchlist, Match]]]:
    watched = [(_watchlist(match, rules), match) for match in matches]
    watched.sort(key=lambda pair: -pair[0].severity.rank)  # stable: the rules' order within a severity
    by_recipient: dict[str, list[tuple[Watchlist, Match]]] = {}
    for watchlist, match in watched:
        for recipient in recipients_of(watchlist, rules.routes):
            by_recipient.setdefault(recipient, []).append((watchlist, match))
    return by_recipient


def _refusal(
    recipient: str, names: str, rules: Rules, alerted: Set[str], replies: Sequence[Reply]
) -> Decision | None:
    known = rules.recipients.get(recipient)
    if known is None:
        return Decision(
            STAGE, Reason.NOBODY, f"{names} matched, but there is no recipient {recipient}", recipient
        )
    if not known.channels:
        return Decision(STAGE, Reason.NOBODY, f"{names} matched, but {recipient} has no channel", recipient)
    if (silenced := refused(recipient, names, replies)) is not None:
        return silenced
    if recipient in alerted:
        return Decision(
            STAGE, Reason.ALREADY_ALERTED, f"{recipient} was told of this story before ({names})", recipient
        )
    return None


def _alert(
    recipient: str, watched: Sequence[tuple[Watchlist, Match]], article: Article, rules: Rules
) -> Alert:
    source = rules.sources.get(article.source_id)
    return Alert(
        recipient=recipient,
        severity=watched[0][0].severity,
        watchlists=tuple(watchlist.id for watchlist, _ in watched),
        titles=tuple(watchlist.title or watchlist.id for watchlist, _ in watched),
        article=article,
        source_name=(source.name if source else "") or article.source_id,
        matches=tuple(match for _, match in watched),
        channels=tuple(channel.id for channel in rules.recipients[recipient].channels),
    )


def _age(article: Article, now: datetime) -> str:
    """How late the news is, for whoever asks later why it was told then."""
    if article.published is None:
        return ""
    minutes = int((now - article.published) / timedelta(minutes=1))
    if minutes < 1:
        return ""
    return f", {minutes} min after publication" if minutes < 120 else f", {minutes // 60} h after publication"
