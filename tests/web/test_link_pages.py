"""The pages behind an alert's links, over real sockets and a real store: what they do, and what nobody can make them do."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from monitor.app import App, build
from monitor.links import PATH, Grant, links_of, sign
from monitor.model import Delivery, ReplyKind
from monitor.settings import load
from monitor.store.engine import Database
from monitor.store.tables import metadata
from monitor.web import Desk, Metrics, bind, serve
from tests.build import make_article, write_config
from tests.store.samples import make_verdict

KINDS = list(ReplyKind)
HOSTILE = '<script>alert(1)</script> "Doha" {{7*7}} \u202e'


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Web:
    """The daemon's web on a port of its own, and one alert that was made."""

    app: App
    base: str
    session: aiohttp.ClientSession
    told: Delivery
    database: str
    clock: Clock
    answers: list[aiohttp.ClientResponse] = field(default_factory=list)

    def path(self, kind: ReplyKind = ReplyKind.ACKNOWLEDGE) -> str:
        links = links_of(self.told, self.app.parts.link_key, "http://x")
        assert links is not None
        name = {ReplyKind.ACKNOWLEDGE: "acknowledge"}.get(kind, kind.value.replace("-", "_"))
        return str(getattr(links, name, "") or getattr(links.answers[0], name)).removeprefix("http://x")

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        return await self._ask("GET", path, None, headers)

    async def post(
        self, path: str, body: str = "do=yes", **headers: str
    ) -> tuple[aiohttp.ClientResponse, str]:
        return await self._ask(
            "POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers}
        )

    async def _ask(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[aiohttp.ClientResponse, str]:
        async with self.session.request(
            method, self.base + path, data=body, headers=headers, allow_redirects=False
        ) as response:
            return response, await response.text()

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """The whole database."""
        opened = Database(self.database, writer=False)
        with opened.read() as connection:
            found = {
                table.name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table.name}"))]
                for table in metadata.sorted_tables
            }
        opened.close()
        return found

    async def given(self) -> list[ReplyKind]:
        return [each.kind for each in await self.app.parts.in_store(self.app.store.responses.recent)]


@pytest.fixture
async def web(tmp_path: Path, database_url: str, now: datetime) -> AsyncIterator[Web]:
    recipients = [
        {"id": "desk", "name": "Security desk", "channels": [{"id": "mail", "file": str(tmp_path / "out")}]}
    ]
    monitor = {
        "database": "${DATABASE}",
        "web": {"listen": "127.0.0.1:0", "public_url": "https://monitor.example.org"},
    }
    folder = write_config(tmp_path / "config", monitor=monitor, recipients=recipients)
    clock = Clock(now)
    app = build(load(folder, {"DATABASE": database_url}), clock=clock)
    verdict = make_verdict(make_article(HOSTILE), alert={"channels": ("mail",)})
    app.store.record(verdict, "gazette.example.org/1", "h", now)
    (told,) = app.store.outbox.list()
    desk = Desk(app, ())
    listener = bind("127.0.0.1:0")
    async with app, serve(desk, Metrics(desk), listener) as base, aiohttp.ClientSession() as session:
        yield Web(app, base, session, told, database_url, clock)


@pytest.mark.parametrize("kind", KINDS)
async def test_opening_a_link_changes_nothing_and_its_button_does(web: Web, kind: ReplyKind) -> None:
    path = web.path(kind)
    before = web.rows()
    for headers in ({}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "MailScanner"}):
        response, page = await web.get(path, **headers)
        assert response.status == 200
        assert '<form method="post">' in page
    async with web.session.head(web.base + path) as head:
        assert head.status == 200
    assert web.rows() == before
    response, page = await web.post(path)
    assert response.status == 200
    assert await web.given() == [kind]
    assert 'value="undo"' in page


async def test_pressing_twice_is_pressing_once(web: Web) -> None:
    await web.post(web.path())
    once = web.rows()
    web.clock.now += timedelta(hours=1)
    response, page = await web.post(web.path())
    assert (response.status, web.rows()) == (200, once)
    assert "Since 2026-04-21 09:00 UTC" in page


