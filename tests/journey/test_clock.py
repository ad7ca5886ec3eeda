"""A clock that is set while alerts wait and deliveries are on their way: each recipient is told once, and nothing waits for ever.

Both changes between summer and winter time, in four zones, are in test_time_travel and tests/judge/test_clocks; the real
daemon under a clock that is set is in tests/prove/test_clock.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.model import (
    Alert,
    Cause,
    Channel,
    Condition,
    DeliveryState,
    Digest,
    Health,
    Message,
    Outcome,
    Retry,
    Sent,
    SourceState,
)
from tests.fakes import FakeSender
from tests.journey.conftest import Clock
from tests.journey.newsroom import Newsroom, newsroom

OUTLETS: dict[str, dict[str, Any]] = {"gazette": {"name": "Gazette"}, "herald": {"name": "Herald"}}
WATCHLISTS: list[dict[str, Any]] = [
    {"id": "dams", "any": ["barrage"], "severity": "critical", "tags": ["water"]},
]
WAYS: dict[str, dict[str, Any]] = {
    "gathered": {"group_wait": "20m"},
    "digest": {"digest": {"at": ["07:30", "17:00"], "empty": True}, "quiet_hours": None},
    "held": {"quiet_hours": {"from": "08:00", "to": "16:00"}},
    "first": {"escalate_after": "15m", "escalate_to": ["second", "third"]},
}
LONG = "Le niveau du barrage de Bouregreg a atteint sa limite après trois jours de pluie, selon les techniciens du site."
YEAR = timedelta(days=365)
JUMPS = [YEAR, -YEAR]  # an hour, and a clock that stays wrong, in tests/prove/test_clock.py


def routes() -> list[dict[str, Any]]:
    """To each his way. A critical alert would pass digests and quiet hours, so those are of a second watchlist."""
    critical = [{"match": {"watchlists": ["dams"]}, "to": [id], **WAYS[id]} for id in ("gathered", "first")]
    normal = [{"match": {"watchlists": ["works"]}, "to": [id], **WAYS[id]} for id in ("digest", "held")]
    return [
        {**{key: value for key, value in each.items() if value}, "continue": True}
        for each in (*critical, *normal)
    ]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 4, 21, 9, 0, tzinfo=UTC))


@pytest.fixture
async def room(tmp_path: Path, sqlite_url: str, clock: Clock) -> AsyncIterator[Newsroom]:
    lists = [*WATCHLISTS, {"id": "works", "any": ["barrage"], "tags": ["works"]}]
    people = [{"id": id, "timezone": "UTC"} for id in (*WAYS, "second", "third")]
    async with newsroom(tmp_path, sqlite_url, OUTLETS, lists, people, routes(), clock) as opened:
        await opened.work()
        yield opened


async def live(room: Newsroom, hours: int) -> None:
    for _ in range(hours):
        room.clock.turn(hours=1)
        await room.app.follow()
        await room.app.deliver()


def told(room: Newsroom) -> Counter[str]:
    """How often each recipient was told of an article, whichever way."""
    found: Counter[str] = Counter()
    for each in room.app.store.outbox.list(limit=1_000):
        assert each.state is DeliveryState.SENT, each
        alerts = each.alert.alerts if isinstance(each.alert, Digest) else [each.alert]
        found[each.recipient] += sum(isinstance(one, Alert) and one.edition == 0 for one in alerts)
    return found


@pytest.mark.parametrize("set_right_again", [True])
@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_whatever_waits_is_told_once_though_the_clock_is_set(
    room: Newsroom, clock: Clock, jump: timedelta, set_right_again: bool
) -> None:
    room.write("gazette", "Le barrage déborde", LONG)
    await room.work()
    clock.now += jump
    room.write("herald", "Un autre barrage est inauguré à Tétouan", "Une cérémonie a réuni les élus du nord.")
    await room.work()
    await live(room, 1)
    if set_right_again:
        clock.now -= jump
    await live(room, 26)
    assert told(room) == dict.fromkeys((*WAYS, "second", "third"), 2)
    letters = [each for each in room.app.store.outbox.list(limit=1_000) if isinstance(each.alert, Digest)]
    slots = [(each.recipient, each.alert.slot) for each in letters if isinstance(each.alert, Digest)]
    assert len(slots) == len(set(slots))
    empty = [each for each in letters if isinstance(each.alert, Digest) and not each.alert.alerts]
    assert empty, "an empty digest comes again, whatever the clock was"
    assert room.app.store.check() == []


class Setting:
    """A far side that takes its time, in which the clock is set."""

    def __init__(self, room: Newsroom, jump: timedelta) -> None:
        self.room, self.jump, self.sent = room, jump, Counter[str]()

    async def send(self, channel: Channel, message: Message) -> Outcome:
        first = not self.sent
        self.sent[message.reference] += 1
        if first:
            self.room.clock.now += self.jump
            await self.room.app.deliver()  # another look at the outbox, while this one is still being sent
        return Sent()


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_what_is_being_sent_while_the_clock_is_set_goes_once(
    room: Newsroom, clock: Clock, jump: timedelta
) -> None:
    sender = Setting(room, jump)
    room.app.parts = replace(room.app.parts, sender=sender)
    room.write("gazette", "Le barrage déborde", LONG)
    await room.work()
    await live(room, 2)
    assert set(sender.sent.values()) == {1}
    made = {each.state for each in room.app.store.outbox.list()}
    assert made == {DeliveryState.SENT}


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_what_waits_for_another_try_has_it_within_hours_whatever_the_clock_was(
    room: Newsroom, clock: Clock, jump: timedelta
) -> None:
    sender = FakeSender([Retry("busy", timedelta(minutes=5))])
    room.app.parts = replace(room.app.parts, sender=sender)
    room.write("gazette", "Le barrage déborde", LONG)
    await room.work()
    clock.now += jump
    await live(room, 2)
    assert told(room)["first"] == 1


@pytest.mark.parametrize(("doubted", "kept"), [(2, True), (0, False)])
async def test_nothing_is_forgotten_by_a_clock_that_most_servers_contradict(
    room: Newsroom, clock: Clock, doubted: int, kept: bool
) -> None:
    sources = [*room.app.parts.sources, "third"]
    room.app.parts = replace(
        room.app.parts, sources={id: next(iter(room.app.parts.sources.values())) for id in sources}
    )
    room.write("gazette", "Le barrage déborde", LONG)
    await room.work()
    clock.now += 4 * YEAR
    for number, id in enumerate(sources):
        cause = Cause.CLOCK if number <= doubted and doubted else Cause.NONE
        state = Health.CLOCK_WRONG if cause else Health.OK
        condition = Condition(id, state, clock.now, "its server's clock is behind ours", cause, clock.now)
        room.app.store.sources.save(SourceState(id, clock.now), None, condition)
    removed = await room.app.housekeeping()
    assert (removed == {}) is kept
    assert bool(removed.get("ledger")) is not kept
