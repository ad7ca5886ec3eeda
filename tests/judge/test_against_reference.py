"""The judge beside a slow and obvious evaluator, on drawn queries and articles; and the round trip of drawn queries."""

from __future__ import annotations

from hypothesis import assume, given, settings

from monitor.judge.query import parse, parse_item, to_text
from monitor.judge.query.tree import Expr, holds_on_nothing
from monitor.model import Article, Source, Where
from tests.judge.drawn import queries
from tests.judge.oracle import SLOW, compare, explained, pairs


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(queries)
def test_what_is_printed_reads_back_as_the_same_expression(expr: Expr) -> None:
    assume(not holds_on_nothing(expr))
    assert parse(to_text(expr)) == expr == parse_item(to_text(expr))


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(pairs)
def test_the_judge_finds_what_the_reference_finds(
    pair: tuple[Expr, Article, Source | None, Where],
) -> None:
    compare(*pair)


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(pairs)
def test_any_pair_can_be_explained_and_the_explanation_agrees_with_the_match(
    pair: tuple[Expr, Article, Source | None, Where],
) -> None:
    explained(*pair)
