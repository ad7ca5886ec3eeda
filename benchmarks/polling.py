"""1,000 loopback sources: feeds a second end to end and peak memory, beside plain feedparser over the same bytes.

Both are measured in one run, one after the other, so that the ratio holds on a noisy machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import feedparser  # the yardstick
import psutil

ITEMS = 30


@dataclass(frozen=True)
class Pass:
    name: str
    seconds: float
    peak_mb: float
    summary: dict[str, object]


@contextmanager
def press() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.press", str(ITEMS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def configure(folder: Path, base: str, feeds: int) -> Path:
    files = {
        "monitor.yaml": {"database": f"sqlite:///{folder}/monitor.db", "fetch": {"allow_private": True}},
        "sources/press.yaml": {
            "sources": [{"id": f"feed-{n}", "url": f"{base}/{n}.xml", "kind": "feed"} for n in range(feeds)]
        },
        "watchlists/all.yaml": {
            "watchlists": [
                {"id": "cooperation", "any": ["accord de coopération", "اتفاقية تعاون"], "notify": ["desk"]}
            ]
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


def tree_rss(process: psutil.Process) -> int:
    total = 0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def measured_once(name: str, config: Path) -> Pass:
    """One `monitor once --all` as a process; peak of the memory of it and its children together."""
    command = [sys.executable, "-m", "monitor", "once", "-c", str(config), "--all", "-o", "json"]
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, subprocess.Popen(command, stdout=out) as process:
        watched, peak = psutil.Process(process.pid), 0
        while process.poll() is None:
            peak = max(peak, tree_rss(watched))
            time.sleep(0.05)
        seconds = time.perf_counter() - started
        out.seek(0)
        return Pass(name, seconds, peak / 1e6, json.load(out))


def plain_feedparser(base: str, feeds: int) -> float:
    """Seconds that feedparser alone takes over the same bytes, fetched beforehand."""
    bodies = [urllib.request.urlopen(f"{base}/{n}.xml").read() for n in range(feeds)]
    started = time.perf_counter()
    for body in bodies:
        feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    return time.perf_counter() - started


def main(feeds: int = 1000) -> None:
    with press() as base, tempfile.TemporaryDirectory() as folder:
        config = configure(Path(folder), base, feeds)
        passes = [measured_once("first reading, every item new", config)]
        urllib.request.urlopen(f"{base}/next", data=b"").close()
        passes.append(measured_once("one new item a feed", config))
        passes.append(measured_once("nothing new (304)", config))
        alone = plain_feedparser(base, feeds)
    print(f"plain feedparser, one process: {feeds / alone:.0f} feeds/s")
    for each in passes:
        rate = feeds / each.seconds
        print(
            f"{each.name}: {rate:.0f} feeds/s, {rate * alone / feeds:.2f} x plain feedparser, "
            f"{each.summary['articles_new']} articles new, peak {each.peak_mb:.0f} MB with its children"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
