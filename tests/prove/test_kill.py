"""kill -9 of the real daemon, again and again, while it reads a press that moves on and sends to a real mail server."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.deliver.far_side import closed_port
from tests.prove.press import publication_times, replayed_press, write_config

pytestmark = [pytest.mark.prove, pytest.mark.corpus]

DESKS = 8
KILLS, MOST_KILLS = 10, 200


class Inbox:
    """Accepts every mail, slowly enough that a kill often falls between its acceptance and its settling."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str]] = []  # (Message-ID, subject)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content)
        self.received.append((str(mail["Message-ID"]), str(mail["Subject"])))
        await asyncio.sleep(0.02)
        return "250 taken"


def write_desks(config: Path, sources: list[str]) -> None:
    """Outlets by turns to several desks of the same names as their watchlists: a mailbox takes no more than 50 mails a minute."""
    names = [f"desk-{number}" for number in range(DESKS)]
    watchlists = [
        {
            "id": name, "any": ["Qatar", "قطر"], "notify": [name],
            "where": {"sources": sources[number::DESKS]},
        }
        for number, name in enumerate(names)
    ]  # fmt: skip
    recipients = [
        {"id": name, "channels": [{"id": "mail", "email": f"{name}@example.org"}]} for name in names
    ]
    (config / "watchlists/all.yaml").write_text(json.dumps({"watchlists": watchlists}, ensure_ascii=False))
    (config / "recipients.yaml").write_text(json.dumps({"recipients": recipients}))


def start_daemon(config: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        command = [sys.executable, "-m", "monitor", "run", "-c", str(config)]
        return subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def wait_for(database: Path, table: str, many: int) -> bool:
    """Until the daemon is in the middle of it: `many` more rows (articles recorded, attempts begun). False: it never came."""
    before, end = None, time.monotonic() + 20
    while time.monotonic() < end:
        time.sleep(0.01)
        try:
            count = int(rows(database, f"SELECT count(*) FROM {table}")[0][0])
        except sqlite3.OperationalError:
            continue  # not made yet
        before = count if before is None else before
        if count >= before + many:
            return True
    return False


def settle(database: Path, sources: int, deadline: float) -> None:
    """Wait until every source has been read to its end since now and nothing is on its way any more."""
    begun, calm = datetime.now(UTC).isoformat(), 0
    while calm < 5:
        assert time.monotonic() < deadline, rows(
            database, "SELECT state, count(*) FROM delivery GROUP BY state"
        )
        waiting = rows(database, "SELECT count(*) FROM delivery WHERE state IN ('pending', 'leased')")[0][0]
        read = rows(database, f"SELECT count(*) FROM source_state WHERE checked_at > '{begun}'")[0][0]
        calm = calm + 1 if not waiting and read == sources else 0
        time.sleep(1)


def test_no_match_is_lost_and_duplicates_carry_the_same_message_id(
    corpus_data: Path, tmp_path: Path, full: bool
) -> None:
    kills = MOST_KILLS if full else KILLS
    every = sorted(moment for times in publication_times(corpus_data).values() for moment in times)
    moments = [every[(n + 1) * len(every) // kills - 1] for n in range(kills)]  # fresh news at every start
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=closed_port())
    controller.start()
    port = controller.port
    chance = random.Random(20260421)
    try:
        with replayed_press(corpus_data, moments[0]) as press:
            outlets = press.get("/")
            database = tmp_path / "monitor.db"
            extra = {
                "email": {"server": f"smtp://127.0.0.1:{port}", "from": "Monitor <monitor@example.org>"},
                "polling": {"min": "1s", "max": "2s"},
                "web": {"listen": "127.0.0.1:0"},
            }
            config = write_config(tmp_path / "config", press.base, outlets, f"sqlite:///{database}", extra)
            (config / "sources/press.yaml").write_text(
                json.dumps(
                    {
                        "sources": [
                            {
                                "id": f"o-{o['outlet']}",
                                "url": f"{press.base}/feed/{o['outlet']}.xml?full=1",
                                "kind": "feed",
                                "every": "1s",
                                "backfill": True,
                                "full_text": n % 4 == 0,
                            }
                            for n, o in enumerate(outlets)
                        ]
                    }
                )
            )
            write_desks(config, [f"o-{o['outlet']}" for o in outlets])
            log = tmp_path / "daemon.log"
            in_flight: list[int] = []
            met: Counter[str] = Counter()
            for kill in range(kills):
                press.seek(moments[kill])
                daemon = start_daemon(config, log)
                wanted = "attempt" if kill % 2 else "article"
                reached = wait_for(database, wanted, chance.randint(1, 12))
                time.sleep(chance.random() * 0.05)
                os.killpg(daemon.pid, signal.SIGKILL)
                daemon.wait()
                leased = rows(database, "SELECT count(*) FROM delivery WHERE state = 'leased'")[0][0]
                met[wanted] += reached
                in_flight.append(leased)
            daemon = start_daemon(config, log)
            settle(database, len(outlets), time.monotonic() + 600)
            shown = {i for o in outlets for i in press.visible(o["outlet"])}
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(timeout=15) == 0
    finally:
        controller.stop()

    stored = {
        url.rpartition("/article/")[2].partition("?")[0]
        for (url,) in rows(database, "SELECT url FROM article")
    }
    assert shown <= stored
    deliveries = dict(rows(database, "SELECT id, state FROM delivery"))
    assert set(deliveries.values()) <= {
        "sent",
        "dropped",
    }  # dropped: two stories turned out to be one before it went
    owed = set(
        rows(
            database,
            "SELECT DISTINCT article.story_id, match.watchlist FROM match JOIN article ON article.id = match.article_id",
        )
    )
    told = set(rows(database, "SELECT story_id, recipient FROM alert"))
    assert owed <= told
    sent = {id for id, state in deliveries.items() if state == "sent"}
    copies = Counter(message_id for message_id, _ in inbox.received)
    assert {message_id.strip("<>").partition("@")[0] for message_id in copies} == sent
    check = subprocess.run(
        [sys.executable, "-m", "monitor", "db", "check", "-c", str(config)], capture_output=True
    )
    assert check.returncode == 0, check.stderr
    twice = {key: count for key, count in copies.items() if count > 1}
    deaths = rows(database, "SELECT count(*) FROM attempt WHERE outcome = 'unknown'")[0][0]
    assert sum(twice.values()) - len(twice) <= deaths
    print(
        f"{kills} kills: {met['article']} while articles were being recorded, {met['attempt']} while deliveries were sent "
        f"({sum(in_flight)} in flight at a kill); "
        f"{len(stored)} articles, {len(owed)} stories owed to a desk, {len(sent)} first editions and updates sent, 0 lost, "
        f"{sum(twice.values()) - len(twice)} duplicates, each with its first copy's Message-ID"
    )
