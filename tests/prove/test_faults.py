"""Every fault of the replayed press beside healthy outlets in one run: bounded, told, and nobody else suffers."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.prove.press import publication_times, replayed_press, write_config

pytestmark = [pytest.mark.prove, pytest.mark.corpus]

DEADLINE = 8  # seconds a fetch may take, as configured here

# what the source's message must say (a pattern), or None where the document is read in spite of the fault
FAULTS: dict[str, str | None] = {
    "500": "500",
    "404": "404",
    "410": "410",
    "403": "403",
    "401": "401",
    "429": "429",
    "503": "503",
    "empty": "empty",
    "html": "not a feed",
    "login-page": "not a feed.*log",
    "truncated": "truncated",
    "drip": r"within \d+ s",
    "hang": r"within \d+ s",
    "slow-headers": r"within \d+ s",
    "reset": "reset|closed|disconnected",
    "gzip-bomb": "10,000,000.*bomb",
    "gzip-twice": "more than once",
    "redirect-loop": "redirect",
    "redirect-file": "redirect|file",
    "redirect-private": "refused|connect",
    "bad-charset": "charset|klingon|encod|read as",
    "huge": "10 MB|10,000,000|larger|too large",
    "etag-liar": None,
    "guid-churn": None,
    "future-dates": None,
    "no-ids": None,
    "not-modified-first": "304",
    "lying-length": "bytes|short|truncated|incomplete",
}


def test_each_fault_costs_its_own_source_only(corpus_data: Path, tmp_path: Path) -> None:
    end = max(moment for moments in publication_times(corpus_data).values() for moment in moments)
    with replayed_press(corpus_data, end) as press:
        outlets = press.get("/")
        database = tmp_path / "monitor.db"
        extra = {"fetch": {"allow_private": True, "deadline": f"{DEADLINE}s"}}
        config = write_config(tmp_path / "config", press.base, outlets, f"sqlite:///{database}", extra)
        faults = [
            {"id": f"fault-{name}", "url": f"{press.base}/fault/{name}", "kind": "feed"} for name in FAULTS
        ]
        (config / "sources/faults.yaml").write_text(json.dumps({"sources": faults}))

        command = [sys.executable, "-m", "monitor", "once", "-c", str(config), "--all", "-o", "json"]
        started, peak = time.monotonic(), 0
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
            watched = psutil.Process(run.pid)
            while run.poll() is None:
                peak = max(peak, *(rss(p) for p in [watched, *children(watched)]))
                time.sleep(0.05)
            assert run.stdout
            summary = json.loads(run.stdout.read())
        seconds = time.monotonic() - started

    with closing(sqlite3.connect(database)) as connection:
        state = dict(connection.execute("SELECT source_id, message FROM source_state").fetchall())
        told = dict(
            connection.execute(
                "SELECT source_id, group_concat(detail, ' / ') FROM ledger GROUP BY source_id"
            ).fetchall()
        )
    wrong = []
    for name, pattern in FAULTS.items():
        message = state[f"fault-{name}"] or ""
        print(f"{name:20} {message or 'read'}")
        if pattern and not re.search(pattern, message, re.IGNORECASE):
            wrong.append((name, message))
        if pattern and message not in (told.get(f"fault-{name}") or ""):
            wrong.append((name, f"the ledger says {told.get(f'fault-{name}')!r}"))
        if pattern is None and summary_trouble(summary, f"fault-{name}"):
            wrong.append((name, message))
    assert not wrong
    healthy = [f"o-{o['outlet']}-{kind}" for o in outlets for kind in ("rss", "json", "map")]
    assert not [source for source in healthy if state[source]]
    print(
        f"{len(FAULTS)} faults beside {len(healthy)} healthy sources: {seconds:.1f} s, largest process {peak / 1e6:.0f} MB"
    )
    assert seconds < DEADLINE + 60
    assert peak < 300e6


def summary_trouble(summary: dict[str, object], source: str) -> bool:
    problems = summary["problems"]
    assert isinstance(problems, list)
    return any(problem["source"] == source for problem in problems)


def rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
