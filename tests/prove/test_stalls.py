"""The daemon's loop while hostile documents come in over HTTP: never held up for more than a tenth of a second.

By the wall's clock a busy machine holds up any loop, so the longest stall is told beside that of a loop in another process
that does nothing, in the same seconds. What is ours is asserted: how long the loop's thread worked at a stretch, and how
long it was kept waiting by the work of our other threads, which hold the interpreter's lock. Not ours is what the kernel
says it waited for a core. The server is a process of its own, as the press is.
"""

from __future__ import annotations

import asyncio
import gzip
import http.server
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import brotli
import pytest

from monitor.app import build
from monitor.settings import load
from tests.build import write_config

pytestmark = pytest.mark.prove

LONGEST = 0.1  # seconds
ITEM = b"<item><title>x</title><link>https://example.org/%d</link><description>%s</description></item>"


def rss(inside: bytes) -> bytes:
    return b'<rss version="2.0"><channel><title>t</title>' + inside + b"</channel></rss>"


def items(count: int, text: bytes = b"y") -> bytes:
    return rss(b"".join(ITEM % (number, text) for number in range(count)))


DOCUMENTS: dict[str, tuple[bytes, str]] = {
    "attributes": (rss(b"<item " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>"), ""),
    "items": (items(100_000), ""),
    "nested": (rss(b"<a>" * 100_000 + b"</a>" * 100_000), ""),
    "unclosed": (b"<rss>" + b"<item>" * 200_000, ""),
    "entities": (
        b'<!DOCTYPE rss [<!ENTITY a "' + b"a" * 30_000 + b'">]>' + rss(ITEM % (1, b"&a;" * 30_000)),
        "",
    ),
    "ten-megabytes": (items(400, b"news " * 4_900), ""),
    "gzip-ten-megabytes": (gzip.compress(items(400, b"news " * 4_900)), "gzip"),
    "gzip-bomb": (gzip.compress(b"\0" * 200_000_000), "gzip"),
    "brotli-bomb": (brotli.compress(b"\0" * 200_000_000, quality=1), "br"),
    "gzip-file-bomb": (gzip.compress(b"\0" * 100_000_000), ""),
    "json": (b'{"version": "1", "items": [' + b'{"id": "1"},' * 700_000 + b"{}]}", ""),
    "brackets": (b"[" * 9_000_000, ""),
}


class Hostile(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body, encoding = DOCUMENTS[self.path.strip("/")]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            return  # the reader had enough of it

    def log_message(self, *_: object) -> None:
        return


def serve(told: Connection) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
        told.send(server.server_address[1])
        server.serve_forever()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{mine.recv()}"
    process.kill()
    process.join()


@contextmanager
def clocks() -> Iterator[Callable[[], tuple[float, float, float, float]]]:
    """Seconds by the wall, of this process' work, of this thread's, and for which this thread has waited for a core."""
    with Path("/proc/thread-self/schedstat").open() as schedstat:

        def read() -> tuple[float, float, float, float]:
            schedstat.seek(0)
            waited = int(schedstat.read().split()[1]) / 1e9
            return time.monotonic(), time.process_time(), time.thread_time(), waited

        yield read


class Ticker:
    """Wakes each millisecond, and keeps how late it was at most: by the wall; seconds in which its thread ran; seconds
    in which any thread of its process ran while it did not wait for a core."""

    def __init__(self) -> None:
        self.longest = self.longest_busy = self.longest_ours = 0.0

    async def run(self) -> None:
        with clocks() as read:
            while True:
                before = read()
                await asyncio.sleep(0.001)
                wall, process, thread, waited = (now - then for now, then in zip(read(), before, strict=True))
                self.longest = max(self.longest, wall - 0.001)
                self.longest_busy = max(self.longest_busy, thread)
                self.longest_ours = max(self.longest_ours, min(wall - 0.001 - waited, process))


def do_nothing(told: Connection) -> None:
    """A loop with a ticker alone: its longest stall since it was last asked."""

    async def run() -> None:
        while True:
            ticker = Ticker()
            ticking = asyncio.create_task(ticker.run())
            await asyncio.to_thread(told.recv)
            ticking.cancel()
            told.send(ticker.longest)

    asyncio.run(run())


@pytest.fixture(scope="module")
def idle_loop() -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=do_nothing, args=(theirs,), daemon=True)
    process.start()
    yield mine
    process.kill()
    process.join()


def longest_stall(idle_loop: Connection) -> float:
    idle_loop.send(None)
    answer: float = idle_loop.recv()
    return answer


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_the_loop_goes_on_while_a_hostile_document_is_read(
    name: str, address: str, idle_loop: Connection, tmp_path: Path
) -> None:
    config = write_config(
        tmp_path,
        monitor={"database": f"sqlite:///{tmp_path}/monitor.db", "fetch": {"allow_private": True}},
        sources=[{"id": name, "url": f"{address}/{name}"}],
    )
    ticker = Ticker()
    longest_stall(idle_loop)
    async with build(load(config, {}), clock=lambda: datetime.now(UTC)) as app:
        ticking = asyncio.create_task(ticker.run())
        tally = await app.gather(everything=True)
        ticking.cancel()
    print(
        f"{name}: longest stall {ticker.longest * 1000:.0f} ms by the wall, {ticker.longest_ours * 1000:.0f} ms by "
        f"this process, {ticker.longest_busy * 1000:.0f} ms by this thread; of a loop that does nothing "
        f"{longest_stall(idle_loop) * 1000:.0f} ms; {tally.problems}"
    )
    assert tally.sources == 1
    assert ticker.longest_busy < LONGEST
    assert ticker.longest_ours < LONGEST
