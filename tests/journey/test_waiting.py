"""Alerts that wait for their time: gathered, in digests, held by quiet hours; each told once, and accounted for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Digest, Reason, Silence
from monitor.why import why
from tests.journey.conftest import Clock
from tests.journey.newsroom import Newsroom, newsroom

OUTLETS: dict[str, dict[str, Any]] = {
    "gazette": {"name": "Gazette", "language": "fr"},
    "herald": {"name": "Herald", "language": "fr"},
    "echo": {"name": "Echo", "language": "fr"},
    "times": {"name": "Times", "language": "en", "tier": 1},
}
WATCHLISTS: list[dict[str, Any]] = [
    {"id": "dams", "any": ["barrage"], "severity": "high", "tags": ["water"]},
    {"id": "floods", "any": ["crue"], "severity": "critical", "tags": ["water"]},
    {"id": "money", "any": ["banque"], "tags": ["economy"]},
]
RECIPIENTS: list[dict[str, Any]] = [
    {"id": "desk", "timezone": "Africa/Casablanca"},
    {"id": "economy", "timezone": "Africa/Casablanca", "working_days": ["mon", "tue", "wed", "thu", "fri"]},
    {"id": "night", "timezone": "Africa/Casablanca"},
]
ROUTES: list[dict[str, Any]] = [
    {
        "match": {"tags": ["water"]},
        "to": ["desk"],
        "group_wait": "2m",
        "group_interval": "30m",
        "continue": True,
    },
    {"match": {"tags": ["economy"]}, "to": ["economy"], "digest": {"at": ["07:30", "17:00"], "empty": True}},
    {"match": {"tags": ["water"]}, "to": ["night"], "quiet_hours": {"from": "21:00", "to": "06:30"}},
]
# Casablanca is an hour ahead of UTC
MORNING = datetime(2026, 4, 21, 9, 0, tzinfo=UTC)  # a Tuesday
LONG = "Le niveau du barrage de Bouregreg a atteint sa limite après trois jours de pluie, selon les techniciens du site."


@pytest.fixture
def clock() -> Clock:
    return Clock(MORNING)


@pytest.fixture
async def room(tmp_path: Path, database_url: str, clock: Clock) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path, database_url, OUTLETS, WATCHLISTS, RECIPIENTS, ROUTES, clock) as opened:
        await opened.work()
        yield opened


def reasons(room: Newsroom, article: int, recipient: str) -> list[Reason]:
    lines = room.app.store.ledger.of_article(article)
    return [line.decision.reason for line in lines if line.decision.subject == recipient]


async def test_a_gathered_alert_goes_once_with_the_copies_that_came_by_then(room: Newsroom) -> None:
    room.write("gazette", "Le barrage déborde", LONG)
    await room.work()
    room.write("herald", "Le barrage déborde", LONG)
    await room.work(minutes=1)
    assert room.told("desk") == []
    await room.work(minutes=1)
    [alert] = room.told("desk")
    assert alert.story_state is not None
    assert alert.story_state.outlets == ("Gazette", "Herald")
    assert alert.edition == 0
    assert reasons(room, 1, "desk") == [Reason.ALERTED, Reason.ALERTED]
    await room.work(hours=5)
    assert len(room.told("desk")) == 1
    assert room.app.store.check() == []


async def test_what_quiet_hours_held_comes_as_one_ranked_letter_and_the_critical_passes(
    room: Newsroom, clock: Clock
) -> None:
    clock.now = datetime(2026, 4, 21, 21, 30, tzinfo=UTC)
    room.write("gazette", "Le barrage déborde", LONG)
    room.write("herald", "Un autre barrage est inauguré à Tétouan", "Une cérémonie a réuni les élus du nord.")
    await room.work()
    room.write("echo", "Une crue emporte un pont près de Fès", "Le pont de pierre a cédé sous les eaux.")
    await room.work(minutes=5)
    assert [alert.watchlists for alert in room.told("night")] == [("floods",)]
    room.write("times", "The dam overflows", LONG)
    await room.work(hours=1)
    clock.now = datetime(2026, 4, 22, 5, 29, 59, tzinfo=UTC)
    await room.work()
    assert room.digests("night") == []
    await room.work(seconds=1)
    [(at, letter)] = room.digests("night")
    assert at == datetime(2026, 4, 22, 5, 30, tzinfo=UTC)
    assert (letter.kind, letter.slot, letter.receipt) == (
        "catch-up",
        "2026-04-22 06:30 Africa/Casablanca",
        None,
    )
    assert [alert.article.title for alert in letter.alerts] == [
        "Le barrage déborde",  # two outlets
        "Un autre barrage est inauguré à Tétouan",
    ]
    await room.work(hours=3)
    assert len(room.digests("night")) == 1
    assert reasons(room, 1, "night") == [Reason.HELD, Reason.ALERTED]
    assert room.app.store.check() == []


async def test_why_tells_of_what_waits_and_of_the_letter_that_told_it(room: Newsroom, clock: Clock) -> None:
    clock.now = datetime(2026, 4, 21, 21, 30, tzinfo=UTC)
    address = room.write("gazette", "Le barrage déborde", LONG)
    await room.work()
    assert "until wed 2026-04-22 06:30" in answers(room, address, "night")["held"]
    clock.now = datetime(2026, 4, 22, 5, 30, tzinfo=UTC)
    await room.work()
    told = answers(room, address, "night")
    assert "held" not in told
    assert told["sent"].startswith("in the catch-up of 2026-04-22 06:30 Africa/Casablanca: sent to night")
    [letter] = [each for each in room.deliveries("night") if isinstance(each.alert, Digest)]
    listed = answers(room, f"<{letter.id}@monitor.example.org>", "night")
    assert listed["sent"].startswith(
        "the catch-up of 2026-04-22 06:30 Africa/Casablanca, which told of 1 story: sent to"
    )
    assert (
        listed["in-digest"]
        == "it told of «Le barrage déborde» (gazette) for dams (`monitor why 1` tells more)"
    )


async def test_why_names_the_silence_that_kept_an_article_back(room: Newsroom, clock: Clock) -> None:
    until = clock() + timedelta(days=2)
    room.app.store.silences.add(Silence(0, "anna", "we are there", clock(), until, "dams"), clock())
    address = room.write("gazette", "Le barrage déborde", LONG)
    await room.work()
    told = answers(room, address, "desk")["silenced"]
    for part in ("anna", "we are there", "2026-04-23"):
        assert part in told


def answers(room: Newsroom, address: str, recipient: str) -> dict[str, str]:
    told = why(room.app.store, room.app.rules, address, recipient, "monitor.example.org", room.clock())
    return {each.answer: each.text for each in told.answers}


async def test_a_digest_comes_at_its_times_with_its_receipt_and_says_when_there_was_nothing(
    room: Newsroom,
) -> None:
    room.write("gazette", "La banque centrale tient son taux", "Le conseil a délibéré mardi.")
    await room.work()
    await room.work(hours=6, minutes=59)
    assert room.digests("economy") == []
    await room.work(minutes=1)
    [(at, digest)] = room.digests("economy")
    assert at == MORNING + timedelta(hours=7)
    assert (digest.kind, digest.slot) == ("digest", "2026-04-21 17:00 Africa/Casablanca")
    assert [alert.watchlists for alert in digest.alerts] == [("money",)]
    assert digest.receipt is not None
    assert digest.receipt.sources_read == 4
    assert reasons(room, 1, "economy") == [Reason.IN_DIGEST, Reason.IN_DIGEST]
    await room.work(hours=15)
    [_, (_, empty)] = room.digests("economy")
    assert (empty.slot, empty.alerts) == ("2026-04-22 07:30 Africa/Casablanca", ())
    assert empty.receipt is not None
    assert empty.since == MORNING + timedelta(hours=7)


async def test_slots_slept_through_are_told_late_once(room: Newsroom) -> None:
    room.write("gazette", "La banque centrale tient son taux", "Le conseil a délibéré mardi.")
    await room.work()
    await room.work(days=2)
    found = sorted((digest.slot[:16], len(digest.alerts)) for _, digest in room.digests("economy"))
    assert found == [
        ("2026-04-21 17:00", 1),  # late, once
        ("2026-04-23 07:30", 0),  # of three empty ones the last
    ]
    await room.work()
    assert len(room.digests("economy")) == 2
