"""What the linter suspects, and what it lets be."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.judge.lint import Usage, lint, usage
from monitor.model import Entity, Route, Watchlist
from tests.build import make_article, make_entity, make_watchlist

FORUMS = make_watchlist("forums", any=("forum",))
QATAR = make_entity("qatar", "Qatar", "Doha")


def suspected(
    *watchlists: Watchlist, entities: tuple[Entity, ...] = (QATAR,), used: Usage | None = None
) -> list[tuple[str, str, str]]:
    found = lint((*watchlists, FORUMS), entities, (), used or Usage())
    return [(one.rule, one.id, one.text) for one in found]


@pytest.mark.parametrize(
    ("fields", "rule", "text"),
    [
        ({"any": ("UE",)}, "short", "UE"),
        ({"query": "forum AND طن"}, "short", "طن"),
        ({"any": ("ter* | Doha",)}, "wildcard", "ter*"),
        ({"any": ("dans les", "forum")}, "common", "dans les"),
        ({"none": ("السنة في",), "any": ("على",)}, "common", "على"),
        # excluded by its own watchlist: the same word, a shorter phrase, a name, another spelling
        ({"any": ("DGSN", "Doha"), "none": ("D.G.S.N.",)}, "excluded", "DGSN"),
        ({"any": ("forum social mondial",), "none": ("forum social",)}, "excluded", "forum social mondial"),
        ({"any": ("entity:qatar", "forum"), "none": ("entity:qatar",)}, "excluded", "qatar"),
        ({"any": ("Doha",), "none": ("@forums | entity:qatar",)}, "excluded", "Doha"),
        ({"query": "(Sûreté AND NOT surete) OR forum"}, "excluded", "Sûreté"),
        ({"any": ("title:forum",), "none": ("title:forum",)}, "excluded", "forum"),
        ({"any": ("SCORE/2(forum:2, parti:-1)",), "none": ("forum | parti",)}, "excluded", "forum"),
    ],
)
def test_what_can_hardly_be_meant_is_a_suspicion(fields: dict[str, Any], rule: str, text: str) -> None:
    assert (rule, "w", text) in suspected(make_watchlist(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        # the analyst has said how it is written
        {"any": ("case:UE", "exact:طن")},
        {"any": ("terr*",)},
        # excluded elsewhere than it is looked for
        {"any": ("forum",), "none": ("title:forum",)},
        {"any": ("forum",), "none": ("lead:forum",)},
        # a longer phrase, or company, is excluded; the term is not
        {"any": ("forum",), "none": ("forum social",)},
        {"any": ("forum",), "none": ("NEAR/5(forum, parti)",)},
        {"any": ("forum",), "none": ("SENTENCE(forum, parti)",)},
        {"query": "forum AND NOT (parti AND forum)"},
        # what weighs against, and what stands behind NOT, is not looked for
        {"query": "SCORE/2(forum:2, parti:-1) AND NOT parti"},
    ],
)
def test_what_can_be_meant_is_none(fields: dict[str, Any]) -> None:
    assert suspected(make_watchlist(**fields)) == []


def test_a_watchlist_that_nobody_hears_of_is_one_until_a_route_reaches_it() -> None:
    lonely = make_watchlist(any=("forum",), notify=())
    assert suspected(lonely) == [("unheard", "w", "")]
    assert lint((lonely,), (), (Route(to=("desk",)),), Usage()) == []


@pytest.mark.parametrize(
    ("entity", "found"),
    [
        # a name that is a word of every text
        (make_entity("e", "Mohamed Son", "son"), [("collides", "e", "son")]),
        (make_entity("e", "Al X"), []),
        (make_entity("e", "Hassan Ly", "Ly"), [("short", "e", "Ly")]),
        # a surname that the articles write small; with company it is safe, and a demonym is written so
        (make_entity("e", "Jean Boulanger", "Boulanger"), [("collides", "e", "Boulanger")]),
        (make_entity("e", "Jean Boulanger", "Boulanger", within=("ministre",)), []),
        (make_entity("e", "France", "boulanger", kind="place"), []),
        # excluded by its own `not`
        (make_entity("e", "Ali Hammouchi", not_names=("Hammouchi",)), []),
        (make_entity("e", "Ali Hammouchi", "Hammouchi", not_names=("Hammouchi",)), [("excluded", "e", "Hammouchi")]),
        (make_entity("e", "Ali Hammouchi", "Hammouchi", within=("police",)), []),
    ],
)  # fmt: skip
def test_a_name_that_cannot_count_or_counts_too_much_is_one(
    entity: Entity, found: list[tuple[str, str, str]]
) -> None:
    used = Usage(small={"boulanger": 0.9, "hammouchi": 0.0})
    assert suspected(entities=(QATAR, entity), used=used) == found


def test_what_is_common_is_measured_by_language() -> None:
    french = [make_article("", f"dirham numéro {n}", language="fr") for n in range(20)]
    arabic = [make_article("", f"والدرهم خبر {n}", language="ar") for n in range(20)]
    few = [make_article("", "riyal", language="en") for _ in range(5)]
    used = usage([*french, *arabic, *few])
    assert used.is_common("dirham")
    assert used.is_common("درهم")  # behind its proclitics
    assert not used.is_common("riyal")  # too few articles to tell
    assert used.small["dirham"] == 1.0
    assert "درهم" not in used.small
