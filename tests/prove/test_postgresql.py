"""The daemon on a PostgreSQL that fails it: commits that get lost or no answer, connections that are ended, a server that crashes and is away.

MONITOR_PROVE_PG_ARTICLES=600 for more than 120.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.daemon.stage import Stage, eventually, figure, get, stage_in
from tests.databases import Cluster, binaries, running_cluster
from tests.pgproxy import LOST, PASS, UNANSWERED, proxy_to
from tests.prove.test_restore import headline

pytestmark = pytest.mark.prove

ARTICLES = int(os.environ.get("MONITOR_PROVE_PG_ARTICLES", "120"))
SHARE = 0.04  # of the commits go wrong
AWAY = 15.0  # seconds without a server, twice
# an acknowledged commit survives the server's crash; not the machine's, which is not tried here
SETTINGS = "-c fsync=off -c synchronous_commit=on -c shared_buffers=32MB -c max_connections=40"


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def settled(stage: Stage, url: str) -> bool:
    waiting = rows(url, "SELECT count(*) FROM delivery WHERE state IN ('pending', 'leased')")[0][0]
    known = {row[0] for row in rows(url, "SELECT title FROM article")}
    return not waiting and set(stage.press.feeds["/one"]) <= known


def until_settled(stage: Stage, url: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not settled(stage, url):
        assert time.monotonic() < end, rows(url, "SELECT state, count(*) FROM delivery GROUP BY state")
        time.sleep(0.5)


def end_connections(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' "
            "AND pid <> pg_backend_pid()"
        )


def test_nothing_is_lost_or_told_twice_by_a_server_that_fails(tmp_path: Path) -> None:
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    chance, wrong = random.Random(11), threading.Event()
    with running_cluster(programs, SETTINGS) as cluster:
        direct = cluster.url(cluster.create())

        def fate() -> str:
            bad = wrong.is_set() and chance.random() < SHARE
            return chance.choice((LOST, UNANSWERED)) if bad else PASS

        with proxy_to(direct, fate) as between, stage_in(tmp_path, between.url) as stage:
            source = stage.source_yaml("one", "/one").replace("backfill", "every: 1s, backfill")
            stage.write("sources/stage.yaml", "sources:\n" + source)
            stage.write("monitor.yaml", stage.monitor_yaml() + "polling: {min: 1s, max: 1s}\n")
            daemon, web = stage.start_ready()
            wrong.set()
            ended = 0
            for part in range(4):
                for _ in range(ARTICLES // 4):
                    stage.press.feeds["/one"].append(headline(chance))
                    time.sleep(0.02)
                end_connections(cluster)
                ended += 1
                if part % 2:
                    cluster.crash()
                    time.sleep(AWAY)
                    assert get(web, "/-/healthy")[0].status == 200
                    assert get(web, "/-/ready")[0].status == 503
                    cluster.start()
                until_settled(stage, direct, 180)
            wrong.clear()
            faults = figure(web, "monitor_faults_total", where="loop") + figure(
                web, "monitor_faults_total", where="work"
            )
            eventually(lambda: get(web, "/-/ready")[0].status == 200, "ready")
            daemon.signal(signal.SIGTERM)
            assert daemon.end() == 0
            assert "Traceback" not in "\n".join(daemon.lines)

            told = Counter(json.loads(text)["reference"] for text in stage.alert_texts())
            states = dict(rows(direct, "SELECT id, state FROM delivery"))
            assert set(states.values()) <= {"sent", "dropped"}
            assert set(told) == {id for id, state in states.items() if state == "sent"}
            titles = Counter(row[0] for row in rows(direct, "SELECT title FROM article"))
            assert max(titles.values()) == 1
            alerts = rows(
                direct,
                "SELECT story_id, recipient, edition, count(*) FROM alert GROUP BY 1, 2, 3 HAVING count(*) > 1",
            )
            assert alerts == []
            unknown = rows(direct, "SELECT count(*) FROM attempt WHERE outcome = 'unknown'")[0][0]
            check = [sys.executable, "-m", "monitor", "db", "check", "-c", str(stage.config)]
            environ = {**os.environ, "STAGE_DATABASE": direct}
            done = subprocess.run(check, env=environ, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
            print(
                f"{len(titles)} articles, {len(told)} alerts: 0 lost, each recorded and enqueued once; {between.broken[LOST]} commits lost, "
                f"{between.broken[UNANSWERED]} done and not answered, {ended} times all connections ended, 2 crashes with {AWAY:.0f} s without a "
                f"server; {faults:.0f} faults told, {unknown} deliveries attempted again after an attempt whose outcome is unknown; sound"
            )
