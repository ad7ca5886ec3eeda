"""Sources that are more than one document, from the loopback press to the store: nothing between two polls is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from monitor.app import App
from monitor.model import Health
from monitor.settings import Settings
from tests.collect.dovecot import running_dovecot
from tests.collect.test_mailbox import mail
from tests.journey.conftest import Clock, Inbox

# what the databases do differently, the other journeys show
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Configure = Callable[..., Settings]
Start = Callable[[Settings], App]


class Blog:
    """A WordPress site: `posts` are moments, and its API pages and filters them as the real one does."""

    def __init__(self, server: HTTPServer) -> None:
        self.posts: list[datetime] = []
        self.asked: list[dict[str, str]] = []
        self.url = server.url_for("/blog")
        server.expect_request("/blog/wp-json/wp/v2/posts").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.asked.append(request.args.to_dict())
        after = datetime.fromisoformat(request.args.get("after", "1970-01-01T00:00:00Z"))
        per_page, page = int(request.args["per_page"]), int(request.args.get("page", "1"))
        found = sorted((post for post in self.posts if post > after), reverse=True)
        if page > 1 and (page - 1) * per_page >= len(found):
            return Response("{}", 400)
        rows = [self._post(post) for post in found[(page - 1) * per_page : page * per_page]]
        return Response(json.dumps(rows), content_type="application/json")

    def _post(self, moment: datetime) -> dict[str, object]:
        name = f"{moment:%d-%H-%M}"
        return {
            "date_gmt": f"{moment:%Y-%m-%dT%H:%M:%S}",
            "link": f"https://blog.example.org/{name}",
            "title": {"rendered": f"Billet {name}"},
        }


async def test_after_an_outage_a_blogs_pages_are_read_back_to_the_last_reading(
    httpserver: HTTPServer, configure: Configure, start: Start, clock: Clock
) -> None:
    blog = Blog(httpserver)
    blog.posts = [clock.now - timedelta(hours=hours) for hours in range(30)]
    settings = configure({"id": "blog", "kind": "wordpress", "url": blog.url, "every": "5m"})
    async with start(settings) as app:
        assert (await app.gather()).articles_new == 20
        clock.turn(hours=10)  # an outage, while a post came each 11 minutes
        blog.posts += [clock.now - timedelta(minutes=11 * n) for n in range(54)]
        blog.asked.clear()
        assert (await app.gather()).articles_new == 54
        assert [asked.get("page") for asked in blog.asked] == [None, "2", "3"]
        clock.turn(minutes=10)
        blog.asked.clear()
        assert (await app.gather()).articles_new == 0
        assert len(blog.asked) == 1  # a poll without news costs one request


def sitemap(*paths: str) -> str:
    rows = (f"<url><loc>https://map.example.org/{path}</loc></url>" for path in paths)
    return f"<urlset>{''.join(rows)}</urlset>"


async def test_of_an_index_the_readable_sitemaps_are_read_and_the_others_told(
    httpserver: HTTPServer, configure: Configure, start: Start
) -> None:
    parts = {"/good.xml": sitemap("a", "b"), "/bad.xml": "<html><p>404</p></html>"}
    for path, body in parts.items():
        httpserver.expect_request(path).respond_with_data(body)
    links = "".join(f"<sitemap><loc>{httpserver.url_for(p)}</loc></sitemap>" for p in (*parts, "/absent.xml"))
    httpserver.expect_request("/index.xml").respond_with_data(f"<sitemapindex>{links}</sitemapindex>")
    settings = configure({"id": "map", "kind": "news-sitemap", "url": httpserver.url_for("/index.xml")})
    async with start(settings) as app:
        tally = await app.gather()
        assert (tally.items, tally.failed) == (2, 0)
        message = app.store.sources.all()[0].message
        assert "/bad.xml: not a feed" in message
        assert "/absent.xml: 500" in message


async def test_an_index_of_which_nothing_can_be_read_is_a_failure_and_not_empty(
    httpserver: HTTPServer, configure: Configure, start: Start
) -> None:
    link = httpserver.url_for("/absent.xml")
    httpserver.expect_request("/index.xml").respond_with_data(
        f"<sitemapindex><sitemap><loc>{link}</loc></sitemap></sitemapindex>"
    )
    settings = configure({"id": "map", "kind": "news-sitemap", "url": httpserver.url_for("/index.xml")})
    async with start(settings) as app:
        assert (await app.gather()).failed == 1
        assert app.store.sources.all()[0].health is Health.FAILING


async def test_over_the_turn_of_a_month_both_sitemaps_are_read(
    httpserver: HTTPServer, configure: Configure, start: Start, clock: Clock
) -> None:
    httpserver.expect_request("/2026-04.xml").respond_with_data(sitemap("a"), headers={"ETag": '"1"'})
    url = httpserver.url_for("/") + "{YYYY}-{MM}.xml"
    settings = configure({"id": "map", "kind": "news-sitemap", "url": url, "every": "5m"})
    clock.now = datetime(2026, 4, 30, 12, 0, tzinfo=UTC)
    async with start(settings) as app:
        assert (await app.gather()).articles_new == 1
        clock.turn(hours=13)  # May, whose sitemap is not there yet
        tally = await app.gather()
        assert (tally.failed, tally.items) == (0, 1)
        httpserver.expect_request("/2026-05.xml").respond_with_data(sitemap("b", "c"))
        clock.turn(minutes=10)
        assert (await app.gather()).articles_new == 2


async def test_a_newsletter_alerts_from_its_mailbox(
    configure: Configure, start: Start, clock: Clock, inbox: Inbox
) -> None:
    with running_dovecot() as dovecot:
        dovecot.deliver("Lettres", mail("Une lettre d’hier"))
        settings = configure(
            {"id": "lettre", "kind": "mailbox", "url": dovecot.url("Lettres"), "password": "${IMAP}", "every": "5m"}
        )  # fmt: skip
        async with start(settings) as app:
            assert (await app.gather()).articles_new == 1
            html = "<p>Le colloque de la Sûreté nationale s’ouvre mardi.</p>"
            dovecot.deliver("Lettres", mail("La lettre du matin", html, Message_ID="<2@gazette.example.org>"))
            clock.turn(minutes=10)
            tally = await app.gather()
            assert (tally.articles_new, tally.alerts) == (1, 1)
            await app.deliver()
            clock.turn(minutes=10)
            assert (await app.gather()).not_modified == 1
    assert len(inbox.of("security")) == 1


async def test_a_back_dated_item_after_an_outage_is_alerted_once(
    httpserver: HTTPServer, configure: Configure, start: Start, clock: Clock, inbox: Inbox
) -> None:
    answers: list[str | None] = [None]

    def answer(_: Request) -> Response:
        item = answers[-1]
        if item is None:
            return Response("out of order", 503)
        return Response(f"<rss version='2.0'><channel><title>t</title>{item}</channel></rss>")

    old = "<item><guid>1</guid><title>Un marché rouvre</title></item>"
    late = (
        "<item><guid>2</guid><title>La Sûreté nationale à Doha</title><pubDate>Thu, 16 Apr 2026 08:00:00 GMT</pubDate>"
        "</item>"
    )
    httpserver.expect_request("/feed").respond_with_handler(answer)
    settings = configure({"id": "gazette", "url": httpserver.url_for("/feed"), "every": "5m"})
    async with start(settings) as app:
        # the outlet is well, out of order for days, and comes back with what it had published five days before
        for item in (old, None, late + old, late + old, old, late + old):
            answers.append(item)
            await app.gather(everything=True)
            await app.deliver()
            clock.turn(days=1)
    assert len(inbox.of("security")) == 1
