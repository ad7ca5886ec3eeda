"""Eight channels, one recipient each, every one behind a proxy of its own: mail, webhook and six chat services that speak their
own wire formats to a sink. The program, its database and all sockets are real; the clock and the pace are the test's.

`Eight` lives as long as the test; `Eight.opened` gives an App on a fresh database to one cell of it.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from monitor.app import App, build
from monitor.deliver import chat
from monitor.deliver.chat import ChatSender
from monitor.deliver.email import EmailSender
from monitor.deliver.senders import Senders
from monitor.deliver.webhook import WebhookSender
from monitor.gate import Gate
from monitor.model import Channel, ChannelKind, ChannelState, Delivery, EmailServer, Message, Outcome
from monitor.settings import Settings, load
from monitor.store import Store
from monitor.workers import Workers
from tests.build import NOON, make_article, write_config
from tests.deliver.far_side import Mailbox, Sink, http_server, smtp_server
from tests.deliver.loopback_chat import notify_at
from tests.netproxy import STALLS, Proxy, ends_mail, ends_request, proxy_to
from tests.store.samples import make_verdict

# Seconds that mail, webhook and a chat's library wait for bytes, and after which a chat's child is killed. On a busy machine a far
# side that is well may need some; one that stalls need not be waited for.
PATIENT, HASTY = (20.0, 45.0), (0.7, 2.0)
HOST = "monitor.example.org"

Answer = tuple[int, dict[str, str], str]


@dataclass(frozen=True)
class Service:
    """How one is written, what it says when it takes a message, and the part of the path by which a message is known."""

    address: str
    part: str
    taken: Answer = (200, {}, "{}")


def _said(**words: object) -> Answer:
    return 200, {}, json.dumps(words)


SERVICES = {
    "hook": Service("", "/in/hook"),
    "slack": Service("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#desk", "/services/T1JJ3T3L2/", (200, {}, "ok")),
    "teams": Service("workflows://prod-1.westus.logic.example.org:443/643e69f83c8944438d68119179a10a64/KODuebWbDGYFr0z0eu12345", "/workflows/643e", (202, {}, "")),
    "telegram": Service("tgram://123456789:AAbcdefghijklmnopqrstuvwxyz012345678/12315544/", "/sendMessage", _said(ok=True)),
    "discord": Service("discord://123456789012345678/s3cr3tToken0123456789", "/api/webhooks/", (204, {}, "")),
    "ntfy": Service("ntfys://ntfy.example.org/desk", "/ntfy.example.org/", _said(id="x", event="message")),
    "matrix": Service("matrixs://veille:secret@matrix.example.org/%21desk:example.org", "/send/m.room.message/", _said(event_id="$e")),
}  # fmt: skip
ASIDE: dict[str, Answer] = {  # what Matrix asks before and after a message
    "/.well-known/": _said(**{"m.homeserver": {"base_url": "https://matrix.example.org"}}),
    "/versions": _said(versions=["v1.11"]),
    "/login": _said(access_token="t", user_id="@veille:example.org", home_server="h"),
    "/join/": _said(room_id="!desk:example.org"),
    "/logout": _said(),
}
NAMES = ("mail", *SERVICES)
SCHEMES = {service.address.partition(":")[0]: name for name, service in SERVICES.items() if service.address}
NUMBER = re.compile(rb"Report no(\d+)z")


def notify_through(
    ports: dict[str, int],
    patience: float,
    url: str,
    title: str,
    body: str,
    allow_private: bool,
    went: int = 0,
) -> chat.Answer:
    """In the child: `chat.notify`, where each service lives at its own port of this machine."""
    chat._CONNECT = chat._READ = patience
    return notify_at(ports[SCHEMES[url.partition(":")[0]]], url, title, body, allow_private, went)


class Clock:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Cell:
    """One App, and what was recorded in it: (channel's recipient) -> numbers of its alerts."""

    app: App
    clock: Clock
    recorded: dict[str, list[int]] = field(default_factory=dict)

    async def record(self, recipient: str, number: int) -> None:
        now = self.clock()
        key = f"stage.example.org/{number}"
        article = make_article(f"Report no{number}z", f"Body of {number}.", key=key, first_seen=now)
        told = {"recipient": recipient, "channels": ("c",)}
        await self.app.parts.in_store(self.app.store.record, make_verdict(article, alert=told), key, "h", now)
        self.recorded.setdefault(recipient, []).append(number)

    def deliveries(self, recipient: str) -> list[Delivery]:
        return [each for each in self.app.store.outbox.list(limit=1_000) if each.recipient == recipient]

    def state(self, recipient: str) -> ChannelState:
        return self.app.store.channels.get((recipient, "c"))


@dataclass(frozen=True)
class Chosen:
    """The hasty senders for a channel whose network stalls, the patient ones for the others."""

    proxies: dict[str, Proxy]
    patient: Senders
    hasty: Senders

    async def send(self, channel: Channel, message: Message) -> Outcome:
        names = {ChannelKind.EMAIL: "mail", ChannelKind.WEBHOOK: "hook"}
        name = names.get(channel.kind) or SCHEMES[channel.target.partition(":")[0]]
        senders = self.hasty if self.proxies[name].fault in STALLS else self.patient
        return await senders.send(channel, message)


@dataclass
class Eight:
    folder: Path
    settings: Settings
    workers: Workers
    proxies: dict[str, Proxy]
    sink: Sink
    mailbox: Mailbox
    numbers: count[int] = field(default_factory=lambda: count(1))

    @asynccontextmanager
    async def opened(self, seed: int) -> AsyncIterator[Cell]:
        for old in self.folder.glob("cell.db*"):
            old.unlink()
        shutil.copyfile(self.folder / "template.db", self.folder / "cell.db")
        clock = Clock()
        settings = replace(self.settings, database=f"sqlite:///{self.folder}/cell.db")
        app = build(settings, clock=clock)
        stack = AsyncExitStack()
        senders = [await self._sender(clock, stack, patience) for patience in (PATIENT, HASTY)]
        patient = Gate(monotonic=partial(next, count(0.0, 60.0)))  # a minute passes at each look
        chance = random.Random(seed).random
        app.parts = replace(app.parts, sender=Chosen(self.proxies, *senders), gate=patient, chance=chance)
        async with stack, app:
            yield Cell(app, clock)

    async def _sender(self, clock: Clock, stack: AsyncExitStack, patience: tuple[float, float]) -> Senders:
        relay = EmailServer("127.0.0.1", self.proxies["mail"].port, f"Monitor <monitor@{HOST}>", "none")
        ports = {name: proxy.port for name, proxy in self.proxies.items()}
        talk = partial(notify_through, ports, patience[0])
        made = Senders(
            {
                ChannelKind.EMAIL: EmailSender(relay, HOST, timeout=patience[0]),
                ChannelKind.WEBHOOK: WebhookSender("media-monitor", clock, timeout=patience[0]),
                ChannelKind.APPRISE: ChatSender(self.workers, clock, deadline=patience[1], notify=talk),
            }
        )
        return await stack.enter_async_context(made)

    def arrived(self) -> Counter[tuple[str, int, str]]:
        """Copies of each alert since this was last asked: (channel, alert's number, reference; "" of a chat)."""
        found: Counter[tuple[str, int, str]] = Counter()
        for raw, mail in zip(self.mailbox.raw, self.mailbox.mails, strict=True):
            reference = str(mail["Message-ID"]).strip("<>").partition("@")[0]
            found["mail", _number(raw), reference] += 1
        for got in self.sink.got:
            for name, service in SERVICES.items():
                if service.part in got.path and b"Report no" in got.body:
                    found[name, _number(got.body), got.headers.get("Idempotency-Key", "")] += 1
        for heap in (self.mailbox.raw, self.mailbox.mails, self.mailbox.recipients, self.sink.got):
            heap.clear()
        return found


def _number(body: bytes) -> int:
    found = NUMBER.search(body)
    assert found, body[:300]
    return int(found[1])


def _channel(name: str, hook: int) -> dict[str, str]:
    if name == "mail":
        return {"id": "c", "email": "mail@example.org"}
    if name == "hook":
        return {"id": "c", "webhook": f"http://127.0.0.1:{hook}/in/hook", "secret": "${HOOK}"}
    return {"id": "c", "apprise": "${" + name.upper() + "}"}


@asynccontextmanager
async def eight(folder: Path) -> AsyncIterator[Eight]:
    async with AsyncExitStack() as stack:
        sink, mailbox = Sink(), Mailbox()
        sink.by_path = {**ASIDE, **{service.part: service.taken for service in SERVICES.values()}}
        await stack.enter_async_context(http_server(sink))
        await stack.enter_async_context(smtp_server(mailbox))
        proxies = {
            name: await stack.enter_async_context(
                proxy_to(
                    mailbox.port if name == "mail" else sink.port,
                    ends_mail if name == "mail" else ends_request(SERVICES[name].part.encode()),
                )
            )
            for name in NAMES
        }
        config = write_config(
            folder / "config",
            monitor={"database": "sqlite:///unused", "email": {"server": "smtp://127.0.0.1:25", "from": "monitor@example.org"}},
            recipients=[{"id": name, "channels": [_channel(name, proxies["hook"].port)]} for name in NAMES],
            watchlists=[{"id": "w", "any": ["minister"], "notify": list(NAMES)}],
            sources=[],
        )  # fmt: skip
        Store.open(f"sqlite:///{folder}/template.db", now=NOON).close()
        workers = await stack.enter_async_context(
            Workers(8, preload=("tests.prove.chatting", "monitor.deliver.chat"))
        )
        await workers.warm(8)
        environ = {name.upper(): service.address or "k" * 32 for name, service in SERVICES.items()}
        yield Eight(folder, load(config, environ), workers, proxies, sink, mailbox)


LATER = timedelta(
    minutes=61
)  # after which everything that waits is due: no pause of ours is longer than an hour
