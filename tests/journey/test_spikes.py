"""A watchlist that finds far more than usual: whoever hears of it is told once, at his hour, with the numbers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import App, build
from monitor.model import Delivery, Match, Reason, ReplyKind, Silence, SpikeAlert
from monitor.settings import load
from tests.build import make_article, write_config
from tests.journey.conftest import Clock
from tests.store.samples import make_verdict

# Casablanca is an hour ahead of UTC
NOON = datetime(2026, 4, 21, 12, 0, tzinfo=UTC)  # a Tuesday
WATCHLISTS: list[dict[str, Any]] = [
    {"id": "floods", "title": "Floods", "any": ["crue"], "severity": "high", "tags": ["water"]},
    {"id": "dams", "title": "Dams", "any": ["barrage"], "tags": ["water"]},
]
RECIPIENTS: list[dict[str, Any]] = [
    {"id": id, "timezone": "Africa/Casablanca"} for id in ("desk", "night", "digest", "nobody")
]
ROUTES: list[dict[str, Any]] = [
    {"match": {"tags": ["water"]}, "to": ["desk"], "continue": True},
    {
        "match": {"tags": ["water"]},
        "to": ["night"],
        "quiet_hours": {"from": "12:30", "to": "15:00"},
        "continue": True,
    },
    {"match": {"tags": ["water"]}, "to": ["digest"], "digest": {"at": ["17:00"]}},
]


@dataclass
class House:
    app: App
    clock: Clock
    number: int = 0

    def print(self, count: int, watchlist: str = "floods", **fields: Any) -> None:
        """So many reports of their own that match, seen now."""
        for _ in range(count):
            self.number += 1
            key = f"https://gazette.example.org/{self.number}"
            article = make_article(
                f"Report {self.number}", key=key, url=key, first_seen=self.clock(), **fields
            )
            verdict = make_verdict(article, alert=False, matches=(Match(watchlist),))
            self.app.store.record(verdict, key, "h", self.clock())

    async def look(self, **later: float) -> None:
        self.clock.turn(**later)
        await self.app.release()

    def told(self, recipient: str = "") -> list[Delivery]:
        found = [each for each in self.app.store.outbox.list() if isinstance(each.alert, SpikeAlert)]
        return [each for each in found if recipient in ("", each.recipient)]


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """Three weeks old, and as quiet as the watchlists always were."""
    recipients = [{**each, "channels": [{"id": "out", "file": str(tmp_path / "out")}]} for each in RECIPIENTS]
    folder = write_config(tmp_path / "config", monitor={"database": "${DATABASE}"}, watchlists=WATCHLISTS)
    people = {"recipients": recipients, "routes": ROUTES}
    (folder / "recipients.yaml").write_text(json.dumps(people), encoding="utf-8")
    clock = Clock(NOON - timedelta(days=21))
    async with build(load(folder, {"DATABASE": database_url}), clock=clock) as app:
        house = House(app, clock)
        house.print(1)
        clock.now = NOON
        yield house


async def test_a_surge_is_told_once_with_its_numbers(house: House) -> None:
    house.print(6)
    for _ in range(3):
        await house.look(minutes=6)
    (one,) = house.told("desk")
    assert isinstance(one.alert, SpikeAlert)
    assert (one.alert.title, one.alert.spike.count, one.alert.spike.expected) == ("Floods", 6, 0.07)
    assert one.story is None
    house.print(6)
    await house.look(minutes=6)
    assert len(house.told("desk")) == 1
    assert house.told("nobody") == []


async def test_it_reaches_the_recipient_as_a_letter(house: House, tmp_path: Path) -> None:
    house.print(6)
    await house.look()
    assert (await house.app.deliver()).delivered == 1
    assert [each.state for each in house.told()] == ["sent"]


async def test_the_ledger_says_who_was_told(house: House) -> None:
    house.print(6)
    await house.look()
    lines = [each for each in house.app.store.ledger.recent() if each.decision.stage == "spike"]
    assert [(each.decision.reason, each.decision.subject) for each in lines] == [(Reason.ALERTED, "desk")]


async def test_the_usual_is_not_told(house: House) -> None:
    house.print(4)
    house.print(4, "dams")
    await house.look()
    assert house.told() == []


async def test_whoever_sleeps_is_told_afterwards(house: House) -> None:
    # 13:00 in Casablanca: quiet hours until 15:00
    house.print(6)
    await house.look()
    assert house.told("night") == []
    await house.look(hours=1, minutes=50)
    assert house.told("night") == []
    await house.look(minutes=15)
    await house.look(minutes=15)
    assert len(house.told("night")) == 1
    assert len(house.told("desk")) == 1


async def test_whoever_reads_digests_is_told_at_their_hour(house: House) -> None:
    house.print(6)
    await house.look(hours=3, minutes=50)
    assert house.told("digest") == []
    await house.look(minutes=15)
    assert len(house.told("digest")) == 1


async def test_nobody_is_told_who_does_not_want_it(house: House) -> None:
    store, now = house.app.store, house.clock()
    verdict = make_verdict(
        make_article("x", key="k"),
        alert={"recipient": "desk", "channels": ("out",), "watchlists": ("floods",), "titles": ("Floods",)},
    )
    store.record(verdict, "k", "h", now - timedelta(days=20))
    told = next(each for each in store.outbox.list() if each.recipient == "desk")
    store.responses.add(ReplyKind.UNSUBSCRIBE, told, "link", now)
    silence = Silence(
        0, "an editor", "flood season", now, now + timedelta(days=1), watchlist="floods", recipient="digest"
    )
    store.silences.add(silence, now)
    house.print(6)
    await house.look(hours=4, minutes=30)
    assert [each.recipient for each in house.told()] == ["night"]


async def test_a_silence_of_one_story_is_none_of_a_volume(house: House) -> None:
    now = house.clock()
    silence = Silence(
        0, "an editor", "enough of it", now, now + timedelta(days=1), watchlist="floods", story=1
    )
    house.app.store.silences.add(silence, now)
    house.print(6)
    await house.look()
    assert len(house.told("desk")) == 1


async def test_a_young_installation_knows_no_usual(house: House) -> None:
    with_past = house.app.store.reviews.counting_since()
    assert with_past == NOON - timedelta(days=21)
    house.clock.now = NOON - timedelta(days=17)
    house.print(9)
    await house.look()
    assert house.told() == []


async def test_volumes_are_looked_at_every_few_minutes(house: House) -> None:
    await house.look()
    house.print(6)
    await house.look(minutes=4)
    assert house.told() == []
    await house.look(minutes=1)
    assert len(house.told("desk")) == 1


async def test_days_that_are_over_are_counted_once_and_today_each_time(house: House) -> None:
    await house.look()
    days = set(house.app.parts.volumes)
    midnight = NOON.replace(hour=0)
    assert days == {midnight - timedelta(days=n) for n in range(1, 18)}
    house.print(6)
    await house.look(minutes=6)
    assert len(house.told("desk")) == 1
    await house.look(hours=30)
    assert max(house.app.parts.volumes) == midnight
    assert len(house.app.parts.volumes) == 17
