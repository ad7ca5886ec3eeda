"""Documents built to hurt, each in a worker process of its own as the daemon has them: time and memory of the worst.

    python -m benchmarks.hostile

Feeds are parsed, pages are drafted: refined, and their traits taken. Two figures of memory at the peak: the worker's own,
and all that is resident in it (VmHWM), most of which it shares with the process it is forked from (interpreter, libraries,
models). Time is processor time, so that a busy machine tells less; the daemon kills a worker at 10 s by the clock and
refuses it more than 400 MB of its own.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import resource
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psutil

from monitor.collect import parse
from monitor.drafting import PRELOAD, draft
from monitor.errors import MonitorError, ParseError
from monitor.model import Item, Source, SourceKind
from monitor.workers import Workers

SECONDS, MEGABYTES = 10.0, 200
URL = "https://gazette.example.org/feed"
HTML = "<html><body><h1>t</h1>{}</body></html>"


def rss(inside: str, head: str = "") -> bytes:
    return f'{head}<rss version="2.0"><channel><title>t</title>{inside}</channel></rss>'.encode()


def item(number: int, title: str = "un titre") -> str:
    return (
        f"<item><title>{title} {number}</title><link>https://gazette.example.org/{number}</link>"
        f"<pubDate>Tue, 21 Apr 2026 {number // 60 % 24:02}:{number % 60:02}:00 GMT</pubDate></item>"
    )


def entities(levels: int) -> str:
    made = '<!ENTITY e0 "lollollol">' + "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, levels)
    )
    return f"<!DOCTYPE rss [{made}]>"


def attributes(count: int) -> str:
    return " ".join(f'a{number}="1"' for number in range(count))


def mail(body: bytes) -> bytes:
    raw = base64.b64encode(body).decode("ascii")
    return json.dumps({"mails": [{"uid": 1, "received": None, "raw": raw}], "problems": []}).encode()


Maker = Callable[[], bytes]
FEEDS: dict[str, tuple[SourceKind, Maker]] = {
    "an ordinary feed": (SourceKind.FEED, lambda: rss("".join(map(item, range(50))))),
    "100,000 attributes on one element": (SourceKind.FEED, lambda: rss(f"<item {attributes(100_000)}/>")),
    "100,000 items": (SourceKind.FEED, lambda: rss("".join(map(item, range(100_000)))[:9_900_000])),
    "200,000 nested tags": (SourceKind.FEED, lambda: rss("<a>" * 200_000 + "</a>" * 200_000)),
    "200,000 tags that never end": (SourceKind.FEED, lambda: rss("<a>" * 200_000)),
    "an entity bomb": (SourceKind.FEED, lambda: rss(item(1, "&e9;"), entities(10))),
    "a quadratic entity bomb": (
        SourceKind.FEED,
        lambda: rss(item(1, "&a;" * 100_000), f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>'),
    ),
    "a gzip bomb of 5 GB": (SourceKind.FEED, lambda: bomb(5_000_000_000)),
    "a title of 9.9 MB": (SourceKind.FEED, lambda: rss(item(1, "x" * 9_900_000))),
    "9.9 MB of &": (SourceKind.FEED, lambda: rss(item(1, "&" * 9_900_000))),
    "9.9 MB of <": (SourceKind.FEED, lambda: b"<rss>" + b"<" * 9_900_000),
    "9.9 MB of CDATA": (SourceKind.FEED, lambda: b"<rss>" + b"<![CDATA[" * 1_100_000),
    "9.9 MB of JSON brackets": (SourceKind.FEED, lambda: b"[" * 9_900_000),
    "a JSON Feed of 100,000 items": (
        SourceKind.FEED,
        lambda: json.dumps({"items": [{"id": str(n), "title": "un titre"} for n in range(100_000)]}).encode(),
    ),
    "a sitemap of 90,000 addresses": (
        SourceKind.NEWS_SITEMAP,
        lambda: b"<urlset>" + b"".join(b"<url><loc>https://gazette.example.org/%d</loc></url>" % n for n in range(90_000)) + b"</urlset>",
    ),
    "a WordPress list of 50,000 posts": (
        SourceKind.WORDPRESS,
        lambda: json.dumps([{"id": n, "title": {"rendered": "un titre"}, "link": f"/{n}"} for n in range(50_000)]).encode(),
    ),
    "a listing of 100,000 links": (
        SourceKind.PAGE,
        lambda: HTML.format("".join(f"<a href='/{n}'>un titre assez long pour {n}</a>" for n in range(100_000))).encode(),
    ),
    "a listing of 500,000 nested tags": (SourceKind.PAGE, lambda: HTML.format("<div>" * 500_000).encode()),
    "a Telegram page of 20,000 messages": (
        SourceKind.TELEGRAM,
        lambda: HTML.format(
            "<section class=tgme_channel_history>"
            + "".join(
                f"<div data-post='g/{n}'><div class='tgme_widget_message_text'>un texte {n}</div></div>" for n in range(20_000)
            )
        ).encode(),
    ),
    "a mail of 100,000 parts": (
        SourceKind.MAILBOX,
        lambda: mail(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\nt\r\n" * 70_000),
    ),
    "a mail of 20,000 nested parts": (
        SourceKind.MAILBOX,
        lambda: mail(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" * 18_000),
    ),
    "a mail with a header of 1 MB": (
        SourceKind.MAILBOX,
        lambda: mail(b"Subject: " + b"=?utf-8?q?=C3=A9?= " * 50_000 + b"\r\n\r\nt"),
    ),
}  # fmt: skip
PAGES: dict[str, Maker] = {
    "an ordinary page": lambda: HTML.format("<p>Un paragraphe de quelques mots.</p>" * 20).encode(),
    "a page of 500,000 nested tags": lambda: HTML.format("<div>" * 500_000 + "x").encode(),
    "a page of 100,000 attributes": lambda: HTML.format(f"<p {attributes(100_000)}>x</p>").encode(),
    "a page of 100,000 paragraphs": lambda: HTML.format("<p>Un paragraphe de quelques mots.</p>" * 100_000).encode(),
    "a page of 100,000 headings": lambda: HTML.format("<h2><a href='/x'>Lire aussi</a></h2>" * 100_000).encode(),
    "a page of 9.9 MB of text": lambda: HTML.format(f"<p>{'mot ' * 2_400_000}</p>").encode(),
    "a page of 200,000 list items": lambda: HTML.format(f"<ul>{'<li><a href=/x>un lien</a>' * 200_000}</ul>").encode(),
    "a page of JSON-LD, 9 MB deep": lambda: HTML.format(
        f"<script type='application/ld+json'>{'[' * 4_000_000}{']' * 4_000_000}</script>"
    ).encode(),
    "a PDF of 9 MB of noise": lambda: b"%PDF-1.4\n" + os.urandom(9_000_000),
}  # fmt: skip


def bomb(size: int) -> bytes:
    """A gzip file of so many zeros, made piece by piece; as many as 10 MB may hold."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(10_000_000)
    return b"".join(packer.compress(zeros) for _ in range(size // len(zeros))) + packer.flush()


def peak_reset() -> None:
    """Forget the most memory that this process ever had."""
    Path("/proc/self/clear_refs").write_text("5")


Row = tuple[float, float, float, str]
"""Seconds, the worker's own megabytes at the peak, all that were resident in it, and what came of it."""


def measured(call: Callable[[], object]) -> Row:
    """Runs in the worker."""
    peak_reset()
    started = time.process_time()
    try:
        call()
        told = "read"
    except ParseError as error:
        told = " ".join(str(error).split())[:90]
    seconds = time.process_time() - started
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    peak = int(found[1]) * 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    now = psutil.Process().memory_full_info()
    own = now.uss + peak - now.rss  # what was given back since the peak was its own
    return seconds, own / 1e6, peak / 1e6, told


def parsed(body: bytes, kind: SourceKind) -> Row:
    return measured(partial(parse, body, kind, URL))


def drafted(body: bytes) -> Row:
    item = Item(id="1", url=URL, title="un titre")
    source = Source("gazette", URL, full_text=True)
    return measured(partial(draft, item, source, body, URL, "", datetime(2026, 4, 21, tzinfo=UTC), False))


async def row(name: str, size: int, work: Callable[[Workers], object]) -> tuple[float, float]:
    """One line of the table, from a worker that has done nothing before."""
    async with Workers(1, preload=PRELOAD) as workers:
        started = time.monotonic()
        try:
            seconds, own, peak, told = await work(workers)  # type: ignore[misc]
        except MonitorError as error:
            seconds, own, peak, told = time.monotonic() - started, float("nan"), float("nan"), str(error)
    print(
        f"| {name} | {size / 1e6:.1f} MB | {seconds:.2f} s | {own:.0f} MB | {peak:.0f} MB | {told} |",
        flush=True,
    )
    return seconds, own


async def table() -> list[tuple[float, float]]:
    from benchmarks import hostile  # by its name: a worker cannot import what is called __main__

    print("| document | size | time | own peak | resident | outcome |\n|---|---|---|---|---|---|")
    rows = []
    for name, (kind, make) in FEEDS.items():
        body = make()
        rows.append(await row(name, len(body), lambda w, b=body, k=kind: w.run(hostile.parsed, 30.0, b, k)))  # type: ignore[misc]
    for name, make in PAGES.items():
        body = make()
        rows.append(await row(name, len(body), lambda w, b=body: w.run(hostile.drafted, 30.0, b)))  # type: ignore[misc]
    return rows


def main() -> None:
    rows = asyncio.run(table())
    slow = sum(seconds > SECONDS for seconds, _ in rows)
    large = sum(not peak <= MEGABYTES for _, peak in rows)
    print(f"{len(rows)} documents: {slow} over {SECONDS:g} s, {large} over {MEGABYTES} MB")


if __name__ == "__main__":
    main()
