"""The door of collect: the world to Items. Fetches, parses, decides when to look again.

`Fetchers` is the only thing here that touches the network (`HttpFetcher` its part for the web alone); `addressed`, `parse`,
`next_state`, `request_for`, `budget` and `rhythm` are pure. HTTP objects never leave this room, and it knows neither the
store nor what anyone watches for.
"""

from monitor.collect import budget, rhythm
from monitor.collect.fetch import Fetcher, HttpFetcher, charset_of
from monitor.collect.fetchers import Fetchers
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
from monitor.collect.telling import changes, machine, worst_first

__all__ = [
    "Fetcher",
    "Fetchers",
    "HttpFetcher",
    "Reading",
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
