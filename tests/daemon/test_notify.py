"""The sd_notify protocol, spoken to a real datagram socket."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from monitor.daemon.notify import Notifier
from tests.daemon.stage import NotifySocket


@pytest.mark.parametrize("abstract", [False, True], ids=["a path", "an abstract name"])
def test_systemd_receives_what_it_is_told(abstract: bool, tmp_path: Path) -> None:
    address = f"@monitor-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    listener = NotifySocket(address)
    try:
        Notifier({"NOTIFY_SOCKET": address}).tell("READY=1", "STATUS=all is well")
        assert listener.wait_for("READY") == {"READY": "1", "STATUS": "all is well"}
    finally:
        listener.close()


def test_a_reload_is_announced_with_the_monotonic_time(tmp_path: Path) -> None:
    listener = NotifySocket(str(tmp_path / "notify"))
    try:
        before = time.monotonic_ns() // 1000
        Notifier({"NOTIFY_SOCKET": listener.address}).reloading()
        told = listener.wait_for("RELOADING")
        assert before <= int(told["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    finally:
        listener.close()


def test_nobody_listening_is_no_failure(tmp_path: Path) -> None:
    Notifier({}).tell("READY=1")
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "absent")}).tell("READY=1")


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        # systemd speaks of microseconds
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        # meant for this process
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        # inherited from a parent it was meant for
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_the_watchdog_interval_is_read_from_the_environment(
    environ: dict[str, str], seconds: float | None
) -> None:
    assert Notifier(environ).watchdog == seconds
