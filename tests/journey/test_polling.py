"""Through the whole program: overruns are told and filled, changing ids tell nobody twice, hostile hosts hold up nothing."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from pytest_httpserver import HTTPServer
from werkzeug import Response

from monitor.app import App
from monitor.collect import HttpFetcher
from monitor.model import FetchPolicy, Health, Reason, Request
from monitor.settings import Settings
from tests.collect.rawserver import RawServer
from tests.journey.conftest import Clock, Inbox
from tests.journey.outlet import Outlet

Configure = Callable[..., Settings]
Start = Callable[[Settings], App]
MakeOutlet = Callable[[str], Outlet]
BODY = "Le conseil communal a voté hier soir le budget des écoles du quartier, après un long débat."


def feed(items: list[tuple[str, str]], base: str) -> Response:
    """Items of (slug, title): each with an address and an id of that slug."""
    rows = "".join(
        f"<item><title>{title}</title><link>{base}{slug}</link><guid isPermaLink='false'>{slug}</guid>"
        f"<description>{BODY}</description></item>"
        for slug, title in items
    )
    return Response(
        f"<rss version='2.0'><channel><title>x</title>{rows}</channel></rss>", content_type="text/xml"
    )


async def test_an_overrun_is_told_and_the_outlets_sitemap_is_read_at_once(
    outlet: MakeOutlet, configure: Configure, start: Start, clock: Clock, httpserver: HTTPServer
) -> None:
    paper, shown = outlet("gazette"), [(f"old-{n}", f"Ancien titre {n}") for n in range(4)]
    httpserver.expect_request("/busy.xml").respond_with_handler(lambda _: feed(shown, paper.link("")))
    settings = configure(
        {"id": "busy", "url": httpserver.url_for("/busy.xml")},
        {"id": "map", "url": paper.sitemap, "kind": "news-sitemap", "every": "6h"},
    )
    paper.put("doha", "Abdellatif Hammouchi à Doha", BODY)
    async with start(settings) as app:
        await app.gather()
        clock.turn(minutes=40)
        shown[:] = [(f"new-{n}", f"Titre récent {n}") for n in range(4)]
        paper.put("visite", "Visite d’Abdellatif Hammouchi à Doha, la suite", BODY)
        tally = await app.gather()
        state = app.store.sources.state("busy", clock())
        assert (state.health, tally.sources) == (Health.OVERRUN, 1)
        assert any("articles came and went unseen" in told for _, told in tally.problems)
        assert state.next_check_at - clock() <= timedelta(minutes=21)
        filled = await app.gather()  # no time has passed: the sitemap, though its six hours are not over
        assert (filled.sources, filled.articles_new) == (1, 1)
        app.settings = replace(settings, polling=replace(settings.polling, budget=1))
        await app.gather()
        assert app.parts.polling.price > settings.polling.price  # one an hour is less than it would ask
        lines = [line.decision for line in app.store.ledger.of_source("busy")]
        assert any(each.reason is Reason.DAMAGED and each.detail.startswith("overrun") for each in lines)


async def test_several_articles_under_one_address_are_each_told_once_however_often_they_are_shown(
    outlet: MakeOutlet, configure: Configure, start: Start, clock: Clock, httpserver: HTTPServer
) -> None:
    """A page of offers or a live report keeps its address; so does each item of a feed that links to its front page."""
    outlet("gazette")
    shown = [("monday", "Le direct de lundi"), ("sunday", "Le direct de dimanche")]

    def answer(_: object) -> Response:
        rows = "".join(
            f"<item><title>{title}</title><link>https://example.org/direct</link>"
            f"<guid isPermaLink='false'>{slug}</guid><description>{title}. {BODY}</description></item>"
            for slug, title in shown
        )
        head = f"<rss version='2.0'><channel><title>{clock()}</title>"
        return Response(f"{head}{rows}</channel></rss>", content_type="text/xml")

    httpserver.expect_request("/busy.xml").respond_with_handler(answer)
    news = []
    async with start(configure({"id": "busy", "url": httpserver.url_for("/busy.xml")})) as app:
        for _ in range(3):
            news.append((await app.gather()).articles_new)
            clock.turn(hours=3)
        shown[:0] = [("tuesday", "Le direct de mardi")]
        news.append((await app.gather()).articles_new)
        del shown[1:]
        clock.turn(hours=3)
        news.append((await app.gather()).articles_new)
        stored = app.store.articles.recent(5)
        versions = [app.store.articles.versions(number) for number in range(1, 4)]
    assert news == [2, 0, 0, 1, 0]
    assert [each.title for each in stored] == [
        "Le direct de mardi",
        "Le direct de lundi",
        "Le direct de dimanche",
    ]
    assert {each.url for each in stored} == {"https://example.org/direct"}
    assert versions == [0, 0, 0]


async def test_what_the_last_reading_showed_is_known_though_it_is_not_parsed_again(
    outlet: MakeOutlet, configure: Configure, start: Start, clock: Clock, httpserver: HTTPServer
) -> None:
    """All but one of the items are new: nothing came and went unseen. Dates are told of all."""
    outlet("gazette")
    shown = [("a", "Premier titre"), ("b", "Deuxième titre"), ("c", "Troisième titre")]
    httpserver.expect_request("/busy.xml").respond_with_handler(lambda _: feed(shown, "https://example.org/"))
    async with start(configure({"id": "busy", "url": httpserver.url_for("/busy.xml")})) as app:
        await app.gather()
        clock.turn(minutes=40)
        shown[:] = [*((f"new-{n}", f"Titre récent {n}") for n in range(4)), shown[0]]
        tally = await app.gather()
        state = app.store.sources.state("busy", clock())
        assert app.parts.memos.keys() == {"busy"}
    assert (tally.items, tally.articles_new, state.health) == (5, 4, Health.OK)


async def test_an_index_of_documents_without_items_is_empty_and_not_broken(
    outlet: MakeOutlet, configure: Configure, start: Start, clock: Clock, httpserver: HTTPServer
) -> None:
    outlet("gazette")
    space = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    index = f"<sitemapindex {space}><sitemap><loc>{httpserver.url_for('/april.xml')}</loc></sitemap></sitemapindex>"
    for path, document in (("/index.xml", index), ("/april.xml", f"<urlset {space}></urlset>")):
        httpserver.expect_request(path).respond_with_data(document, content_type="text/xml")
    settings = configure({"id": "map", "url": httpserver.url_for("/index.xml"), "kind": "news-sitemap"})
    async with start(settings) as app:
        tally = await app.gather()
        state = app.store.sources.state("map", clock())
    assert (tally.failed, state.health, state.body_hash) == (0, Health.EMPTY, None)


async def test_ids_that_change_with_each_reading_are_told_once_and_recorded_no_more(
    outlet: MakeOutlet, configure: Configure, start: Start, clock: Clock, httpserver: HTTPServer, inbox: Inbox
) -> None:
    outlet("gazette")
    polls, titles = [0], [f"Abdellatif Hammouchi, chapitre {n}" for n in range(5)]
    still: list[bool] = []  # whether the ids stay for once

    def churned(_: object) -> Response:
        polls[0] += not still
        rows = [(f"{polls[0]}-{title}", title) for title in titles]
        return feed(rows, httpserver.url_for("/lire/"))

    httpserver.expect_request("/churn.xml").respond_with_handler(churned)
    settings = configure({"id": "churn", "url": httpserver.url_for("/churn.xml"), "every": "5m"})
    new, told = [], []
    async with start(settings) as app:
        for _ in range(5):
            tally = await app.gather()
            new.append(tally.articles_new)
            told.append(any("the ids change" in problem for _, problem in tally.problems))
            clock.turn(minutes=6)
        titles.insert(0, "Abdellatif Hammouchi à Doha")
        assert (await app.gather()).articles_new == 1  # what is new is still found
        still.append(True)
        clock.turn(minutes=6)
        titles.insert(0, "La suite")
        assert (
            await app.gather()
        ).articles_new == 1  # beside entries that the last reading showed, byte for byte
        state = app.store.sources.state("churn", clock())
    assert new[3:] == [0, 0]
    assert told == [False, False, False, True, True]
    assert (state.health, "recognised by title" in state.message) == (Health.OK, True)


# --- hostile hosts ---------------------------------------------------------------------------------------------------


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.005)


async def interim(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)
        await writer.drain()
        await asyncio.sleep(0)


async def headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(1_000_000):
        if writer.is_closing():
            return
        writer.write(b"".join(b"X-%d-%d: y\r\n" % (number, each) for each in range(100)))
        await writer.drain()


async def one_header(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    for _n in range(100_000):
        if writer.is_closing():
            return
        writer.write(b"y" * 4096)
        await writer.drain()


async def chunks(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"1\r\nx\r\n" * 1_000)
        await writer.drain()
        await asyncio.sleep(0)


HOSTILE = {"/drip": drip, "/interim": interim, "/headers": headers, "/header": one_header, "/chunks": chunks}


class PressElsewhere:
    """A raw server on a loop and a thread of its own, so that only the fetcher's work is measured."""

    def __enter__(self) -> str:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = RawServer(HOSTILE)
        asyncio.run_coroutine_threadsafe(self._server.__aenter__(), self._loop).result(10)
        return self._server.url

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._server.__aexit__(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@contextmanager
def collector_at_rest() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def longest_work(stop: asyncio.Event) -> float:
    """The most seconds of computing that the loop did between two turns of a task that only wants its turn."""
    longest, last = 0.0, time.thread_time()
    while not stop.is_set():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, last = max(longest, now - last), now
    return longest


async def test_no_hostile_host_holds_up_the_loop_for_a_tenth_of_a_second() -> None:
    """Every other source shares this loop. CPU time is measured: it is the same on a machine that others use. Without
    the collector, which would go through what a thousand other tests have left."""
    policy = FetchPolicy(allow_private=True, deadline=timedelta(seconds=1.5), max_bytes=1_000_000, per_host=8)
    stop = asyncio.Event()
    with PressElsewhere() as url, collector_at_rest():
        async with HttpFetcher(policy) as fetcher:
            watch = asyncio.create_task(longest_work(stop))
            answers = await asyncio.gather(*(fetcher.fetch(Request(url + path)) for path in HOSTILE))
            stop.set()
            longest = await watch
    assert all(each.failure and each.seconds < 10 for each in answers)
    assert longest < 0.1
