"""Entities: names in every script, excluded names, ambiguous names; and the traps that real text sets."""

from __future__ import annotations

import pytest

from monitor.judge import compile_rules, find_matches
from monitor.model import Article, Entity
from tests.build import make_article, make_entity, make_watchlist

CHIEF = make_entity(
    "chief",
    "Abdellatif Hammouchi",
    "عبد اللطيف الحموشي",
    "حموشي",
    "Hammouchi",
    not_names=("Leila Hammouchi", "ليلى حموشي", "Lamouchi"),
    within=("sûreté", "police", "security", "أمن"),
)
MOROCCO = make_entity(
    "morocco",
    "Maroc",
    "المغرب",
    "Morocco",
    "Marruecos",
    not_names=(
        "القاعدة في بلاد المغرب",
        "بلاد المغرب",
        "صلاة المغرب",
        "أذان المغرب",
        "المغرب العربي",
        "وكالة المغرب العربي",
    ),
)
STATE_SECURITY = make_entity("khulaifi", "Abdullah bin Mohammed Al-Khulaifi", not_names=(), kind="person")
FOREIGN = make_entity("mohammed", "Mohammed Al-Khulaifi", not_names=("Abdullah bin Mohammed Al-Khulaifi",))


def named(entity: Entity, article: Article, query: str = "") -> list[str]:
    rules = compile_rules([make_watchlist(query=query or f"entity:{entity.id}")], [entity], [], [])
    return [hit.text for match in find_matches(article, rules) for hit in match.hits]


FAR = " ".join(["mot"] * 40)


@pytest.mark.parametrize(
    ("title", "body", "texts"),
    [
        # the full name, in each script
        ("", "Abdellatif HAMMOUCHI arrive", ["Abdellatif HAMMOUCHI"]),
        ("", "التقى عبد اللطيف الحموشي وفدا", ["عبد اللطيف الحموشي"]),
        # a short name alone is ambiguous
        ("", "Le joueur Hammouchi marque", []),
        # near its company, before or behind
        ("", "Le chef de la police, M. Hammouchi", ["Hammouchi"]),
        ("", "Hammouchi dirige la sûreté", ["Hammouchi"]),
        ("", f"Hammouchi {FAR} police", []),  # too far
        # once the full name was said
        ("", f"Abdellatif Hammouchi {FAR} Hammouchi", ["Abdellatif Hammouchi", "Hammouchi"]),
        ("", f"Hammouchi {FAR} Abdellatif Hammouchi", ["Abdellatif Hammouchi"]),  # before it was said
        # a headline shortens what the text spells out
        ("Hammouchi à Doha", f"{FAR} Abdellatif Hammouchi", ["Hammouchi", "Abdellatif Hammouchi"]),
        ("Hammouchi à Doha", "Le chef de la police est arrivé", ["Hammouchi"]),
        ("Hammouchi à Doha", f"{FAR} {FAR} police", []),  # beyond the lead
        # excluded names win, the rest of the article still counts
        ("", "Leila Hammouchi, de la police", []),
        ("", "Leila Hammouchi a vu Abdellatif Hammouchi", ["Abdellatif Hammouchi"]),
        ("", "قالت ليلى حموشي للأمن", []),
        ("", "Lamouchi entraîne la police", []),
    ],
)
def test_an_ambiguous_name_needs_company_and_an_excluded_one_wins(
    title: str, body: str, texts: list[str]
) -> None:
    assert named(CHIEF, make_article(title, body)) == texts


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("وصل إلى المغرب", ["المغرب"]),
        ("العلاقات بين قطر والمغرب", ["والمغرب"]),
        ("تنظيم القاعدة في بلاد المغرب الإسلامي", []),  # AQIM
        ("موعد أذان المغرب اليوم", []),  # the sunset prayer
        ("بعد صلاة المغرب وصل إلى المغرب", ["المغرب"]),  # one of each
        ("وكالة المغرب العربي للأنباء", []),  # part of the agency's name
        ("بالمغرب العربي", []),  # excluded behind a proclitic too
    ],
)
def test_a_longer_excluded_name_that_covers_a_hit_wins(text: str, texts: list[str]) -> None:
    assert named(MOROCCO, make_article("", text)) == texts


def test_three_people_of_one_family_name_are_told_apart() -> None:
    article = make_article("", "Le chef, Abdullah bin Mohammed Al-Khulaifi, a reçu la délégation.")
    assert named(STATE_SECURITY, article) == ["Abdullah bin Mohammed Al-Khulaifi"]
    assert named(FOREIGN, article) == []


def test_company_counts_from_outside_the_field_that_is_asked() -> None:
    article = make_article("Hammouchi à Doha", "Abdellatif Hammouchi est à Doha.")
    assert named(CHIEF, article, "title:entity:chief") == ["Hammouchi"]
    assert named(CHIEF, make_article("Sûreté", "Abdellatif Hammouchi"), "title:entity:chief") == []


def test_an_entity_takes_part_in_distances() -> None:
    article = make_article("", "Abdellatif Hammouchi a été reçu à Doha")
    assert named(CHIEF, article, "NEAR/4(entity:chief, Doha)") == ["Abdellatif Hammouchi", "Doha"]
    assert named(CHIEF, article, "NEAR/3(entity:chief, Doha)") == []


ALGERIAN = "NEAR/12(DGSN, Algérie | Alger | الجزائر)"


@pytest.mark.parametrize(
    ("body", "matches"),
    [
        ("La DGSN marocaine a présenté son bilan.", True),
        ("La DGSN, a-t-on appris à Alger, a reçu une délégation.", False),  # Algeria has a DGSN too
        (
            f"La DGSN a arrêté un suspect. {FAR} Il venait d'Algérie.",
            True,
        ),  # a Moroccan item that names Algeria
    ],
)
def test_another_countrys_service_can_be_excluded_by_distance(body: str, matches: bool) -> None:
    rules = compile_rules([make_watchlist(any=("DGSN",), none=(ALGERIAN,))], [], [], [])
    assert bool(find_matches(make_article("", body), rules)) == matches
