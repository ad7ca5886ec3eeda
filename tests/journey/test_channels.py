"""A channel that is slow, refuses or is away: the real app, a real HTTP server, a clock that the test turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import App
from monitor.deliver.breaker import FIRST_REST, TRIP
from monitor.gate import Gate
from monitor.model import Channel, ChannelState, DeliveryState, Message, Notice, Outcome, Retry, Sent
from monitor.settings import Settings
from tests.deliver.far_side import Sink, http_server
from tests.journey.conftest import Clock
from tests.store.samples import record

Configure = Callable[..., Settings]
Start = Callable[[Settings], App]

PENDING, SENT = DeliveryState.PENDING, DeliveryState.SENT
HOOK = ("desk", "hook")
AWAY: tuple[int, dict[str, str], str] = (503, {}, "")


@dataclass
class Seconds:
    """The gate's clock: passes when it pauses, and never else."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@dataclass
class Desk:
    """An app with one recipient on one webhook; `wait` turns the clock and delivers what can go."""

    app: App
    clock: Clock
    sink: Sink
    time: Seconds = field(default_factory=Seconds)

    def alert(self, count: int) -> None:
        for n in range(count):
            record(self.app.store, self.clock(), n, alert={"recipient": "desk", "channels": ("hook",)})

    async def wait(self, **by: float) -> None:
        self.clock.turn(**by)
        await self.app.deliver()

    @property
    def arrived(self) -> list[str]:
        """Titles, in the order of the requests."""
        return [got.json["article"]["title"] for got in self.sink.got]

    @property
    def told(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Of each notice, oldest first: through which channel, and of whom it says what."""
        made = [(each.channel, each.alert) for each in self.app.store.outbox.list()[::-1]]
        notices = [(channel, told) for channel, told in made if isinstance(told, Notice)]
        return [(via, [(line.subject, line.state) for line in n.lines]) for via, n in notices]

    @property
    def state(self) -> ChannelState:
        return self.app.store.channels.get(HOOK)

    @property
    def attempts(self) -> list[int]:
        return sorted(each.attempts for each in self.app.store.outbox.list())


@pytest.fixture
async def desk(configure: Configure, start: Start, clock: Clock, tmp_path: Path) -> AsyncIterator[Desk]:
    async with http_server(Sink()) as sink, start(of_one_desk(configure, sink, tmp_path)) as app:
        yield timed(Desk(app, clock, sink))


def of_one_desk(configure: Configure, sink: Sink, folder: Path) -> Settings:
    """Its operators have the same webhook, and a folder."""
    hook = {"id": "hook", "webhook": sink.url("/in")}
    ops = {"id": "ops", "channels": [hook, {"id": "out", "file": str(folder / "out")}]}
    recipients = [{"id": "desk", "channels": [hook]}, ops]
    watchlists = [{"id": "w", "any": ["Bouregreg"], "notify": ["desk"]}]
    source = {"id": "s", "url": sink.url("/feed"), "every": "1h"}
    return configure(source, recipients=recipients, watchlists=watchlists, monitor={"operators": ["ops"]})


def timed(desk: Desk) -> Desk:
    gate = Gate(desk.time, desk.time.pause)
    desk.app.parts = replace(desk.app.parts, gate=gate, chance=lambda: 0.0)
    return desk


def titles(*numbers: int) -> list[str]:
    return [f"Report {n}" for n in numbers]


async def test_more_than_a_burst_is_spread_over_seconds_and_stays_in_order(desk: Desk) -> None:
    desk.alert(12)
    await desk.app.deliver()
    assert desk.arrived == titles(*range(12))
    assert desk.time.now == pytest.approx(
        8, abs=0.1
    )  # five at once, then one a second; and the look that finds none
    assert desk.attempts == [1] * 12


async def test_a_channel_that_is_away_is_probed_by_one_and_then_gets_everything_in_order(desk: Desk) -> None:
    desk.sink.answers = [AWAY] * (TRIP + 2) + [(200, {}, "{}")]
    desk.alert(9)
    await desk.app.deliver()
    assert len(desk.sink.got) == TRIP
    assert (desk.state.failures, desk.state.opened_at) == (TRIP, desk.clock())
    await desk.wait(seconds=FIRST_REST.total_seconds() - 1)
    assert len(desk.sink.got) == TRIP  # it rests
    await desk.wait(seconds=1)
    assert len(desk.sink.got) == TRIP + 1  # a probe
    await desk.wait(seconds=59)
    assert len(desk.sink.got) == TRIP + 1
    await desk.wait(seconds=1)
    assert len(desk.sink.got) == TRIP + 2
    await desk.wait(minutes=2)
    assert desk.arrived[TRIP + 2 :] == titles(*range(9))
    assert desk.state == ChannelState(*HOOK)
    assert desk.app.store.outbox.counts()[SENT] == 9
    # what waited was not attempted: as many attempts as requests, no more
    assert sum(desk.attempts) == len(desk.sink.got) == TRIP + 2 + 9


async def test_an_open_channel_is_still_open_after_a_restart(
    configure: Configure, start: Start, clock: Clock, tmp_path: Path
) -> None:
    async with http_server(Sink([AWAY])) as sink:
        settings = of_one_desk(configure, sink, tmp_path)
        async with start(settings) as app:
            desk = timed(Desk(app, clock, sink))
            desk.alert(7)
            await app.deliver()
        clock.turn(seconds=FIRST_REST.total_seconds() - 1)
        async with start(settings) as again:
            await again.deliver()
            assert len(sink.got) == TRIP
            assert again.store.channels.get(HOOK).failures == TRIP


@pytest.mark.parametrize(
    ("answer", "rest"),
    [
        ({"Retry-After": "90"}, timedelta(seconds=90)),
        # the sink's clock is the app's: 2026-04-21 09:00
        ({"Retry-After": "Tue, 21 Apr 2026 09:05:00 GMT"}, timedelta(minutes=5)),
        # clamped
        ({"Retry-After": "0"}, timedelta(seconds=1)),
        ({"Retry-After": "999999"}, timedelta(hours=6)),
    ],
    ids=["seconds", "a date", "too short", "too long"],
)
async def test_a_channel_that_asks_for_patience_gets_it_for_all_that_waits(
    desk: Desk, answer: dict[str, str], rest: timedelta
) -> None:
    desk.sink.answers = [(429, answer, ""), (200, {}, "{}")]
    desk.alert(3)
    await desk.app.deliver()
    await desk.wait(seconds=rest.total_seconds() - 1)
    assert len(desk.sink.got) == 1
    await desk.wait(seconds=1)
    assert desk.arrived == titles(0, 0, 1, 2)


async def test_what_an_operator_retries_goes_at_once_though_the_channel_rests(desk: Desk) -> None:
    desk.sink.answers = [AWAY] * TRIP + [(200, {}, "{}")]
    desk.alert(6)
    await desk.app.deliver()
    last = desk.app.store.outbox.list(PENDING)[0]
    desk.app.store.outbox.retry(last.id, desk.clock())
    await desk.app.deliver()
    assert len(desk.sink.got) == TRIP + 6


class Poisoned:
    """A sender that fails on one message, as a service does that cannot digest it."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.sent: list[str] = []

    async def send(self, channel: Channel, message: Message) -> Outcome:
        if self.title in message.subject:
            return Retry("500 Internal Server Error", status=500)
        self.sent.append(message.subject)
        return Sent()


async def test_one_message_that_always_fails_holds_up_no_other(desk: Desk) -> None:
    sender = Poisoned("Report 0")
    desk.app.parts = replace(desk.app.parts, sender=sender, chance=lambda: 0.9)
    desk.alert(1)
    for _ in range(12):
        await desk.wait(minutes=70)
    desk.alert(3)  # the first of these is there already
    await desk.app.deliver()
    assert [subject.partition("] ")[2] for subject in sender.sent] == titles(1, 2)
    [left] = desk.app.store.outbox.list(PENDING)
    assert left.attempts == 12


async def test_operators_hear_of_dead_letters_by_another_way_once_a_spell(desk: Desk) -> None:
    desk.sink.answers = [(410, {}, "gone for good")]
    desk.alert(3)
    await desk.app.deliver()
    await desk.app.tell_operators()
    assert desk.told == [
        ("out", [("desk/hook", "dead-letters")])
    ]  # the operators' own webhook is the same one
    for _ in range(4):  # more of the same spell
        record(desk.app.store, desk.clock(), 10 + _, alert={"recipient": "desk", "channels": ("hook",)})
        await desk.wait(hours=7)
        await desk.app.tell_operators()
    assert len(desk.told) == 1
    desk.sink.answers = [(200, {}, "{}")]
    desk.app.store.outbox.retry(None, desk.clock())
    await desk.app.deliver()
    await desk.app.tell_operators()
    assert desk.app.store.channels.get(HOOK).dead_since is None
    desk.sink.answers = [(404, {}, "")]
    record(desk.app.store, desk.clock(), 20, alert={"recipient": "desk", "channels": ("hook",)})
    await desk.app.deliver()
    await desk.app.tell_operators()
    assert desk.told[1:] == [("out", [("desk/hook", "dead-letters")])]


async def test_operators_hear_that_a_channel_is_away_and_that_it_is_back(desk: Desk) -> None:
    desk.sink.answers = [AWAY] * (TRIP + 1) + [(200, {}, "{}")]
    desk.alert(2)
    for _ in range(TRIP):
        await desk.wait(minutes=1)
        await desk.app.tell_operators()
    await desk.wait(minutes=1)
    await desk.app.tell_operators()
    assert desk.told == [("out", [("desk/hook", "unreachable")])]
    await desk.wait(minutes=30)
    await desk.app.tell_operators()
    # by both ways now: the operators' webhook works again
    assert sorted(desk.told[1:]) == [(via, [("desk/hook", "ok")]) for via in ("hook", "out")]
    assert desk.app.store.outbox.counts()[SENT] >= 3
    await desk.wait(hours=7)
    await desk.app.tell_operators()
    assert desk.app.store.channels.all() == []
