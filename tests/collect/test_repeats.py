"""A body that comes packed as it came last time is not unpacked again; whatever else comes is."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace

import pytest

from monitor.collect import HttpFetcher, Repeats
from monitor.model import FetchPolicy, Request, Response
from tests.collect.rawserver import RawServer, answer

BODY = b"<rss>" + bytes(range(32, 127)) * 300 + b"</rss>"
PACKED = gzip.compress(BODY, mtime=0)
HASH = hashlib.sha256(BODY).hexdigest()


def of(press: RawServer) -> Request:
    return Request(press.url + "/feed")


async def fetch(request: Request) -> Response:
    async with HttpFetcher(FetchPolicy(allow_private=True, max_bytes=100_000)) as fetcher:
        return await fetcher.fetch(request)


async def test_the_same_packed_bytes_stand_for_the_body_of_then(press: RawServer) -> None:
    press.routes["/feed"] = answer(PACKED, content_encoding="gzip", etag='"2"')
    repeats = Repeats()
    first = await fetch(repeats.asked("s", None, of(press)))
    assert (first.body, first.repeated, repeats.digest("s", first)) == (BODY, False, HASH)
    again = await fetch(repeats.asked("s", HASH, of(press)))
    assert (again.status, again.body, again.repeated, again.failure) == (200, b"", True, None)
    assert again.headers["etag"] == '"2"'
    assert repeats.digest("s", again) == HASH


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(BODY.replace(b"rss", b"rdf"), mtime=0),  # as long as the last one
        gzip.compress(BODY + BODY[:-1], mtime=0),  # longer
        gzip.compress(BODY[:500], mtime=0),  # shorter
        gzip.compress(BODY, 1, mtime=0),  # the same body, packed in another way
    ],
    ids=("other", "longer", "shorter", "repacked"),
)
async def test_other_packed_bytes_are_unpacked(press: RawServer, packed: bytes) -> None:
    press.routes["/feed"] = answer(PACKED, content_encoding="gzip")
    repeats = Repeats()
    repeats.digest("s", await fetch(of(press)))
    press.routes["/feed"] = answer(packed, content_encoding="gzip")
    response = await fetch(repeats.asked("s", HASH, of(press)))
    assert (response.body, response.repeated) == (gzip.decompress(packed), False)


async def test_packed_bytes_that_break_off_are_a_failure_again_and_again(press: RawServer) -> None:
    press.routes["/feed"] = answer(PACKED[:-9], content_encoding="gzip")
    repeats = Repeats()
    for _ in range(2):
        response = await fetch(repeats.asked("s", None, of(press)))
        assert response.failure is not None
        assert repeats.digest("s", response) is None


def test_only_the_body_that_the_source_is_known_to_have_shown_is_recognised() -> None:
    request = Request("https://example.org/feed")
    response = Response(request, request.url, 200, body=BODY, packed=b"name")
    repeats = Repeats()
    repeats.digest("s", response)
    assert repeats.asked("s", HASH, request).packed == b"name"
    # damaged and forgotten, read by another process since, another source, or no longer configured
    assert not repeats.asked("s", None, request).packed
    assert not repeats.asked("s", "other", request).packed
    assert not repeats.asked("t", HASH, request).packed
    repeats.keep({"t"})
    assert not repeats.asked("s", HASH, request).packed


def test_a_body_that_came_plain_is_not_taken_for_the_packed_one_before() -> None:
    request = Request("https://example.org/feed")
    packed = Response(request, request.url, 200, body=BODY, packed=b"name")
    repeats = Repeats()
    repeats.digest("s", packed)
    repeats.digest("s", replace(packed, packed=b""))
    assert not repeats.asked("s", HASH, request).packed
