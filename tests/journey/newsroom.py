"""A small press that the test writes, and a program that reads it: what its recipients were sent, by whom and when."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from monitor.app import App, build
from monitor.model import Alert, Delivery, DeliveryState, Digest
from monitor.settings import load
from tests.build import write_config
from tests.fakes import FakeFetcher, FakeSender
from tests.journey.conftest import Clock

SENT = DeliveryState.SENT


@dataclass
class Newsroom:
    """`write` prints an article in an outlet's feed; `work` lets the program read, let go and send until nothing is due."""

    app: App
    clock: Clock
    press: FakeFetcher
    config: Path
    sender: FakeSender
    printed: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)

    def write(self, outlet: str, title: str, body: str, name: str = "") -> str:
        """The article's address. The same `name` again is the same article."""
        items = self.printed.setdefault(outlet, [])
        name = name or str(len(items))
        items[:] = [(name, title, body), *(each for each in items if each[0] != name)]
        self.press.pages[feed(outlet)] = rss(outlet, items)
        self.press.pages[address(outlet, name)] = page(title, body)
        return address(outlet, name)

    async def work(self, **later: float) -> None:
        self.clock.turn(**later)
        await self.app.gather(everything=True)
        await self.app.follow()
        await self.app.deliver()

    def deliveries(self, recipient: str, state: DeliveryState = SENT) -> list[Delivery]:
        """Oldest first."""
        found = [each for each in self.app.store.outbox.list(limit=10_000) if each.recipient == recipient]
        return sorted((each for each in found if each.state is state), key=lambda each: each.created_at)

    def told(self, recipient: str) -> list[Alert]:
        return [each.alert for each in self.deliveries(recipient) if isinstance(each.alert, Alert)]

    def digests(self, recipient: str) -> list[tuple[datetime, Digest]]:
        found = self.deliveries(recipient)
        return [
            (each.sent_at, each.alert) for each in found if isinstance(each.alert, Digest) and each.sent_at
        ]


def feed(outlet: str) -> str:
    return f"https://{outlet}.example.org/feed"


def address(outlet: str, name: str) -> str:
    return f"https://{outlet}.example.org/{name}"


def page(title: str, body: str) -> bytes:
    return (
        "<!doctype html><html><head><meta charset='utf-8'></head><body><main><article>"
        f"<h1>{escape(title)}</h1><p>{escape(body)}</p></article></main></body></html>"
    ).encode()


def rss(outlet: str, items: list[tuple[str, str, str]]) -> bytes:
    shown = "".join(
        f"<item><title>{escape(title)}</title><link>{address(outlet, name)}</link><description>{escape(body)}</description></item>"
        for name, title, body in items
    )
    return f"<rss version='2.0'><channel><title>{outlet}</title>{shown}</channel></rss>".encode()


@asynccontextmanager
async def newsroom(
    folder: Path,
    database: str,
    outlets: dict[str, dict[str, Any]],
    watchlists: list[dict[str, Any]],
    recipients: list[dict[str, Any]],
    routes: list[dict[str, Any]],
    clock: Clock,
) -> AsyncIterator[Newsroom]:
    """Each outlet has one feed; recipients without channels get a screen."""
    screen = {"channels": [{"id": "screen", "console": True}]}
    config = write_config(
        folder / "config",
        monitor={"database": "${DATABASE}"},
        sources=[
            {"id": id, "url": feed(id), "backfill": True, "every": "1h", **more}
            for id, more in outlets.items()
        ],
        watchlists=watchlists,
    )
    people = {"recipients": [{**screen, **each} for each in recipients], "routes": routes}
    (config / "recipients.yaml").write_text(json.dumps(people), encoding="utf-8")
    press = FakeFetcher({feed(id): rss(id, []) for id in outlets})
    sender = FakeSender()
    async with build(load(config, {"DATABASE": database}), clock=clock) as app:
        app.parts = replace(app.parts, fetcher=press, sender=sender)
        yield Newsroom(app, clock, press, config, sender)
