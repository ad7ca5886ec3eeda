"""The judge and the reference evaluator agree on 20,000 drawn pairs of a query and an article, highlights included."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings

from monitor.judge.query.tree import Expr
from monitor.model import Article, Source, Where
from tests.judge.oracle import SLOW, compare, pairs

pytestmark = pytest.mark.prove
PAIRS = 20_000


def test_the_judge_finds_what_the_reference_finds_in_twenty_thousand_pairs() -> None:
    tally: Counter[bool] = Counter()

    @settings(max_examples=PAIRS, deadline=None, database=None, suppress_health_check=SLOW)
    @given(pairs)
    def judged(pair: tuple[Expr, Article, Source | None, Where]) -> None:
        tally[compare(*pair)] += 1

    judged()
    # a proof of which nothing ever matches proves nothing
    assert tally.total() >= PAIRS
    assert tally[True] >= PAIRS // 10, tally
    print(f"{tally.total()} pairs, {tally[True]} of them match")
