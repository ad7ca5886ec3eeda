"""Operators hear of their sources in time: a real database and outbox, a fetcher and a clock that the test turns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.app import App, build
from monitor.collect.silence import note
from monitor.model import (
    Condition,
    DeliveryState,
    FailureKind,
    FetchFailure,
    Notice,
    Request,
    Response,
)
from monitor.settings import Settings, load
from monitor.store import ballast
from tests.build import write_config
from tests.fakes import FakeFetcher, FakeSender
from tests.journey.conftest import Clock

FEED = "https://gazette.example.org/feed"
LOGIN = b"<html><head><title>Connexion</title></head><body><form><input type='password'></form></body></html>"
UNREACHABLE = FetchFailure(FailureKind.CONNECT, "cannot connect: Network is unreachable")
WORKDAY = range(8, 18)


def rss(moments: list[datetime], url: str = FEED) -> bytes:
    """The newest twenty articles, one an hour in which the paper works."""
    rows = "".join(
        f"<item><title>Nouvelles de {at:%d %H}</title><link>{url}/{at:%m%d%H}</link><pubDate>{format_datetime(at)}</pubDate></item>"
        for at in reversed(moments[-20:])
    )
    return f"<rss version='2.0'><channel><title>La Gazette</title>{rows}</channel></rss>".encode()


class World:
    """Several papers that publish on the hour; a pass of the program each hour."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.app, self.clock = app, clock
        self.papers: dict[str, list[datetime]] = {source.url: [] for source in app.settings.sources}
        self.broken: dict[str, bytes | FetchFailure | Response] = {}
        self.sleeping: set[str] = set()
        self.fetcher = FakeFetcher()
        self.sender = FakeSender()
        app.parts = replace(app.parts, fetcher=self.fetcher, sender=self.sender)

    async def live(self, hours: int) -> None:
        for _ in range(hours):
            self.clock.turn(hours=1)
            for url, moments in self.papers.items():
                if (
                    url not in self.sleeping
                    and self.clock.now.hour in WORKDAY
                    and self.clock.now.weekday() < 5
                ):
                    moments.append(self.clock.now - timedelta(minutes=20))
                self.fetcher.pages[url] = self.broken.get(url) or rss(moments, url)
            await self.app.gather(everything=True)
            await self.app.follow()
            await self.app.deliver()

    @property
    def times(self) -> dict[tuple[str, str], datetime]:
        """When each line was sent first."""
        sent = self.app.store.outbox.list(DeliveryState.SENT)
        lines = [(each, line) for each in sent if isinstance(each.alert, Notice) for line in each.alert.lines]
        return {(line.state, line.subject): each.created_at for each, line in lines}

    @property
    def told(self) -> list[tuple[str, str]]:
        """State and subject of each line that the operators were sent, in order."""
        notices = [each.alert for each in self.app.store.outbox.list(DeliveryState.SENT)[::-1]]
        return [(line.state, line.subject) for n in notices if isinstance(n, Notice) for line in n.lines]


def settings_for(folder: Path, database: str, *urls: str, **monitor: Any) -> Settings:
    sources = [{"id": f"s{n}", "name": f"Paper {n}", "url": url} for n, url in enumerate(urls)]
    ops = {"id": "ops", "language": "fr", "channels": [{"id": "screen", "console": True}]}
    service = {"database": "${DATABASE}", "operators": ["ops"], **monitor}
    watchlists = [{"id": "w", "any": ["Bouregreg"], "notify": ["ops"]}]
    folder = write_config(folder, monitor=service, sources=sources, recipients=[ops], watchlists=watchlists)
    return load(folder, {"DATABASE": database})


@pytest.fixture
async def begin(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Callable[..., Any]]:
    """A program over these papers, with three weeks behind it."""
    clock = Clock(datetime(2026, 3, 12, 10, tzinfo=UTC))  # a Thursday
    opened: list[App] = []

    async def made(*urls: str) -> World:
        app = build(settings_for(tmp_path / "config", sqlite_url, *(urls or (FEED,))), clock=clock)
        opened.append(await app.__aenter__())
        world = World(app, clock)
        hours = [clock.now - timedelta(hours=n, minutes=20) for n in range(21 * 24, 0, -1)]
        for source in app.settings.sources:  # three weeks lie behind, of which the feed shows twenty articles
            world.papers[source.url] += [at for at in hours if at.hour in WORKDAY and at.weekday() < 5]
            rhythm = note(Condition(source.id), world.papers[source.url], clock.now)
            app.store.sources.save(app.store.sources.state(source.id, clock.now), None, rhythm)
        await world.live(2)
        assert world.told == []
        return world

    yield made
    for app in opened:
        await app.close(0)


