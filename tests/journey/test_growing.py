"""What recipients hear of a story that they know: updates on material change, corrections, escalation; and how it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Delivery, DeliveryState, Reason, ReplyKind, Retry, Silence
from monitor.why import why
from tests.fakes import FakeSender
from tests.journey.conftest import Clock
from tests.journey.newsroom import Newsroom, newsroom

OUTLETS: dict[str, dict[str, Any]] = {
    "gazette": {"name": "Gazette", "language": "fr"},
    "herald": {"name": "Herald", "language": "fr"},
    "echo": {"name": "Echo", "language": "fr"},
    "times": {"name": "Times", "language": "fr", "tier": 1},
}
WATCHLISTS: list[dict[str, Any]] = [
    {"id": "dams", "any": ["barrage"], "severity": "high"},
    {"id": "victims", "any": ["victimes"], "severity": "critical"},
]
RECIPIENTS: list[dict[str, Any]] = [
    {"id": "desk", "name": "The desk"},
    {"id": "head"},
    {"id": "board"},
]
ROUTES: list[dict[str, Any]] = [
    {
        "to": ["desk"],
        "group_interval": "30m",
        "escalate_after": "15m",
        "escalate_to": ["head", "board"],
    },
]
MORNING = datetime(2026, 4, 21, 9, 0, tzinfo=UTC)
TITLE = "Le barrage de Bouregreg déborde"
TEXT = (
    "Le barrage de Bouregreg a débordé mardi matin après trois jours de pluie ininterrompue sur toute la région. "
    "Les habitants des villages voisins ont été évacués vers une école de la commune par la protection civile."
)


@pytest.fixture
def clock() -> Clock:
    return Clock(MORNING)


@pytest.fixture
async def room(tmp_path: Path, database_url: str, clock: Clock) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path, database_url, OUTLETS, WATCHLISTS, RECIPIENTS, ROUTES, clock) as opened:
        await opened.work()
        yield opened


async def test_an_update_comes_on_material_change_and_no_sooner_than_its_interval(room: Newsroom) -> None:
    room.write("gazette", TITLE, TEXT)
    await room.work()
    room.write("herald", TITLE, TEXT)
    await room.work(minutes=5)
    room.write("times", TITLE, TEXT)
    await room.work(minutes=5)
    assert len(room.told("desk")) == 1
    await room.work(minutes=20)
    _, update = room.told("desk")
    assert update.edition == 1
    assert update.update is not None
    assert update.update.reasons == ("tier", "reach")
    assert update.update.new_outlets == ("Herald", "Times")
    room.write("echo", TITLE, TEXT)
    await room.work(hours=1)
    *_, last = room.told("desk")
    assert (last.edition, last.update and last.update.reasons) == (2, ("reach",))
    await room.work(hours=10)
    assert len(room.told("desk")) == 3
    followed = [
        each for each in room.app.store.ledger.of_article(1) if each.decision.reason is Reason.FOLLOWED
    ]
    assert len(followed) == 3  # the first update was planned, then sent; the second sent at once
    assert room.app.store.check() == []


async def test_a_copy_that_changes_nothing_material_is_told_to_nobody(room: Newsroom) -> None:
    for outlet in ("gazette", "herald"):
        room.write(outlet, TITLE, TEXT)
    await room.work()
    await room.work(hours=1)
    told = len(room.told("desk"))
    room.write("echo", TITLE, TEXT)
    await room.work(hours=1)
    assert len(room.told("desk")) == told


async def test_a_worse_watchlist_makes_the_alert_worse_and_shows_its_evidence(room: Newsroom) -> None:
    room.write("gazette", TITLE, TEXT, name="dam")
    await room.work()
    room.write("gazette", TITLE, TEXT + " On compte deux victimes.", name="dam")
    await room.work(hours=1)
    _, update = room.told("desk")
    assert update.severity == "critical"
    assert update.watchlists == ("victims", "dams")
    assert update.update is not None
    assert update.update.reasons == ("severity",)
    assert [match.watchlist for match in update.matches] == ["victims", "dams"]


async def test_a_changed_headline_and_a_removal_are_told_once_to_whom_it_was_told(room: Newsroom) -> None:
    address = room.write("gazette", TITLE, TEXT, name="dam")
    await room.work()
    room.write("gazette", "Le barrage a tenu, dit le ministère", TEXT, name="dam")
    await room.work(hours=1)
    _, corrected = room.told("desk")
    assert corrected.update is None
    assert corrected.correction is not None
    assert (corrected.correction.kind, corrected.correction.before, corrected.correction.after) == (
        "headline",
        TITLE,
        "Le barrage a tenu, dit le ministère",
    )
    assert corrected.article.title == TITLE  # the thread keeps its name
    del room.press.pages[address]
    await room.work(hours=6)
    *_, removed = room.told("desk")
    assert removed.correction is not None
    assert (removed.correction.kind, removed.correction.before) == (
        "removed",
        "Le barrage a tenu, dit le ministère",
    )
    await room.work(hours=24)
    assert [alert.edition for alert in room.told("desk")] == [0, 1, 2]
    assert room.told("head") == []


# --- escalation


async def alarm(room: Newsroom) -> Delivery:
    room.write("gazette", "Deux victimes près du barrage", TEXT)
    await room.work()
    [first] = room.deliveries("desk")
    return first


async def test_what_nobody_acknowledges_goes_to_the_next_and_then_to_the_one_after(room: Newsroom) -> None:
    await alarm(room)
    await room.work(minutes=14)
    assert room.told("head") == []
    await room.work(minutes=1)
    [escalated] = room.told("head")
    assert escalated.escalated_from == "The desk"
    assert (escalated.edition, escalated.severity) == (0, "critical")
    assert room.told("board") == []
    await room.work(minutes=15)
    assert len(room.told("board")) == 1
    await room.work(hours=10)
    assert (len(room.told("desk")), len(room.told("head")), len(room.told("board"))) == (1, 1, 1)
    lines = [each.decision for each in room.app.store.ledger.of_article(1)]
    assert [line.subject for line in lines if line.reason is Reason.ESCALATED] == ["head", "board"]


async def test_after_a_sleep_each_is_called_and_has_his_time_to_answer(room: Newsroom) -> None:
    first = await alarm(room)
    await room.work(hours=3)  # both steps came due meanwhile, and no link could be followed
    assert (len(room.told("head")), len(room.told("board"))) == (1, 0)
    await room.work(minutes=14)
    assert room.told("board") == []
    await room.work(minutes=1)
    assert len(room.told("board")) == 1
    room.app.store.responses.add(ReplyKind.ACKNOWLEDGE, first, "link", room.clock())
    await room.work(hours=3)
    assert (len(room.told("head")), len(room.told("board"))) == (1, 1)


@pytest.mark.parametrize("kind", [ReplyKind.ACKNOWLEDGE, ReplyKind.NOT_RELEVANT])
async def test_whoever_answers_ends_the_escalation(room: Newsroom, kind: ReplyKind) -> None:
    first = await alarm(room)
    await room.work(minutes=15)
    room.app.store.responses.add(kind, first, "link", room.clock())
    await room.work(hours=1)
    assert len(room.told("head")) == 1
    assert room.told("board") == []


async def test_what_is_not_critical_does_not_escalate(room: Newsroom) -> None:
    room.write("gazette", TITLE, TEXT)
    await room.work()
    await room.work(hours=1)
    assert room.told("head") == []


# --- what ends it


async def waiting_delivery(room: Newsroom) -> Delivery:
    """An alert that a channel could not take yet."""
    sender = FakeSender([Retry("busy", timedelta(minutes=5))])
    room.app.parts = replace(room.app.parts, sender=sender)
    room.write("gazette", TITLE, TEXT)
    await room.work()
    [pending] = room.deliveries("desk", DeliveryState.PENDING)
    return pending


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (ReplyKind.SILENCE_STORY, Reason.SILENCED),
        (ReplyKind.NOT_RELEVANT, Reason.NOT_RELEVANT),
        (ReplyKind.UNSUBSCRIBE, Reason.UNSUBSCRIBED),
        (ReplyKind.UNSUBSCRIBE_ALL, Reason.UNSUBSCRIBED),
    ],
)
async def test_what_stands_in_the_outbox_does_not_go_to_who_has_left(
    room: Newsroom, kind: ReplyKind, reason: Reason
) -> None:
    pending = await waiting_delivery(room)
    room.app.store.responses.add(kind, pending, "link", room.clock())
    await room.work(hours=1)
    [dropped] = room.deliveries("desk", DeliveryState.DROPPED)
    assert dropped.last_class == "unwanted"
    assert room.told("desk") == []
    last = [each.decision for each in room.app.store.ledger.of_article(1) if each.decision.subject == "desk"]
    assert last[-1].reason in (reason, Reason.SILENCED)
    told = why(room.app.store, room.app.rules, "1", "desk", "monitor.example.org", room.clock())
    assert any("was dropped before it was sent" in each.text for each in told.answers)


async def test_a_silence_stops_what_waits_and_what_would_follow(room: Newsroom) -> None:
    pending = await waiting_delivery(room)
    end = room.clock() + timedelta(days=1)
    silence = Silence(0, "anna", "we know", room.clock(), end, story=pending.story)
    room.app.store.silences.add(silence, room.clock())
    room.write("times", TITLE, TEXT)
    await room.work(hours=2)
    assert room.told("desk") == []
    assert [each.state for each in room.app.store.outbox.list()] == [DeliveryState.DROPPED]


async def test_a_silenced_story_stays_silenced_where_it_is_merged_into_another(room: Newsroom) -> None:
    room.write("gazette", TITLE, TEXT)
    room.write(
        "herald", "Un barrage est vendu", "La société de gestion cède ses parts à un groupe privé du nord."
    )
    await room.work()
    one, other = room.deliveries("desk")
    assert one.story is not None
    assert other.story is not None
    store = room.app.store
    store.responses.add(ReplyKind.SILENCE_STORY, one, "link", room.clock())
    store.stories.merge(other.story, one.story, room.clock())
    [reply] = store.responses.that_matter([other.story])
    assert reply.story == other.story
    room.write("times", TITLE, TEXT)
    await room.work(hours=2)
    assert len(room.told("desk")) == 2
