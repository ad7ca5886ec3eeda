"""The judge beside a slow and obvious evaluator, on drawn queries and texts; and the round trip of drawn queries."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from monitor.judge import compile_rules, find_matches
from monitor.judge.query import parse, parse_item, to_text
from monitor.judge.query.tree import Expr, holds_on_nothing
from tests.build import make_article, make_source, make_watchlist
from tests.judge.drawn import queries, texts
from tests.judge.reference import evaluate

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(queries)
def test_what_is_printed_reads_back_as_the_same_expression(expr: Expr) -> None:
    assume(not holds_on_nothing(expr))
    assert parse(to_text(expr)) == expr == parse_item(to_text(expr))


@settings(max_examples=400, deadline=None, suppress_health_check=SLOW)
@given(queries, texts, texts, st.sampled_from([None, "fr", "ar"]), st.sampled_from([None, "MA"]))
def test_the_judge_finds_what_the_reference_finds(
    expr: Expr, title: str, body: str, language: str | None, country: str | None
) -> None:
    assume(not holds_on_nothing(expr))
    article = make_article(title, body, language=language)
    rules = compile_rules([make_watchlist(query=to_text(expr))], [], [make_source(country=country)], [])
    matches = find_matches(article, rules)
    hits = {(hit.field, hit.start, hit.end) for match in matches for hit in match.hits}
    assert (bool(matches), hits) == evaluate(expr, article, country)


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(queries, texts, texts)
def test_every_highlight_is_the_original_text(expr: Expr, title: str, body: str) -> None:
    assume(not holds_on_nothing(expr))
    article = make_article(title, body)
    for match in find_matches(article, compile_rules([make_watchlist(query=to_text(expr))], [], [], [])):
        for hit in match.hits:
            assert {"title": title, "body": body}[hit.field][hit.start : hit.end] == hit.text != ""
