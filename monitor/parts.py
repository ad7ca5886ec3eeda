"""What the program works with (`Parts`), and what a pass of it did (`Tally`). Made by `app`, handed to the pipeline and to all that
follows; neither does anything itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

from monitor.collect import (
    Fetcher,
    Repeats,
)
from monitor.deliver import Sender
from monitor.gate import Gate
from monitor.judge import Rules
from monitor.model import (
    Condition,
    PollingPolicy,
    Recipient,
    Source,
)
from monitor.store import Store, StoreThread
from monitor.workers import Workers

DOCUMENTS_AT_ONCE = 32  # being read at a time, of those that wait for no page: their items fill memory


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the pipeline works with. Replaced whole on reload; work under way keeps the old one."""

    store: Store
    in_store: StoreThread
    fetcher: Fetcher
    workers: Workers
    sender: Sender
    rules: Rules
    sources: Mapping[str, Source]
    recipients: Mapping[str, Recipient]
    polling: PollingPolicy
    public_url: str
    host: str
    clock: Callable[[], datetime]
    chance: Callable[[], float]  # in [0, 1)
    fault: Callable[[str, BaseException], None]  # tells an operator of a mistake of ours
    link_key: str = field(default="", repr=False)  # signs the links in alerts; "": there are none
    worker: str = "monitor"  # the owner named in leases
    gate: Gate = field(default_factory=Gate)  # how fast, and how many at once
    underway: dict[str, asyncio.Event] = field(default_factory=dict)  # item keys being made into articles
    conditions: dict[str, Condition] = field(default_factory=dict)  # as the store has them; each read once
    desk: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DOCUMENTS_AT_ONCE))
    repeats: Repeats = field(default_factory=Repeats)
    volumes: dict[datetime, dict[str, dict[datetime, int]]] = field(
        default_factory=dict
    )  # day (UTC) that is over -> watchlist -> hour -> matching articles; see `follow.spikes`
    memos: dict[str, bytes] = field(
        default_factory=dict
    )  # source's id -> what its last reading left for `sift`


@dataclass(slots=True)
class Tally:
    """What a pass did; the numbers of `monitor once`."""

    sources: int = 0
    fetched: int = 0
    not_modified: int = 0
    failed: int = 0
    items: int = 0
    articles_new: int = 0
    matches: int = 0
    alerts: int = (
        0  # decided; `withdrawn` of these, or of earlier ones, turned out to tell of another alert's story
    )
    withdrawn: int = 0
    delivered: int = 0
    retried: int = 0
    dead: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)  # (source's or recipient's id, sentence)

    def add(self, other: Tally) -> None:
        """Both together, in place."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))
