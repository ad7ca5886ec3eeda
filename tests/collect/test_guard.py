"""The network guard, by calling it: no test here connects anywhere but to loopback."""

from __future__ import annotations

import socket

import pytest

from monitor.collect.guard import AddressRefused, guarded_sockets, judge_address, judge_url

REFUSED_ADDRESSES = [
    "0.0.0.0", "0.1.2.3",  # this network
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # private
    "100.64.0.1", "100.127.255.255",  # CGNAT
    "127.0.0.1", "127.255.255.254", "::1",  # loopback
    "169.254.169.254", "fe80::1", "fe80::1%eth0",  # link-local, the metadata service of clouds
    "192.0.0.1", "192.0.0.170", "192.0.2.1", "198.51.100.1", "203.0.113.1",  # protocol assignments, documentation
    "192.88.99.1", "198.18.0.1", "240.0.0.1", "255.255.255.255",  # 6to4 relay, benchmarks, reserved, broadcast
    "224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1",  # multicast
    "::", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8",  # unspecified, IPv4 in IPv6
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::c0a8:101",  # NAT64 of private addresses
    "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::",  # 6to4 of private addresses
    "fc00::1", "fd12:3456::1", "fec0::1",  # unique local, site local
    "2001::1", "2001:db8::1", "3fff::1", "5f00::1", "100::1",  # Teredo, documentation, segment routing, discard
    "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("ip", REFUSED_ADDRESSES)
def test_an_address_that_is_not_the_public_internet_is_refused_with_a_reason(ip: str) -> None:
    assert judge_address(ip)


@pytest.mark.parametrize(
    "ip",
    [
        "8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.0.1.1",
        "2606:4700::1111", "2a00:1450:4007::1",
        "64:ff9b::808:808", "2002:808:808::1",  # NAT64 and 6to4 of public addresses
    ],
)  # fmt: skip
def test_a_public_address_passes(ip: str) -> None:
    assert judge_address(ip) is None


REFUSED_URLS = {
    "file:///etc/passwd": "scheme",
    "ftp://example.org/": "scheme",
    "gopher://example.org/": "scheme",
    "//example.org/": "scheme",
    "": "scheme",
    "http:///path": "no host",
    "http://user:secret@example.org/": "user name",
    "http://example.org@10.0.0.1/": "user name",
    "http://@example.org/": "user name",
    "http://example.org\\@10.0.0.1/": "backslash",
    "http://exam\tple.org/": "control character",
    "http://example.org/\n": "control character",
    "http://example.org/a b": "space",
    "http://example.org/\x00": "control character",
    "http://127.1/": "disguise",
    "http://0x7f.1/": "disguise",
    "http://0x7f000001/": "disguise",
    "http://2130706433/": "disguise",
    "http://0177.0.0.1/": "disguise",
    "http://127.0.0.1./": "disguise",
    "http://127.0.0.0x1/": "disguise",
    "http://①②⑦.⓪.⓪.①/": "look-alike",
    "http://１２７。０。０。１/": "look-alike",
    "http://ｌocalhost/": "look-alike",
    "http://127.0.0.1/": "loopback",
    "http://10.1.2.3/": "private",
    "http://[::1]/": "loopback",
    "http://[::ffff:127.0.0.1]/": "IPv6 clothes",
    "http://[fe80::1%25eth0]/": "network interface",
    "http://[::1/": "not a URL",
    "http://example.org:22/": "port 22",
    "http://example.org:8080/": "port 8080",
    "http://example.org:99999/": "not a URL",
    "http://example.org:0/": "port 0",
    "http://example.org/" + "a" * 9000: "longer",
}


@pytest.mark.parametrize(("url", "reason"), REFUSED_URLS.items())
def test_a_url_that_could_mislead_is_refused_and_says_why(url: str, reason: str) -> None:
    assert reason in (judge_url(url) or "")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org", "https://example.org/feed?a=1&b=2", "https://example.org:443/", "http://example.org:80/",
        "https://münchen.example.org/", "https://موقع.example.org/الأخبار", "https://8.8.8.8/", "https://[2606:4700::1111]/",
        "https://1.example.org/", "https://x1.example.org/a:b@c",
    ],
)  # fmt: skip
def test_an_ordinary_url_passes(url: str) -> None:
    assert judge_url(url) is None


def test_a_port_is_allowed_by_the_list_or_on_private_networks() -> None:
    assert judge_url("http://example.org:8080/", ports=(8080,)) is None
    assert judge_url("http://127.0.0.1:8080/", allow_private=True) is None


@pytest.mark.parametrize(
    "url", ["http://127.1/", "http://u@127.0.0.1/", "file:///etc/passwd", "http://a\\b/"]
)
def test_allow_private_lifts_the_ranges_but_no_disguise(url: str) -> None:
    assert judge_url(url, allow_private=True)


def _info(ip: str) -> tuple[int, int, int, str, tuple[str, int]]:
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    return (family, socket.SOCK_STREAM, 0, "", (ip, 80))


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.0.0.1", "::1", "64:ff9b::7f00:1"])
def test_no_socket_is_made_for_a_refused_address(ip: str) -> None:
    with pytest.raises(AddressRefused, match=ip):
        guarded_sockets(allow_private=False)(_info(ip))


def test_a_socket_is_made_for_a_public_address_and_for_any_when_private_is_allowed() -> None:
    guarded_sockets(allow_private=False)(_info("8.8.8.8")).close()
    guarded_sockets(allow_private=True)(_info("127.0.0.1")).close()
