"""EIO, ENOSPC and short writes at the n-th write, fsync or truncation of the database's files: nothing acknowledged is lost.

A process records, claims and settles on a disk (tests/prove/disk.c) that fails once or from then on; whatever becomes of
it, a new one must find a sound database with all that the first was told is kept.
"""

from __future__ import annotations

import errno
import json
import random
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from monitor.store import Store
from tests.build import NOON
from tests.daemon.stage import eventually, stage_in
from tests.prove.disk import CUT, SYNC, WRITE, Disk
from tests.prove.stagehand import Ended, Stagehand
from tests.prove.test_restore import headline

pytestmark = pytest.mark.prove

FAULTS: dict[str, dict[str, int]] = {
    "write: EIO": {"operation": WRITE, "error": errno.EIO},
    "write: EIO from then on": {"operation": WRITE, "error": errno.EIO, "lasting": 1},
    "write: half of it, then ENOSPC": {"operation": WRITE, "error": errno.ENOSPC, "half": 1},
    "write: ENOSPC from then on": {"operation": WRITE, "error": errno.ENOSPC, "lasting": 1},
    # no error at all: the kernel wrote a part and says so
    "write: half of it": {"operation": WRITE, "half": 1},
    "fsync: EIO": {"operation": SYNC, "error": errno.EIO},
    "fsync: ENOSPC from then on": {"operation": SYNC, "error": errno.ENOSPC, "lasting": 1},
    "truncate: EIO": {"operation": CUT, "error": errno.EIO},
    "truncate: ENOSPC from then on": {"operation": CUT, "error": errno.ENOSPC, "lasting": 1},
}
RUNS, BOUNDED = 50, 8  # a kind of fault


@dataclass
class Bench:
    hand: Stagehand
    disk: Disk

    @property
    def url(self) -> str:
        return f"sqlite:///{self.disk.files}"

    def begin(self) -> None:
        """The database as it was before."""
        self.disk.set()
        for old in self.disk.files.parent.glob(f"{self.disk.files.name}*"):
            old.unlink()
        shutil.copyfile(self.disk.files.with_name("template.db"), self.disk.files)

    def play(self, act: str, **arguments: Any) -> Ended:
        ended = self.hand.play(f"tests.prove.diskacts:{act}", url=self.url, **arguments)
        assert ended.status == 0, ended.trace
        return ended


def acknowledged(ended: Ended) -> set[str]:
    return {each["ack"] for each in ended.said if "ack" in each}


@pytest.fixture
def bench() -> Iterator[Bench]:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        folder = Path(place)
        Store.open(f"sqlite:///{folder}/template.db", now=NOON).close()
        disk = Disk(folder, folder / "monitor.db")
        with Stagehand(["tests.prove.diskacts"], disk.environ) as hand:
            yield Bench(hand, disk)


def test_nothing_acknowledged_is_lost_whatever_the_disk_refuses(bench: Bench, full: bool) -> None:
    bench.begin()
    everything = acknowledged(bench.play("work"))
    calls = [bench.disk.get(name) for name in ("writes", "syncs", "cuts")]
    assert min(calls) > 1
    chance, runs, kept = random.Random(20260421), 0, 0
    endings: Counter[tuple[str, str]] = Counter()
    for name, fault in FAULTS.items():
        for _ in range(RUNS if full else BOUNDED):
            at = chance.randint(1, calls[fault["operation"]])
            bench.begin()
            bench.disk.set(**fault, at=at)
            ended = bench.play("work")
            assert bench.disk.get("hits"), (name, at)
            bench.disk.set()
            [left] = bench.play("found").said
            acks = acknowledged(ended)
            assert left["problems"] == [], (name, at)
            assert acks <= set(left["kept"]), (name, at)
            endings[name, outcome(ended, acks == everything)] += 1
            runs, kept = runs + 1, kept + len(acks)
    assert endings["write: half of it", "all was done"] == (RUNS if full else BOUNDED)
    assert not [each for each in endings if each[0].startswith("fsync") and each[1] == "told, and went on"]
    assert not [each for each in endings if each[1] == "lost without a word"]
    print(f"{runs} runs, {kept} acknowledged, 0 lost")
    for (name, how), count in sorted(endings.items()):
        print(f"  {name}: {count} x {how}")


def outcome(ended: Ended, whole: bool) -> str:
    last = [each["ended"] for each in ended.said if "ended" in each]
    if last:
        return f"ended by {last[0]}"
    if any("told" in each for each in ended.said):
        return "told, and went on"
    return "all was done" if whole else "lost without a word"


TITLES = [headline(random.Random(number)) for number in range(4)]


@pytest.mark.parametrize("at", [1, 2, 5])
def test_a_failed_fsync_ends_the_daemon_and_its_next_start_finishes(tmp_path: Path, at: int) -> None:
    disk = Disk(tmp_path, tmp_path / "monitor.db")
    with stage_in(tmp_path) as stage:
        first, _ = stage.start_ready(**disk.environ)
        eventually(lambda: len(stage.alert_texts()) == 1, "the first alert")
        outlets = [f"outlet{number}" for number in range(len(TITLES))]
        for outlet, title in zip(outlets, TITLES, strict=True):
            stage.press.feeds[f"/{outlet}"] = [title]
        sources = "".join(stage.source_yaml(outlet, f"/{outlet}") for outlet in outlets)
        stage.write("sources/more.yaml", "sources:\n" + sources)
        disk.set(operation=SYNC, error=errno.EIO, at=at)
        first.signal(signal.SIGHUP)
        assert first.end() == 1  # not 78, which systemd takes as final
        assert "failed to keep what was written" in "\n".join(first.lines)
        stage.start_ready(**disk.environ)
        for _ in range(4):  # a machine with others on it takes half a minute to start
            with suppress(AssertionError):
                eventually(lambda: said(stage.alert_texts()) >= set(TITLES), "an alert for each title")
                break
        assert said(stage.alert_texts()) >= set(TITLES)


def said(alerts: list[str]) -> set[str]:
    return {json.loads(each)["article"]["title"] for each in alerts}
