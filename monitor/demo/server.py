"""The loopback press: each outlet at a port of its own, two hostile addresses, and one where nobody answers.

Used by `stage` around the two rounds. Listens on 127.0.0.1 only; what is hostile ends by itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from monitor.demo.documents import FEEDS, Document, page
from monitor.demo.newsroom import Outlet, outlets

LEVELS = 12  # of the entity bomb: ten to this power characters, were it ever expanded
DRIP = 0.1  # seconds between two bytes of the slow feed
DRIPS = 600
FLOOD = 64_000_000  # bytes at most, far beyond what the demo's configuration reads


class Press:
    """`async with Press(start) as press`: serves round 1 until `break_news`. `environ` names the addresses."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.round = 1
        self.outlets = outlets()
        self.environ: Mapping[str, str] = {}
        self.requests: list[str] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        environ = {}
        for outlet in self.outlets:
            environ[outlet.id.upper()] = await self._serve(self._outlet_app(outlet))
        environ["HOSTILE"] = await self._serve(_hostile_app())
        environ["DEAD"] = self._dead_address()
        self.environ = environ
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def break_news(self) -> None:
        """From now on the outlets show round 2 as well."""
        self.round = 2

    async def _serve(self, app: web.Application) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    def _dead_address(self) -> str:
        # bound and not listening: connections are refused, and nobody else can be given the port meanwhile
        closed = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._stack.callback(closed.close)
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}"

    def _outlet_app(self, outlet: Outlet) -> web.Application:
        async def answer(request: web.Request) -> web.Response:
            self.requests.append(f"{outlet.id}{request.path}")
            document = self.document(outlet, request.path, f"http://{request.host}")
            return _conditional(request, document) if document else web.Response(status=404)

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        return app

    def document(self, outlet: Outlet, path: str, base: str) -> Document | None:
        """What the outlet has at a path at present, or None."""
        if write := FEEDS[outlet.id].get(path):
            return write(outlet, self.round, self.start, base)
        piece = next((p for p in outlet.visible(self.round) if f"/{p.slug}" == path), None)
        return page(outlet, piece, self.start, base) if piece else None


def _conditional(request: web.Request, document: Document) -> web.Response:
    kind, body = document
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    return web.Response(body=body, headers={"Content-Type": kind, "ETag": etag})


# --- what a feed reader must survive ---------------------------------------------------------------------------------


def bomb() -> bytes:
    """A kilobyte of XML whose entities would unfold to a terabyte of text."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, LEVELS + 1))
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "x">{entities}]>'
        f"<rss version='2.0'><channel><title>&e{LEVELS};</title></channel></rss>"
    ).encode()


def _hostile_app() -> web.Application:
    app = web.Application()
    app.router.add_get("/bomb.xml", _bomb)
    app.router.add_get("/endless.xml", _endless)
    app.router.add_get("/slow.xml", _slow)
    return app


async def _bomb(request: web.Request) -> web.Response:
    return web.Response(body=bomb(), content_type="application/rss+xml")


async def _endless(request: web.Request) -> web.StreamResponse:
    chunk = b"<item><title>again</title></item>" * 2000
    return await _stream(request, (chunk for _ in range(FLOOD // len(chunk))), pause=0)


async def _slow(request: web.Request) -> web.StreamResponse:
    return await _stream(request, (b" " for _ in range(DRIPS)), pause=DRIP)


async def _stream(request: web.Request, chunks: Iterable[bytes], pause: float) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/rss+xml"})
    await response.prepare(request)
    try:
        await response.write(b"<?xml version='1.0'?><rss version='2.0'><channel>")
        for chunk in chunks:
            await response.write(chunk)
            await asyncio.sleep(pause)
    except ConnectionError:
        pass  # the reader had enough, as it should
    return response
