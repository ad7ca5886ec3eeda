"""What is polled, in what state it is, and what it answers. See `monitor.model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class SourceKind(StrEnum):
    FEED = "feed"
    NEWS_SITEMAP = "news-sitemap"
    WORDPRESS = "wordpress"
    PAGE = "page"
    TELEGRAM = "telegram"
    GDELT = "gdelt"
    MAILBOX = "mailbox"


class Each(StrEnum):
    """What of a newsletter becomes an item."""

    MAIL = "mail"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Source:
    """An address of an outlet where articles are announced."""

    id: str
    url: str
    name: str = ""
    kind: SourceKind = SourceKind.FEED
    country: str | None = None
    language: str | None = None
    tier: int = 3
    tags: tuple[str, ...] = ()
    full_text: bool = False
    every: timedelta | None = None  # None: adaptive
    backfill: bool = False  # alert on what the first reading finds
    items: str | None = None  # page: the CSS selector of what holds one article's link
    link_pattern: str | None = None  # page, mailbox: RE2 that an article's address must match
    each: Each = Each.MAIL  # mailbox
    password: str | None = field(default=None, repr=False)  # mailbox
    article: str | None = None  # the CSS selector of the text in an article's page
    also: tuple[str, ...] = ()  # further documents of this poll; filled in by collect, never configured


class Health(StrEnum):
    NEW = "new"
    OK = "ok"
    EMPTY = "empty"  # reads well, holds no item
    FAILING = "failing"
    BLOCKED = "blocked"  # 401, 403, a captcha, a login page
    GONE = "gone"  # 404 for long, or 410
    OVERRUN = "overrun"  # reads well, but articles came and went between two polls
    SILENT = "silent"  # reads well, and has brought nothing for longer than its own rhythm explains
    MOVED = "moved"  # a lasting redirect; read at the new address
    CLOCK_WRONG = "clock-wrong"  # its dates, or its server's clock, are far off


@dataclass(frozen=True, slots=True)
class Hints:
    """What a feed says of its own pace. Hours and days are in UTC; Monday is 0."""

    every: timedelta | None = None  # <ttl>, or sy:updatePeriod and sy:updateFrequency: the longer of the two
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceState:
    """What the store remembers of a source between two polls."""

    source_id: str
    next_check_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None  # sha256 hex of the last body that parsed
    checked_at: datetime | None = None
    succeeded_at: datetime | None = None
    health: Health = Health.NEW
    since: datetime | None = None  # when `health` began
    failures: int = 0  # in a row
    message: str = ""  # the last failure, or a notice such as "truncated: 18 complete items read"
    interval: timedelta | None = None  # the present adaptive interval
    moved_to: str | None = None  # a permanent redirect's target ...
    moved_seen: int = 0  # ... and how often in a row it was seen; at 3 it is polled directly
    items_seen: int = 0
    read_from: str | None = None  # the configured address that validators and `moved_to` were seen at
    rhythm: str = ""  # what collect learnt of its hours; nobody else reads it
    hints: Hints | None = None
    hurry: timedelta | None = None  # after an overrun: the longest interval for now
    churn: int = 0  # readings in a row in which the ids of known articles were new; at 3 titles count instead

    @property
    def first_reading(self) -> bool:
        """True until one reading has succeeded: what that one brings is backlog."""
        return self.succeeded_at is None


class Cause(StrEnum):
    """What stands behind a source's state, as far as it decides whom to tell what and when."""

    NONE = ""
    NETWORK = "network"  # no answer at all: may be this machine's own network
    REFUSAL = "refusal"  # 401, 403, 404, 451
    WALL = "wall"  # a login page or a captcha
    DATES = "dates"  # of the items
    CLOCK = "clock"  # the server's differs from this machine's


@dataclass(frozen=True, slots=True)
class Condition:
    """How a source is, judged over its readings: what operators are shown and told. `news` remembers its rhythm."""

    source_id: str
    state: Health = Health.NEW
    since: datetime | None = None  # when `state` began; of SILENT the time of the last news
    reason: str = ""  # a sentence
    cause: Cause = Cause.NONE
    ill_since: datetime | None = None  # when it was well for the last time
    readings: int = 0  # that found it in `state`, in a row; not counted while it is well
    last_at: datetime | None = None  # the last such reading
    news: str = ""  # hexadecimal: bit n is set where news came n hours before `news_until`
    news_until: datetime | None = None  # a full hour
    news_from: datetime | None = None  # a full hour: what is known of the rhythm begins here
    told: Health | None = (
        None  # the state that operators were told last; None: that it is well, or nothing yet
    )
    told_at: datetime | None = None

    @property
    def well(self) -> bool:
        return self.state in (Health.OK, Health.NEW)


class Purpose(StrEnum):
    FEED = "feed"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Request:
    url: str
    purpose: Purpose = Purpose.FEED
    etag: str | None = None
    last_modified: str | None = None
    secret: str | None = field(default=None, repr=False)  # a mailbox's password
    packed: bytes = b""  # `Response.packed` of the last answer, where the same again need not be unpacked

    @property
    def conditional(self) -> bool:
        return bool(self.etag or self.last_modified)


class FailureKind(StrEnum):
    NAME = "name"  # the host name does not resolve
    CONNECT = "connect"  # refused, unreachable, reset
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    ENCODING = "encoding"  # compressed badly, or more than once
    TRUNCATED = "truncated"  # fewer bytes than promised
    REDIRECT = "redirect"
    REFUSED = "refused"  # by the network guard or robots.txt
    STATUS = "status"
    PROTOCOL = "protocol"  # not HTTP as we know it


@dataclass(frozen=True, slots=True)
class FetchFailure:
    kind: FailureKind
    message: str
    retry_after: timedelta | None = None  # as the server asked, unclamped


@dataclass(frozen=True, slots=True)
class Response:
    """What a request brought. Either `failure` is set, or `body` is whole (empty on 304 and where it is `repeated`)."""

    request: Request
    url: str  # after redirects
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    failure: FetchFailure | None = None
    moved_to: str | None = None  # where 301/308 redirects alone led, if they did
    seconds: float = 0.0
    ahead: timedelta | None = (
        None  # how far the server's clock is ahead of this machine's, if it stated a Date
    )
    packed: bytes = b""  # names the compressed bytes that the body came in; none where it came plain
    repeated: bool = False  # they are those that the request names: the body is the one of then

    @property
    def not_modified(self) -> bool:
        return self.status == 304 and self.failure is None

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, in lower case; '' where there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()
