"""What every Fetcher does, the fake of the other tests as well as the real one over a loopback socket."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping

import pytest

from monitor.collect import Fetcher, HttpFetcher
from monitor.model import FailureKind, FetchPolicy, Request, Response
from tests.collect.rawserver import RawServer, Script, answer
from tests.fakes import FakeFetcher

NOBODY = "http://127.0.0.1:1"


class World:
    """A fetcher, and the pages it can reach."""

    def __init__(
        self, fetcher: Fetcher, base: str, fake: FakeFetcher | None, press: RawServer | None
    ) -> None:
        self.fetcher, self.base, self._fake, self._press = fetcher, base, fake, press

    def serve(self, pages: Mapping[str, bytes]) -> None:
        if self._fake:
            self._fake.pages |= {self.base + path: body for path, body in pages.items()}
        if self._press:
            self._press.routes |= {path: self._conditional(body) for path, body in pages.items()}

    def _conditional(self, body: bytes) -> Script:
        press = self._press
        tag = f'"{hashlib.sha1(body).hexdigest()}"'

        async def script(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert press is not None
            known = press.requests[-1][1].get("if-none-match") == tag
            writer.write(answer(b"", "304 Not Modified", etag=tag) if known else answer(body, etag=tag))

        return script

    async def get(self, path: str, **validators: str | None) -> Response:
        return await self.fetcher.fetch(Request(self.base + path, **validators))  # type: ignore[arg-type]


@pytest.fixture(params=["fake", "http"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        fake = FakeFetcher()
        yield World(fake, "https://gazette.example.org", fake, None)
        return
    async with RawServer() as press, HttpFetcher(FetchPolicy(allow_private=True)) as fetcher:
        yield World(fetcher, press.url, None, press)


async def test_a_page_comes_whole_from_where_it_is(world: World) -> None:
    world.serve({"/feed": b"<rss/>"})
    response = await world.get("/feed")
    assert (response.status, response.body, response.failure, response.moved_to) == (
        200,
        b"<rss/>",
        None,
        None,
    )
    assert (response.url, response.request.url) == (world.base + "/feed", world.base + "/feed")


async def test_the_validator_of_what_is_unchanged_brings_304_and_no_body(world: World) -> None:
    world.serve({"/feed": b"<rss/>"})
    tag = (await world.get("/feed")).headers["etag"]
    again = await world.get("/feed", etag=tag)
    assert (again.status, again.body, again.not_modified, again.failure) == (304, b"", True, None)


async def test_the_validator_of_what_changed_brings_the_new_body(world: World) -> None:
    world.serve({"/feed": b"<rss/>"})
    tag = (await world.get("/feed")).headers["etag"]
    world.serve({"/feed": b"<rss>new</rss>"})
    assert (await world.get("/feed", etag=tag)).body == b"<rss>new</rss>"


@pytest.mark.parametrize(
    ("url", "kind", "status"),
    [
        ("{base}/missing", FailureKind.STATUS, 404),
        (f"{NOBODY}/feed", FailureKind.CONNECT, None),
        ("file:///etc/passwd", FailureKind.REFUSED, None),
    ],
)
async def test_a_failure_is_a_value_with_a_sentence_and_no_body(
    world: World, url: str, kind: FailureKind, status: int | None
) -> None:
    world.serve({"/feed": b"<rss/>"})
    response = await world.fetcher.fetch(Request(url.format(base=world.base)))
    assert response.failure
    assert (response.failure.kind, response.status, response.body) == (kind, status, b"")
    assert response.failure.message
    assert not response.not_modified
