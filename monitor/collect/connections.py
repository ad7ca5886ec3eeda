"""The connections that requests travel by: guarded sockets, TLS and whom it trusts, what is kept open. Called by `fetch`.

Decides nothing about a request and reads no answer.
"""

from __future__ import annotations

import ssl
from asyncio.sslproto import SSLProtocol

import aiohttp

from monitor.collect import guard
from monitor.model import FetchPolicy

KEPT_OPEN = 400  # hosts whose connection may wait for the next request: one over TLS holds 50 kB
KEPT_SECONDS = 15.0
MAX_CONNECTIONS = 200  # of one fetcher, to all hosts
TLS_BUFFER = 32_768  # bytes; asyncio's own 256 kB a connection are never full: TLS comes in pieces of 16 kB, and a read
# of a guarded socket brings 32


def connector(policy: FetchPolicy) -> aiohttp.TCPConnector:
    """Belongs to the running event loop. Raises OSError where `policy.ca_file` cannot be read."""
    SSLProtocol.max_size = TLS_BUFFER  # of all the process's connections
    return aiohttp.TCPConnector(
        socket_factory=guard.guarded_sockets(policy.allow_private),
        ssl=trust(policy.ca_file),
        limit=MAX_CONNECTIONS,
        limit_per_host=policy.per_host,
        keepalive_timeout=KEPT_SECONDS,
    )


class OpenDoors:
    """Which hosts may keep their connection after an answer: the first so many, until they were not asked for a while.

    A tick reads a thousand hosts within seconds, most of which are asked nothing more for minutes; kept open, their
    connections would fill memory and run out of file descriptors.
    """

    def __init__(self) -> None:
        self._last_asked: dict[str, float] = {}  # monotonic seconds, the oldest first

    def may_stay(self, host: str, now: float) -> bool:
        """Asked with each request to `host`."""
        self._forget(now)
        if host not in self._last_asked and len(self._last_asked) >= KEPT_OPEN:
            return False
        self._last_asked.pop(host, None)
        self._last_asked[host] = now
        return True

    def _forget(self, now: float) -> None:
        while self._last_asked:
            host = next(iter(self._last_asked))
            if now - self._last_asked[host] < KEPT_SECONDS:
                return
            del self._last_asked[host]


def trust(ca_file: str) -> ssl.SSLContext:
    """A client's context that believes the system's authorities, and those in `ca_file` ('': none)."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(("http/1.1",))
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context
