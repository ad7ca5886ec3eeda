"""A stage for channels beside one another: some work, some hang, one has a long queue. Real servers on loopback, real clock.

`run` records one alert for each healthy channel every few seconds, ticks as the daemon does (every second, and when an
alert is recorded), and tells of each how long it took from its record to its settlement as sent.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import insert, select

from monitor.app import App, build
from monitor.settings import load
from monitor.store.tables import alert, delivery
from tests.build import make_article, write_config
from tests.deliver.far_side import Mailbox, Sink, http_server, smtp_server
from tests.store.samples import make_verdict

KINDS = ("webhook", "mail", "chat")
Shape = dict[str, int]  # how many channels of each kind


@dataclass
class Relay(Mailbox):
    """Takes mail, but for a mailbox whose name begins with `hang` never answers."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if str(envelope.rcpt_tos[0]).startswith("hang"):
            await asyncio.Event().wait()
        return await super().handle_DATA(server, session, envelope)


@dataclass(frozen=True)
class Seen:
    """Seconds from record to sent, of the healthy; and how many alerts were recorded for them."""

    took: tuple[float, ...]
    recorded: int

    def at(self, share: float) -> float:
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Stage:
    app: App
    healthy: list[str]
    hanging: list[str]
    number: Iterator[int] = field(default_factory=lambda: iter(range(10**9)))

    def record(self, recipient: str) -> None:
        n, now = next(self.number), datetime.now(UTC)
        key = f"stage.example.org/{n}"
        article = make_article(f"Report {n}", f"Body {n}.", key=key, first_seen=now)
        told = {"recipient": recipient, "channels": ("c",)}
        self.app.store.record(make_verdict(article, alert=told), key, "h", now)

    async def alert(self, *recipients: str) -> None:
        """In the store's thread, as the pipeline does; then a tick."""
        for each in recipients:
            await self.app.parts.in_store.together(self.record, each)
        await self.app.begin_delivering()


@asynccontextmanager
async def stage(folder: Path, healthy: Shape, hanging: Shape) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(http_server(Sink()))
        bad = await stack.enter_async_context(http_server(Sink(hang=True)))
        relay = await stack.enter_async_context(smtp_server(Relay()))
        made = {
            **{f"good-{kind}-{n}": (kind, good) for kind in KINDS for n in range(healthy.get(kind, 0))},
            **{f"hang-{kind}-{n}": (kind, bad) for kind in KINDS for n in range(hanging.get(kind, 0))},
            "queue": ("webhook", good),
        }
        people = [{"id": id, "channels": [_channel(id, kind, sink)]} for id, (kind, sink) in made.items()]
        monitor: dict[str, Any] = {
            "database": f"sqlite:///{folder}/monitor.db",
            "email": {"server": f"smtp://127.0.0.1:{relay.port}", "from": "Monitor <monitor@example.org>"},
        }
        environ = {
            f"CHAT_{id.replace('-', '_').upper()}": f"json://127.0.0.1:{sink.port}/{id}"
            for id, (_, sink) in made.items()
        }
        watchlists = [{"id": "w", "any": ["minister"], "notify": ["queue"]}]
        config = write_config(
            folder / "config", monitor=monitor, recipients=people, watchlists=watchlists, sources=[]
        )
        app = build(load(config, environ), clock=lambda: datetime.now(UTC))
        await stack.enter_async_context(_brief(app))
        if healthy.get("chat"):
            await app.warm()  # as the daemon does at its start
        names = [id for id in made if id != "queue"]
        yield Stage(
            app,
            [id for id in names if id.startswith("good")],
            [id for id in names if id.startswith("hang")],
        )


@asynccontextmanager
async def _brief(app: App) -> AsyncIterator[None]:
    """Those that hang are not waited for at the end."""
    await app.__aenter__()
    try:
        yield
    finally:
        await app.close(0)


def _channel(id: str, kind: str, sink: Sink) -> dict[str, str]:
    if kind == "mail":
        return {"id": "c", "email": f"{id}@example.org"}
    if kind == "chat":
        return {"id": "c", "apprise": "${CHAT_" + id.replace("-", "_").upper() + "}"}
    return {"id": "c", "webhook": sink.url(f"/{id}")}


def enqueue(play: Stage, count: int) -> None:
    """So many deliveries before one channel: the first as it is recorded, the others copies of it."""
    if not count:
        return
    play.record("queue")
    with play.app.store._database.write() as connection:
        told = dict(connection.execute(select(alert)).mappings().one())
        owed = dict(connection.execute(select(delivery)).mappings().one())
        more = range(told["id"] + 1, told["id"] + count)
        connection.execute(insert(alert), [{**told, "id": n, "story_id": None} for n in more])
        copies = [{**owed, "id": f"queue-{n}", "dedup_key": f"queue-{n}", "alert_id": n} for n in more]
        connection.execute(insert(delivery), copies)


async def run(play: Stage, rounds: int, every: float) -> Seen:
    """`rounds` times an alert for every channel, `every` seconds apart, spread over that time. A round before them, in which
    chat's children import their libraries, is not counted."""
    ticking = asyncio.create_task(_tick(play.app))
    everybody = [*play.hanging, *play.healthy]
    begun = time.monotonic()
    for number in range(rounds + 1):
        for place, each in enumerate(everybody):
            due = begun + every * (number + place / len(everybody))
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await play.alert(each)
    await _settled(play, rounds + 1)
    ticking.cancel()
    with suppress(asyncio.CancelledError):
        await ticking
    return Seen(tuple(_sent(play)[len(play.healthy) :]), rounds * len(play.healthy))


async def _tick(app: App) -> None:
    while True:
        await app.begin_delivering()
        await asyncio.sleep(1)


async def _settled(play: Stage, rounds: int) -> None:
    for _ in range(300):
        if len(_sent(play)) == rounds * len(play.healthy):
            return
        await asyncio.sleep(0.2)


def _sent(play: Stage) -> list[float]:
    """In the order in which they were recorded; read beside the app, whose own thread has other things to do."""
    query = "SELECT created_at, sent_at FROM delivery WHERE state = 'sent' AND recipient LIKE 'good%' ORDER BY alert_id"
    path = play.app.store._database.path
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        times = [[datetime.fromisoformat(each) for each in row] for row in connection.execute(query)]
    return [(sent - recorded).total_seconds() for recorded, sent in times]


def told(seen: Seen) -> str:
    figures = ", ".join(
        f"{name} {seen.at(share):.2f} s" for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    )
    return (
        json.dumps({"recorded": seen.recorded, "sent": len(seen.took)})
        + f" {figures}, worst {max(seen.took):.2f} s"
    )
