"""From an article's appearance in a feed to the mail in the relay: the real daemon, a real press and relay on loopback."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.build import write_config
from tests.deliver.far_side import closed_port

pytestmark = pytest.mark.prove

ARTICLES = 40
BETWEEN = 1.5  # seconds; a mailbox is sent 50 a minute
WORDS = [
    a + b + c
    for a in (
        "bar",
        "cen",
        "dol",
        "fer",
        "gam",
        "hir",
        "jul",
        "kor",
        "lam",
        "mon",
        "nas",
        "pel",
        "rud",
        "sol",
    )
    for b in ("a", "e", "i", "o", "u")
    for c in ("ge", "ler", "min", "que", "ton", "vard", "zel")
]


@dataclass
class Outlet:
    """Shows one more article at each `publish`; `shown` tells when a feed that held it was first asked for."""

    titles: list[tuple[str, str]] = field(default_factory=list)
    appeared: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)

    def publish(self, chance: random.Random) -> None:
        title = " ".join(["Bouregreg", *chance.sample(WORDS, 7)])
        self.titles.insert(0, (title, " ".join(chance.choices(WORDS, k=200))))
        self.appeared[title] = time.monotonic()

    def feed(self, base: str) -> bytes:
        now, items = time.monotonic(), self.titles[:20]
        for title, _ in items:
            self.shown.setdefault(title, now)
        rows = "".join(
            f"<item><title>{title}</title><link>{base}/{title.replace(' ', '-')}</link><description>{title}</description></item>"
            for title, _ in items
        )
        return f'<rss version="2.0"><channel><title>Outlet</title>{rows}</channel></rss>'.encode()

    def page(self, path: str) -> bytes:
        title, body = next(each for each in self.titles if path == f"/{each[0].replace(' ', '-')}")
        return f"<!doctype html><title>{escape(title)}</title><article><h1>{title}</h1><p>{body}</p></article>".encode()


@contextmanager
def served(outlet: Outlet) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            base = f"http://{self.headers['Host']}"
            known = self.path in ("/feed", "/robots.txt")
            body = outlet.feed(base) if self.path == "/feed" else b"" if known else outlet.page(self.path)
            self.send_response(200 if self.path != "/robots.txt" else 404)
            self.send_header("Content-Type", "application/rss+xml" if self.path == "/feed" else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Inbox:
    """When which title arrived."""

    arrived: dict[str, float] = field(default_factory=dict)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.arrived.setdefault(str(mail["Subject"]).partition("] ")[2], time.monotonic())
        return "250 taken"


def configuration(folder: Path, base: str, port: int, *, full_text: bool) -> Path:
    monitor: dict[str, Any] = {
        "database": f"sqlite:///{folder}/monitor.db",
        "fetch": {"allow_private": True},
        "polling": {"min": "1s", "max": "2s"},
        "web": {"listen": "127.0.0.1:0"},
        "email": {"server": f"smtp://127.0.0.1:{port}", "from": "Monitor <monitor@example.org>"},
    }
    return write_config(
        folder / "config",
        monitor=monitor,
        sources=[
            {"id": "outlet", "url": f"{base}/feed", "every": "1s", "backfill": True, "full_text": full_text}
        ],
        watchlists=[{"id": "w", "any": ["Bouregreg"], "notify": ["desk"]}],
        recipients=[{"id": "desk", "channels": [{"id": "mail", "email": "desk@example.org"}]}],
    )


def share(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def told(name: str, took: list[float]) -> str:
    return f"{name}: " + ", ".join(
        f"{word} {share(took, part):.2f} s" for word, part in (("p50", 0.5), ("p95", 0.95), ("worst", 1.0))
    )


@pytest.mark.parametrize("full_text", [False, True], ids=["the feed's text", "with its page"])
def test_a_mail_is_in_the_relay_within_two_seconds_of_the_poll(tmp_path: Path, full_text: bool) -> None:
    outlet, inbox, chance = Outlet(), Inbox(), random.Random(20260421)
    controller = Controller(inbox, hostname="127.0.0.1", port=closed_port())
    controller.start()
    outlet.publish(chance)  # this one finds the workers cold
    try:
        with served(outlet) as base:
            config = configuration(tmp_path, base, controller.port, full_text=full_text)
            command = [sys.executable, "-m", "monitor", "run", "-c", str(config)]
            with (
                (tmp_path / "log").open("wb") as log,
                subprocess.Popen(command, stdout=log, stderr=log) as daemon,
            ):
                until(lambda: len(inbox.arrived) == 1, daemon, tmp_path)
                for _ in range(ARTICLES):
                    outlet.publish(chance)
                    time.sleep(BETWEEN)
                until(lambda: told_of(tmp_path / "monitor.db", 1 + ARTICLES), daemon, tmp_path)
                daemon.send_signal(signal.SIGTERM)
                assert daemon.wait(timeout=15) == 0
    finally:
        controller.stop()
    # drawn words are sometimes near enough to join an earlier story, which alerts once
    measured = [title for title, _ in outlet.titles[:-1] if title in inbox.arrived]
    assert len(measured) >= ARTICLES // 2
    polled = [inbox.arrived[title] - outlet.shown[title] for title in measured]
    whole = [inbox.arrived[title] - outlet.appeared[title] for title in measured]
    print(json.dumps({"articles": len(measured), "full_text": full_text}))
    print(told("from the poll that showed it to the mail", polled))
    print(told("from its appearance to the mail, polled each second", whole))
    assert share(polled, 0.95) < 2


def told_of(database: Path, articles: int) -> bool:
    """Whether so many articles are recorded, and all that they gave is sent."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        recorded = connection.execute("SELECT count(*) FROM article").fetchone()[0]
        owed = connection.execute("SELECT count(*) FROM delivery WHERE state != 'sent'").fetchone()[0]
    return bool(recorded == articles and not owed)


def until(done: Any, daemon: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(1200):
        if done():
            return
        assert daemon.poll() is None, (folder / "log").read_text()
        time.sleep(0.05)
    daemon.kill()
    raise AssertionError((folder / "log").read_text())
