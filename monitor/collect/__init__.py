"""The door of collect: the world to Items. Fetches, parses, decides when to look again.

`HttpFetcher` is the only thing here that touches the network; `parse`, `next_state` and `request_for` are pure. HTTP
objects never leave this room, and it knows neither the store nor what anyone watches for.

The fetcher is imported when it is first asked for: worker processes parse, and each would hold 20 MB of aiohttp for nothing.
"""

from typing import TYPE_CHECKING, Any

from monitor.collect.parse import parse
from monitor.collect.politeness import Reading, next_state, request_for, unread

if TYPE_CHECKING:
    from monitor.collect.fetch import Fetcher, HttpFetcher, charset_of

__all__ = ["Fetcher", "HttpFetcher", "Reading", "charset_of", "next_state", "parse", "request_for", "unread"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from monitor.collect import fetch

    return getattr(fetch, name)
