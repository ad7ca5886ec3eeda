"""The door of collect: the world to Items. Fetches, parses, decides when to look again.

`Fetchers` is the only thing here that touches the network (`HttpFetcher` its part for the web alone); `addressed`, `parse`,
`next_state` and `request_for` are pure. HTTP objects never leave this room, and it knows neither the store nor what
anyone watches for.
"""

from monitor.collect.fetch import Fetcher, HttpFetcher, charset_of
from monitor.collect.fetchers import Fetchers
from monitor.collect.kinds import addressed, parse
from monitor.collect.politeness import Reading, next_state, request_for, unread

__all__ = [
    "Fetcher",
    "Fetchers",
    "HttpFetcher",
    "Reading",
    "addressed",
    "charset_of",
    "next_state",
    "parse",
    "request_for",
    "unread",
]
