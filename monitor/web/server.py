"""The HTTP server inside the daemon's loop: few routes, strict headers on every answer, no signal handlers, no noise."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import h11
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.middleware.trustedhost import TrustedHostMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol

from monitor.web.desk import Desk
from monitor.web.feeds import add_feed_routes
from monitor.web.links import add_link_routes
from monitor.web.listen import allowed_hosts
from monitor.web.metrics import Metrics
from monitor.web.origin import OwnOrigin
from monitor.web.page import CONTENT_POLICY

# Set by the server and not by a middleware, so they stand on every answer: errors and refused hosts too
HEADERS = [
    ("content-security-policy", CONTENT_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
]


def routes(desk: Desk, metrics: Metrics, hosts: tuple[str, ...]) -> FastAPI:
    """The application; answers only to the Host headers in `hosts`."""
    web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    web.add_middleware(OwnOrigin, public_url=desk.app.settings.web.public_url)
    web.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)

    @web.get("/-/healthy")
    async def healthy() -> Response:
        return PlainTextResponse("healthy\n")

    @web.get("/-/ready")
    async def ready() -> Response:
        reasons = await desk.not_ready_because()
        if reasons:
            return PlainTextResponse("".join(f"{reason}\n" for reason in reasons), 503)
        return PlainTextResponse("ready\n")

    @web.get("/metrics")
    async def figures() -> Response:
        return Response(await metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    add_link_routes(web, desk)
    add_feed_routes(web, desk)
    return web


class _Protocol(H11Protocol):
    def send_400_response(self, msg: str) -> None:
        """The answer to what is no proper HTTP; uvicorn's own goes out without the headers of all others."""
        headers = [("content-type", "text/plain; charset=utf-8"), ("connection", "close"), *HEADERS]
        head = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (head, h11.Data(data=msg.encode("ascii", "replace")), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the daemon, which ends this server in its turn."""
        yield


@contextlib.asynccontextmanager
async def serve(desk: Desk, metrics: Metrics, listener: socket.socket) -> AsyncIterator[str]:
    """Answer on `listener` while the context lasts; gives the address, such as http://127.0.0.1:8080."""
    host, port = listener.getsockname()[:2]
    public = urlsplit(desk.app.settings.web.public_url).hostname
    server = _Server(
        uvicorn.Config(
            routes(desk, metrics, allowed_hosts(public, host)),
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            headers=HEADERS,
            limit_concurrency=64,
            h11_max_incomplete_event_size=16_384,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]), name="web")
    try:
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await task