def status(number: int, said: str, url: str) -> Response:
    failure = FetchFailure(FailureKind.STATUS, f"{number} {said}")
    return Response(Request(url), url, number, failure=failure)


async def test_each_illness_is_told_within_the_sources_own_rhythm_and_so_is_the_recovery(begin: Any) -> None:
    urls = [f"https://paper{n}.example.org/feed" for n in range(9)]
    world = await begin(*urls)
    sleeper, login, refused, absent, broken, gone, passing, *_ = urls
    world.sleeping = {sleeper}
    world.broken = {
        login: LOGIN,
        refused: status(403, "Forbidden", refused),
        absent: status(404, "Not Found", absent),
        broken: status(500, "Internal Server Error", broken),
        gone: status(410, "Gone", gone),
        passing: UNREACHABLE,
    }
    began = world.clock.now
    await world.live(3)
    del world.broken[passing]  # an accident of three hours
    await world.live(74)
    hours = {line: (at - began) / timedelta(hours=1) for line, at in world.times.items()}
    bounds = {
        ("gone", "Paper 5"): (1, 1),  # 410 needs no second opinion
        ("silent", "Paper 0"): (6, 30),  # it had news in every working hour
        ("blocked", "Paper 1"): (6, 30),  # a login page under 200
        ("failing", "Paper 4"): (6, 30),
        ("blocked", "Paper 2"): (72, 74),  # a refusal may be a passing one
        ("gone", "Paper 3"): (72, 74),  # 404
    }
    assert hours.keys() == bounds.keys()
    assert {line: at for line, at in hours.items() if not bounds[line][0] <= at <= bounds[line][1]} == {}
    assert len(world.told) == len(bounds)  # each once, over a weekend that is told to nobody

    world.sleeping, world.broken = set(), {}
    await world.live(30)
    assert sorted(world.told[len(bounds) :]) == [("ok", f"Paper {n}") for n in range(6)]


async def test_when_the_machines_network_is_gone_that_one_thing_is_told(begin: Any) -> None:
    urls = [f"https://paper{n}.example.org/feed" for n in range(4)]
    world = await begin(*urls)
    world.broken = dict.fromkeys(urls, UNREACHABLE)
    await world.live(30)
    assert world.told == [("failing", "network of this machine")]
    world.broken = {}
    await world.live(3)
    assert world.told[1:] == [("ok", "network of this machine")]


async def test_what_breaks_together_shares_a_notice_and_waits_for_an_operator(begin: Any) -> None:
    urls = [f"https://paper{n}.example.org/feed" for n in range(5)]
    world = await begin(*urls)
    world.app.settings = replace(world.app.settings, operators=())
    world.broken = {urls[0]: LOGIN, urls[2]: status(410, "Gone", urls[2])}
    await world.live(30)
    assert world.told == []
    world.app.settings = replace(world.app.settings, operators=("ops",))
    await world.live(2)
    assert world.told == [("gone", "Paper 2"), ("blocked", "Paper 0")]
    [message] = [message for _, message in world.sender.sent]
    assert message.list_id == "operators.127.0.0.1"
    assert message.subject == "[media-monitor] Paper 2\N{NO-BREAK SPACE}: disparu (+1)"
    assert "410 Gone" in message.text
    assert "→ L’adresse n’existe plus" in message.text


async def test_a_source_that_overruns_twice_is_told_the_second_time(begin: Any) -> None:
    urls = [f"https://paper{n}.example.org/feed" for n in range(3)]
    world = await begin(*urls)
    for hour in range(8):  # twenty articles at once, of which nothing was there an hour before
        flood = [world.clock.now + timedelta(minutes=n) for n in range(40, 60)]
        world.broken[urls[0]] = rss(flood, f"{urls[0]}/{hour}")
        await world.live(1)
    assert world.told == [("overrun", "Paper 0")]
    [(_, at)] = world.times.items()
    assert at - datetime(2026, 3, 12, 12, tzinfo=UTC) <= timedelta(hours=3)


async def test_operators_hear_of_a_full_disk_at_once_and_when_there_is_room_again(
    begin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await begin()
    disk = world.app.store._database.ballast
    monkeypatch.setattr(ballast, "ENOUGH", 1 << 60)  # bytes that no disk of ours has
    disk.spend()
    await world.live(1)
    assert world.told == [("disk-full", "disk of the database")]
    [message] = [message for _, message in world.sender.sent]
    assert "plein" in message.subject
    assert "→ Libérez de la place" in message.text
    await world.live(2)
    assert len(world.told) == 1  # once
    monkeypatch.undo()
    assert world.app.store.room()
    await world.live(1)
    assert world.told[1:] == [("ok", "disk of the database")]
