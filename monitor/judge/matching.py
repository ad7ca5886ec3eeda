"""Which watchlists an article matches, with the places in its original text. Called by `verdict` and by commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from monitor.judge.operators.base import Operator
from monitor.judge.reading import EVERYWHERE, FIELD_ORDER, Reading, Span, field_text
from monitor.judge.rules import CompiledWatchlist, Rules
from monitor.model import Article, Hit, Match, Source, Where

MAX_HITS = 1_000  # a match; an article that repeats a term without end must not fill the database


def find_matches(article: Article, rules: Rules) -> tuple[Match, ...]:
    """In the order of the rules' watchlists."""
    reading = read(article, rules)
    matches = []
    for number, parts in rules.index.candidates(reading):
        match = match_one(reading, rules.watchlists[number], parts)
        if match is not None:
            matches.append(match)
    return tuple(matches)


def read(article: Article, rules: Rules) -> Reading:
    return Reading(article, rules.sources.get(article.source_id))


def match_one(
    reading: Reading, compiled: CompiledWatchlist, parts: Sequence[Operator] | None = None
) -> Match | None:
    """`parts`: of an expression that is an OR, the arguments that can hold."""
    if compiled.conditional and unmet(compiled.watchlist.where, reading.article, reading.source):
        return None
    results = [part.find(reading, EVERYWHERE) for part in parts or (compiled.expression,)]
    held = [result.hits for result in results if result.held]
    if not held:
        return None
    return Match(compiled.watchlist.id, hits_of(reading.article, chain.from_iterable(held)))


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
