"""A press of thousands of outlets that goes on publishing, and the receiver of the alerts about it, as one process on loopback.

    python -m tests.prove.soakpress OUTLETS WATCHLISTS

Each outlet has an address of its own and a feed of its last ten articles with an ETag; texts are drawn words, no two alike. One article in eight
names what a watchlist watches for. Prints what a reader needs; `GET /state` tells what was published, shown and told, `POST /rate` sets articles
a second, `POST /alerts` takes alerts.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import resource
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import product

LISTED = 10
WATCHED = 8  # one article in so many
WORDS = [
    "".join(each)
    for each in product(
        ("bar", "cen", "dol", "fer", "gam", "hir", "jul", "kor", "lam", "mon", "nas", "pel", "rud", "sol", "tov"),
        ("a", "e", "i", "o", "u"),
        ("ge", "ler", "min", "que", "ton", "vard", "zel", "dris", "phe", "shk"),
    )
]  # fmt: skip
_NUMBER = re.compile(rb"/a/(\d+)")


def watched_name(watchlist: int) -> str:
    """What it watches for: a name that no drawn word is part of."""
    return f"Xa{WORDS[watchlist % len(WORDS)]}wyth"


def address(outlet: int) -> str:
    return f"127.2.{outlet // 250}.{outlet % 250 + 1}"


@dataclass
class Watched:
    """An article that somebody must hear of; monotonic seconds."""

    published: float
    shown: float = 0.0
    told: float = 0.0


@dataclass
class Press:
    outlets: int
    watchlists: int
    chance: random.Random = field(default_factory=lambda: random.Random(20260503))
    listed: list[deque[tuple[int, bytes]]] = field(default_factory=list)
    articles: int = 0
    watched: dict[int, Watched] = field(default_factory=dict)
    answers: dict[int, int] = field(default_factory=lambda: {200: 0, 304: 0})
    alerts: int = 0
    rate: float = 0.0

    def __post_init__(self) -> None:
        for outlet in range(self.outlets):
            self.listed.append(deque(maxlen=LISTED))
            self.publish(outlet, watched=False)

    def publish(self, outlet: int, *, watched: bool) -> None:
        number, self.articles = self.articles, self.articles + 1
        title = self.chance.sample(WORDS, 8)
        if watched:
            title[3] = watched_name(self.chance.randrange(self.watchlists))
            self.watched[number] = Watched(time.monotonic())
        said = f"{' '.join(title).capitalize()} {number}"
        body = " ".join(self.chance.choices(WORDS, k=60))
        self.listed[outlet].appendleft((number, (
            f"<item><title>{said}</title><link>http://{address(outlet)}/a/{number}</link><guid>{number}</guid>"
            f"<pubDate>{formatdate()}</pubDate><description>{said}. {body}.</description></item>"
        ).encode()))  # fmt: skip

    async def go_on(self) -> None:
        """Publish at the rate of now, evenly drawn over the outlets."""
        while True:
            await asyncio.sleep(self.chance.expovariate(self.rate) if self.rate else 0.2)
            if self.rate:
                watched = self.chance.randrange(WATCHED) == 0
                self.publish(self.chance.randrange(self.outlets), watched=watched)

    def feed(self, outlet: int, head: bytes) -> bytes:
        items = self.listed[outlet]
        tag = b'"%d"' % items[0][0]
        if b"If-None-Match: " + tag in head:
            return self._answer(304, tag, b"")
        now = time.monotonic()
        for number, _ in items:
            if (one := self.watched.get(number)) and not one.shown:
                one.shown = now
        rows = b"".join(item for _, item in items)
        body = b'<rss version="2.0"><channel><title>Outlet %d</title>%b</channel></rss>' % (outlet, rows)
        return self._answer(200, tag, body)

    def _answer(self, status: int, tag: bytes, body: bytes) -> bytes:
        self.answers[status] += 1
        return b"HTTP/1.1 %d OK\r\nETag: %b\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n%b" % (
            status, tag, len(body), body
        )  # fmt: skip

    def taken(self, alert: bytes) -> None:
        self.alerts += 1
        now = time.monotonic()
        for number in {int(each) for each in _NUMBER.findall(alert)}:
            if (one := self.watched.get(number)) and not one.told:
                one.told = now

    def state(self) -> dict[str, object]:
        """`took`: seconds from the poll that showed an article to its alert, of those told since this was last asked."""
        told = [number for number, one in self.watched.items() if one.told and one.shown]
        took = [round(self.watched[number].told - self.watched[number].shown, 3) for number in told]
        for number in told:
            del self.watched[number]
        return {
            "articles": self.articles,
            "answers": self.answers,
            "alerts": self.alerts,
            "took": took,
            "untold": sorted(self.watched),
        }

    # --- HTTP ---

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: requests one after the other until either side has enough."""
        host = writer.get_extra_info("sockname")[0]
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                writer.write(self._respond(host, head, body))
                await writer.drain()
                if b"connection: close" in head.lower():
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _respond(self, host: str, head: bytes, body: bytes) -> bytes:
        path = head.split(b" ", 2)[1]
        if path == b"/feed":
            _, _, high, low = map(int, host.split("."))
            return self.feed(high * 250 + low - 1, head)
        said = b"{}"
        if path == b"/alerts":
            self.taken(body)
        elif path == b"/rate":
            self.rate = float(body)
        elif path == b"/state":
            said = json.dumps(self.state()).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
            len(said),
            said,
        )


async def main(outlets: int, watchlists: int) -> None:
    press = Press(outlets, watchlists)
    backstage = await asyncio.start_server(press.serve, "127.0.0.1", 0)
    control = backstage.sockets[0].getsockname()[1]
    first = await asyncio.start_server(press.serve, address(0), 0)
    port = first.sockets[0].getsockname()[1]
    for outlet in range(1, outlets):
        await asyncio.start_server(press.serve, address(outlet), port)
    feeds = [f"http://{address(outlet)}:{port}/feed" for outlet in range(outlets)]
    names = [watched_name(each) for each in range(watchlists)]
    print(json.dumps({"control": f"http://127.0.0.1:{control}", "feeds": feeds, "names": names}), flush=True)
    await press.go_on()


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
