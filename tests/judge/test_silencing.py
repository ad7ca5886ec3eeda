"""What a silence covers, and what it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.judge import compile_rules, find_matches
from monitor.judge.silencing import Occasion, covers, unsilenced
from monitor.model import Alert, Severity, Silence, Watchlist
from tests.build import NOON, make_article, make_entity, make_recipient, make_source, make_watchlist

HOUR = timedelta(hours=1)
CHIEF = make_entity("chief", "Abdellatif Hammouchi", "Hammouchi")
POLICE = make_entity("dgsn", "DGSN")
ARTICLE = make_article("Hammouchi reçu à Doha", "Le chef de la DGSN, Abdellatif Hammouchi, est à Doha.")
WATCHLISTS = (
    make_watchlist("chief", any=("entity:chief",), severity=Severity.CRITICAL),
    make_watchlist("either", any=("entity:chief", "entity:dgsn"), severity=Severity.HIGH),
    make_watchlist("together", query="entity:chief AND entity:dgsn"),
    make_watchlist("near", query="NEAR/3(entity:chief, Doha)"),
    make_watchlist("place", any=("Doha",)),
)
RULES = compile_rules(WATCHLISTS, [CHIEF, POLICE], [make_source()], [make_recipient()])
MATCHES = {match.watchlist: match for match in find_matches(ARTICLE, RULES)}


def silence(**fields: Any) -> Silence:
    return Silence(
        **{"id": 1, "author": "a", "comment": "", "starts_at": NOON, "ends_at": NOON + HOUR, **fields}
    )


@pytest.mark.parametrize(
    ("fields", "covered"),
    [
        ({"watchlist": "chief"}, True),
        ({"watchlist": "other"}, False),
        ({"source": "gazette"}, True),
        ({"source": "herald"}, False),
        ({"story": 3}, True),
        ({"story": 4}, False),
        ({"recipient": "desk", "story": 3}, True),
        ({"recipient": "reader", "story": 3}, False),
        # all that it states must hold
        ({"watchlist": "chief", "source": "herald"}, False),
        # from its first moment, until its last
        ({"story": 3, "starts_at": NOON + timedelta(seconds=1)}, False),
        ({"story": 3, "starts_at": NOON - HOUR, "ends_at": NOON}, False),
    ],
)
def test_a_silence_covers_what_all_its_conditions_hold_for(fields: dict[str, Any], covered: bool) -> None:
    occasion = Occasion(ARTICLE, "desk", 3, NOON)
    assert covers(silence(**fields), MATCHES["chief"], occasion, RULES) is covered


def test_a_story_that_is_not_yet_opened_is_not_silenced() -> None:
    assert not covers(silence(story=3), MATCHES["chief"], Occasion(ARTICLE, "desk", None, NOON), RULES)


@pytest.mark.parametrize(
    ("watchlist", "covered"),
    [
        ("chief", True),  # looks for nothing else
        ("either", False),  # matches by the police alone, too
        ("together", True),  # needs both
        ("near", True),
        ("place", False),  # never asked for him
    ],
)
def test_a_silenced_entity_covers_the_watchlists_that_need_it(watchlist: str, covered: bool) -> None:
    occasion = Occasion(ARTICLE, "desk", None, NOON)
    assert covers(silence(entity="chief"), MATCHES[watchlist], occasion, RULES) is covered


def test_a_silenced_entity_that_is_not_in_the_configuration_covers_nothing() -> None:
    occasion = Occasion(ARTICLE, "desk", None, NOON)
    assert not any(covers(silence(entity="gone"), match, occasion, RULES) for match in MATCHES.values())


# --- alerts that were held


def alert_of(*watchlists: Watchlist) -> Alert:
    return Alert(
        recipient="desk",
        severity=watchlists[0].severity,
        watchlists=tuple(one.id for one in watchlists),
        titles=tuple(one.title for one in watchlists),
        article=ARTICLE,
        source_name="Gazette",
        matches=tuple(MATCHES[one.id] for one in watchlists),
        channels=("mail",),
    )


HELD = alert_of(*WATCHLISTS[:2])


def test_what_is_left_of_a_held_alert_has_the_severity_of_what_is_left() -> None:
    quiet = silence(watchlist="chief")
    left, by = unsilenced(HELD, 3, [quiet], RULES, NOON)
    assert left == replace(alert_of(WATCHLISTS[1]), channels=("mail",))
    assert by == (quiet,)


def test_of_a_held_alert_that_is_silenced_whole_nothing_is_left() -> None:
    assert unsilenced(HELD, 3, [silence(story=3)], RULES, NOON) == (None, (silence(story=3),))


def test_a_held_alert_that_nothing_silences_stays_as_it_is() -> None:
    assert unsilenced(HELD, 3, [silence(story=4)], RULES, NOON) == (HELD, ())
