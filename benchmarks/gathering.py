"""Thousands of real feed documents over loopback HTTPS, end to end: feeds a second, CPU and memory, beside `reader` (PyPI).

`python -m benchmarks.gathering [FEEDS]`. Both read the same feeds from the same server in the same four rounds: the first
reading, one new item a feed, nothing new by 304, nothing new by the same bytes. Each outlet has an address of its own,
so that no limit a host decides; the server takes 20 ms to begin an answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import psutil

from benchmarks.newsstand import CORPUS
from benchmarks.polling import tree_rss

LATENCY = 0.02
ROUNDS = (
    ("first reading, every item new", {"skip": 1, "validators": True}),
    ("one new item a feed", {"skip": 0, "validators": True}),
    ("nothing new, 304", {"skip": 0, "validators": True}),
    ("nothing new, the same bytes", {"skip": 0, "validators": False}),
)


@dataclass(frozen=True)
class Round:
    name: str
    outcome: dict[str, Any]
    cpu: float  # seconds, with children
    peak: float  # MB with children, pages that they share counted once
    resident: float  # ... and as often as there are processes that have them
    answers: dict[str, int]


@dataclass
class Contestant:
    """A process that reads all feeds when told to."""

    process: subprocess.Popen[str]
    peak: int = 0
    resident: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, daemon=True).start()
        self._answer()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()

    def read(self) -> tuple[dict[str, Any], float, float, float]:
        """What it says of a round, CPU seconds, and MB at most, proportional and resident."""
        assert self.process.stdin
        self.peak, self.resident, before = 0, 0, self._cpu()
        print(file=self.process.stdin, flush=True)
        outcome = self._answer()
        self._look()
        return outcome, self._cpu() - before, self.peak / 1e6, self.resident / 1e6

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def _tree(self) -> list[psutil.Process]:
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def _cpu(self) -> float:
        """Of children that have ended too; they are in the last two numbers of their parent's."""
        return sum(sum(each.cpu_times()[:4]) for each in self._tree())

    def _look(self) -> None:
        top = psutil.Process(self.process.pid)
        try:
            self.resident = max(self.resident, tree_rss(top))
            self.peak = max(self.peak, sum(each.memory_full_info().pss for each in self._tree()))
        except psutil.NoSuchProcess:
            return  # a worker ended meanwhile: the next look sees all

    def _watch(self) -> None:
        while not self.done.wait(0.25) and self.process.poll() is None:
            self._look()


@contextmanager
def newsstand(folder: Path, feeds: int) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.newsstand", str(folder), str(feeds), str(LATENCY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


def configure(folder: Path, feeds: list[str]) -> Path:
    """A configuration of these feeds, and what `reader` needs beside it."""
    (folder / "feeds.json").write_text(json.dumps(feeds))
    files = {
        "monitor.yaml": {
            "database": f"sqlite:///{folder}/monitor.db",
            "fetch": {"allow_private": True, "ca_file": str(folder / "ca.pem")},
        },
        "sources/press.yaml": {"sources": [{"id": f"feed-{n}", "url": url} for n, url in enumerate(feeds)]},
        "watchlists/all.yaml": {
            "watchlists": [{"id": "ports", "any": ["port investment", "اتفاقية تعاون"], "notify": ["desk"]}]
        },
        "recipients.yaml": {
            "recipients": [{"id": "desk", "channels": [{"id": "out", "file": f"{folder}/alerts"}]}]
        },
    }
    for name, content in files.items():
        path = folder / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder / "config"


def ask(control: str, state: dict[str, Any] | None = None) -> dict[str, int]:
    data = json.dumps(state).encode() if state else None
    with urllib.request.urlopen(urllib.request.Request(control, data)) as answer:
        found: dict[str, int] = json.load(answer)
        return found


def compete(name: str, place: Path, control: str) -> list[Round]:
    command = [sys.executable, "-m", "benchmarks.contestants", name, str(place)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    rounds = []
    with Contestant(subprocess.Popen(command, text=True, **pipes)) as contestant:  # type: ignore[call-overload]
        for title, state in ROUNDS:
            ask(control, state)
            time.sleep(1)
            result = contestant.read()
            rounds.append(Round(title, *result, ask(control)))
            print(f"{name:8} {shown(rounds[-1])}", flush=True)
    return rounds


def shown(each: Round) -> str:
    feeds, seconds = each.outcome["read"], each.outcome["seconds"]
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(each.answers.items()))
    trouble = (
        f", {each.outcome['failed']} failed: {each.outcome['problems']}" if each.outcome["failed"] else ""
    )
    return (
        f"{each.name}: {feeds / seconds:.0f} feeds/s in {seconds:.1f} s, {each.cpu * 1000 / feeds:.2f} ms CPU a feed, "
        f"{each.outcome['new']} new, peak {each.peak:.0f} MB ({each.resident:.0f} MB resident); "
        f"{answers}{trouble}"
    )


def main(feeds: int = 2000, names: tuple[str, ...] = ()) -> None:
    if not CORPUS.is_dir():
        print("the real documents (../shared/data/feeds) are not beside this checkout")
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with newsstand(folder, feeds) as stand:
            print(f"{feeds} feeds made of {stand['documents']} real documents")
            config = configure(folder, stand["feeds"])
            for name in names or contestants():
                place = config if name == "monitor" else folder
                compete(name, place, stand["control"])


def contestants() -> tuple[str, ...]:
    if all(map(find_spec, ("reader", "sgmllib"))):
        return ("monitor", "reader")
    print("reader and sgmllib3k (PyPI) are not installed: monitor alone")
    return ("monitor",)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000, tuple(sys.argv[2:]))
