"""Thousands of sources and hundreds of watchlists on the real daemon for as long as one lets it: what it holds must not grow.

`--full`: 10,000 sources, each asked every two minutes, for an hour (MONITOR_PROVE_SOAK_MINUTES); without it 1,000 every
twenty seconds for a minute and a half. Sampled from outside: memory of all its processes (proportional), file descriptors,
threads, the database's journal, and how long alerts took from the poll that showed their article.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.build import write_config

pytestmark = pytest.mark.prove

WATCHLISTS = 200
DESKS = 10
MOST_MEMORY = 600  # MB
MOST_JOURNAL = 64  # MB
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Size:
    sources: int
    every: int  # seconds
    rate: float  # articles a second
    seconds: float
    between: float  # samples

    @classmethod
    def of(cls, full: bool) -> Size:
        minutes = float(os.environ.get("MONITOR_PROVE_SOAK_MINUTES", "60"))
        return cls(10_000, 120, 2.0, 60 * minutes, 15.0) if full else cls(1_000, 20, 4.0, 90.0, 2.0)


@dataclass(frozen=True)
class Sample:
    at: float  # seconds since the first
    memory: float  # MB
    main: float  # ... of the daemon's own process
    files: int
    threads: int
    journal: float  # MB
    database: float


@dataclass
class Soak:
    """What was seen, and what the press says of it."""

    samples: list[Sample] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    def slope(self, name: str) -> float:
        """A second, by least squares over the later two thirds."""
        later = self.samples[len(self.samples) // 3 :]
        values = [float(getattr(each, name)) for each in later]
        return statistics.linear_regression([each.at for each in later], values).slope

    def thirds(self, name: str) -> tuple[float, float]:
        """Medians of the middle third and of the last."""
        values = [float(getattr(each, name)) for each in self.samples]
        third = len(values) // 3
        return statistics.median(values[third : 2 * third]), statistics.median(values[2 * third :])

    def most(self, name: str) -> float:
        return max(float(getattr(each, name)) for each in self.samples)


def asked(url: str, body: bytes | None = None) -> Any:
    with urllib.request.urlopen(url, body, timeout=30) as answer:
        return json.loads(answer.read())


@contextmanager
def press(sources: int, watchlists: int = WATCHLISTS) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.prove.soakpress", str(sources), str(watchlists)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def configured(folder: Path, stand: dict[str, Any], size: Size) -> Path:
    return write_config(
        folder / "config",
        monitor={
            "database": f"sqlite:///{folder}/monitor.db",
            "fetch": {"allow_private": True},
            "polling": {"min": "5s"},
            "web": {"listen": "127.0.0.1:0"},
        },
        sources=[
            {"id": f"s{n}", "url": url, "every": f"{size.every}s"} for n, url in enumerate(stand["feeds"])
        ],
        watchlists=[
            {"id": f"w{n}", "any": [name], "notify": [f"desk-{n % DESKS}"]}
            for n, name in enumerate(stand["names"])
        ],
        recipients=[
            {"id": f"desk-{n}", "channels": [{"id": "hook", "webhook": f"{stand['control']}/alerts"}]}
            for n in range(DESKS)
        ],
    )


@contextmanager
def daemon(folder: Path, config: Path) -> Iterator[psutil.Popen]:
    command = [sys.executable, "-m", "monitor", "run", "-c", str(config)]
    with (folder / "log").open("wb") as log:
        process = psutil.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def look(process: psutil.Process, folder: Path, since: float) -> Sample:
    family = [process, *process.children(recursive=True)]
    memory = []
    for each in family:
        try:
            memory.append(each.memory_full_info().pss / 1e6)
        except psutil.NoSuchProcess:
            continue  # a worker that ended
    journal, database = (folder / name for name in ("monitor.db-wal", "monitor.db"))
    return Sample(
        time.monotonic() - since,
        sum(memory),
        memory[0],
        process.num_fds(),
        process.num_threads(),
        journal.stat().st_size / 1e6 if journal.exists() else 0.0,
        database.stat().st_size / 1e6,
    )


def stored(database: Path) -> set[int]:
    """The numbers of the articles in it."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return {int(url.rpartition("/")[2]) for (url,) in connection.execute("SELECT url FROM article")}


