"""Which watchlists an article matches, with the places in its original text. Called by `verdict` and by commands."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.judge.reading import EVERYWHERE, FIELD_ORDER, Reading, Span, field_text
from monitor.judge.rules import CompiledWatchlist, Rules
from monitor.model import Article, Hit, Match, Source, Where

MAX_HITS = 1_000  # a match; an article that repeats a term without end must not fill the database


def find_matches(article: Article, rules: Rules) -> tuple[Match, ...]:
    """In the order of the rules' watchlists."""
    reading = read(article, rules)
    matches = (match_one(reading, rules.watchlists[number]) for number in rules.index.holding(reading))
    return tuple(match for match in matches if match is not None)


def matching_watchlists(article: Article, rules: Rules) -> tuple[str, ...]:
    """Ids of those that `find_matches` finds, in its order, without looking for the places."""
    reading = read(article, rules)
    held = rules.index.holding(reading)
    if not rules.conditional.isdisjoint(held):
        held = [number for number in held if _asked_of(rules.watchlists[number], reading)]
    return tuple(map(rules.ids.__getitem__, held))


def read(article: Article, rules: Rules) -> Reading:
    return Reading(article, rules.sources.get(article.source_id))


def match_one(reading: Reading, compiled: CompiledWatchlist) -> Match | None:
    if not _asked_of(compiled, reading):
        return None
    result = compiled.expression.find(reading, EVERYWHERE)
    return Match(compiled.watchlist.id, hits_of(reading.article, result.hits)) if result.held else None


def _asked_of(compiled: CompiledWatchlist, reading: Reading) -> bool:
    """Whether the watchlist's `where` lets the article in."""
    return not compiled.conditional or not unmet(compiled.watchlist.where, reading.article, reading.source)


def unmet(where: Where, article: Article, source: Source | None) -> list[str]:
    """The conditions that the article fails, in words. What it does not state counts as met."""
    tags = source.tags if source else ()
    asked = (
        ("language", where.languages, (article.language,)),
        ("country", where.countries, (source.country if source else None,)),
        ("source", where.sources, (article.source_id or None,)),
        ("tag", where.tags, tags),
    )
    failed = []
    for name, wanted, stated in asked:
        known = [fact for fact in stated if fact]
        if wanted and known and not {fact.casefold() for fact in known} & {one.casefold() for one in wanted}:
            failed.append(f"{name} is {', '.join(known)}, not {' or '.join(wanted)}")
    return failed


def hits_of(article: Article, spans: Iterable[Span]) -> tuple[Hit, ...]:
    """The first MAX_HITS hits in reading order. One inside another is left out: the longer one says it all."""
    hits: list[Hit] = []
    spans = set(spans)
    reach: tuple[int, int] = (-1, -1)
    for span in sorted(spans, key=_reading_order) if len(spans) > 1 else spans:
        number = FIELD_ORDER.index(span.field)
        if (number, span.end) > reach:
            text = field_text(article, span.field)[span.start : span.end]
            hits.append(Hit(span.term, span.read_as, span.field, span.start, span.end, text))
            reach = (number, span.end)
    return tuple(hits[:MAX_HITS])


def _reading_order(span: Span) -> tuple[int, int, int, str]:
    return FIELD_ORDER.index(span.field), span.start, -span.end, span.term
