"""The door of collect: the world to Items. Fetches, parses, decides when to look again.

`Fetchers` is the only thing here that touches the network (`HttpFetcher` its part for the web alone); all the rest is
pure. HTTP objects never leave this room, and it knows neither the store nor what anyone watches for.

The fetchers are imported when they are first asked for: worker processes parse, and each would hold 20 MB of aiohttp for nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from monitor.collect import budget, rhythm
from monitor.collect.health import assess, faulted
from monitor.collect.kinds import addressed, parse
from monitor.collect.politeness import (
    Reading,
    next_state,
    recognise,
    request_for,
    to_fill,
    told,
    unread,
)
from monitor.collect.repeats import Repeats
from monitor.collect.telling import FULL_DISK, LOW_DISK, Change, changes, machine, worst_first

if TYPE_CHECKING:
    from monitor.collect.fetch import Fetcher, HttpFetcher, charset_of
    from monitor.collect.fetchers import Fetchers

__all__ = [
    "FULL_DISK",
    "LOW_DISK",
    "Change",
    "Fetcher",
    "Fetchers",
    "HttpFetcher",
    "Reading",
    "Repeats",
    "addressed",
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

_LATE = {"Fetcher": "fetch", "HttpFetcher": "fetch", "charset_of": "fetch", "Fetchers": "fetchers"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
