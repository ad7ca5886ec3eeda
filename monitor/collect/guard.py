"""The network guard: which URLs and addresses the daemon may open. Pure judgements, plus the socket factory that applies them.

`fetch` judges the URL of every hop; `guarded_sockets` judges each resolved address at the moment of connecting, so a
name cannot point elsewhere between the check and the connection. It never resolves names itself.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from typing_extensions import Buffer

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]

MAX_URL = 8192  # characters
SIP = 32_768  # bytes that are read at once; 1,100 interim answers

# `ipaddress.is_global` of Python 3.11 passes 14 of the ranges that must not be reached, so they are listed.
_RANGES = tuple(
    (ipaddress.ip_network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "an address of this network"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "a provider's internal address"),
        ("127.0.0.0/8", "this machine (loopback)"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "a documentation address"),
        ("192.88.99.0/24", "a reserved address"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "a benchmarking address"),
        ("198.51.100.0/24", "a documentation address"),
        ("203.0.113.0/24", "a documentation address"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("::/128", "an unspecified address"),
        ("::1/128", "this machine (loopback)"),
        ("::ffff:0:0/96", "an IPv4 address in IPv6 clothes"),
        ("::/96", "an IPv4 address in IPv6 clothes"),
        ("100::/64", "a discard address"),
        ("2001::/23", "a reserved address"),
        ("2001:db8::/32", "a documentation address"),
        ("3fff::/20", "a documentation address"),
        ("5f00::/16", "a segment-routing address"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a site-local address"),
        ("ff00::/8", "a multicast address"),
    )
)

# Translation prefixes are as good or bad as the IPv4 address inside; the number says how far from the right it ends.
_EMBEDDING = tuple(
    (ipaddress.IPv6Network(network), shift)
    for network, shift in (("64:ff9b::/96", 0), ("64:ff9b:1::/48", 0), ("2002::/16", 80))
)


class AddressRefused(OSError):
    """Raised inside the connector, so that a refused address counts as one that could not be connected to."""


def judge_address(ip: str | Address) -> str | None:
    """Why this address must not be opened, or None where it may. Takes text such as '10.0.0.1' or 'fe80::1%2'."""
    if isinstance(ip, str):
        try:
            ip = ipaddress.ip_address(ip.partition("%")[0])
        except ValueError:
            return "not an address"
    for network, reason in _RANGES:
        if ip.version == network.version and ip in network:
            return reason
    if isinstance(ip, ipaddress.IPv6Address):
        for prefix, shift in _EMBEDDING:
            if ip in prefix:
                return judge_address(ipaddress.IPv4Address((int(ip) >> shift) & 0xFFFFFFFF))
    return None if ip.is_global else "a special-purpose address"


def judge_url(url: str, ports: Collection[int] = (), allow_private: bool = False) -> str | None:
    """Why this URL must not be requested, or None. `ports` are allowed beside 80 and 443.

    A host name is not resolved here: its addresses are judged when they are connected to.
    """
    if len(url) > MAX_URL:
        return f"the URL is longer than {MAX_URL} characters"
    if re.search(r"[\x00-\x20\x7f\\]", url):
        return "the URL contains a space, a control character or a backslash"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        return f"not a URL: {error}"
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme or 'no'} scheme: only http and https are read"
    if "@" in parts.netloc:
        return "the URL carries a user name"
    if port is not None and port not in (80, 443, *ports) and not allow_private:
        return f"port {port} is not allowed (fetch.ports in monitor.yaml allows more)"
    return judge_host(host, allow_private)


def judge_host(host: str, allow_private: bool = False) -> str | None:
    """Why this host of a URL (without brackets) must not be connected to, or None."""
    if not host:
        return "the URL names no host"
    if ":" in host:
        return _refused(host, allow_private) if "%" not in host else "the address names a network interface"
    if "%" in host:
        return (
            "the host is written in percent signs"  # which one program takes apart and the next one does not
        )
    plain = re.sub("[。．｡]", ".", unicodedata.normalize("NFKC", host))
    if plain != host and plain.isascii():
        return "the host is written in look-alike characters"
    last = plain.rstrip(".").rpartition(".")[2]
    # What a resolver reads as a number is an IPv4 address in any of its old spellings: 127.1, 0x7f.1, 2130706433
    if re.fullmatch(r"\d+|0[xX][0-9a-fA-F]*", last):
        try:
            return _refused(str(ipaddress.IPv4Address(plain)), allow_private)
        except ValueError:
            return "the host is an address in disguise"
    return None


def _refused(ip: str, allow_private: bool) -> str | None:
    reason = None if allow_private else judge_address(ip)
    return f"{ip} is {reason}" if reason else None


def guarded_sockets(allow_private: bool) -> Callable[[AddrInfo], socket.socket]:
    """A socket factory for the connector: it makes no socket for an address that must not be opened."""

    def make(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if reason := _refused(str(address[0]), allow_private):
            raise AddressRefused(reason)
        return SippingSocket(family, kind, protocol)

    return make


class SippingSocket(socket.socket):
    """Gives the event loop little at a time. It asks for 256 kB; nine thousand interim answers fit in there, and taking
    those apart in one go held up everything else for a tenth of a second."""

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        return super().recv(min(size, SIP), flags)

    def recv_into(self, buffer: Buffer, size: int = 0, flags: int = 0, /) -> int:
        whole = memoryview(buffer)
        return super().recv_into(whole[: min(size or len(whole), SIP)], 0, flags)
