"""When the next delivery may go, as far as this process knows: a channel's pace, and how many of a kind go at once.

Called by `despatch` before a delivery is claimed, so that what waits here holds no lease and is no attempt. The figures
are deliver's; this only waits and counts. A channel's breaker is not here: its state is the store's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from monitor.deliver import pace
from monitor.model import Channel, ChannelKind

LONGEST_NAP = 0.5  # seconds: a stop is noticed so soon


@dataclass(slots=True)
class Places:
    """For so many senders at once. One that takes long gives up its place and goes on beside the others; those whose
    last attempt failed have places of their own, so that they take nobody's."""

    quick: asyncio.Semaphore
    doubtful: asyncio.Semaphore


def _places() -> dict[ChannelKind, Places]:
    return {
        kind: Places(asyncio.Semaphore(count), asyncio.Semaphore(count))
        for kind, count in pace.AT_ONCE.items()
    }


@dataclass(slots=True)
class Gate:
    monotonic: Callable[[], float] = time.monotonic
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep
    buckets: dict[str, pace.Bucket] = field(default_factory=dict)
    places: dict[ChannelKind, Places] = field(default_factory=_places)
    # channels whose last claim got no answer, and when it was to run out: it may stand, and nobody sends it
    doubts: dict[tuple[str, str], datetime] = field(default_factory=dict)

    async def paced(self, channel: Channel | None, stopping: Callable[[], bool]) -> bool:
        """Wait until one more may go to the channel. False: a stop was asked for meanwhile."""
        limits = pace.limits_of(channel) if channel else ()
        while not stopping():
            left = pace.wait(limits, self.buckets, self.monotonic())
            if not left:
                return True
            await self.pause(min(left, LONGEST_NAP))
        return False

    def spend(self, channel: Channel) -> None:
        """One goes now."""
        self.buckets |= pace.spend(pace.limits_of(channel), self.buckets, self.monotonic())

    @asynccontextmanager
    async def place(self, channel: Channel | None, doubtful: bool) -> AsyncIterator[None]:
        """Wait for a place among the senders of the channel's kind, and hold it for as long as a quick one needs."""
        places = self.places.get(channel.kind) if channel else None
        if places is None:
            yield
            return
        held = _Held(places.doubtful if doubtful else places.quick)
        await held.place.acquire()
        late = None if doubtful else asyncio.get_running_loop().call_later(pace.SLOW, held.give_up)
        try:
            yield
        finally:
            if late is not None:
                late.cancel()
            held.give_up()


@dataclass(slots=True)
class _Held:
    """A place that is given up once."""

    place: asyncio.Semaphore
    given_up: bool = False

    def give_up(self) -> None:
        if not self.given_up:
            self.given_up = True
            self.place.release()
