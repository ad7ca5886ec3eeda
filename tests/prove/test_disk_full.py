"""The disk fills up while work goes on, at twenty levels: reading goes on, nothing is kept by halves, and all of it recovers.

The disk (tests/prove/disk.c) lets the database's files grow by so many bytes and no more, until there is space again. The real daemon
gets a real one, a file system in memory, where this may be mounted.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from monitor.store.ballast import SIZE
from tests.build import write_config
from tests.prove.test_disk_faults import Bench, acknowledged, bench
from tests.prove.test_soak import asked, daemon, owed, press, stored, until

__all__ = ["bench"]

pytestmark = pytest.mark.prove

LEVELS, BOUNDED = 20, 5
MOST = 2_000_000  # bytes that are free beside the ballast


def test_a_full_disk_stops_news_only_and_space_brings_everything_back(bench: Bench, full: bool) -> None:
    levels = LEVELS if full else BOUNDED
    recorded = sent = 0
    for level in range(levels):
        bench.begin()
        room = MOST * level // (levels - 1)
        ended = bench.play("fill", seconds=120, control=str(bench.disk.control), room=room)
        others = [each for each in ended.said if "ack" not in each]
        assert others[0] == {"ballast": True}, level
        assert "is full: free some space" in others[1]["full"], level
        # nothing new comes in, all that was recorded is sent, and it can be read the while
        assert {name: others[1][name] for name in ("room", "left")} == {"room": False, "left": 0}, level
        assert others[1]["sent"] == 2 * others[1]["read"], level
        assert others[2] == {"room": True}, level
        bench.disk.set()
        [left] = bench.play("found").said
        assert left["problems"] == [], level
        assert acknowledged(ended) == set(left["kept"]), level
        recorded, sent = recorded + others[1]["read"], sent + others[1]["sent"]
    assert recorded > levels
    print(
        f"{levels} fill levels: {recorded} articles recorded, {sent} deliveries sent after the disk was full; 0 lost"
    )


OUTLETS, WATCHLISTS = 100, 20
QUIET = 9.0  # seconds, in which each source would have been asked three times
DISK = 100  # MB; the ballast wants 64 of them free before it is laid down


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m,mode=700", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Whatever is free, to the last page."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(65_536)):
            pass
    return filler


def test_the_daemon_on_a_full_disk_sends_tells_and_goes_on_with_space(
    small_disk: Path, tmp_path: Path
) -> None:
    database, ballast = small_disk / "monitor.db", small_disk / "monitor.db.ballast"
    notices = tmp_path / "notices"
    with press(OUTLETS, WATCHLISTS) as stand:
        config = write_config(
            tmp_path / "config",
            monitor={
                "database": f"sqlite:///{database}",
                "fetch": {"allow_private": True},
                "polling": {"min": "1s"},
                "web": {"listen": "127.0.0.1:0"},
                "operators": ["ops"],
            },
            sources=[{"id": f"s{n}", "url": url, "every": "3s"} for n, url in enumerate(stand["feeds"])],
            watchlists=[
                {"id": f"w{n}", "any": [name], "notify": ["desk"]} for n, name in enumerate(stand["names"])
            ],
            recipients=[
                {"id": "desk", "channels": [{"id": "hook", "webhook": f"{stand['control']}/alerts"}]},
                {"id": "ops", "channels": [{"id": "out", "file": str(notices)}]},
            ],
        )
        with daemon(tmp_path, config) as process:
            until(lambda: len(stored(database)) == OUTLETS and ballast.exists(), process, tmp_path, 120)
            asked(f"{stand['control']}/rate", b"2")
            until(lambda: len(stored(database)) > OUTLETS + 20, process, tmp_path, 60)
            filler = fill(small_disk)
            until(lambda: not ballast.exists(), process, tmp_path, 60)
            until(lambda: owed(database).keys() <= {"sent"}, process, tmp_path, 60)
            until(lambda: "disk-full" in told(notices), process, tmp_path, 120)
            full_with = len(stored(database))  # with what was being read when it filled up
            time.sleep(QUIET)
            assert len(stored(database)) == full_with
            assert asked(f"{stand['control']}/state")["articles"] > full_with
            assert healthy(tmp_path)
            filler.unlink()
            back = until(lambda: ballast.exists() and ballast.stat().st_size == SIZE, process, tmp_path, 60)
            asked(f"{stand['control']}/rate", b"0")
            articles = asked(f"{stand['control']}/state")["articles"]
            caught_up = until(lambda: len(stored(database)) == articles, process, tmp_path, 180)
            until(lambda: owed(database).keys() <= {"sent"}, process, tmp_path, 60)
            until(lambda: '"ok"' in told(notices), process, tmp_path, 120)
            end = asked(f"{stand['control']}/state")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
    assert stored(database) == set(range(articles))
    sent = owed(database)["sent"]
    check = [sys.executable, "-m", "monitor", "db", "check", "-c", str(config)]
    assert subprocess.run(check, capture_output=True, timeout=120, check=False).returncode == 0
    print(
        f"full at {full_with} articles, the ballast back after {back:.1f} s, all {articles} articles after {caught_up:.1f} s more, "
        f"{sent} deliveries; lost of those shown: {lost(end)}"
    )
    assert lost(end) == []


def told(notices: Path) -> str:
    return "".join(file.read_text() for file in notices.rglob("*.json"))


def healthy(folder: Path) -> bool:
    [web] = set(re.findall(r'"web": "([^"]+)"', (folder / "log").read_text()))
    with urllib.request.urlopen(f"{web}/-/healthy", timeout=10) as answer:
        return bool(answer.status == 200)


def lost(end: dict[str, list[int]]) -> list[int]:
    """Articles that somebody had to hear of, and did not."""
    return end["untold"]
