"""robots.txt and the spacing of requests, over real sockets: pages are read where their host allows it, and in time."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from monitor.collect import HttpFetcher
from monitor.collect.fetch import pause
from monitor.collect.robots import understand
from monitor.model import FailureKind, FetchPolicy, Purpose, Request, Response
from tests.collect.rawserver import RawServer, answer

AGENT = "media-monitor (+https://example.org/bot)"
PAGE = b"<html><p>A page.</p></html>"


def policy(**fields: object) -> FetchPolicy:
    base = {"allow_private": True, "deadline": timedelta(seconds=5), "user_agent": AGENT}
    return FetchPolicy(**{**base, **fields})  # type: ignore[arg-type]


async def page(press: RawServer, path: str = "/article", **fields: object) -> Response:
    async with HttpFetcher(policy(**fields)) as fetcher:
        return await fetcher.fetch(Request(press.url + path, Purpose.PAGE))


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("User-agent: *\nDisallow: /private", True),
        ("User-agent: *\nDisallow: /art", False),
        ("User-agent: *\nDisallow: /\nAllow: /article", True),  # the longer rule wins
        ("User-agent: media-monitor\nDisallow: /\n\nUser-agent: *\nDisallow:", False),
        ("User-agent: Media-Monitor\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: media\nDisallow: /", True),  # somebody else
        ("User-agent: other-bot\nUser-agent: *\nDisallow: /*cle$", False),
        ("<html>Welcome</html>", True),
        ("", True),
    ],
)
async def test_a_page_is_read_where_robots_txt_allows_it(press: RawServer, rules: str, allowed: bool) -> None:
    press.routes |= {"/robots.txt": answer(rules.encode()), "/article": answer(PAGE)}
    response = await page(press)
    assert (response.failure is None) == allowed
    assert [path for path, _ in press.requests] == ["/robots.txt", "/article"][: 1 + allowed]
    if response.failure:
        sentence = "refused: robots.txt of 127.0.0.1 does not allow media-monitor to read this page"
        assert (response.failure.kind, response.failure.message) == (FailureKind.REFUSED, sentence)


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        ("404 Not Found", True),  # no rules at all
        ("403 Forbidden", True),
        ("500 Internal Server Error", False),  # RFC 9309: nothing, until the file can be read
        ("503 Service Unavailable", False),
    ],
)
async def test_a_file_that_cannot_be_had_allows_all_or_nothing(
    press: RawServer, status: str, allowed: bool
) -> None:
    press.routes |= {"/robots.txt": answer(b"", status), "/article": answer(PAGE)}
    response = await page(press)
    assert (response.failure is None) == allowed
    assert allowed or f"robots.txt of 127.0.0.1 cannot be read ({status})" in str(response.failure)


async def test_a_feed_is_asked_for_by_its_operator_and_reads_no_robots_txt(press: RawServer) -> None:
    press.routes |= {"/robots.txt": answer(b"User-agent: *\nDisallow: /"), "/feed": answer(b"<rss/>")}
    async with HttpFetcher(policy()) as fetcher:
        assert (await fetcher.fetch(Request(press.url + "/feed"))).failure is None
    assert [path for path, _ in press.requests] == ["/feed"]


async def test_the_file_is_asked_for_once_however_many_pages_are_read(press: RawServer) -> None:
    press.routes |= {"/robots.txt": answer(b"User-agent: *\nDisallow: /no")}
    press.routes |= {f"/{n}": answer(PAGE) for n in range(8)}
    async with HttpFetcher(policy()) as fetcher:
        requests = [Request(f"{press.url}/{n}", Purpose.PAGE) for n in range(8)]
        answers = await asyncio.gather(*map(fetcher.fetch, requests))
        refused = await fetcher.fetch(Request(press.url + "/no", Purpose.PAGE))
    assert [each.failure for each in answers] == [None] * 8
    assert refused.failure
    assert [path for path, _ in press.requests].count("/robots.txt") == 1


async def test_a_redirect_leads_no_page_past_the_rules_of_where_it_ends(press: RawServer) -> None:
    press.routes |= {
        "/robots.txt": answer(b"User-agent: *\nDisallow: /private"),
        "/article": answer(b"", "302 Found", location="/private/1"),
        "/private/1": answer(PAGE),
    }
    response = await page(press)
    assert response.failure
    assert response.failure.kind is FailureKind.REFUSED
    assert "/private/1" not in [path for path, _ in press.requests]


@pytest.mark.parametrize(
    "hostile",
    [
        b"User-agent: x%d\n" * 40_000,
        b"User-agent media%d\n" * 40_000,
        b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*b$\n" * 20_000,
        b"User-agent: *\nDisallow: /" + b"$*" * 250_000,
        b"\xff\xfe\0" * 200_000,
    ],
    ids=["agents", "agents without colons", "wildcards", "dollars", "no text"],
)
def test_a_file_made_to_cost_is_read_quickly(hostile: bytes) -> None:
    started = time.process_time()
    understand(hostile, "media-monitor").can_fetch("https://example.org/" + "a" * 2_000, "media-monitor")
    assert time.process_time() - started < 2


# --- spacing ---------------------------------------------------------------------------------------------------------


async def spaced(press: RawServer, requests: list[Request], **fields: object) -> float:
    async with HttpFetcher(policy(**fields)) as fetcher:
        started = time.monotonic()
        answers = await asyncio.gather(*map(fetcher.fetch, requests))
        assert [each.failure for each in answers] == [None] * len(requests)
        return time.monotonic() - started


async def test_requests_to_one_host_keep_a_pause_between_them(press: RawServer) -> None:
    press.routes |= {f"/{n}": answer(b"<rss/>") for n in range(4)}
    seconds = await spaced(
        press, [Request(f"{press.url}/{n}") for n in range(4)], pause=timedelta(milliseconds=100)
    )
    assert 0.3 <= seconds < 2


async def test_crawl_delay_spaces_the_pages(press: RawServer) -> None:
    press.routes |= {f"/{n}": answer(PAGE) for n in range(3)}
    press.routes["/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: 0.15")
    seconds = await spaced(press, [Request(f"{press.url}/{n}", Purpose.PAGE) for n in range(3)])
    assert 0.3 <= seconds < 2


@pytest.mark.parametrize(
    ("host", "stated", "seconds"),
    [
        ("www.example.org", None, 0.5),
        ("127.0.0.1", None, 0.0),  # this machine needs no sparing
        ("localhost", None, 0.0),
        ("127.0.0.1", timedelta(seconds=2), 2.0),  # but the operator's word counts
        ("www.example.org", timedelta(seconds=2), 2.0),
    ],
)
def test_the_pause_of_a_host(host: str, stated: timedelta | None, seconds: float) -> None:
    assert pause(host, FetchPolicy(pause=stated)) == seconds
