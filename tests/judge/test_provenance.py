"""Which agency a text credits, and how a story's spread is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.judge.provenance import Credit, credit, sentence, spread
from monitor.model import StoryMember
from tests.build import NOON, make_article


@pytest.mark.parametrize(
    ("body", "authors", "expected"),
    [
        ("Rabat (MAP) - Le conseil s'est réuni.", (), Credit("MAP", "dateline")),
        ("الدوحة - قنا: اجتمع المجلس اليوم.", (), Credit("QNA", "dateline")),
        ("الرباط ـ (و م ع) اجتمع المجلس.", (), Credit("MAP", "dateline")),
        ("PARIS (AFP) — The council met.", (), Credit("AFP", "dateline")),
        ("Le conseil s'est réuni.\nLR/MAP", (), Credit("MAP", "signature")),
        ("Le conseil s'est réuni.\n(avec MAP)", (), Credit("MAP", "signature")),
        ("El consejo se reunió.\nEFE", (), Credit("EFE", "signature")),
        ("Le conseil s'est réuni.", ("La Rédaction avec AFP",), Credit("AFP", "byline")),
        ("A minister told Reuters that the council met.", (), Credit("Reuters", "credit")),
        # a reader's map and a word that is spelt like an agency
        ("The map shows where the council met.", (), Credit()),
        ("Le plan et la map du quartier.\nUne map", (), Credit()),
        ("", (), Credit()),
    ],
)
def test_a_credit_is_read_where_agencies_stand(body: str, authors: tuple[str, ...], expected: Credit) -> None:
    assert credit(make_article(body=body, authors=authors)) == expected


def member(id: int, outlet: str, **fields: object) -> StoryMember:
    return StoryMember(id, outlet.lower(), outlet, "Un titre", NOON + timedelta(minutes=id), **fields)  # type: ignore[arg-type]


def test_a_spread_tells_reprints_from_reports() -> None:
    told = spread(
        [
            member(3, "Herald", duplicate_of=1),  # silent about where it comes from
            member(1, "Agency", agency="MAP", wire="dateline"),
            member(2, "Gazette", agency="MAP", wire="signature", duplicate_of=1),
            member(4, "Radio"),
        ]
    )
    assert told.outlets == ("Agency", "Gazette", "Herald", "Radio")
    assert told.agencies == (("MAP", 3),)
    assert told.own == ("Radio",)
    assert sentence(told) == "4 outlets, 3 of them reprinting MAP, 1 with a report of its own"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([member(1, "Gazette")], "1 outlet"),
        # two feeds of one newspaper
        ([member(1, "Gazette"), member(2, "Gazette")], "1 outlet"),
        # what an agency is quoted with is not reprinted from it
        ([member(1, "Gazette", agency="AFP", wire="credit"), member(2, "Herald")], "2 outlets"),
    ],
)
def test_a_spread_counts_outlets_not_feeds(members: list[StoryMember], expected: str) -> None:
    assert sentence(spread(members)) == expected


def test_a_spread_tells_the_languages_in_their_order_and_the_tier_it_was_given() -> None:
    told = spread(
        [
            member(2, "Herald", language="ar"),
            member(1, "Gazette", language="fr"),
            member(3, "Radio", language="fr"),
            member(4, "Tract"),
        ],
        tier=1,
    )
    assert (told.languages, told.tier) == (("fr", "ar"), 1)
