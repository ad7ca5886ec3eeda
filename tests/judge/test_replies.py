"""What recipients answered by links, as the next verdict respects it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.judge import judge
from monitor.model import Candidates, KnownArticle, Reason, Reply, ReplyKind, Story
from tests.build import NOON, make_article
from tests.judge.test_verdict import FORUMS, SECURITY, rules

ARTICLE = make_article("La DGSN à Doha, au forum", "Un long texte.", text_hash="h1")
ALL = rules(SECURITY, FORUMS)
AT = NOON - timedelta(hours=1)


def told(*replies: Reply, story: Story | None = None) -> tuple[dict[str, tuple[str, ...]], dict[str, Reason]]:
    """Who hears of which watchlists, and the decisions about those who do not."""
    twin = KnownArticle(1, make_article(key="a.example.org/1", text_hash="h1"), 7) if story else None
    verdict = judge(
        ARTICLE, Candidates(same_text=twin, stories=(story,) if story else (), replies=replies), ALL, NOON
    )
    alerted = {alert.recipient: alert.watchlists for alert in verdict.alerts}
    routed = {each.subject: each.reason for each in verdict.decisions if each.stage == "route"}
    return alerted, routed


def test_without_answers_everybody_is_told() -> None:
    assert told()[0] == {"desk": ("security", "forums"), "forum-desk": ("forums",)}


@pytest.mark.parametrize(
    ("reply", "alerted"),
    [
        # the rest of his watchlists still reach him
        (Reply(ReplyKind.UNSUBSCRIBE, "desk", AT, watchlist="security"), {"desk": ("forums",)}),
        (Reply(ReplyKind.UNSUBSCRIBE, "desk", AT, watchlist="forums"), {"desk": ("security",)}),
        # a watchlist that this is not about
        (Reply(ReplyKind.UNSUBSCRIBE, "desk", AT, watchlist="x"), {"desk": ("security", "forums")}),
        # everything
        (Reply(ReplyKind.UNSUBSCRIBE_ALL, "desk", AT), {}),
    ],
)
def test_unsubscribing_ends_what_it_names_for_whom_it_names(
    reply: Reply, alerted: dict[str, tuple[str, ...]]
) -> None:
    found, routed = told(reply)
    assert found == {"forum-desk": ("forums",), **alerted}
    if "desk" not in alerted:
        assert routed["desk"] is Reason.UNSUBSCRIBED


def test_the_ledger_says_when_who_unsubscribed_from_what() -> None:
    verdict = judge(
        ARTICLE,
        Candidates(replies=(Reply(ReplyKind.UNSUBSCRIBE, "desk", AT, watchlist="security"),)),
        ALL,
        NOON,
    )
    (line,) = [each for each in verdict.decisions if each.reason is Reason.UNSUBSCRIBED]
    assert line.detail == "security matched; desk unsubscribed from security on 2026-04-21 11:00Z"


@pytest.mark.parametrize("kind", [ReplyKind.SILENCE_STORY, ReplyKind.NOT_RELEVANT])
@pytest.mark.parametrize(
    ("story", "silenced"),
    [
        (7, True),
        # another story's silence
        (8, False),
    ],
)
def test_a_silenced_story_is_not_told_again_to_who_silenced_it(
    kind: ReplyKind, story: int, silenced: bool
) -> None:
    found, routed = told(Reply(kind, "desk", AT, story=story), story=Story(7, 1))
    assert ("desk" not in found) is silenced
    assert (routed["desk"] is Reason.SILENCED) is silenced
    assert "forum-desk" in found


def test_an_acknowledgement_stops_nothing() -> None:
    found, _ = told(Reply(ReplyKind.ACKNOWLEDGE, "desk", AT, story=7), story=Story(7, 1))
    assert "desk" in found


def test_an_update_of_a_story_is_not_for_who_silenced_it() -> None:
    twin = KnownArticle(1, make_article(key="a.example.org/1", text_hash="h1"), 7)
    story = Story(7, 1, frozenset({"desk", "forum-desk"}))
    silence = Reply(ReplyKind.SILENCE_STORY, "desk", AT, story=7)
    verdict = judge(ARTICLE, Candidates(same_text=twin, stories=(story,), replies=(silence,)), ALL, NOON)
    assert [alert.recipient for alert in verdict.again] == ["forum-desk"]
