"""The sign of life: it goes where the operator said, through the guard, and follows nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from monitor.collect.ping import ping
from monitor.model import FetchPolicy, HeartbeatPolicy

POLICY = FetchPolicy(user_agent="media-monitor test")


def to(url: str, *, allow_private: bool = True) -> HeartbeatPolicy:
    return HeartbeatPolicy(url, timedelta(seconds=60), allow_private)


async def test_it_arrives_with_our_name(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request(
        "/beat/token", headers={"User-Agent": "media-monitor test"}
    ).respond_with_data("OK")
    assert await ping(to(httpserver.url_for("/beat/token")), POLICY) is None
    httpserver.check()


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (500, {}, "localhost answered 500 to the heartbeat"),
        (404, {}, "localhost answered 404 to the heartbeat"),
        # followed nowhere: the address is the operator's word, a redirect is somebody else's
        (302, {"Location": "http://169.254.169.254/latest"}, "localhost answered 302 to the heartbeat"),
    ],
)
async def test_what_does_not_take_it_is_named_without_the_token(
    httpserver: HTTPServer, status: int, headers: dict[str, str], said: str
) -> None:
    httpserver.expect_request("/beat/token").respond_with_data("no", status, headers)
    assert await ping(to(httpserver.url_for("/beat/token")), POLICY) == said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9/token", "127.0.0.1 is refused: 127.0.0.1 is this machine (loopback)"),
        ("http://169.254.169.254/token", "is a link-local address"),
        ("http://[::ffff:10.0.0.1]/token", "an IPv4 address in IPv6 clothes"),
        ("http://2130706433/token", "the host is an address in disguise"),
        ("http://localhost:9/token", "this machine (loopback)"),  # judged when it is connected to
        ("file:///etc/passwd", "file scheme"),
    ],
)
async def test_an_address_of_the_own_network_has_to_be_allowed(url: str, said: str) -> None:
    problem = await ping(to(url, allow_private=False), POLICY)
    assert problem
    assert said in problem
    assert "token" not in problem


async def test_a_port_where_nobody_listens_is_told() -> None:
    problem = await ping(to("http://127.0.0.1:9/token"), POLICY)
    assert problem == "no heartbeat to 127.0.0.1: Connect call failed ('127.0.0.1', 9)"
