"""The connections that requests travel by: guarded sockets, TLS and whom it trusts, what is kept open. Called by `fetch`.

Decides nothing about a request and reads no answer.
"""

from __future__ import annotations

import ssl

import aiohttp

from monitor.collect import guard
from monitor.model import FetchPolicy

MAX_CONNECTIONS = 200  # of one fetcher, to all hosts


def connector(policy: FetchPolicy) -> aiohttp.TCPConnector:
    """Belongs to the running event loop. Raises OSError where `policy.ca_file` cannot be read."""
    return aiohttp.TCPConnector(
        socket_factory=guard.guarded_sockets(policy.allow_private),
        ssl=trust(policy.ca_file),
        limit=MAX_CONNECTIONS,
        limit_per_host=policy.per_host,
    )


def trust(ca_file: str) -> ssl.SSLContext:
    """A client's context that believes the system's authorities, and those in `ca_file` ('': none)."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(("http/1.1",))
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context
