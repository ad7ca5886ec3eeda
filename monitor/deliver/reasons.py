"""Why an alert was raised, in a recipient's words: for each watchlist the wordings found and the passages. Pure.

Called by render; the templates and the JSON document show what it answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.deliver.words import Words
from monitor.model import Alert, Hit, Match
from monitor.text.plain import NAME, one_line
from monitor.text.snippets import Passage, passages

TERMS = 8  # wordings shown a watchlist
WORDING = 60  # characters of one


@dataclass(frozen=True, slots=True)
class Term:
    """A distinct wording that was found; `term` is what the analyst wrote, where that reads differently."""

    text: str
    term: str
    places: str


@dataclass(frozen=True, slots=True)
class WatchlistReason:
    id: str
    title: str
    terms: tuple[Term, ...]
    passages: tuple[Passage, ...]


Reasons = tuple[WatchlistReason, ...]


def reasons_of(alert: Alert, words: Words) -> Reasons:
    """One a match, in the alert's order."""
    titles = dict(zip(alert.watchlists, alert.titles, strict=False))
    return tuple(_reason(alert, match, titles, words) for match in alert.matches)


def _reason(alert: Alert, match: Match, titles: dict[str, str], words: Words) -> WatchlistReason:
    return WatchlistReason(
        match.watchlist,
        one_line(titles.get(match.watchlist) or match.watchlist, NAME),
        _terms(match.hits, words)[:TERMS],
        passages(alert.article.body, match.hits),
    )


def _terms(hits: Iterable[Hit], words: Words) -> tuple[Term, ...]:
    """Each distinct wording once, with the fields where it stands."""
    grouped: dict[str, list[Hit]] = {}
    for hit in hits:
        grouped.setdefault(hit.text.casefold(), []).append(hit)
    return tuple(_term(same, words) for same in grouped.values())


def _term(hits: Sequence[Hit], words: Words) -> Term:
    first = hits[0]
    fields = dict.fromkeys(words.fields.get(hit.field, hit.field) for hit in hits)
    text, term = one_line(first.text, WORDING), one_line(first.term, WORDING)
    return Term(text, "" if term.strip('"').casefold() == text.casefold() else term, words.comma.join(fields))
