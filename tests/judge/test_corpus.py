"""The example watchlists on the real press beside the checkout."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from monitor.judge import Rules, compile_rules, find_matches
from monitor.settings import load
from tests.build import make_article
from tests.conftest import ROOT

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def rules() -> Rules:
    settings = load(ROOT / "config", {})
    return compile_rules(
        settings.watchlists, settings.entities, settings.sources, settings.recipients, settings.routes
    )


def test_the_first_case_reaches_the_two_desks_that_it_concerns(rules: Rules, corpus_data: Path) -> None:
    title, _, body = (corpus_data / "first-case.txt").read_text("utf-8").partition("\n")
    matched = {match.watchlist for match in find_matches(make_article(title, body, language="fr"), rules)}
    assert {"dgsn-officials", "qatar-morocco-cooperation"} <= matched
    assert not matched & {"business-forums", "gulf-investment-in-morocco"}


def labelled(corpus_data: Path) -> list[dict[str, Any]]:
    files = (corpus_data / name for name in ("labelled.jsonl", "labelled-morocco-2019.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return [row for row in rows if row["kind"] == "text"]


def test_labelled_articles_match_as_readers_judged_with_exact_highlights(
    rules: Rules, corpus_data: Path
) -> None:
    tally: Counter[tuple[bool, bool]] = Counter()
    for row in labelled(corpus_data):
        fields = {"title": row.get("title") or "", "body": row.get("body") or ""}
        matches = find_matches(make_article(**fields, language=row.get("lang"), source_id=""), rules)
        for hit in (hit for match in matches for hit in match.hits):
            assert fields[hit.field][hit.start : hit.end] == hit.text != ""
        found = {match.watchlist for match in matches}
        for watchlist, label in row["labels"].items():
            if label != "borderline":
                tally[label == "true", watchlist in found] += 1
    precision = tally[True, True] / (tally[True, True] + tally[False, True])
    recall = tally[True, True] / (tally[True, True] + tally[True, False])
    assert (precision >= 0.90, recall >= 0.95) == (True, True), (precision, recall)
