"""What the web answers to whom: every route is known to the sweep, and no other site can make a browser change anything."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from fastapi.routing import APIRoute

from monitor.model import ReplyKind
from monitor.web import Desk, Metrics
from monitor.web.server import routes
from tests.web.test_link_pages import Web, assert_private, web

__all__ = ["web"]  # the fixture

PUBLIC = {"/-/healthy", "/-/ready", "/metrics"}
BY_TOKEN = {"/links/{kind}/{token}", "/feeds/{token}/{name}"}


async def test_every_route_is_public_on_purpose_or_opens_by_its_token_alone(web: Web) -> None:
    desk = Desk(web.app, ())
    found = [
        each for each in routes(desk, Metrics(desk), ("localhost",)).routes if isinstance(each, APIRoute)
    ]
    assert {each.path for each in found} == PUBLIC | BY_TOKEN, (
        "a new route: sweep it, and say here what opens it"
    )
    changing = {each.path for each in found if set(each.methods or ()) - {"GET", "HEAD"}}
    assert changing == {"/links/{kind}/{token}"}
    for path in BY_TOKEN:
        tried = path.format(kind="ack", token="x" * 51, name="w.atom")
        response, _ = await web.get(tried)
        assert response.status in (403, 404)


FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example.org"},
    # the same machine, another program's page
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://monitor.example.org"},
    {"Origin": "https://monitor.example.org.evil.example.org"},
    # a page that keeps its address to itself is told by the browser all the same
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


async def test_another_sites_page_changes_nothing_though_it_has_the_token(web: Web) -> None:
    before = web.rows()
    for headers in FOREIGN:
        for kind, body in (
            (ReplyKind.ACKNOWLEDGE, "do=yes"),
            (ReplyKind.UNSUBSCRIBE, "List-Unsubscribe=One-Click"),
        ):
            response, said = await web.post(web.path(kind), body, **headers)
            assert response.status == 403, headers
            assert "another site" in said
            assert_private(response)
    assert web.rows() == before


OWN: list[dict[str, str]] = [
    # mail programs and scripts
    {},
    # our page, whose policy is to tell nobody where it comes from
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "https://monitor.example.org", "Sec-Fetch-Site": "same-origin"},
]


async def test_the_pages_own_button_and_a_mail_program_are_obeyed(web: Web) -> None:
    for headers in (*OWN, {"Origin": web.base}):
        response, _ = await web.post(web.path(), **headers)
        assert response.status == 200, headers


MALFORMED = [
    b"\x16\x03\x01 this is TLS\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
]


async def test_what_is_no_http_is_answered_with_the_policy_too(web: Web) -> None:
    where = urlsplit(web.base)
    for request in MALFORMED:
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(request)
        answer = (await reader.read(65_536)).decode("latin-1").lower()
        writer.close()
        assert answer.startswith("http/1.1 4")
        for header in ("content-security-policy: default-src 'none'", "cache-control: no-store", "nosniff"):
            assert header in answer, request[:60]


async def test_what_a_proxy_says_of_the_reader_is_not_believed(web: Web) -> None:
    claims = {
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example.org",
    }
    plain, claimed = await web.get(web.path()), await web.get(web.path(), **claims)
    assert plain[1] == claimed[1]


def test_no_token_stands_in_the_database(web: Web) -> None:
    held = str(web.rows())
    for kind in ReplyKind:
        assert web.path(kind).rpartition("/")[2] not in held
