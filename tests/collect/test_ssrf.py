"""Whatever names an address of our own network, and in whatever way: asked for directly, by a redirect, by a name's answers, or by a
name that answers something else the second time. No socket may be made for it.

The press of the tests is on loopback, which the guard refuses like the rest: it is let through by its port alone, in place of a public host.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.collect import HttpFetcher
from monitor.collect.guard import AddrInfo
from monitor.model import FailureKind, FetchPolicy, Request, Response
from tests.collect.rawserver import RawServer, answer
from tests.collect.test_guard import REFUSED_ADDRESSES

PUBLIC = "press.example.org"
# what can be written into a URL or a name server's answer
ADDRESSES = [
    each for each in REFUSED_ADDRESSES if each and each[0] in "0123456789abcdef:" and "%" not in each
]


class Names(AbstractResolver):
    """A name server whose answers the test writes; several answers are given in turn."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): turns for name, turns in answers.items()}

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        turns = self.answers.get(host)
        if turns is None:
            raise OSError(f"no such name: {host}")
        return [self._result(host, port, each) for each in (turns.pop(0) if len(turns) > 1 else turns[0])]

    def _result(self, host: str, port: int, address: str) -> ResolveResult:
        family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
        return ResolveResult(
            hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
        )

    async def close(self) -> None:
        return None


class Attempt:
    """A fetcher that judges as in service, with these names, and what it made sockets for."""

    def __init__(self, press: RawServer, names: Names, fetcher: HttpFetcher) -> None:
        self.press = press
        self.opened: list[str] = []
        self._fetcher = fetcher
        session = fetcher._session
        assert session is not None
        connector = session.connector
        assert isinstance(connector, aiohttp.TCPConnector)
        judged = connector._socket_factory
        assert judged is not None

        def make(info: AddrInfo) -> socket.socket:
            host, port = info[4][:2]
            made = socket.socket(*info[:3]) if (host, port) == ("127.0.0.1", press.port) else judged(info)
            self.opened.append(str(host))
            return made

        connector._socket_factory = make
        connector._resolver = names
        self.forget_names = connector.clear_dns_cache

    async def fetch(self, host: str = PUBLIC, path: str = "/feed", port: int | None = None) -> Response:
        return await self._fetcher.fetch(Request(f"http://{host}:{port or self.press.port}{path}"))


@asynccontextmanager
async def attempt(press: RawServer, **answers: list[list[str]]) -> AsyncIterator[Attempt]:
    names = Names(**{"press_example_org": [["127.0.0.1"]], **answers})
    policy = FetchPolicy(allow_private=False, ports=(press.port,), pause=timedelta(0))
    async with HttpFetcher(policy) as fetcher:
        yield Attempt(press, names, fetcher)


def host_of(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def refused(response: Response, address: str) -> None:
    assert response.failure is not None, f"{address} was opened"
    assert (response.failure.kind, response.body) == (FailureKind.REFUSED, b""), (
        f"{address}: {response.failure.message}"
    )


async def test_none_is_asked_for_directly(press: RawServer) -> None:
    async with attempt(press) as trying:
        for address in ADDRESSES:
            if (address, press.port) != ("127.0.0.1", press.port):
                refused(await trying.fetch(host_of(address)), address)
        assert trying.opened == []


async def test_none_is_reached_by_a_redirect(press: RawServer) -> None:
    async with attempt(press) as trying:
        for address in ADDRESSES:
            there = f"http://{host_of(address)}:{press.port}/latest/meta-data"
            press.routes["/feed"] = answer(b"", "302 Found", location=there)
            refused(await trying.fetch(), address)
        assert set(trying.opened) == {"127.0.0.1"}
        assert {path for path, _ in press.requests} == {"/feed"}


async def test_none_is_reached_by_a_name_that_leads_there(press: RawServer) -> None:
    for address in ADDRESSES:
        if address == "127.0.0.1":  # the press itself, here
            continue
        async with attempt(press, evil_example_org=[[address]]) as trying:
            refused(await trying.fetch("evil.example.org"), address)
            assert trying.opened == []


async def test_none_is_reached_by_a_redirect_to_a_name_that_leads_there(press: RawServer) -> None:
    press.routes["/feed"] = answer(
        b"", "301 Moved Permanently", location=f"http://evil.example.org:{press.port}/x"
    )
    for address in (
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ):
        async with attempt(press, evil_example_org=[[address]]) as trying:
            response = await trying.fetch()
            refused(response, address)
            assert response.moved_to is None
            assert trying.opened == ["127.0.0.1"]


@pytest.mark.parametrize("bad", ["10.0.0.1", "169.254.169.254", "::1", "fd12:3456::1", "::ffff:10.0.0.1"])
@pytest.mark.parametrize("first", [True, False], ids=["the bad one first", "the bad one last"])
async def test_of_mixed_answers_only_the_public_one_is_opened(
    press: RawServer, bad: str, first: bool
) -> None:
    press.routes["/feed"] = answer(b"<rss/>")
    both = [bad, "127.0.0.1"] if first else ["127.0.0.1", bad]
    async with attempt(press, mixed_example_org=[both]) as trying:
        assert (await trying.fetch("mixed.example.org")).body == b"<rss/>"
        assert trying.opened == ["127.0.0.1"]


async def test_a_name_that_answers_something_else_the_second_time_is_judged_again(press: RawServer) -> None:
    press.routes["/feed"] = answer(b"<rss/>")
    async with attempt(press, turning_example_org=[["127.0.0.1"], ["10.0.0.1"]]) as trying:
        assert (await trying.fetch("turning.example.org")).body == b"<rss/>"
        trying.forget_names()  # as after its time to live
        refused(await trying.fetch("turning.example.org"), "10.0.0.1")
        assert trying.opened == ["127.0.0.1"]


@pytest.mark.parametrize(
    "url",
    [
        # a parser that stops at the @, at the backslash or at the tab goes elsewhere than one that does not
        "http://press.example.org@10.0.0.1/", "http://press.example.org\\@10.0.0.1/", "http://10.0.0.1\\.press.example.org/",
        "http://10.0.0.1\t.example.org/", "http://10.0.0.1%00.example.org/", "http://10.0.0.1#@press.example.org/",
        "http://127.1/", "http://0x7f.1/", "http://017700000001/", "http://2130706433/", "http://0177.0.0.1/", "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/", "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:ffff:127.0.0.1]/", "http://[::1%25lo]/", "http://localhost./",
        "http://press.example.org:22/", "http://press.example.org:6379/", "gopher://press.example.org/", "dict://press.example.org/", "HTTP://10.0.0.1/",
    ],
)  # fmt: skip
async def test_no_spelling_hides_an_address_or_a_port(press: RawServer, url: str) -> None:
    async with attempt(press, localhost=[["127.0.0.1"]], localhost_=[["::1"]]) as trying:
        response = await trying._fetcher.fetch(Request(url))
        assert response.failure is not None
        assert trying.opened == []
