"""What of a story's growth is worth an update, and what the next edition says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.judge.editions import grown, material, ranked, refreshed
from monitor.model import Alert, Correction, Hit, Match, Severity, Spread, Update
from tests.build import NOON, make_article

ARTICLE = make_article("The visit", language="fr")
OUTLETS = tuple(f"Outlet {n}" for n in range(1, 40))


def spread(outlets: int = 1, *languages: str, tier: int = 3) -> Spread:
    return Spread(OUTLETS[:outlets], articles=outlets, languages=languages or ("fr",), tier=tier)


def alert(severity: Severity = Severity.HIGH, **fields: Any) -> Alert:
    base: dict[str, Any] = {
        "recipient": "desk",
        "severity": severity,
        "watchlists": ("w",),
        "titles": ("W",),
        "article": ARTICLE,
        "source_name": "Outlet 1",
        "matches": (Match("w"),),
        "channels": ("mail",),
        "story_state": spread(),
    }
    return Alert(**base | fields)


@pytest.mark.parametrize(
    ("before", "now", "reasons"),
    [
        (spread(1), spread(1), ()),
        # a language that was not there
        (spread(1, "fr"), spread(1, "fr", "ar"), ("language",)),
        (spread(1, "fr", "ar"), spread(1, "ar"), ()),
        # a better tier, not a worse one
        (spread(1, tier=3), spread(1, tier=1), ("tier",)),
        (spread(1, tier=1), spread(1, tier=2), ()),
        # reach, at 2, 4, 8 and 16 outlets
        (spread(1), spread(2), ("reach",)),
        (spread(2), spread(3), ()),
        (spread(3), spread(4), ("reach",)),
        (spread(4), spread(7), ()),
        (spread(7), spread(8), ("reach",)),
        (spread(15), spread(16), ("reach",)),
        (spread(16), spread(39), ()),
        # several figures at once are one reason
        (spread(1), spread(9), ("reach",)),
        (spread(3), spread(2), ()),
        # everything together, in one order
        (spread(1), spread(4, "fr", "ar", tier=1), ("language", "tier", "reach")),
    ],
)
def test_only_material_changes_are_reasons(before: Spread, now: Spread, reasons: tuple[str, ...]) -> None:
    assert material(alert(story_state=before), alert(story_state=now)) == reasons


def test_a_watchlist_of_higher_severity_is_a_reason_and_of_lower_is_none() -> None:
    assert material(alert(Severity.HIGH), alert(Severity.CRITICAL)) == ("severity",)
    assert material(alert(Severity.HIGH), alert(Severity.NORMAL)) == ()


def test_an_alert_that_tells_no_story_stands_for_its_article_alone() -> None:
    lone = alert(story_state=None)
    assert material(lone, alert(story_state=spread(1, "fr"))) == ()
    assert material(lone, alert(story_state=spread(2, "fr", "ar"))) == ("language", "reach")


def test_the_next_edition_names_what_is_new() -> None:
    before = alert(edition=2, story_state=spread(3), correction=Correction("headline", "A", "B", NOON))
    after = grown(before, spread(5, "fr", "ar"))
    assert after == replace(
        before,
        edition=3,
        story_state=spread(5, "fr", "ar"),
        update=Update(("language", "reach"), ("Outlet 4", "Outlet 5"), 5),
        correction=None,
    )


def test_a_copy_that_changes_nothing_material_is_no_edition() -> None:
    assert grown(alert(story_state=spread(5)), spread(7)) is None
    assert grown(alert(story_state=spread(5)), spread(7), alert(story_state=None)) is None


ARABIC = make_article("الزيارة", key="herald.example.org/2", source_id="herald", language="ar")
HIT = Match("urgent", (Hit("x", "x", "title", 0, 3, "الز"),))
FRESH = alert(
    Severity.CRITICAL,
    watchlists=("urgent", "w"),
    titles=("Urgent", "W"),
    article=ARABIC,
    source_name="Herald",
    matches=(HIT, Match("w")),
)


def test_an_article_that_brings_a_watchlist_of_its_own_is_shown_with_its_evidence() -> None:
    before = alert(watchlists=("w", "v"), titles=("W", "V"), matches=(Match("w"), Match("v")))
    after = grown(before, spread(1), FRESH)
    assert after is not None
    assert (after.article, after.source_name, after.severity) == (ARABIC, "Herald", Severity.CRITICAL)
    assert after.watchlists == ("urgent", "w", "v")
    assert after.titles == ("Urgent", "W", "V")
    assert after.matches == (HIT, Match("w"), Match("v"))
    assert after.update == Update(("severity",), (), 1)


def test_an_article_of_known_watchlists_leaves_the_first_one_shown() -> None:
    after = grown(alert(), spread(2), alert(article=ARABIC, source_name="Herald"))
    assert after is not None
    assert after.article is ARTICLE


def test_an_alert_not_sent_yet_is_brought_up_to_date_within_its_edition() -> None:
    held = refreshed(alert(), spread(4), FRESH)
    assert (held.edition, held.update) == (0, None)
    assert (held.severity, held.story_state) == (Severity.CRITICAL, spread(4))


def test_a_digest_begins_with_what_matters_most() -> None:
    older = replace(ARTICLE, published=NOON - timedelta(hours=2))
    critical = alert(Severity.CRITICAL, article=older)
    wide = alert(story_state=spread(9))
    national = alert(story_state=spread(1, tier=1))
    newest, oldest = alert(), alert(article=older)
    undated = alert(article=replace(ARTICLE, published=None, first_seen=NOON - timedelta(hours=1)))
    mixed = [oldest, undated, newest, national, wide, critical]
    assert ranked(list(zip(mixed, "bydnwc", strict=True))) == (
        (critical, "c"),
        (wide, "w"),
        (national, "n"),
        (newest, "d"),
        (undated, "y"),
        (oldest, "b"),
    )
