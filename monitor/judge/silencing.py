"""Whether a silence covers a match. Pure; called by `routing` for new alerts, and for held ones when they are let go.

A silence hides only what it names: of an alert for two watchlists the other one's half still goes out, and a watchlist
that matches without the silenced entity as well is still heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.judge.clocks import local_text
from monitor.judge.matching import match_one, read
from monitor.judge.reading import FIELD_ORDER, field_text
from monitor.judge.rules import CompiledWatchlist, Rules
from monitor.model import Alert, Article, Decision, Hit, Match, Reason, Recipient, Silence

_ROUNDS = 10  # of blanking; a name inside a longer one comes to light when that is gone


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a silence is asked about: an article for a recipient. `story` is None while none is opened."""

    article: Article
    recipient: str
    story: int | None
    now: datetime


def covers(silence: Silence, match: Match, occasion: Occasion, rules: Rules) -> bool:
    """Whether all that the silence states holds, from `starts_at` until `ends_at`."""
    return (
        silence.starts_at <= occasion.now < silence.ends_at
        and silence.recipient in (None, occasion.recipient)
        and silence.watchlist in (None, match.watchlist)
        and silence.story in (None, occasion.story)
        and silence.source in (None, occasion.article.source_id)
        and (silence.entity is None or _needs(match, silence.entity, occasion.article, rules))
    )


def covering(match: Match, silences: Iterable[Silence], occasion: Occasion, rules: Rules) -> Silence | None:
    """The first silence that covers it."""
    return next((one for one in silences if covers(one, match, occasion, rules)), None)


def unsilenced(
    alert: Alert, story: int | None, silences: Sequence[Silence], rules: Rules, now: datetime
) -> tuple[Alert | None, tuple[Silence, ...]]:
    """The alert without the watchlists that are silenced now, or None where nothing is left; and what silenced them."""
    occasion = Occasion(alert.article, alert.recipient, story, now)
    over = {match.watchlist: covering(match, silences, occasion, rules) for match in alert.matches}
    by = tuple({one.id: one for one in over.values() if one is not None}.values())
    if not by:
        return alert, ()
    gone = {id for id in alert.watchlists if over.get(id) is not None}
    return trimmed(alert, set(alert.watchlists) - gone, rules), by


def trimmed(alert: Alert, keep: Set[str], rules: Rules) -> Alert | None:
    """The alert with these watchlists alone; None where it is about none of them."""
    if set(alert.watchlists) <= keep:
        return alert
    named = [(id, title) for id, title in zip(alert.watchlists, alert.titles, strict=True) if id in keep]
    if not named:
        return None
    severities = [one.watchlist.severity for one in _compiled([id for id, _ in named], rules)]
    return replace(
        alert,
        severity=max(severities, key=lambda severity: severity.rank, default=alert.severity),
        watchlists=tuple(id for id, _ in named),
        titles=tuple(title for _, title in named),
        matches=tuple(match for match in alert.matches if match.watchlist in keep),
    )


def silenced(watchlist: str, by: Silence, recipient: str, rules: Rules) -> Decision:
    """The ledger's line of what a recipient is not told of."""
    known = rules.recipients.get(recipient, Recipient(recipient))
    detail = (
        f"{recipient} is not told of {watchlist}: silence {by.id} of {by.author} until "
        f"{local_text(by.ends_at, known)}: {by.comment}"
    )
    return Decision("route", Reason.SILENCED, detail, recipient)


def _compiled(ids: Sequence[str], rules: Rules) -> list[CompiledWatchlist]:
    return [one for one in rules.watchlists if one.watchlist.id in ids]


def _needs(match: Match, entity: str, article: Article, rules: Rules) -> bool:
    """Whether the watchlist would not match, were the entity's names not in the article."""
    names = rules.entity_names.get(entity, frozenset())
    compiled = _compiled([match.watchlist], rules)
    current: Match | None = match
    for _ in range(_ROUNDS if compiled else 0):
        hits = [hit for hit in current.hits if hit.term in names] if current else []
        if not hits:
            break
        article = _blanked(article, hits)
        current = match_one(read(article, rules), compiled[0])
    return current is None


def _blanked(article: Article, hits: Sequence[Hit]) -> Article:
    """The article with other letters where the hits are: as many words, none of them said."""
    texts = {name: list(field_text(article, name)) for name in FIELD_ORDER}
    for hit in hits:
        letters = texts[hit.field]
        letters[hit.start : hit.end] = ("x" if letter.isalnum() else letter for letter in hit.text)
    title, body, url, author = ("".join(texts[name]) for name in FIELD_ORDER)
    return replace(article, title=title, body=body, url=url or None, authors=tuple(author.splitlines()))
