"""What the web knows of the running daemon: the app, its loops' pulses, and the questions put to the store.

Built by the daemon, asked by the routes. Every question to the store has a deadline, so that a stuck disk shows as
"not ready" instead of as a request that never ends.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from monitor.app import App
from monitor.deliver import standing
from monitor.despatch import Lane
from monitor.errors import MonitorError
from monitor.model import Health
from monitor.web.files import Files, look
from monitor.web.pulse import Pulse

T = TypeVar("T")

STORE_DEADLINE = 2.0  # seconds


@dataclass(slots=True)
class Desk:
    app: App
    pulses: Sequence[Pulse]
    first_gather_done: bool = False
    reloads: Counter[str] = field(default_factory=Counter)  # by outcome: ok, refused
    faults: Counter[str] = field(default_factory=Counter)  # by where the wall stood: source, channel, loop
    heartbeats: Counter[str] = field(default_factory=Counter)  # by outcome: ok, failed, withheld
    loaded_at: float = 0.0  # Unix seconds of the last good reading of the configuration
    reload_refused: bool = False  # the last one was, so the files say something else than what is in force
    needs_restart: tuple[str, ...] = ()  # keys that changed since the start and wait for the next one

    async def not_ready_because(self) -> list[str]:
        """What keeps the daemon from its work, as sentences; none when it is ready."""
        reasons = await self.not_well_because()
        if not self.first_gather_done:
            reasons.append("gather: the first reading of the sources is not done yet")
        return reasons

    async def not_well_because(self) -> list[str]:
        """What is wrong with the daemon itself, as sentences."""
        reasons = [f"{pulse.name}: no progress for {pulse.age:.0f} s" for pulse in self.pulses if pulse.stuck]
        if await self.ask(self.app.store.outbox.counts) is None:
            reasons.append("store: it does not answer")
        return reasons

    async def outbox(self) -> dict[str, int] | None:
        """Deliveries by state; None where the store does not answer."""
        counts = await self.ask(self.app.store.outbox.counts)
        return None if counts is None else {str(state): count for state, count in counts.items()}

    async def states(self) -> dict[str, Health] | None:
        """The state of each configured source, NEW where it was never read; None where the store does not answer."""
        known = await self.ask(self.app.store.conditions.states)
        if known is None:
            return None
        return {id: known.get(id, Health.NEW) for id in self.app.parts.sources}

    async def success_ages(self) -> list[float] | None:
        """Seconds since each configured source was last read well, the shortest first."""
        successes = await self.ask(self.app.store.sources.last_successes)
        if successes is None:
            return None
        now = self.app.parts.clock()
        return sorted(
            (now - at).total_seconds() for id, at in successes.items() if id in self.app.parts.sources
        )

    async def channels(self) -> dict[Lane, str] | None:
        """Of the channels that are not well, how they are, in a word."""
        known = await self.ask(self.app.store.channels.all)
        now = self.app.parts.clock()
        return None if known is None else {each.lane: standing(each, now) for each in known}

    async def late(self) -> float | None:
        """For how many seconds the delivery that is due the longest is due."""
        found = await self.ask(lambda: self.app.store.outbox.late(self.app.parts.clock()))
        return None if found is None else found.total_seconds()

    async def files(self) -> Files:
        return await asyncio.to_thread(look, self.app.settings)

    async def ask(self, question: Callable[[], T]) -> T | None:
        try:
            return await asyncio.wait_for(self.app.parts.in_store(question), STORE_DEADLINE)
        except (TimeoutError, MonitorError):
            return None
