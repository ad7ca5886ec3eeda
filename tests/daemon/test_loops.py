"""A loop that fails is told, waits, and goes on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitor.daemon import Every
from monitor.daemon.loops import ClockDoubt, ClockWatch, Loop
from monitor.web.pulse import Pulse


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Recorder:
    def __init__(self) -> None:
        self.clock = Clock()
        self.pulse = Pulse("gather", 60, self.clock)
        self.steps = 0
        self.faults: list[tuple[str, str]] = []
        self.broken = False

    async def step(self) -> None:
        self.steps += 1
        if self.broken:
            raise OSError("no space left on device")

    def loop(self) -> Loop:
        def fault(name: str, error: BaseException) -> None:
            self.faults.append((name, str(error)))

        return Loop(self.step, self.pulse, fault, lambda name, seconds: None, self.clock)


async def test_a_failing_step_is_told_and_pushed_further_into_the_future_each_time() -> None:
    recorder = Recorder()
    recorder.broken = True
    loop = recorder.loop()
    tried_at = []
    for second in range(200):
        recorder.clock.now = 1000.0 + second
        before = recorder.steps
        await loop.tick()
        if recorder.steps > before:
            tried_at.append(second)
    # 2, 4, 8, 16, 32 s, and never more than a minute
    assert tried_at == [0, 2, 6, 14, 30, 62, 122, 182]
    assert recorder.faults == [("gather", "no space left on device")] * len(tried_at)


async def test_a_loop_that_waits_after_a_failure_counts_as_alive() -> None:
    recorder = Recorder()
    recorder.broken = True
    loop = recorder.loop()
    for _ in range(300):
        recorder.clock.now += 1
        await loop.tick()
        assert not recorder.pulse.stuck


async def test_a_loop_that_is_held_begins_nothing_for_a_minute() -> None:
    recorder = Recorder()
    loop = recorder.loop()
    loop.hold()
    for _ in range(59):
        recorder.clock.now += 1
        await loop.tick()
    assert (recorder.steps, loop.waiting) == (0, True)
    recorder.clock.now += 1
    await loop.tick()
    assert (recorder.steps, loop.waiting) == (1, False)


async def test_one_success_forgets_the_failures() -> None:
    recorder = Recorder()
    loop = recorder.loop()
    recorder.broken = True
    await loop.tick()
    recorder.clock.now += 2
    recorder.broken = False
    await loop.tick()
    await loop.tick()
    assert recorder.steps == 3


async def test_a_step_that_never_ends_is_stuck_after_its_bound() -> None:
    recorder = Recorder()
    never = asyncio.Event()

    async def hang() -> None:
        await never.wait()

    loop = Loop(hang, recorder.pulse, lambda *_: None, lambda *_: None, recorder.clock)
    tick = asyncio.create_task(loop.tick())
    recorder.clock.now += 61
    assert recorder.pulse.stuck
    never.set()
    await tick
    assert not recorder.pulse.stuck


async def test_a_stopped_loop_ends_its_step_and_begins_no_other() -> None:
    recorder = Recorder()
    go_on, done = asyncio.Event(), []

    async def slow() -> None:
        await go_on.wait()
        done.append(True)

    loop = Loop(slow, recorder.pulse, lambda *_: None, lambda *_: None, recorder.clock)
    tick = asyncio.create_task(loop.tick())
    await asyncio.sleep(0)
    stop = asyncio.create_task(loop.stop())
    await asyncio.sleep(0)
    assert not stop.done()
    go_on.set()
    await asyncio.gather(tick, stop)
    await loop.tick()
    assert done == [True]


@pytest.mark.parametrize(
    ("set_by", "noticed"),
    [
        # drift, and what NTP slews
        (0.5, 0.0),
        (-4.9, 0.0),
        # set: an hour on, a year back
        (3600.0, 3600.0),
        (-31_536_000.0, -31_536_000.0),
    ],
)
def test_a_clock_that_is_set_is_noticed_once(set_by: float, noticed: float) -> None:
    wall, monotonic = Clock(), Clock()
    watch = ClockWatch(wall, monotonic)
    monotonic.now += 10
    wall.now += 10 + set_by
    assert watch.jump() == noticed
    monotonic.now += 10
    wall.now += 10
    assert watch.jump() == 0.0


@pytest.mark.parametrize(
    ("hours", "doubted"),
    [
        # nothing, drift, summer time that somebody set by hand, a night's sleep
        ((0,), False),
        ((1,), False),
        ((9,), False),
        # a year on, and a year on of which an hour was taken back
        ((8760,), True),
        ((8760, -1), True),
        # set right again; a clock that was behind cannot make anything old
        ((8760, -8760), False),
        ((-8760,), False),
    ],
)
def test_a_clock_that_was_set_on_by_more_than_a_day_is_doubted_for_a_day(
    hours: tuple[int, ...], doubted: bool
) -> None:
    wall, monotonic = Clock(), Clock()
    doubt = ClockDoubt(wall, monotonic)
    for each in hours:
        monotonic.now += 60
        wall.now += 60 + each * 3600
        held = doubt.holds()
    assert held is doubted
    monotonic.now += 86_400
    wall.now += 86_400
    assert not doubt.holds()


def test_of_a_year_of_missed_ticks_one_is_left() -> None:
    trigger = Every(timedelta(seconds=1))
    began = datetime(2026, 4, 21, tzinfo=UTC)
    assert trigger.get_next_fire_time(None, began) == began + timedelta(seconds=1)
    soon = began + timedelta(milliseconds=300)
    assert trigger.get_next_fire_time(began, soon) == began + timedelta(seconds=1)
    later = began + timedelta(days=365)
    assert trigger.get_next_fire_time(began, later) == later + timedelta(seconds=1)