async def test_an_answer_can_be_taken_back_on_the_same_page(web: Web) -> None:
    path = web.path(ReplyKind.UNSUBSCRIBE)
    await web.post(path)
    _, page = await web.post(path, "do=undo")
    assert "It is taken back." in page
    assert await web.given() == []
    _, page = await web.get(path)
    assert 'value="yes"' in page


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        # RFC 8058 lets mail programs send the other form as well
        (
            "multipart/form-data; boundary=b",
            '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
        ),
    ],
)
async def test_a_mail_programs_own_button_unsubscribes_at_once(
    web: Web, content_type: str, body: str
) -> None:
    response, _ = await web.post(web.path(ReplyKind.UNSUBSCRIBE), body, **{"Content-Type": content_type})
    assert response.status == 200
    (given,) = await web.app.parts.in_store(web.app.store.responses.recent)
    assert (given.kind, given.watchlist, given.by) == (ReplyKind.UNSUBSCRIBE, "w", "one-click")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        # a request without the button's word
        (ReplyKind.ACKNOWLEDGE, ""),
        (ReplyKind.ACKNOWLEDGE, "do=everything"),
        (ReplyKind.ACKNOWLEDGE, "{}"),
        # the mail program's button is for unsubscribing alone
        (ReplyKind.ACKNOWLEDGE, "List-Unsubscribe=One-Click"),
        (ReplyKind.SILENCE_STORY, "List-Unsubscribe=One-Click"),
        # no form of ours is as long
        (ReplyKind.ACKNOWLEDGE, "do=yes&x=" + "x" * 100_000),
        (ReplyKind.ACKNOWLEDGE, "do=\u00e9"),
    ],
)
async def test_a_request_that_does_not_say_what_to_do_does_nothing(
    web: Web, kind: ReplyKind, body: str
) -> None:
    before = web.rows()
    response, page = await web.post(web.path(kind), body)
    assert (response.status, web.rows()) == (400, before)
    assert "Nothing was changed" in page


async def test_a_link_opens_no_other_purpose(web: Web) -> None:
    before = web.rows()
    for kind in KINDS:
        token = web.path(kind).rpartition("/")[2]
        for other in {each.value for each in KINDS} - {kind.value} | {"admin", "ACK"}:
            for ask in (web.get, web.post):
                response, page = await ask(f"{PATH}/{other}/{token}")
                assert response.status == 403
                assert "This link is not valid" in page
    assert web.rows() == before


async def test_a_damaged_or_foreign_link_is_refused(web: Web) -> None:
    good = web.path()
    grant = Grant(ReplyKind.ACKNOWLEDGE, web.told.id, web.clock.now + timedelta(days=1))
    foreign = f"{PATH}/ack/{sign(grant, 'another key that is long enough here')}"
    changed = good[:-5] + ("A" if good[-5] != "A" else "B") + good[-4:]
    before = web.rows()
    for path in (good[:-1], good + "A", changed, foreign, f"{PATH}/ack/x"):
        for ask in (web.get, web.post):
            response, _ = await ask(path)
            assert response.status in (403, 404)
    assert web.rows() == before


async def test_an_expired_link_says_so(web: Web) -> None:
    path, before = web.path(), web.rows()
    web.clock.now += timedelta(days=30)
    for ask in (web.get, web.post):
        response, page = await ask(path)
        assert response.status == 410
        assert "This link has expired" in page
    assert web.rows() == before


async def test_a_link_of_an_alert_that_is_forgotten_says_so(web: Web) -> None:
    grant = Grant(
        ReplyKind.ACKNOWLEDGE, "0b6f2f6e-8f1c-5d0a-9a53-0d7f3c1b2a4e", web.clock.now + timedelta(days=1)
    )
    path = f"{PATH}/ack/{sign(grant, web.app.parts.link_key)}"
    for ask in (web.get, web.post):
        response, page = await ask(path)
        assert response.status == 410
        assert "no longer stored" in page


