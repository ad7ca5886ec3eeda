"""Duplicates and stories on the labelled sets beside the checkout; tests/prove scores the large ones whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.stories import cluster, labelled, score
from monitor.text.vectors import missing

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(missing() is not None, reason="the extra `vectors` is not installed"),
]


@pytest.mark.parametrize(("name", "least"), [("ceuta-es", 0.85), ("morocco-fr", 0.95)])
def test_stories_of_the_real_press_are_told_apart(corpus_data: Path, name: str, least: float) -> None:
    rows = labelled(corpus_data / "stories" / f"stories-{name}.jsonl")
    assert score(rows, cluster(rows)).b_cubed >= least
