"""judge(): the same article again, a copy, or news; and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.judge import Rules, compile_rules, judge
from monitor.model import (
    Article,
    Candidates,
    Channel,
    ChannelKind,
    KnownArticle,
    Reason,
    Route,
    Severity,
    Story,
    Verdict,
    Watchlist,
)
from tests.build import NOON, make_article, make_recipient, make_source, make_watchlist

SCREEN = Channel("screen", ChannelKind.CONSOLE)
MAIL = Channel("mail", ChannelKind.EMAIL, "desk@example.org")
DESK = make_recipient("desk", channels=(SCREEN, MAIL))
FORUM_DESK = make_recipient("forum-desk", channels=(SCREEN,))
MUTE = make_recipient("mute")

SECURITY = make_watchlist("security", title="Security", any=("DGSN",), severity=Severity.HIGH)
FORUMS = make_watchlist(
    "forums", title="Forums", any=("forum",), notify=("forum-desk", "desk"), tags=("economy",)
)
ARTICLE = make_article("La DGSN à Doha", "Un long texte.", text_hash="h1")


def rules(*watchlists: Watchlist, routes: tuple[Route, ...] = ()) -> Rules:
    return compile_rules(
        watchlists or (SECURITY, FORUMS), [], [make_source()], [DESK, FORUM_DESK, MUTE], routes
    )


def known(article: Article = ARTICLE, **fields: Any) -> KnownArticle:
    return replace(KnownArticle(7, article, story_id=3), **fields)


def verdict_of(
    article: Article, candidates: Candidates | None = None, with_rules: Rules | None = None
) -> Verdict:
    return judge(article, candidates or Candidates(), with_rules or rules(), NOON)


def reasons(verdict: Verdict) -> list[Reason]:
    return [decision.reason for decision in verdict.decisions]


# --- identity


def test_news_opens_a_story_and_alerts_each_channel_of_its_recipient() -> None:
    verdict = verdict_of(ARTICLE)
    assert (verdict.same_as, verdict.duplicate_of, verdict.story) == (None, None, None)
    assert reasons(verdict) == [Reason.OPENS_STORY, Reason.MATCHED, Reason.ALERTED]
    (alert,) = verdict.alerts
    assert (alert.recipient, alert.severity, alert.watchlists, alert.titles) == (
        "desk",
        Severity.HIGH,
        ("security",),
        ("Security",),
    )
    assert (alert.channels, alert.source_name, alert.article) == (("screen", "mail"), "Gazette", ARTICLE)
    assert alert.matches == verdict.matches


@pytest.mark.parametrize("reason", [Reason.SAME_URL, Reason.SAME_GUID])
def test_the_same_article_again_keeps_its_story_and_says_how_it_was_known(reason: Reason) -> None:
    candidates = Candidates(
        same=known(duplicate_of=5), same_reason=reason, stories=(Story(3, 5, frozenset({"desk"})),)
    )
    verdict = verdict_of(ARTICLE, candidates)
    assert (verdict.same_as, verdict.duplicate_of, verdict.story) == (7, 5, 3)
    assert reasons(verdict) == [reason, Reason.MATCHED, Reason.ALREADY_ALERTED]
    assert verdict.alerts == ()


def test_an_edit_is_told_as_an_update_that_names_what_changed() -> None:
    verdict = verdict_of(replace(ARTICLE, title="La DGSN au Qatar"), Candidates(same=known()))
    assert reasons(verdict)[:2] == [Reason.SAME_URL, Reason.UPDATED]
    assert verdict.decisions[1].detail == "its title changed"


def test_an_edit_that_first_makes_an_article_match_alerts() -> None:
    before = make_article("Visite à Doha")
    verdict = verdict_of(ARTICLE, Candidates(same=known(before), stories=(Story(3, 7),)))
    assert [alert.recipient for alert in verdict.alerts] == ["desk"]


@pytest.mark.parametrize(
    ("duplicate_of", "first"), [(None, 7), (2, 2)]
)  # a copy of a copy points at the first
def test_a_copy_of_the_text_joins_the_story_and_alerts_nobody_again(
    duplicate_of: int | None, first: int
) -> None:
    original = known(make_article(source_id="herald"), duplicate_of=duplicate_of)
    verdict = verdict_of(
        ARTICLE, Candidates(same_text=original, stories=(Story(3, first, frozenset({"desk"})),))
    )
    assert (verdict.same_as, verdict.duplicate_of, verdict.story) == (None, first, 3)
    assert reasons(verdict) == [Reason.SAME_TEXT, Reason.JOINS_STORY, Reason.MATCHED, Reason.ALREADY_ALERTED]
    assert verdict.alerts == ()


def test_the_same_article_counts_before_a_copy() -> None:
    verdict = verdict_of(ARTICLE, Candidates(same=known(), same_text=KnownArticle(9, ARTICLE, 4)))
    assert (verdict.same_as, verdict.story) == (7, 3)


def test_what_matches_nothing_is_said_once() -> None:
    verdict = verdict_of(make_article("Météo", "Du soleil."))
    assert reasons(verdict) == [Reason.OPENS_STORY, Reason.NOT_MATCHED]


# --- backlog


def test_a_backlog_article_is_matched_and_alerts_nobody() -> None:
    verdict = verdict_of(replace(ARTICLE, backlog=True))
    assert reasons(verdict) == [Reason.OPENS_STORY, Reason.MATCHED, Reason.BACKLOG]
    assert [match.watchlist for match in verdict.matches] == ["security"]
    assert verdict.alerts == ()


def test_a_later_edit_of_a_backlog_article_stays_silent_about_what_it_matched_before() -> None:
    old = known(replace(ARTICLE, backlog=True))
    verdict = verdict_of(
        replace(ARTICLE, body="Un texte corrigé."), Candidates(same=old, stories=(Story(3, 7),))
    )
    assert Reason.BACKLOG in reasons(verdict)
    assert verdict.alerts == ()


def test_a_later_edit_of_a_backlog_article_alerts_what_it_newly_matches() -> None:
    old = known(replace(ARTICLE, backlog=True))
    verdict = verdict_of(
        replace(ARTICLE, body="Le forum ouvre."), Candidates(same=old, stories=(Story(3, 7),))
    )
    assert {(alert.recipient, alert.watchlists) for alert in verdict.alerts} == {
        ("desk", ("forums",)),
        ("forum-desk", ("forums",)),
    }


def test_a_fresh_copy_of_a_backlog_article_alerts_since_nobody_was_told() -> None:
    old = known(make_article(source_id="herald", backlog=True))
    verdict = verdict_of(ARTICLE, Candidates(same_text=old, stories=(Story(3, 7),)))
    assert [alert.recipient for alert in verdict.alerts] == ["desk"]


# --- routing


def test_a_recipient_gets_one_alert_with_all_its_watchlists_the_most_severe_first() -> None:
    both = make_article("Un forum de la DGSN")
    verdict = verdict_of(both, with_rules=rules(FORUMS, SECURITY))
    told = {
        alert.recipient: (alert.watchlists, alert.severity, len(alert.matches)) for alert in verdict.alerts
    }
    assert told == {
        "desk": (("security", "forums"), Severity.HIGH, 2),
        "forum-desk": (("forums",), Severity.NORMAL, 1),
    }


def test_only_those_who_were_told_of_the_story_are_left_out() -> None:
    story = Story(3, 7, frozenset({"desk"}))
    verdict = verdict_of(make_article("Forum DGSN"), Candidates(same_text=known(), stories=(story,)))
    assert [alert.recipient for alert in verdict.alerts] == ["forum-desk"]


def test_another_storys_alerts_do_not_count() -> None:
    stories = (Story(99, 1, frozenset({"desk"})), Story(3, 7))
    verdict = verdict_of(ARTICLE, Candidates(same_text=known(), stories=stories))
    assert [alert.recipient for alert in verdict.alerts] == ["desk"]


LONELY = make_watchlist("lonely", any=("DGSN",), notify=(), severity=Severity.LOW, tags=("police",))


def to_forum(**conditions: Any) -> Route:
    return Route(to=("forum-desk",), **conditions)


@pytest.mark.parametrize(
    ("routes", "told"),
    [
        ((), []),
        ((to_forum(),), ["forum-desk"]),  # no condition: for all
        ((to_forum(severities=(Severity.HIGH,)),), []),
        ((to_forum(severities=(Severity.LOW, Severity.HIGH)),), ["forum-desk"]),
        ((to_forum(watchlists=("lonely",)),), ["forum-desk"]),
        ((to_forum(watchlists=("other",)),), []),
        ((to_forum(tags=("police", "economy")),), ["forum-desk"]),
        ((to_forum(tags=("economy",)),), []),
        ((to_forum(tags=("police",), severities=(Severity.HIGH,)),), []),  # all conditions
        ((to_forum(), Route(to=("desk",))), ["forum-desk"]),  # the first that fits ends it
        ((to_forum(go_on=True), Route(to=("desk",))), ["forum-desk", "desk"]),
        ((Route(to=("desk",), tags=("economy",)), to_forum()), ["forum-desk"]),
        ((Route(to=("desk", "desk")),), ["desk"]),
    ],
)
def test_routes_tell_whom_the_first_fitting_one_names(routes: tuple[Route, ...], told: list[str]) -> None:
    verdict = verdict_of(ARTICLE, with_rules=rules(LONELY, routes=routes))
    assert [alert.recipient for alert in verdict.alerts] == told
    assert (Reason.NOBODY in reasons(verdict)) == (not told)


def test_notify_and_routes_add_up() -> None:
    verdict = verdict_of(ARTICLE, with_rules=rules(SECURITY, routes=(Route(to=("forum-desk", "desk")),)))
    assert [alert.recipient for alert in verdict.alerts] == ["desk", "forum-desk"]


@pytest.mark.parametrize(
    ("notify", "part"),
    [
        ((), "neither notify nor a route"),
        (("mute",), "mute has no channel"),
        (("stranger",), "there is no recipient stranger"),
    ],
)
def test_a_match_that_reaches_nobody_says_why(notify: tuple[str, ...], part: str) -> None:
    verdict = verdict_of(ARTICLE, with_rules=rules(replace(SECURITY, notify=notify)))
    assert verdict.alerts == ()
    assert reasons(verdict)[-1] is Reason.NOBODY
    assert part in verdict.decisions[-1].detail


def test_every_decision_is_a_sentence_about_its_subject() -> None:
    published = datetime(2026, 4, 21, 11, 18, tzinfo=UTC)
    verdict = judge(replace(ARTICLE, published=published), Candidates(), rules(), NOON)
    told = [(decision.stage, decision.subject, decision.detail) for decision in verdict.decisions]
    assert told == [
        ("judge", "", "no earlier article with this address, text or event"),
        ("judge", "security", "«DGSN» in the title"),
        ("route", "desk", "desk hears of security by screen, mail, 42 min after publication"),
    ]


@pytest.mark.parametrize(
    ("late", "said"),
    [(timedelta(hours=30), ", 30 h after"), (timedelta(0), "mail"), (-timedelta(hours=2), "mail")],
)
def test_how_late_an_alert_is_stands_in_its_decision(late: timedelta, said: str) -> None:
    verdict = judge(replace(ARTICLE, published=NOON - late), Candidates(), rules(), NOON)
    detail = verdict.decisions[-1].detail
    assert said in detail
    assert ("after publication" in detail) == (late > timedelta(0))
