from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.daemon.stage import NotifySocket, Running, Stage, stage_in


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_in(tmp_path) as made:
        yield made


@dataclass(frozen=True, slots=True)
class Play:
    """A stage whose daemon runs, for tests that only look."""

    stage: Stage
    daemon: Running
    web: str
    systemd: NotifySocket


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    with stage_in(tmp_path_factory.mktemp("play")) as made:
        systemd = made.notify()
        daemon, web = made.start_ready(NOTIFY_SOCKET=systemd.address, WATCHDOG_USEC="400000")
        yield Play(made, daemon, web, systemd)
