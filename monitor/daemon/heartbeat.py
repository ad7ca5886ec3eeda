"""Tells the operator's own watcher that all is well, as often as `heartbeat.every` says. Called by the daemon.

Silence is the message: while a loop is stuck or the database does not answer, nothing is sent, and whoever waits for it raises the alarm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from monitor.collect.ping import ping
from monitor.model import FetchPolicy, HeartbeatPolicy
from monitor.web import Desk

log = structlog.get_logger("monitor.daemon")

UNASKED = 5.0  # seconds until it is looked again whether a reload named an address

Ping = Callable[[HeartbeatPolicy, FetchPolicy], Awaitable[str | None]]


class SignsOfLife:
    def __init__(self, desk: Desk, send: Ping = ping) -> None:
        self._desk = desk
        self._send = send
        self._last_said = ""

    async def run(self) -> None:
        while True:
            to = self._desk.app.settings.heartbeat
            if to is not None:
                await self.beat(to)
            await asyncio.sleep(UNASKED if to is None else to.every.total_seconds())

    async def beat(self, to: HeartbeatPolicy) -> None:
        reasons = await self._desk.not_well_because()
        if reasons:
            self._tell("withheld", "; ".join(reasons))
            return
        problem = await self._send(to, self._desk.app.settings.fetch)
        self._tell("failed" if problem else "ok", problem or "")

    def _tell(self, outcome: str, problem: str) -> None:
        """Each outcome counts; the log hears of a change."""
        self._desk.heartbeats[outcome] += 1
        if problem and problem != self._last_said:
            log.warning("trouble", of="heartbeat", problem=problem)
        elif self._last_said and not problem:
            log.info("well again", of="heartbeat")
        self._last_said = problem
