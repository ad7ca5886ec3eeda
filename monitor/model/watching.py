"""What analysts watch for and who is told how. See `monitor.model`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum


class Severity(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Entity:
    """A person or institution with its names in every script."""

    id: str
    name: str
    kind: str = "person"
    names: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()  # `not` in the file: a longer excluded name that covers a hit wins
    within: tuple[str, ...] = ()  # names of `names` count only near one of these, or after the full name
    variants: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions on the article's source. An empty tuple asks nothing; what an article does not state counts as met."""

    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Watchlist:
    """What to look for, in query-language text (`{entity: x}` of the file is here `entity:x`), and who hears of it."""

    id: str
    title: str = ""
    severity: Severity = Severity.NORMAL
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    query: str | None = None
    where: Where = Where()
    notify: tuple[str, ...] = ()  # recipients' ids
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchlistTest:
    """An article that a watchlist must match, or with `match` False must not."""

    watchlist: str
    match: bool
    title: str = ""
    body: str = ""
    url: str | None = None
    language: str | None = None
    source_id: str = ""
    because: str = ""
    place: tuple[str, int, int] = ("", 0, 0)  # file, line and column, from 1


class ChannelKind(StrEnum):
    EMAIL = "email"
    APPRISE = "apprise"
    WEBHOOK = "webhook"
    CONSOLE = "console"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to reach a recipient. `id` is unique within the recipient."""

    id: str
    kind: ChannelKind
    target: str = field(default="", repr=False)  # an address, a URL, a folder
    secret: str | None = field(default=None, repr=False)


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Recipient:
    id: str
    name: str = ""
    language: str = "en"
    timezone: str = "UTC"
    channels: tuple[Channel, ...] = ()
    working_days: tuple[str, ...] = DAYS  # in the order of DAYS; never empty


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """One mail a slot. Times are the recipient's own clock's."""

    at: tuple[time, ...]  # ascending
    days: tuple[str, ...] | None = None  # None: the recipient's working days
    empty: bool = False  # also send it when there is nothing to tell


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` of the recipient's own clock; past midnight where `end` is the earlier. Days off are quiet."""

    start: time
    end: time
    break_through: Severity = Severity.CRITICAL  # this and worse goes at once, past a digest too

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError(f"quiet hours that begin and end at {self.start:%H:%M} never end")


@dataclass(frozen=True, slots=True)
class Route:
    """Who hears of matches, and when. Empty conditions hold for all. What the file inherits is written out here.

    A watchlist's `notify` is a route of nothing but `to`.
    """

    to: tuple[str, ...]  # (): it only groups its children
    severities: tuple[Severity, ...] = ()
    watchlists: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    go_on: bool = False  # `continue` in the file: try the routes behind this one too
    group_wait: timedelta | None = None  # None: at once
    group_interval: timedelta | None = None  # between two updates of a story; None: judge.timing's default
    digest: DigestPlan | None = None
    quiet_hours: QuietHours | None = None
    escalate_after: timedelta | None = None  # of critical alerts, without an acknowledgement
    escalate_to: tuple[str, ...] = ()  # one after the other
    children: tuple[Route, ...] = ()
    place: tuple[str, int, int] = field(default=("", 0, 0), compare=False)  # file, line and column, from 1


@dataclass(frozen=True, slots=True)
class Silence:
    """Matches that nobody (or one recipient) is told of for a time. What it states must all hold; it states something."""

    id: int
    author: str
    comment: str
    starts_at: datetime
    ends_at: datetime
    watchlist: str | None = None
    story: int | None = None
    source: str | None = None
    entity: str | None = None
    recipient: str | None = None  # None: everybody
