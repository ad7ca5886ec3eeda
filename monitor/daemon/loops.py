"""One of the daemon's loops: a step that the scheduler ticks; and a watch over the clock that the ticks go by.

A step that fails is told and tried again later, each time a little later; it never ends the daemon by itself. Called by
the daemon.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from monitor.web import Pulse

LONGEST_PAUSE = 60.0  # seconds
DAY = 86_400.0
CLOCK_JUMP = 5.0  # seconds between the wall clock and the monotonic one; less is drift, and NTP's business


class Loop:
    """`step` is one tick's work, `fault` hears of what it raised, `took` of the seconds it needed."""

    def __init__(
        self,
        step: Callable[[], Awaitable[None]],
        pulse: Pulse,
        fault: Callable[[str, BaseException], None],
        took: Callable[[str, float], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._step = step
        self._pulse = pulse
        self._fault = fault
        self._took = took
        self._monotonic = monotonic
        self._busy = asyncio.Lock()
        self._failures = 0
        self._not_before = 0.0  # monotonic seconds
        self._stopped = False

    async def tick(self) -> None:
        if self._stopped or self.waiting:
            # waiting after a failure is progress too: a database that is down must not get the daemon killed
            self._pulse.beat()
            return
        async with self._busy:
            await self._run_step()

    async def _run_step(self) -> None:
        begun = self._monotonic()
        try:
            await self._step()
        except Exception as error:  # this loop's wall: told, and pushed into the future
            self._failures += 1
            self._not_before = self._monotonic() + min(2.0**self._failures, LONGEST_PAUSE)
            self._fault(self._pulse.name, error)
        else:
            self._failures = 0
        self._pulse.beat()
        self._took(self._pulse.name, self._monotonic() - begun)

    @property
    def waiting(self) -> bool:
        """After a failure, until its pause is over."""
        return self._monotonic() < self._not_before

    def hold(self) -> None:
        """Begin no step for the longest pause: what the steps have begun fails elsewhere, and for all."""
        self._not_before = self._monotonic() + LONGEST_PAUSE

    async def stop(self) -> None:
        """No further step begins; returns when the present one has ended."""
        self._stopped = True
        async with self._busy:
            return


class ClockWatch:
    """Notices that the clock on the wall was set. Both clocks answer seconds."""

    def __init__(self, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._ahead = wall() - monotonic()

    def jump(self) -> float:
        """By how many seconds the clock was set since this was last asked; 0.0 where it went on as ever."""
        ahead = self._wall() - self._monotonic()
        jump, self._ahead = ahead - self._ahead, ahead
        return jump if abs(jump) > CLOCK_JUMP else 0.0


class ClockDoubt:
    """Whether the clock was set on by more than a day, within a day: time enough for somebody to set it right before
    anything is thrown away by it. A machine that slept over a weekend is doubted as well, which costs it nothing."""

    def __init__(self, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._watch = ClockWatch(wall, monotonic)
        self._monotonic = monotonic
        self._until = monotonic()

    def holds(self) -> bool:
        jump = self._watch.jump()
        if abs(jump) > DAY:  # set back by as much, it was set right
            self._until = self._monotonic() + (DAY if jump > 0 else 0.0)
        return self._monotonic() < self._until
