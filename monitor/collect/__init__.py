"""The door of collect: the world to Items. Fetches, parses, decides when to look again.

`HttpFetcher` is the only thing here that touches the network; all the rest is pure. HTTP objects never leave this room,
and it knows neither the store nor what anyone watches for.

The fetcher is imported when it is first asked for: worker processes parse, and each would hold 20 MB of aiohttp for nothing.
"""

from typing import TYPE_CHECKING, Any

from monitor.collect import budget, rhythm
from monitor.collect.health import assess, faulted
from monitor.collect.parse import parse
from monitor.collect.politeness import (
    Reading,
    next_state,
    recognise,
    request_for,
    to_fill,
    told,
    unread,
)
from monitor.collect.telling import changes, machine, worst_first

if TYPE_CHECKING:
    from monitor.collect.fetch import Fetcher, HttpFetcher, charset_of

__all__ = [
    "Fetcher",
    "HttpFetcher",
    "Reading",
    "assess",
    "budget",
    "changes",
    "charset_of",
    "faulted",
    "machine",
    "next_state",
    "parse",
    "recognise",
    "request_for",
    "rhythm",
    "to_fill",
    "told",
    "unread",
    "worst_first",
]

_OF_FETCH = ("Fetcher", "HttpFetcher", "charset_of")


def __getattr__(name: str) -> Any:
    if name not in _OF_FETCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from monitor.collect import fetch

    return getattr(fetch, name)
