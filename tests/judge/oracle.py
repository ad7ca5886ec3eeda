"""One comparison of the judge with the reference evaluator; the suite makes a few hundred, the proof twenty thousand."""

from __future__ import annotations

from hypothesis import HealthCheck, assume
from hypothesis import strategies as st

from monitor.judge import Rules, compile_rules, explain, find_matches, matching_watchlists
from monitor.judge.query import to_text
from monitor.judge.query.tree import Expr, holds_on_nothing
from monitor.model import Article, Source, Where
from tests.build import make_watchlist
from tests.judge.drawn import ENTITIES, WATCHLISTS, articles, queries, sources, wheres
from tests.judge.reference import World, evaluate

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
pairs = st.tuples(queries, articles, sources, wheres)
OTHERS = tuple(make_watchlist(id, query=to_text(expr)) for id, expr in WATCHLISTS.items())


def compiled(expr: Expr, source: Source | None, where: Where) -> Rules:
    assume(not holds_on_nothing(expr))
    watched = make_watchlist(query=to_text(expr), where=where)
    return compile_rules([watched, *OTHERS], ENTITIES.values(), [source] if source else [], [])


def explained(expr: Expr, article: Article, source: Source | None, where: Where) -> None:
    """Asserts that the explanation holds where the watchlist matches, and that each failed line says something."""
    rules = compiled(expr, source, where)
    tree = explain(article, "w", rules)
    assert tree.held == any(match.watchlist == "w" for match in find_matches(article, rules))
    assert tree.render().startswith(f"{'+' if tree.held else '-'} w: ")


def compare(expr: Expr, article: Article, source: Source | None, where: Where) -> bool:
    """Asserts that both find the same, highlights included; whether it matched."""
    rules = compiled(expr, source, where)
    matches = find_matches(article, rules)
    assert matching_watchlists(article, rules) == tuple(match.watchlist for match in matches)
    found = [match for match in matches if match.watchlist == "w"]
    texts = {
        "title": article.title,
        "body": article.body,
        "url": article.url,
        "author": "\n".join(article.authors),
    }
    for hit in (hit for match in found for hit in match.hits):
        assert (texts[hit.field] or "")[hit.start : hit.end] == hit.text != ""
    hits = {(hit.field, hit.start, hit.end) for match in found for hit in match.hits}
    assert (bool(found), hits) == evaluate(expr, article, World(ENTITIES, WATCHLISTS, source), where)
    return bool(found)
