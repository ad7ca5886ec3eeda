"""The watchlists' feeds, over real sockets and a real store: what a reader gets, and who gets nothing."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import aiohttp
import feedparser
import pytest
from lxml import etree

from monitor.app import App, build
from monitor.feeds import PATH, address, opens, token
from monitor.model import Match
from monitor.settings import load
from monitor.web import Desk, Metrics, bind, serve
from tests.build import make_article, write_config
from tests.store.samples import make_verdict

ATOM = {"a": "http://www.w3.org/2005/Atom"}
WATCHLIST = "dgsn-officials"


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Web:
    app: App
    base: str
    session: aiohttp.ClientSession
    clock: Clock

    def path(self, watchlist: str = WATCHLIST, language: str = "en") -> str:
        return address(watchlist, self.app.parts.link_key, "", language)

    async def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, self.base + path, headers=named) as answer:
            return answer, await answer.read()

    def record(self, title: str, minutes: int = 0, **fields: Any) -> None:
        """An article that the watchlist matches, seen so many minutes after the first."""
        at = self.clock.now + timedelta(minutes=minutes)
        url = f"https://gazette.example.org/{crc32(title.encode())}"
        article = make_article(title, key=url, url=url, first_seen=at, published=at, **fields)
        verdict = make_verdict(article, alert=False, matches=(Match(WATCHLIST),))
        self.app.store.record(verdict, url, "h", at)


@pytest.fixture
async def web(tmp_path: Path, database_url: str, now: datetime) -> AsyncIterator[Web]:
    monitor = {
        "database": "${DATABASE}",
        "web": {"listen": "127.0.0.1:0", "public_url": "https://monitor.example.org"},
    }
    watchlists = [
        {"id": WATCHLIST, "title": "DGSN <officials>", "any": ["Doha"]},
        {"id": "forum", "title": "The forum", "any": ["forum"]},
    ]
    folder = write_config(tmp_path / "config", monitor=monitor, watchlists=watchlists)
    clock = Clock(now)
    app = build(load(folder, {"DATABASE": database_url}), clock=clock)
    desk = Desk(app, ())
    listener: socket.socket = bind("127.0.0.1:0")
    async with app, serve(desk, Metrics(desk), listener) as base, aiohttp.ClientSession() as session:
        yield Web(app, base, session, clock)


def entries(body: bytes) -> list[str]:
    return [str(title.text) for title in etree.fromstring(body).findall("a:entry/a:title", ATOM)]


async def test_a_reader_gets_what_the_watchlist_found_and_nothing_else(web: Web) -> None:
    web.record("Doha <b>receives</b> & honours {{7*7}}")
    answer, body = await web.get(web.path())
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert entries(body) == ["Doha <b>receives</b> & honours {{7*7}}"]
    assert entries((await web.get(web.path("forum")))[1]) == []


async def test_the_feed_is_one_that_the_standard_describes(web: Web) -> None:
    """RFC 4287: what a feed and an entry must have."""
    web.record("Doha one")
    web.record("Doha two", language="ar")
    _, body = await web.get(web.path())
    root = etree.fromstring(body)
    assert root.findtext("a:title", None, ATOM) == "DGSN <officials>"
    assert [link.get("href") for link in root.findall("a:link[@rel='self']", ATOM)] == [
        f"https://monitor.example.org{web.path()}"
    ]
    ids = [each.text for each in root.iter("{http://www.w3.org/2005/Atom}id")]
    assert len(set(ids)) == len(ids) == 3
    for element in (root, *root.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", ATOM)) == 1
        assert datetime.fromisoformat(str(element.findtext("a:updated", None, ATOM))).tzinfo is not None
    for entry in root.findall("a:entry", ATOM):
        assert entry.findtext("a:author/a:name", None, ATOM)
        (link,) = entry.findall("a:link[@rel='alternate']", ATOM)
        assert str(link.get("href")).startswith("https://gazette.example.org/")
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    assert parsed.version == "atom10"


async def test_a_story_keeps_its_id_and_the_feed_its_bytes_until_something_is_new(web: Web) -> None:
    web.record("Doha one")
    first, body = await web.get(web.path())
    web.clock.now += timedelta(hours=1)
    again, same = await web.get(web.path())
    assert (again.headers["ETag"], same) == (first.headers["ETag"], body)
    web.record("Doha two")
    web.clock.now += timedelta(minutes=2)
    changed, grown = await web.get(web.path())
    assert changed.headers["ETag"] != first.headers["ETag"]
    ids = [
        [e.findtext("a:id", None, ATOM) for e in etree.fromstring(b).findall("a:entry", ATOM)]
        for b in (body, grown)
    ]
    assert set(ids[0]) < set(ids[1])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_reader_that_has_it_is_told_so(web: Web, method: str) -> None:
    web.record("Doha one")
    answer, _ = await web.get(web.path(), method)
    tag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    for headers in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", W/{tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": modified},
    ):
        unchanged, body = await web.get(web.path(), method, **headers)
        assert (unchanged.status, body) == (304, b"")
        assert unchanged.headers["ETag"] == tag
    for headers in (
        {"If_None_Match": '"other"'},
        # the tag decides where both are given
        {"If_None_Match": '"other"', "If_Modified_Since": modified},
        {"If_Modified_Since": "Mon, 01 Jan 2024 00:00:00 GMT"},
        {"If_Modified_Since": "last week"},
    ):
        assert (await web.get(web.path(), method, **headers))[0].status == 200


async def test_readers_do_not_wear_the_database_out(web: Web) -> None:
    web.record("Doha one")
    _, first = await web.get(web.path())
    web.record("Doha two")
    assert (await web.get(web.path()))[1] == first
    web.clock.now += timedelta(minutes=1)
    assert len(entries((await web.get(web.path()))[1])) == 2


async def test_a_week_is_told_and_no_more(web: Web) -> None:
    web.record("Doha long ago", minutes=-9 * 24 * 60)
    web.record("Doha this week", minutes=-5 * 24 * 60)
    assert entries((await web.get(web.path()))[1]) == ["Doha this week"]


async def test_the_feeds_own_words_are_in_the_language_that_was_asked_for(web: Web) -> None:
    web.record("Doha one")
    french = (await web.get(web.path(language="fr")))[1].decode()
    assert 'xml:lang="fr"' in french
    assert "1 média" in french
    assert 'xml:lang="en"' in (await web.get(web.path() + "?language=xx"))[1].decode()


@pytest.mark.parametrize(
    "path",
    [
        f"{PATH}/{'A' * 22}/{WATCHLIST}.atom",
        f"{PATH}/{token(WATCHLIST, 'another key')}/{WATCHLIST}.atom",
        f"{PATH}//{WATCHLIST}.atom",
        f"{PATH}/%F0%9F%98%80/{WATCHLIST}.atom",
    ],
)
async def test_without_its_token_there_is_no_feed(web: Web, path: str) -> None:
    web.record("Doha one")
    answer, body = await web.get(path)
    assert answer.status == 404
    assert b"Doha" not in body


async def test_a_token_opens_one_feed_alone(web: Web) -> None:
    mine = token(WATCHLIST, web.app.parts.link_key)
    assert (await web.get(f"{PATH}/{mine}/forum.atom"))[0].status == 404
    assert (await web.get(f"{PATH}/{mine}/{WATCHLIST}"))[0].status == 404


async def test_a_watchlist_that_is_gone_is_told_as_gone(web: Web) -> None:
    web.app.settings = replace(web.app.settings, watchlists=web.app.settings.watchlists[1:])
    answer, _ = await web.get(web.path())
    assert answer.status == 410


async def test_an_empty_feed_is_a_feed(web: Web) -> None:
    answer, body = await web.get(web.path())
    assert entries(body) == []
    web.clock.now += timedelta(hours=2)
    assert (await web.get(web.path(), If_None_Match=answer.headers["ETag"]))[0].status == 304


def test_an_address_is_the_same_for_ever_and_of_one_key() -> None:
    assert address("forum", "key", "https://m.example.org/") == address(
        "forum", "key", "https://m.example.org"
    )
    assert token("forum", "key") != token("forum", "other")
    assert len(token("forum", "key")) == 22
    assert opens(token("forum", "key"), "forum", "key")
    assert not opens("", "forum", "key")
    assert not opens("\ud83d", "forum", "key")
