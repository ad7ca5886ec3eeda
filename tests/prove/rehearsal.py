"""Two days of a small installation in a second, as acts of the stagehand: articles, growth, answers, digests, escalations,
ill channels, housekeeping. The real program and database; the far sides are the test's own, the press is in `MORNING` and
`EVENING`, the clock is each step's. A step that a crash broke off is done again from its beginning, four minutes later, as a
daemon would find it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from html import escape
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from rich.console import Console

from monitor import failpoints
from monitor.app import App, build, message_host
from monitor.deliver import build_sender
from monitor.errors import StoreError
from monitor.gate import Gate
from monitor.model import DeliveryState, ReplyKind, Silence
from monitor.settings import load
from monitor.store import Store
from monitor.workers import Workers
from tests.build import write_config
from tests.fakes import FakeFetcher
from tests.prove.stagehand import Say

P = ParamSpec("P")
T = TypeVar("T")

DAY = datetime(2026, 4, 21, tzinfo=UTC)
LEASE_OVER = timedelta(minutes=4)  # where nobody may take back a lease before (PostgreSQL)
PRESS = ("gazette", "herald", "echo")
# Stories of their own, so that it does not matter which outlet is read first
MORNING = {
    "gazette": [
        (
            "dam",
            "Le barrage de Bouregreg déborde après trois jours de pluie",
            "Les habitants de deux villages ont été évacués vers une école par la protection civile mardi matin.",
        ),
        (
            "port",
            "Le port de Tanger ferme deux quais pour réparer les grues",
            "Les dockers reprendront vendredi, selon la direction, qui promet de doubler les équipes de nuit.",
        ),
    ],
    "herald": [
        (
            "train",
            "La ligne de train vers Fès coupée par un éboulement",
            "Des autocars remplacent les rames entre Meknès et Fès jusqu'à la fin de la semaine prochaine.",
        ),
        (
            "strike",
            "Grève des hôpitaux à Marrakech lundi",
            "Les infirmiers réclament des primes de garde et refusent le nouveau calendrier du ministère de la santé.",
        ),
    ],
}
EVENING = {
    "echo": [
        (
            "dam2",
            "Le barrage de Bouregreg déborde après trois jours de pluie: deux victimes",
            "Deux victimes ont été retrouvées dans un des villages évacués par la protection civile mardi matin.",
        ),
        (
            "fire",
            "Un incendie détruit un entrepôt de dattes à Erfoud",
            "Le feu a pris dans une chambre froide; le propriétaire estime la perte à quatre cents tonnes.",
        ),
    ],
}
WORDS = ["barrage", "port", "train", "marrakech", "incendie"]


def configure(folder: Path, relay: int, sink: int, closed: int) -> Path:
    """Recipients of every kind of channel and route. `closed`: a port where nobody listens."""
    post = f"http://127.0.0.1:{sink}"
    people = {
        "recipients": [
            {"id": "desk", "channels": [{"id": "mail", "email": "desk@example.org"}, {"id": "hook", "webhook": f"{post}/desk"}]},
            {"id": "reader", "channels": [{"id": "mail", "email": "reader@example.org"}]},
            {"id": "duty", "channels": [{"id": "chat", "apprise": "${CHAT}"}, {"id": "out", "file": str(folder / "alerts")}]},
            {"id": "late", "channels": [{"id": "mail", "email": "late@example.org"}, {"id": "screen", "console": True}]},
            {"id": "gone", "channels": [{"id": "hook", "webhook": f"http://127.0.0.1:{closed}/"}]},
            {"id": "ops", "channels": [{"id": "mail", "email": "ops@example.org"}]},
        ],
        "routes": [
            {"match": {"watchlists": ["barrage"]}, "to": ["desk"], "escalate_after": "15m", "escalate_to": ["duty"], "group_interval": "30m", "continue": True},
            {"match": {"watchlists": ["port", "incendie"]}, "to": ["reader"], "group_wait": "5m", "continue": True},
            {"match": {"watchlists": ["marrakech", "incendie"]}, "to": ["gone"], "continue": True},
            {"to": ["late"], "digest": {"at": ["18:00"], "empty": True}},
        ],
    }  # fmt: skip
    config = write_config(
        folder / "config",
        monitor={
            "database": "${DATABASE}",
            "fetch": {"allow_private": True},
            "operators": ["ops"],
            "email": {"server": f"smtp://127.0.0.1:{relay}", "from": "Monitor <monitor@example.org>"},
        },
        sources=[{"id": id, "url": feed(id), "backfill": True, "every": "5m"} for id in (*PRESS, "dark")],
        watchlists=[
            {"id": word, "any": [word], "severity": "critical" if word == "barrage" else "high"}
            for word in WORDS
        ],
    )
    (config / "recipients.yaml").write_text(json.dumps(people), encoding="utf-8")
    return config


def feed(outlet: str) -> str:
    return f"https://{outlet}.example.org/feed"


def rss(outlet: str, items: list[tuple[str, str, str]]) -> bytes:
    rows = "".join(
        f"<item><title>{escape(title)}</title><link>https://{outlet}.example.org/{name}</link>"
        f"<description>{escape(body)}</description></item>"
        for name, title, body in items
    )
    return f"<rss version='2.0'><channel><title>{outlet}</title>{rows}</channel></rss>".encode()


def pages(outlet: str, items: list[tuple[str, str, str]]) -> Iterator[tuple[str, bytes]]:
    """What a revisit finds: the article, as it was in the feed."""
    for name, title, body in items:
        text = (
            f"<title>{escape(title)}</title><article><h1>{escape(title)}</h1><p>{escape(body)}</p></article>"
        )
        yield f"https://{outlet}.example.org/{name}", f"<!doctype html><html lang=fr>{text}</html>".encode()


class AtHome:
    """`Workers` without children: what they do is not what dies here."""

    async def run(self, function: Callable[P, T], deadline: float, *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(function, *args, **kwargs)


# --- the days ---------------------------------------------------------------------------------------------------------


async def _morning(app: App) -> None:
    await _work(app)
    await _work(app)


async def _answers(app: App) -> None:
    """What recipients and operators do by hand."""
    store, now = app.store, app.parts.clock()
    for told in store.outbox.list():
        if told.recipient == "reader":
            await app.parts.in_store(store.responses.add, ReplyKind.ACKNOWLEDGE, told, "reader", now)
            await app.parts.in_store(store.responses.undo, ReplyKind.ACKNOWLEDGE, told, now)
        if told.recipient == "gone":
            await app.parts.in_store(store.outbox.retry, told.id, now)
    held = Silence(0, "anna", "a drill", now, now + timedelta(minutes=5), "train")
    added = await app.parts.in_store(store.silences.add, held, now)
    await app.parts.in_store(store.silences.expire, added.id, now)
    await app.parts.in_store(store.outbox.drop, "nobody")
    await app.parts.in_store(store.outbox.drop_dead)
    await _work(app)


STEPS: tuple[tuple[timedelta, Callable[[App], Any]], ...] = (
    (timedelta(hours=9), _morning),
    (timedelta(hours=9, minutes=8), lambda app: _work(app)),
    (timedelta(hours=9, minutes=20), _answers),
    (timedelta(hours=9, minutes=40), lambda app: _work(app)),
    (timedelta(hours=10, minutes=30), lambda app: _work(app)),
    (timedelta(hours=18, minutes=5), lambda app: _work(app)),
    (timedelta(days=1, hours=9), lambda app: _work(app)),
    (timedelta(days=1, hours=10), lambda app: app.housekeeping()),
    (timedelta(days=1, hours=18, minutes=10), lambda app: _work(app)),
)


async def _work(app: App) -> None:
    await app.gather(everything=True)
    await app.follow()
    await app.deliver()


class Clock:
    now = DAY

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def opened(
    config: str, environ: dict[str, str], clock: Clock
) -> AsyncIterator[tuple[App, FakeFetcher]]:
    settings = load(Path(config), environ)
    faults: list[str] = []
    app = build(settings, clock=clock, on_fault=lambda name, error: faults.append(f"{name}: {error}"))
    workers = cast(Workers, AtHome())
    app.senders = build_sender(
        settings.email, workers, settings.fetch, Console(file=StringIO()), host=message_host(settings), clock=clock
    )  # fmt: skip
    press = FakeFetcher({feed(id): rss(id, []) for id in PRESS})
    patient = Gate(monotonic=partial(next, count(0.0, 60.0)))  # a minute passes at each look
    app.parts = replace(
        app.parts, fetcher=press, sender=app.senders, workers=workers, gate=patient, chance=lambda: 0.5
    )
    async with app:
        yield app, press


def perform(say: Say, config: str, environ: dict[str, str], begin: int = 0, again: bool = False) -> None:
    """The steps from `begin` on, told as they begin; `again`: the first of them for the second time."""
    asyncio.run(_perform(say, config, environ, begin, again))
    say({"hits": {point: trap.hits for point, trap in failpoints.armed.items()}})


async def _perform(say: Say, config: str, environ: dict[str, str], begin: int, again: bool) -> None:
    clock = Clock()
    clock.now = DAY + STEPS[begin][0] + (LEASE_OVER if again else timedelta(0))
    say({"step": begin})
    async with opened(config, environ, clock) as (app, press):
        for number, (at, act) in list(enumerate(STEPS))[begin:]:
            clock.now = max(DAY + at, clock.now)
            say({"step": number})
            printed = {**MORNING, **(EVENING if number >= 4 else {})}
            press.pages.update({feed(id): rss(id, items) for id, items in printed.items()})
            press.pages.update(page for id, items in printed.items() for page in pages(id, items))
            try:
                await act(app)
            except StoreError:  # the daemon's loop comes again
                clock.now += LEASE_OVER
                await act(app)
    # a settlement that failed after its commit or before it leaves a lease behind: it runs out
    clock.now += LEASE_OVER
    async with opened(config, environ, clock) as (app, _):
        await app.deliver()


def audit(say: Say, url: str) -> None:
    """What the database holds after all."""
    with Store.open(url, now=DAY + timedelta(days=3), upgrade=False, writer=False) as store:
        made = store.outbox.list(limit=10_000)
        say(
            {
                "problems": store.check(),
                "articles": store.articles.count(),
                "deliveries": sorted(
                    [each.id, each.recipient, each.channel, each.state.value, each.deaths, each.attempts]
                    for each in made
                ),
                "sent": sum(each.state is DeliveryState.SENT for each in made),
            }
        )
