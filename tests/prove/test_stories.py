"""Duplicates and stories on the labelled sets, whole. What is asserted is a little below what docs/stories.md reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.stories import DUPLICATES, SETS, cluster, copies, labelled, score
from monitor.text.vectors import missing

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.prove,
    pytest.mark.skipif(missing() is not None, reason="the extra `vectors` is not installed"),
]
B_CUBED = {
    "ecbplus-en": 0.86,
    "headlines-en": 0.83,
    "crosslingual": 0.92,
    "gulf-ar-en": 0.95,
    "morocco-fr": 0.96,
    "ceuta-es": 0.85,
}
PAIRS = {"gulf-ar-en": 0.80, "morocco-fr": 0.75}
CROSSING = {"gulf-ar-en": 0.75, "crosslingual": 0.95}  # recall of the pairs of two languages


@pytest.mark.parametrize("name", SETS)
def test_stories_are_told_apart(corpus_data: Path, name: str) -> None:
    rows = labelled(corpus_data / "stories" / f"stories-{name}.jsonl")
    found = score(rows, cluster(rows))
    assert found.crossing >= CROSSING.get(name, 0)
    assert found.b_cubed >= B_CUBED[name]
    assert found.pair_f1 >= PAIRS.get(name, 0)


def test_copies_are_found_and_nothing_else(corpus_data: Path) -> None:
    rows = labelled(corpus_data / "stories" / DUPLICATES)
    found = score(rows, copies(rows))
    assert found.pair_f1 >= 0.975
    assert found.b_cubed >= 0.990
