"""Where the web may listen, and where not."""

from __future__ import annotations

import socket

import pytest

from monitor.errors import ConfigurationError, MonitorError
from monitor.web.listen import allowed_hosts, bind, parse_listen


@pytest.mark.parametrize(
    ("listen", "place"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:8080", ("::1", 8080)),
        ("localhost:80", ("127.0.0.1", 80)),
        # all of 127/8 is this machine
        ("127.0.5.1:1", ("127.0.5.1", 1)),
        ("127.0.0.1:0", ("127.0.0.1", 0)),
    ],
)
def test_addresses_of_this_machine_are_read(listen: str, place: tuple[str, int]) -> None:
    assert parse_listen(listen) == place


@pytest.mark.parametrize(
    "listen",
    [
        "0.0.0.0:8080",
        "[::]:8080",
        "192.168.1.4:80",
        # IPv4 inside IPv6, and an old spelling of 0.0.0.0
        "[::ffff:10.0.0.1]:80",
        "0:80",
        # a name may resolve to anything tomorrow
        "intranet.example.org:80",
        ":8080",
    ],
)
def test_what_others_can_reach_is_refused_however_the_settings_were_made(listen: str) -> None:
    with pytest.raises(ConfigurationError, match=r"web\.listen: .* no authentication"):
        parse_listen(listen)


def test_a_port_in_use_is_an_error_that_says_what_to_do() -> None:
    with bind("127.0.0.1:0") as first:
        port = first.getsockname()[1]
        with pytest.raises(MonitorError, match=r"in use by another process; set web\.listen"):
            bind(f"127.0.0.1:{port}")


def test_both_families_can_be_listened_on() -> None:
    for listen, family in (("127.0.0.1:0", socket.AF_INET), ("[::1]:0", socket.AF_INET6)):
        with bind(listen) as listener:
            assert listener.family == family
            assert listener.getsockname()[1] > 0


def test_the_public_name_is_answered_beside_the_local_ones() -> None:
    hosts = allowed_hosts("monitor.example.org", "127.0.0.1")
    assert {"monitor.example.org", "localhost", "127.0.0.1", "[::1]"} <= set(hosts)
    assert "*" not in hosts
