"""A loopback press of any number of feeds of our own making, in a process of its own. Prints its base address, then serves.

`python -m benchmarks.press ITEMS`; GET /N.xml answers RSS 2.0 with an ETag; POST /next adds one item to every feed.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sys

from aiohttp import web

WORDS = (
    "le ministre de la sûreté nationale reçoit une délégation du Qatar à Rabat pour un accord de coopération "
    "the agency reports a new port investment in Dakhla and a forum of business leaders in Marrakech "
    "أعلنت المديرية العامة للأمن الوطني عن توقيع اتفاقية تعاون مع دولة قطر في مجال التكوين "
    "el gobierno presenta el presupuesto de la región con nuevas carreteras y una escuela"
).split()


def sentence(seed: int, words: int) -> str:
    chance = random.Random(seed)
    return " ".join(chance.choices(WORDS, k=words))


def item(base: str, feed: int, number: int) -> str:
    seed = feed * 100_000 + number
    return (
        f"<item><title>{sentence(seed, 10)}</title><link>{base}/a/{feed}/{number}</link>"
        f"<guid isPermaLink='false'>{feed}-{number}</guid><pubDate>Tue, 21 Apr 2026 {number % 24:02}:00:00 +0000</pubDate>"
        f"<description>&lt;p&gt;{sentence(seed + 7, 60)}&lt;/p&gt;</description></item>"
    )


def document(base: str, feed: int, newest: int, items: int) -> bytes:
    rows = "".join(item(base, feed, number) for number in range(newest, newest - items, -1))
    head = f"<title>Outlet {feed}</title><link>{base}/</link><description>news</description>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{rows}</channel></rss>'.encode()


async def serve(items: int) -> None:
    newest = items
    base = ""

    async def feed(request: web.Request) -> web.Response:
        body = document(base, int(request.match_info["feed"]), newest, items)
        tag = f'"{hashlib.sha1(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": tag})

    async def step(_: web.Request) -> web.Response:
        nonlocal newest
        newest += 1
        return web.Response()

    app = web.Application()
    app.router.add_get("/{feed}.xml", feed)
    app.router.add_post("/next", step)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    host, port = runner.addresses[0][:2]
    base = f"http://{host}:{port}"
    print(base, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
