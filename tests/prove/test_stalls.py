"""The daemon's loop while hostile documents come in over HTTP: never held up for more than a tenth of a second."""

from __future__ import annotations

import asyncio
import gzip
import http.server
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
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


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class Ticker:
    """Wakes each millisecond, and keeps how late it was: wall seconds, and seconds in which this thread really ran."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.longest_busy = 0.0

    async def run(self) -> None:
        while True:
            before, busy = time.monotonic(), time.thread_time()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.monotonic() - before - 0.001)
            self.longest_busy = max(self.longest_busy, time.thread_time() - busy)


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_the_loop_goes_on_while_a_hostile_document_is_read(
    name: str, address: str, tmp_path: Path
) -> None:
    config = write_config(
        tmp_path,
        monitor={"database": f"sqlite:///{tmp_path}/monitor.db", "fetch": {"allow_private": True}},
        sources=[{"id": name, "url": f"{address}/{name}"}],
    )
    ticker = Ticker()
    async with build(load(config, {}), clock=lambda: datetime.now(UTC)) as app:
        ticking = asyncio.create_task(ticker.run())
        tally = await app.gather(everything=True)
        ticking.cancel()
    print(
        f"{name}: longest stall {ticker.longest * 1000:.0f} ms, of which this thread worked "
        f"{ticker.longest_busy * 1000:.0f} ms; {tally.problems}"
    )
    assert tally.sources == 1
    assert ticker.longest_busy < LONGEST
