"""The replayed press (tools beside the data) as a process, and the configuration that reads all of it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

VISIBLE = 30  # what a feed of the replayed press lists at most


@dataclass(frozen=True)
class Press:
    base: str

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.base + path, timeout=30) as answer:
            return json.loads(answer.read())

    def seek(self, moment: datetime) -> None:
        to = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        with urllib.request.urlopen(f"{self.base}/seek?to={to}", data=b"", timeout=30):
            pass

    def visible(self, outlet: str) -> set[str]:
        """The ids that the outlet's feed lists now, by the server's own account."""
        return {item["id"] for item in self.get(f"/feed/{outlet}.json")["items"]}


@contextmanager
def replayed_press(data: Path, start: datetime) -> Iterator[Press]:
    tool = data.parent / "tools" / "press_server.py"
    at = start.strftime("%Y-%m-%dT%H:%M:%SZ")
    command = [sys.executable, str(tool), "--port", "0", "--start", at]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            word, _, base = server.stdout.readline().strip().partition(" ")
            assert word == "ready", word
            yield Press(base)
        finally:
            server.terminate()


def publication_times(data: Path) -> dict[str, list[datetime]]:
    """Of every article of the replay, by outlet's name, ascending."""
    times: dict[str, list[datetime]] = {}
    with gzip.open(data / "replay.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            moment = datetime.fromisoformat(article["published"].replace("Z", "+00:00"))
            times.setdefault(article["source"], []).append(moment.astimezone(UTC))
    return {outlet: sorted(moments) for outlet, moments in times.items()}


def steps(times: Mapping[str, list[datetime]]) -> list[datetime]:
    """Times to read at: as few as let every article stand in its outlet's feed at one of them, where that is possible."""
    moments: dict[datetime, Counter[str]] = {}
    for outlet, published in times.items():
        for moment in published:
            moments.setdefault(moment, Counter())[outlet] += 1
    fresh: Counter[str] = Counter()
    chosen: list[datetime] = []
    last: datetime | None = None
    for moment, batch in sorted(moments.items()):
        if last and any(fresh[outlet] + count > VISIBLE for outlet, count in batch.items()):
            chosen.append(last)
            fresh.clear()
        fresh += batch
        last = moment
    return [*chosen, last] if last else chosen


def write_config(
    folder: Path,
    base: str,
    outlets: list[dict[str, Any]],
    database: str,
    extra: Mapping[str, Any] | None = None,
) -> Path:
    """Each outlet as feed, JSON Feed and news sitemap with full text; one watchlist; a file channel."""
    sources = []
    for outlet in outlets:
        name = outlet["outlet"]
        for suffix, kind, path in (
            ("rss", "feed", f"/feed/{name}.xml"),
            ("json", "feed", f"/feed/{name}.json"),
            ("map", "news-sitemap", f"/sitemap/{name}.xml"),
        ):
            sources.append({"id": f"o-{name}-{suffix}", "url": base + path, "kind": kind, "full_text": True})
    files: dict[str, object] = {
        "monitor.yaml": {
            "database": database,
            "fetch": {"allow_private": True, "deadline": "20s"},
            **(extra or {}),
        },
        "sources/press.yaml": {"sources": sources},
        "watchlists/all.yaml": {
            "watchlists": [{"id": "qatar", "title": "Qatar", "any": ["Qatar", "قطر"], "notify": ["desk"]}]
        },
        "recipients.yaml": {
            "recipients": [{"id": "desk", "channels": [{"id": "out", "file": str(folder / "alerts")}]}]
        },
    }
    for file, content in files.items():
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")  # JSON is YAML
    return folder