async def test_a_title_from_outside_is_text_on_the_page(web: Web) -> None:
    _, page = await web.get(web.path())
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page


async def test_the_page_speaks_the_browsers_language_where_the_recipient_is_unknown(web: Web) -> None:
    response, page = await web.get(f"{PATH}/ack/x", **{"Accept-Language": "ar-MA,ar;q=0.9,fr;q=0.5"})
    assert response.status == 403
    assert '<html lang="ar" dir="rtl">' in page


SWEEP = [
    "/",
    "/links",
    "/links/",
    "/links/ack",
    "/links/ack/",
    "/links/ack/x/y",
    # traversal, in every spelling
    "/links/../../etc/passwd",
    "/links/..%2f..%2fetc%2fpasswd/x",
    "/links/ack/..%2f..%2f..%2fetc%2fpasswd",
    "/links/ack/%00",
    "/links/%2e%2e/%2e%2e",
    # open redirects
    "//evil.example.org/links/ack/x",
    "/links/ack/https:%2f%2fevil.example.org",
    "/links/ack/x?next=https://evil.example.org",
    "/%0d%0aLocation:%20https://evil.example.org",
    "/docs",
    "/openapi.json",
    "/metrics",
    "/-/ready",
    "/-/healthy",
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_nobody_without_a_link_can_change_anything_or_is_led_anywhere(web: Web, method: str) -> None:
    before = web.rows()
    for path in SWEEP:
        async with web.session.request(
            method, web.base + path, data=b"do=yes" if method != "GET" else None, allow_redirects=False
        ) as response:
            assert response.status < 300 or response.status >= 400
            assert "Location" not in response.headers
            assert_private(response)
    assert web.rows() == before


def assert_private(response: aiohttp.ClientResponse) -> None:
    policy = response.headers.getall("Content-Security-Policy")
    assert len(policy) == 1
    assert policy[0].startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy[0]
    assert "unsafe" not in policy[0]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers


async def test_the_policy_allows_the_style_sheet_of_the_page_and_no_other(web: Web) -> None:
    response, page = await web.get(web.path())
    [style] = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in response.headers["Content-Security-Policy"]
    assert "<script" not in page
    assert " style=" not in page


async def test_every_page_of_a_link_is_private(web: Web) -> None:
    path = web.path()
    asked = [web.get(path), web.post(path), web.post(path, "?"), web.get(path[:-1]), web.post(path + "x")]
    for answer in asked:
        assert_private((await answer)[0])


@pytest.mark.parametrize("host", ["evil.example.org", "monitor.example.org.evil.example.org", ""])
async def test_a_link_is_not_answered_under_a_name_that_is_not_ours(web: Web, host: str) -> None:
    before = web.rows()
    response, page = await web.post(web.path(), Host=host)
    assert (response.status, web.rows()) == (400, before)
    assert_private(response)
    assert host == "" or host not in page


async def test_the_page_is_the_same_whatever_the_host_header_says(web: Web) -> None:
    pages = {
        (await web.get(web.path(), Host=host, **{"X-Forwarded-Host": "evil.example.org"}))[1]
        for host in ("localhost", "monitor.example.org", "127.0.0.1:9")
    }
    assert len(pages) == 1
    assert "evil.example.org" not in pages.pop()


async def test_a_store_that_does_not_answer_is_told_as_not_recorded(web: Web) -> None:
    let_go = asyncio.Event()
    loop = asyncio.get_running_loop()
    held = asyncio.create_task(
        web.app.parts.in_store(lambda: asyncio.run_coroutine_threadsafe(let_go.wait(), loop).result())
    )
    response, page = await web.post(web.path())
    let_go.set()
    await held
    assert response.status == 503
    assert "Please try again" in page
    response, _ = await web.post(web.path())
    assert response.status == 200


async def test_the_port_is_bound_on_this_machine_alone(web: Web) -> None:
    host = web.base.removeprefix("http://").rpartition(":")[0]
    assert socket.inet_aton(host) == socket.inet_aton("127.0.0.1")
