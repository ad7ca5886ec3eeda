"""An entity's names: excluded longer names win, and ambiguous short names need company.

A name of one word among `names` is short. Where the entity states `within`, a short name counts near one of those
words, or once the article has said a full name (the entity's `name`, or any of several words). The title is read
together with the beginning of the body, since headlines shorten names that the first lines spell out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.judge.operators.base import MISSING, Operator
from monitor.judge.operators.terms import Phrase
from monitor.judge.query.tree import LEAD_WORDS
from monitor.judge.query.words import pattern_words
from monitor.judge.reading import EVERYWHERE, FIELD_ORDER, Found, Neighbours, Reading, Scope, Span, found
from monitor.model import Entity

NEAR_WORDS = 30  # how far the company of an ambiguous name may stand


@dataclass(frozen=True, slots=True)
class _Sorted:
    """An entity's spans by what became of them."""

    accepted: tuple[Span, ...]
    excluded: tuple[tuple[Span, Span], ...]  # with the excluded name that covers it
    alone: tuple[Span, ...]  # ambiguous, and nothing near


class AnyName(Operator):
    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.label = f"entity:{entity.id}"
        names = dict.fromkeys((entity.name, *entity.names))
        self.names = tuple(Phrase(name) for name in names if pattern_words(name))
        self.excluded = tuple(Phrase(name) for name in entity.not_names)
        self.company = tuple(Phrase(word) for word in entity.within)

    def is_full(self, term: str) -> bool:
        return term == self.entity.name or len(pattern_words(term)) > 1

    def search(self, reading: Reading, scope: Scope) -> Found:
        return found([span for span in _longest(self.sort(reading, scope).accepted) if scope.covers(span)])

    def sort(self, reading: Reading, scope: Scope) -> _Sorted:
        fields = EVERYWHERE if set(scope.fields) <= set(EVERYWHERE.fields) else Scope(FIELD_ORDER)
        spans = _spans(self.names, reading, fields)
        if not spans:
            return _Sorted((), (), ())
        left, excluded = _uncovered(spans, _spans(self.excluded, reading, fields))
        if not self.company:
            return _Sorted(tuple(left), tuple(excluded), ())
        fulls = Neighbours(span for span in left if self.is_full(span.term))
        company = Neighbours(_spans(self.company, reading, EVERYWHERE))
        accepted: list[Span] = []
        alone: list[Span] = []
        for span in left:
            counts = self.is_full(span.term) or _introduced(span, fulls) or _accompanied(span, company)
            (accepted if counts else alone).append(span)
        return _Sorted(tuple(accepted), tuple(excluded), tuple(alone))

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        if result.held:
            return super().detail(reading, scope, result)
        sorted_spans = self.sort(reading, scope)
        reasons = [
            f"{span.term} stands inside the excluded name {by.term}" for span, by in sorted_spans.excluded
        ]
        reasons += [
            f"{span.term} is ambiguous, and nothing of `within` stands within {NEAR_WORDS} words"
            f"{self.nearest(span, reading)}"
            for span in sorted_spans.alone
        ]
        if sorted_spans.accepted:
            reasons.append("its names stand elsewhere in the article")
        return "; ".join(dict.fromkeys(reasons)) or MISSING

    def nearest(self, span: Span, reading: Reading) -> str:
        """The company that stands nearest to an ambiguous name, in words."""
        there = [
            (max(one.first - span.last, span.first - one.last) - 1, one.term)
            for one in _spans(self.company, reading, EVERYWHERE)
            if one.field == span.field
        ]
        return f" ({min(there)[1]} stands {min(there)[0]} words away)" if there else ""


def _spans(phrases: Iterable[Phrase], reading: Reading, scope: Scope) -> list[Span]:
    return sorted({span for phrase in phrases for span in phrase.find(reading, scope).spans})


def _uncovered(spans: list[Span], excluded: list[Span]) -> tuple[list[Span], list[tuple[Span, Span]]]:
    """The spans that no excluded one covers, and those that one covers, with it."""
    left: list[Span] = []
    gone: list[tuple[Span, Span]] = []
    widest: Span | None = None  # of the excluded ones that begin no later: the one that reaches furthest
    waiting = iter(excluded)
    following = next(waiting, None)
    for span in spans:
        while following is not None and following[:2] <= span[:2]:
            if widest is None or widest.field != following.field or widest.last < following.last:
                widest = following
            following = next(waiting, None)
        if widest is not None and _covers(widest, span):
            gone.append((span, widest))
        else:
            left.append(span)
    return left, gone


def _longest(spans: Iterable[Span]) -> list[Span]:
    """Without the names that stand inside longer ones: a full name is one mention, not two."""
    left: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.field, span.first, -span.last)):
        if not left or not _covers(left[-1], span):
            left.append(span)
    return left


def _covers(outer: Span, inner: Span) -> bool:
    return outer.field == inner.field and outer.first <= inner.first and inner.last <= outer.last


def _introduced(span: Span, fulls: Neighbours) -> bool:
    """Whether a full name stands before; anywhere at all for a name in the title."""
    in_title, in_body = fulls.begins("title"), fulls.begins("body")
    if span.field == "title":
        return in_title is not None or in_body is not None
    return in_title is not None or (in_body is not None and in_body < span.first)


def _accompanied(span: Span, company: Neighbours) -> bool:
    if span.field in ("url", "author"):
        return True  # too short to hold company
    if company.near(span, NEAR_WORDS):
        return True
    if span.field == "title":
        in_body = company.begins("body")
        return in_body is not None and in_body < LEAD_WORDS
    return company.begins("title") is not None and span.last < LEAD_WORDS
