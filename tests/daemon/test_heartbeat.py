"""When a sign of life is sent and when it is withheld; what the log hears of it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from monitor.daemon.heartbeat import SignsOfLife
from monitor.model import FetchPolicy, HeartbeatPolicy
from monitor.web import Desk

TO = HeartbeatPolicy("https://example.org/token", timedelta(seconds=60))


class Watcher:
    """The desk's answer, and the far side's, each as the test says."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.problem: str | None = None
        self.sent: list[str] = []
        self.heartbeats: Counter[str] = Counter()
        self.app = SimpleNamespace(settings=SimpleNamespace(heartbeat=TO, fetch=FetchPolicy()))

    async def not_well_because(self) -> list[str]:
        return self.wrong

    async def send(self, to: HeartbeatPolicy, policy: FetchPolicy) -> str | None:
        self.sent.append(to.url)
        return self.problem


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


def events(logs: list[Any]) -> list[str]:
    return [f"{line['event']}: {line.get('problem', '')}".rstrip(": ") for line in logs]


async def test_it_is_sent_while_all_is_well_and_withheld_while_it_is_not(watcher: Watcher) -> None:
    signs = SignsOfLife(cast(Desk, watcher), watcher.send)
    with capture_logs() as logs:
        for wrong in ([], ["gather: no progress for 400 s"], ["gather: no progress for 400 s"], []):
            watcher.wrong = wrong
            await signs.beat(TO)
    assert len(watcher.sent) == 2
    assert watcher.heartbeats == {"ok": 2, "withheld": 2}
    assert events(logs) == ["trouble: gather: no progress for 400 s", "well again"]  # once, not each minute


async def test_one_that_does_not_arrive_is_told_once_and_so_is_the_next_that_does(watcher: Watcher) -> None:
    signs = SignsOfLife(cast(Desk, watcher), watcher.send)
    with capture_logs() as logs:
        for problem in ("example.org answered 500", "example.org answered 500", None, None):
            watcher.problem = problem
            await signs.beat(TO)
    assert watcher.heartbeats == {"failed": 2, "ok": 2}
    assert events(logs) == ["trouble: example.org answered 500", "well again"]
