"""explain(): the expression as a tree with what held, what failed and by how much."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.errors import UsageError
from monitor.judge import Rules, compile_rules, explain
from monitor.model import Where
from tests.build import make_article, make_entity, make_source, make_watchlist

CHIEF = make_entity(
    "chief", "Abdellatif Hammouchi", "Hammouchi", not_names=("Leila Hammouchi",), within=("police",)
)
FAR = "un deux trois quatre cinq six sept huit neuf"


def rules(query: str, **fields: Any) -> Rules:
    return compile_rules([make_watchlist(query=query, **fields)], [CHIEF], [make_source(country="QA")], [])


@pytest.mark.parametrize(
    ("query", "body", "line"),
    [
        ("NEAR/5(forum, Doha)", f"forum {FAR} Doha", "- NEAR/5 failed: 9 words apart"),
        ("NEAR/5(forum, Doha, 2026)", f"forum {FAR} Doha {FAR} 2026", "- NEAR/5 failed: 9 words apart"),
        ("ONEAR/5(forum, Doha)", "Doha forum", "- ONEAR/5 failed: never in this order"),
        ("ONEAR/5(forum, Doha)", f"Doha forum {FAR} Doha", "- ONEAR/5 failed: 9 words apart"),
        ("NEAR/5(forum, Forum)", "forum", "- NEAR/5 failed: the same words cannot stand for two of them"),
        ("NEAR/5(headline, Doha)", "Doha", "never in one field: headline in the title, Doha in the body"),
        ("NEAR/5(forum, Doha | Rabat)", "forum", "- NEAR/5 failed: not found: Doha | Rabat"),
        ("NEAR/5(forum, Doha)", "forum à Doha", "+ NEAR/5: found once"),
        (
            "NOTNEAR/2(DGSN, Alger)",
            "DGSN Alger",
            "- NOTNEAR/2 failed: each of the 1 found has the other within 2 words",
        ),
        ("NOTNEAR/5(DGSN, Alger)", "DGSN a b Alger DGSN", "within 5 words, the furthest 2 away"),
        ("NOTNEAR/5(DGSN, Alger)", "Alger", "- NOTNEAR/5 failed: not found: DGSN"),
        (
            "SENTENCE(forum, Doha)",
            "Un forum. Oui. À Doha.",
            "- SENTENCE failed: never in one sentence: 2 sentences apart",
        ),
        (
            "SENTENCE(forum, Doha, Rabat)",
            "Un forum à Doha. À Rabat.",
            "never in one sentence: 2 of 3 at most",
        ),
        (
            "SENTENCE(headline, Doha)",
            "Doha",
            "never in one sentence: headline in the title, Doha in the body",
        ),
        (
            "PARAGRAPH(forum, Doha)",
            "Un forum.\nÀ Doha.",
            "- PARAGRAPH failed: never in one paragraph: 1 paragraph apart",
        ),
        ("SENTENCE(forum, Doha)", "Un forum.", "- SENTENCE failed: not found: Doha"),
        ("ATLEAST/3(forum)", "forum forum", "- ATLEAST/3: 2 mentions, 3 needed"),
        ("2 OF (a, b, c)", "a", "- 2 OF: 1 of 3 hold, 2 needed"),
        ("SCORE/5(a:4, b:3, c:-2)", "a c", "- SCORE/5: scored 2, 5 needed: a +4, c -2"),
        ("SCORE/5(a:4, b:3)", "", "- SCORE/5: scored 0, 5 needed: none holds"),
        ("forum AND NOT parti", "forum du parti", "- NOT: excluded by what follows"),
        ("forum AND NOT parti", "forum du parti", "+ parti: found once [«parti» body 9-14]"),
        ("title:forum", "forum", "- forum: not found"),
        # a narrower place says where it stands instead
        ("title:forum", "forum", "- title: found only in the body"),
        ("lead:forum", "mot " * 70 + "forum", "- lead: found first at word 71 of the body, 60 looked at"),
        (
            "FIRST/5(forum)",
            "mot " * 70 + "forum",
            "- FIRST/5: found first at word 71 of the body, 5 looked at",
        ),
        ("title:(headline AND Doha)", "headline Doha", "- title: holds only outside it"),
        # a term says how nearly it is there
        ("case:DGSN", "dgsn Dgsn dgsn", "- case:DGSN: not found, only written otherwise: dgsn, Dgsn"),
        ("case:DGSN", "rien", "- case:DGSN: not found"),
        ("exact:قطر", "بقطر", "- exact:قطر: not found, only behind an elision or a particle: بقطر"),
        ('"forum économique"', "forum mondial", "- forum économique: not found: no économique"),
        ('"forum économique"', "économique forum", "- forum économique: not found: its words stand apart"),
        ("forum AND country:MA", "forum", "- country:MA: it is QA"),
        ("forum AND lang:fr", "forum", "- lang:fr: it is not stated"),
        (
            "entity:chief",
            "Hammouchi marque",
            "Hammouchi is ambiguous, and nothing of `within` stands within 30 words",
        ),
        (
            "entity:chief",
            f"Hammouchi {FAR} {FAR} {FAR} {FAR} police",
            "30 words (police stands 36 words away)",
        ),
        ("entity:chief", "Leila Hammouchi", "Hammouchi stands inside the excluded name Leila Hammouchi"),
        ("title:entity:chief", "Abdellatif Hammouchi", "its names stand elsewhere in the article"),
        ("a | b | c | d | Doha", "Doha", "- 4 others: not found"),
        ("Doha AND (a | b | c | d)", "Doha", "- a | b | c | d: none of 4 found"),
    ],
)
def test_a_line_says_what_held_and_by_how_much_the_rest_failed(query: str, body: str, line: str) -> None:
    assert (
        line
        in explain(make_article("Headline" if "headline" in query else "", body), "w", rules(query)).render()
    )


def test_the_tree_shows_every_part_below_its_operator() -> None:
    shown = explain(make_article("Forum", "à Doha"), "w", rules("title:forum AND NOT Rabat")).render()
    assert shown.splitlines() == [
        "+ w: matches",
        "  + AND: 2 of 2 hold",
        "    + title: found once",
        "      + forum: found once [«Forum» title 0-5]",
        "    + NOT",
        "      - Rabat: not found",
    ]


def test_a_failed_where_is_shown_beside_an_expression_that_holds() -> None:
    shown = explain(make_article("forum"), "w", rules("forum", where=Where(countries=("MA", "DZ"))))
    assert not shown.held
    assert [(child.label, child.held, child.detail) for child in shown.children] == [
        ("where", False, "country is QA, not MA or DZ"),
        ("forum", True, "found once"),
    ]


def test_the_tree_has_a_json_form() -> None:
    tree: dict[str, Any] = explain(make_article("", "Doha"), "w", rules("Doha | a | b | c | d")).to_json()
    assert json.loads(json.dumps(tree)) == tree
    (either,) = tree["children"]
    assert len(either["children"]) == 5
    assert tree["hits"] == [
        {"term": "Doha", "read_as": "doha", "field": "body", "start": 0, "end": 4, "text": "Doha"}
    ]


def test_an_unknown_watchlist_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="unknown watchlist v: known: w"):
        explain(make_article(), "v", rules("Doha"))
