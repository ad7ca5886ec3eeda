"""What waits for its turn: paces by a clock that the test turns, places by who holds them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from monitor.deliver import pace
from monitor.gate import Gate
from monitor.model import Channel, ChannelKind

HOOK = Channel("hook", ChannelKind.WEBHOOK, "https://hooks.example.org/in")
CHAT = Channel("chat", ChannelKind.APPRISE, "slack://a/b/c")


@dataclass
class Time:
    """Passes when somebody pauses."""

    now: float = 1_000.0
    pauses: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def never() -> bool:
    return False


async def test_a_burst_goes_at_once_and_the_rest_one_a_second() -> None:
    time = Time()
    gate = Gate(time, time.pause)
    sent = []
    for _ in range(8):
        assert await gate.paced(HOOK, never)
        gate.spend(HOOK)
        sent.append(time.now - 1_000)
    assert sent == pytest.approx([0, 0, 0, 0, 0, 1, 2, 3])


async def test_a_stop_ends_the_waiting() -> None:
    time = Time()
    gate = Gate(time, time.pause)
    for _ in range(40):
        gate.spend(HOOK)
    assert not await gate.paced(HOOK, lambda: len(time.pauses) >= 2)
    assert sum(time.pauses) <= 1


async def test_who_takes_long_gives_up_the_place_and_whoever_fails_has_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "SLOW", 0.05)
    gate, count = Gate(), pace.AT_ONCE[ChannelKind.APPRISE]
    hang, inside = asyncio.Event(), list[str]()

    async def send(name: str, *, doubtful: bool = False, hangs: bool = False) -> None:
        async with gate.place(CHAT, doubtful):
            inside.append(name)
            if hangs:
                await hang.wait()

    slow = [asyncio.create_task(send(f"slow {n}", hangs=True)) for n in range(count)]
    doubtful = [asyncio.create_task(send(f"bad {n}", doubtful=True, hangs=True)) for n in range(count + 1)]
    await asyncio.sleep(0)
    assert len(inside) == 2 * count
    await asyncio.gather(
        *(send(f"quick {n}") for n in range(count))
    )  # once the slow ones have taken too long
    assert [name for name in inside if name.startswith("quick")] == [f"quick {n}" for n in range(count)]
    assert f"bad {count}" not in inside  # those that fail wait for one another only
    hang.set()
    await asyncio.gather(*slow, *doubtful)
    assert gate.places[ChannelKind.APPRISE].quick._value == count
    assert gate.places[ChannelKind.APPRISE].doubtful._value == count


async def test_kinds_without_a_crowd_wait_for_no_place() -> None:
    gate = Gate()
    for channel in (HOOK, None):
        async with gate.place(channel, False), gate.place(channel, False):
            assert await gate.paced(None, never)
