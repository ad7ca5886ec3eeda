"""Twelve faults of a network, at eight channels, in three phases: every alert arrives, and no channel minds another's fault.

A cell is one fault at one channel in one phase; the other seven get alerts at the same time and must not notice. `first`:
the fault is there before anything was sent, and goes after one round. `amid`: it sets in after two of five alerts (a webhook's
connection is kept open by then). `outage`: it lasts until the channel's breaker has opened and been probed, while more
alerts come. By default a drawn part of the 288 cells in which each fault, channel and phase occurs.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from monitor.deliver.breaker import TRIP, standing
from monitor.model import DeliveryState
from tests.netproxy import BEFORE_TAKEN, HARMLESS, Fault
from tests.prove.channels import LATER, NAMES, Cell, Eight, eight

pytestmark = pytest.mark.prove

PHASES = ("first", "amid", "outage")
DRAWN = 36
LONGEST = 180.0  # seconds for one round of deliveries
ROUNDS = 12  # after which every alert has arrived, or it is lost

Place = tuple[Fault, str, str]


@dataclass
class Seen:
    """Of one cell: what the ill channel was said to suffer from, copies, and seconds until the healthy were served."""

    told: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)
    alerts: int = 0
    copies: int = 0
    failures: int = 0
    slowest: float = 0.0


def draw(seed: int) -> list[Place]:
    """So that each fault comes in every phase, and at `DRAWN` of the pairs with a channel."""
    chance = random.Random(seed)
    channels = [name for _ in range(DRAWN) for name in NAMES]
    places = [(fault, phase) for fault, phase in product(Fault, PHASES)]
    chance.shuffle(places)
    return [(fault, channels[number], phase) for number, (fault, phase) in enumerate(places)]


@pytest.fixture
def quick_disk(tmp_path: Path) -> Iterator[Path]:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


async def test_whatever_a_network_does_every_alert_arrives_and_copies_carry_their_reference(
    quick_disk: Path, full: bool
) -> None:
    seed = int(os.environ.get("MONITOR_PROVE_SEED", random.randrange(10**6)))
    places = list(product(Fault, NAMES, PHASES)) if full else draw(seed)
    print(f"seed {seed}: {len(places)} cells")
    seen: dict[Place, Seen] = {}
    begun = time.monotonic()
    async with eight(quick_disk) as channels:
        for place in places:
            seen[place] = await play(channels, place, seed)
    for fault in Fault:
        mine = [each for (its, _, _), each in seen.items() if its is fault]
        told = Counter(word for each in mine for word in each.told)
        print(
            f"{fault}: {sum(each.failures for each in mine)} failed attempts, {sum(each.copies for each in mine)} copies; told as {dict(told)}"
        )
        for sentence in sorted({error for each in mine for error in each.errors}):
            print(f"    {sentence}")
    every = list(seen.values())
    print(
        f"{len(places)} of {len(Fault) * len(NAMES) * len(PHASES)} cells: {sum(each.alerts for each in every)} alerts, 0 lost, "
        f"{sum(each.failures for each in every)} attempts failed, {sum(each.copies for each in every)} copies of lost replies; "
        f"slowest healthy channel {max(each.slowest for each in every):.2f} s; {time.monotonic() - begun:.0f} s"
    )  # fmt: skip


async def play(channels: Eight, place: Place, seed: int) -> Seen:
    fault, ill, phase = place
    proxy = channels.proxies[ill]
    await proxy.heal()
    proxy.lost = proxy.met = 0
    channels.arrived()
    seen = Seen()
    async with channels.opened(seed) as cell:
        for _ in range(5 if phase == "amid" else 3):
            await cell.record(ill, next(channels.numbers))
        await proxy.fail(fault, after=2 if phase == "amid" else 0)
        await one_round(channels, cell, place, seen)
        if phase == "outage":
            await last(channels, cell, place, seen)
        assert proxy.met or fault is Fault.REFUSED, place  # who is refused is not seen
        honest(cell, place, seen)
        await proxy.heal()
        for _ in range(ROUNDS):
            cell.clock.now += LATER
            await one_round(channels, cell, place, seen)
            if all(each.state is DeliveryState.SENT for each in cell.deliveries(ill)):
                break
        judge(channels, cell, place, seen)
    return seen


async def last(channels: Eight, cell: Cell, place: Place, seen: Seen) -> None:
    """Until the breaker has opened and one more round was a probe."""
    fault, ill, _ = place
    for _ in range(3):
        cell.clock.now += LATER
        await cell.record(ill, next(channels.numbers))
        await one_round(channels, cell, place, seen)
    if fault not in HARMLESS:
        assert cell.state(ill).failures > TRIP, place
        assert cell.state(ill).opened_at, place


async def one_round(channels: Eight, cell: Cell, place: Place, seen: Seen) -> None:
    """An alert more for each healthy channel; everything that is due goes, and the healthy are served at once."""
    healthy = [name for name in NAMES if name != place[1]]
    for name in healthy:
        await cell.record(name, next(channels.numbers))
    begun = time.monotonic()
    async with asyncio.timeout(LONGEST):
        tasks = {task.get_name(): task for task in await cell.app.begin_delivering()}
        for name in healthy:
            await tasks[f"send {name}/c"]
        seen.slowest = max(seen.slowest, time.monotonic() - begun)
        await asyncio.gather(*tasks.values())


def honest(cell: Cell, place: Place, seen: Seen) -> None:
    """What the program says of the ill channel while it is ill, and of the others."""
    fault, ill, phase = place
    state = cell.state(ill)
    expected = {"first": "failing", "amid": "failing", "outage": "open"}[phase]
    if fault in HARMLESS:
        expected = "ok"
    assert standing(state, cell.clock()) == expected, (place, state)
    assert bool(state.last_class and state.last_error) is (fault not in HARMLESS), (place, state)
    for name in NAMES:
        assert name == ill or cell.state(name).well, (place, cell.state(name))
    seen.told |= {f"{ill}: {state.last_class}"} if state.last_class else set()
    seen.errors |= {f"{ill}: {state.last_error}"} if state.last_error else set()


def judge(channels: Eight, cell: Cell, place: Place, seen: Seen) -> None:
    """After all: nothing lost, copies only of messages whose answer was lost, the others untouched, the database sound."""
    fault, ill, _ = place
    proxy, arrived = channels.proxies[ill], channels.arrived()
    for name, numbers in cell.recorded.items():
        told = cell.deliveries(name)
        assert {each.state for each in told} == {DeliveryState.SENT}, (place, name, told)
        assert {number for where, number, _ in arrived if where == name} == set(numbers), (place, name)
        references = [reference for where, _, reference in arrived if where == name and reference]
        assert len(references) == len(set(references)), (
            place,
            name,
        )  # one alert, one reference, however many copies
        assert set(references) <= {each.id for each in told}, (place, name)
        copies = sum(count - 1 for (where, _, _), count in arrived.items() if where == name)
        tries = sum(each.attempts - 1 for each in told)
        seen.alerts += len(numbers)
        seen.copies += copies
        seen.failures += tries
        assert copies <= tries, (place, name)
        assert name == ill or not tries, (place, name)
    assert seen.copies <= proxy.lost, place
    assert fault not in BEFORE_TAKEN | HARMLESS or not proxy.lost, place
    assert fault not in HARMLESS or not seen.failures, place
    for name in NAMES:
        assert cell.state(name).well, (place, cell.state(name))
    assert cell.app.store.check() == [], place
