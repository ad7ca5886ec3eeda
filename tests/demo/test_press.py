"""The loopback press: every feed reads as its outlet means it, and what is hostile is hostile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from monitor.collect import parse
from monitor.demo.documents import FEEDS
from monitor.demo.newsroom import Outlet, outlets
from monitor.demo.server import Press, bomb
from monitor.model import Feed, SourceKind
from monitor.refine import extract, url_key

START = datetime(2026, 4, 21, 12, 0, tzinfo=UTC)
ADDRESSES = [(outlet, path) for outlet, paths in FEEDS.items() for path in paths]


@pytest.fixture
async def press() -> AsyncIterator[Press]:
    async with Press(START) as press:
        yield press


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5)) as client:
        yield client


def outlet_of(id: str) -> Outlet:
    return next(outlet for outlet in outlets() if outlet.id == id)


async def read(client: aiohttp.ClientSession, url: str) -> Feed:
    async with client.get(url) as response:
        kind = SourceKind.NEWS_SITEMAP if "sitemap" in url else SourceKind.FEED
        return parse(await response.read(), kind, url, response.content_type, response.charset)


def test_six_outlets_print_about_sixty_articles_in_four_languages() -> None:
    every = outlets()
    assert len(every) == 6
    assert 50 <= sum(len(outlet.pieces) for outlet in every) <= 70
    assert {outlet.language for outlet in every} == {"fr", "ar", "en", "es"}


@pytest.mark.parametrize(("id", "path"), ADDRESSES)
async def test_a_feed_holds_what_its_outlet_shows(
    id: str, path: str, press: Press, client: aiohttp.ClientSession
) -> None:
    press.break_news()
    base = press.environ[id.upper()]
    feed = await read(client, base + path)
    shown = outlet_of(id).visible(2)
    assert [(item.title, item.published) for item in feed.items] == [
        (piece.title, piece.published(START)) for piece in shown
    ]
    assert [url_key(item.url or "") for item in feed.items] == [url_key(f"{base}/{p.slug}") for p in shown]


@pytest.mark.parametrize(("id", "path"), ADDRESSES)
async def test_round_two_brings_items_that_round_one_had_not(
    id: str, path: str, press: Press, client: aiohttp.ClientSession
) -> None:
    url = press.environ[id.upper()] + path
    before = await read(client, url)
    press.break_news()
    after = await read(client, url)
    assert len(after.items) == len(before.items) + 3
    assert {item.id or item.url for item in before.items} < {item.id or item.url for item in after.items}


async def test_an_unchanged_feed_answers_304(press: Press, client: aiohttp.ClientSession) -> None:
    url = press.environ["ECO"] + "/atom.xml"
    async with client.get(url) as first:
        etag = first.headers["ETag"]
    async with client.get(url, headers={"If-None-Match": etag}) as again:
        assert again.status == 304
    press.break_news()
    async with client.get(url, headers={"If-None-Match": etag}) as changed:
        assert changed.status == 200


@pytest.mark.parametrize("id", ["gazette", "alger", "correo"])  # those whose pages are read
async def test_extraction_finds_each_article_and_leaves_the_furniture(
    id: str, press: Press, client: aiohttp.ClientSession
) -> None:
    press.break_news()
    outlet, base = outlet_of(id), press.environ[id.upper()]
    for piece in outlet.pieces:
        async with client.get(f"{base}/{piece.slug}") as response:
            found = extract(await response.read(), str(response.url))
        assert found.body.split("\n") == list(piece.paragraphs)
        assert not any(headline in found.body for headline in outlet.related)


async def test_the_first_cases_page_carries_the_forums_headline_in_its_sidebar(press: Press) -> None:
    press.break_news()
    document = press.document(outlet_of("gazette"), "/hammouchi-doha", "http://127.0.0.1")
    assert document is not None
    assert "Qatar Africa Business Forum" in document[1].decode()


def test_agency_copy_is_printed_word_for_word() -> None:
    copies = [p.paragraphs for o in outlets() for p in o.pieces if "(Agence Atlas)" in p.paragraphs[-1]]
    assert sorted(copies.count(copy) for copy in set(copies)) == [2, 3]


def test_the_entity_bomb_is_small_and_would_unfold_without_measure() -> None:
    assert len(bomb()) < 2_000
    assert bomb().count(b"<!ENTITY") == 13


async def test_nobody_answers_at_the_dead_address(press: Press, client: aiohttp.ClientSession) -> None:
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.get(press.environ["DEAD"] + "/feed")


async def test_the_press_ends_while_a_hostile_feed_is_being_read(client: aiohttp.ClientSession) -> None:
    async with Press(START) as press:
        response = await client.get(press.environ["HOSTILE"] + "/slow.xml")
        await response.content.readany()
        response.close()
    assert asyncio.current_task() is not None  # leaving the block did not hang