def owed(database: Path) -> dict[str, int]:
    """Deliveries by state."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return dict(connection.execute("SELECT state, count(*) FROM delivery GROUP BY state").fetchall())


def until(done: Any, process: psutil.Popen, folder: Path, seconds: float) -> float:
    """Seconds until it was."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        try:
            if done():
                return time.monotonic() - begun
        except (OSError, sqlite3.Error):
            pass  # not there yet
        assert process.poll() is None, (folder / "log").read_text()[-3_000:]
        time.sleep(0.5)
    raise AssertionError((folder / "log").read_text()[-3_000:])


def soaked(process: psutil.Popen, folder: Path, control: str, size: Size) -> Soak:
    soak, since = Soak(), time.monotonic()
    asked(f"{control}/rate", str(size.rate).encode())
    while (at := time.monotonic() - since) < size.seconds:
        soak.samples.append(look(process, folder, since))
        soak.took += asked(f"{control}/state")["took"]
        if len(soak.samples) % 20 == 1:
            print(json.dumps(vars(soak.samples[-1])), flush=True)
        time.sleep(max(0.0, min(size.between, size.seconds - at)))
    asked(f"{control}/rate", b"0")
    return soak


def test_what_it_holds_does_not_grow_and_nothing_is_lost(tmp_path: Path, full: bool) -> None:
    size, database = Size.of(full), tmp_path / "monitor.db"
    with press(size.sources) as stand, daemon(tmp_path, configured(tmp_path, stand, size)) as process:
        begun = time.monotonic()
        first = until(lambda: len(stored(database)) == size.sources, process, tmp_path, 1_800)
        print(
            f"first reading of {size.sources} sources: {first:.0f} s",
            look(process, tmp_path, begun),
            flush=True,
        )
        before = sum(process.cpu_times())
        soak = soaked(process, tmp_path, stand["control"], size)
        busy = (sum(process.cpu_times()) - before) / size.seconds
        articles = asked(f"{stand['control']}/state")["articles"]
        until(lambda: len(stored(database)) == articles, process, tmp_path, 4 * size.every + 60)
        until(lambda: owed(database).keys() <= {"sent"}, process, tmp_path, 120)
        end = asked(f"{stand['control']}/state")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    soak.took += end["took"]
    tell(size, soak, end, owed(database), busy)
    check = [sys.executable, "-m", "monitor", "db", "check", "-c", str(tmp_path / "config")]
    assert subprocess.run(check, cwd=ROOT, capture_output=True, timeout=300).returncode == 0
    assert stored(database) == set(range(end["articles"]))
    assert end["untold"] == []
    held(soak)


def tell(size: Size, soak: Soak, end: dict[str, Any], sent: dict[str, int], busy: float) -> None:
    for name, unit in (("memory", "MB"), ("main", "MB"), ("files", ""), ("threads", ""), ("journal", "MB")):
        middle, last = soak.thirds(name)
        slope = soak.slope(name) * 3600
        print(
            f"{name}: at most {soak.most(name):.0f} {unit}, then {middle:.0f}, {last:.0f}; {slope:+.1f} an hour"
        )
    took = sorted(soak.took)
    print(
        f"{size.seconds / 60:.0f} min, {end['articles']} articles, {end['answers']} answers, {sent} deliveries, {busy:.0%} of a core"
    )
    print("from the poll to the alert: " + ", ".join(
        f"{name} {took[min(len(took) - 1, int(share * len(took)))]:.2f} s" for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("worst", 1.0))
    ))  # fmt: skip


def held(soak: Soak) -> None:
    assert soak.most("memory") < MOST_MEMORY
    assert soak.most("journal") < MOST_JOURNAL
    assert flat(soak.thirds("memory"), 25)
    assert flat(soak.thirds("main"), 20)
    assert flat(soak.thirds("files"), 60)
    assert flat(soak.thirds("threads"), 4)


def flat(thirds: Sequence[float], room: float) -> bool:
    """Whether the last third is not above the middle one by more than so much."""
    middle, last = thirds
    return last <= middle + room
