"""Two months of real news, read by `monitor once` step by step: each article once, unchanged polls parse nothing.

Each step is a process of its own and a hundred pages: the first of them by default, all where MONITOR_PROVE_REPLAY_STEPS says so (37).
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.prove.press import Press, publication_times, replayed_press, steps, write_config

pytestmark = [pytest.mark.prove, pytest.mark.corpus]

STEPS = int(os.environ.get("MONITOR_PROVE_REPLAY_STEPS", "8"))


def once(config: Path, now: datetime) -> dict[str, Any]:
    command = [sys.executable, "-m", "monitor", "once", "-c", str(config), "--all", "--now", now.isoformat()]
    done = subprocess.run(
        [*command, "-o", "json"], capture_output=True, text=True, timeout=600, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def stored_ids(database: Path) -> list[str]:
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT url FROM article").fetchall()
    return [url.rpartition("/article/")[2].partition("?")[0] for (url,) in rows]


def polls(press: Press) -> list[dict[str, Any]]:
    """The monitor's requests for feeds and sitemaps so far."""
    log: list[dict[str, Any]] = press.get("/log")
    return [
        r
        for r in log
        if r["path"].startswith(("/feed/", "/sitemap/")) and r["agent"].startswith("media-monitor")
    ]


def test_every_article_that_the_press_showed_is_stored_once(corpus_data: Path, tmp_path: Path) -> None:
    times = publication_times(corpus_data)
    moments = steps(times)[:STEPS]
    with replayed_press(corpus_data, moments[0]) as press:
        outlets = press.get("/")
        database = tmp_path / "monitor.db"
        config = write_config(tmp_path / "config", press.base, outlets, f"sqlite:///{database}")
        shown: set[str] = set()
        new = 0
        for moment in moments:
            press.seek(moment)
            for outlet in outlets:
                shown |= press.visible(outlet["outlet"])
            summary = once(config, moment)
            assert summary["failed"] == 0, summary["problems"]
            new += summary["articles_new"]
        stored = stored_ids(database)
        assert len(stored) == len(set(stored)) == new
        assert set(stored) == shown
        print(f"{len(moments)} steps, {len(shown)} articles shown, {len(stored)} stored")

        # the same moment again, in a new process: every answer is 304, nothing is parsed, nobody is alerted again
        alerts = len(list((config / "alerts").glob("*.json")))
        before = len(polls(press))
        again = once(config, moments[-1])
        asked = polls(press)[before:]
        assert len(asked) == again["sources"] == 3 * len(outlets)
        # now and then a poll asks unconditionally, since servers lie about ETags; its bytes are those of last time
        assert {poll["status"] for poll in asked if poll["conditional"]} == {304}
        assert again["not_modified"] == sum(poll["conditional"] for poll in asked) >= 2 * len(outlets)
        assert (again["items"], again["articles_new"], again["alerts"], again["delivered"]) == (0, 0, 0, 0)
        assert len(list((config / "alerts").glob("*.json"))) == alerts
        pages = [r["path"] for r in press.get("/log") if r["path"].startswith("/article/")]
        print(f"{alerts} alerts; {len(pages)} page requests for {len(stored)} articles")
