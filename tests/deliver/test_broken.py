"""What a broken connection is called, by two HTTP libraries alike, over real sockets that fail."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
import requests

from monitor.deliver.broken import Broken, why_broken
from tests.deliver.far_side import Sink
from tests.netproxy import Fault, Proxy, ends_request, proxy_to

Ask = Callable[[str], Awaitable[BaseException]]
SECRET = "T1JJ3T3L2-token"

FAULTS = [
    (Fault.REFUSED, "connect", "no connection to {}: connection refused"),
    (Fault.RESET, "reset", "{} broke the connection off before its answer"),
    (Fault.CLOSED, "reset", "{} broke the connection off before its answer"),
    (Fault.BLACK_HOLE, "timeout", "{} did not answer in time"),
    (Fault.LOST_REPLY, "reset", "{} broke the connection off before its answer"),
    (Fault.GARBAGE, "protocol", "what {} answers is not HTTP"),
]


@pytest.fixture
async def proxy(sink: Sink) -> AsyncIterator[Proxy]:
    async with proxy_to(sink.port, ends_request(b"/in")) as made:
        yield made


async def by_aiohttp(url: str) -> BaseException:
    patience = aiohttp.ClientTimeout(total=0.2)
    try:
        async with aiohttp.ClientSession(timeout=patience) as session, session.post(url, data=b"x") as answer:
            await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        return error
    raise AssertionError("it was answered")


async def by_requests(url: str) -> BaseException:
    try:
        await asyncio.to_thread(requests.post, url, data=b"x", timeout=0.2)
    except requests.RequestException as error:
        return error
    raise AssertionError("it was answered")


@pytest.mark.parametrize(("fault", "kind", "words"), FAULTS)
async def test_two_libraries_say_the_same_of_a_fault_and_nothing_of_the_address(
    proxy: Proxy, fault: Fault, kind: str, words: str
) -> None:
    await proxy.fail(fault)
    url = f"http://127.0.0.1:{proxy.port}/in/{SECRET}"
    told = {why_broken(await by_aiohttp(url)), why_broken(await by_requests(url))}
    assert told == {Broken(kind, words)}


@pytest.mark.parametrize("ask", [by_aiohttp, by_requests])
async def test_an_answer_that_breaks_off_is_told_as_one(ask: Ask) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\nx")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"y" * 250)
        writer.close()

    async with await asyncio.start_server(half, "127.0.0.1", 0) as server:
        told = why_broken(await ask(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in"))
    assert told == Broken("reset", "the answer of {} broke off")


@pytest.mark.parametrize("ask", [by_aiohttp, by_requests])
async def test_a_name_that_does_not_exist_is_told_as_one(ask: Ask) -> None:
    assert why_broken(await ask("http://nowhere.invalid/")) == Broken(
        "connect", "no connection to {}: its name cannot be resolved"
    )


@pytest.mark.parametrize("ask", [by_aiohttp, by_requests])
async def test_a_certificate_that_nobody_vouches_for_is_told_as_one(
    ask: Ask, server_tls: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=server_tls)
    async with server:
        port = server.sockets[0].getsockname()[1]
        told = why_broken(await ask(f"https://127.0.0.1:{port}/in"))
    assert told == Broken("tls", "no TLS with {}, its certificate is not valid: self-signed certificate")
