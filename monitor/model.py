"""The nouns. Frozen values that the rooms exchange; no behaviour beyond checking themselves.

Every datetime is aware and in UTC (a naive one is refused at construction, see `utc`). Ids of rows are integers given
by the store, ids of configuration are the analyst's own strings, an id of a delivery is a UUID as text.
A `target` or `secret` of a channel never appears in a repr.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple


def utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError on a naive datetime: nobody can know what it means."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}: give it a time zone")
    return moment.astimezone(UTC)


# --- sources and what they answer ------------------------------------------------------------------------------------


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


# --- items and articles ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as a feed, sitemap or API states it. Text is unescaped once but may hold markup; refine cleans it."""

    id: str | None = None
    url: str | None = None  # absolute http(s), or None
    title: str = ""
    summary: str = ""  # may be HTML
    content: str = ""  # full text, may be HTML
    published: datetime | None = None  # None where none is stated or it cannot be read
    authors: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A document of items, newest first as the document has them."""

    kind: str  # rss, atom, rdf, json-feed, news-sitemap, sitemap-index, wordpress
    title: str = ""
    items: tuple[Item, ...] = ()
    problems: tuple[
        str, ...
    ] = ()  # "truncated: the 20 complete items were read", "declared utf-8, read as ..."
    language: str | None = None
    links: tuple[str, ...] = ()  # further documents to read: what an index names, the next page of a list
    hints: Hints | None = None


class Shown(NamedTuple):
    """An item of a document by what it is known by; the source's next reading may have it from memory, unparsed."""

    key: str
    id: str | None
    hash: str
    name: str = ""  # what it may be recognised by where ids change; see `monitor.text.naming`
    published: datetime | None = None


class TextFrom(StrEnum):
    """Where an article's body comes from, best last."""

    TITLE = "title"  # no body at all
    SUMMARY = "summary"
    CONTENT = "content"  # the feed carries the text
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Article:
    """An item made ready for judging: clean text, a language, a date that makes sense."""

    key: str  # the canonical URL key, or one made of what the item states; unique
    source_id: str
    title: str
    body: str  # paragraphs separated by a newline
    url: str | None = None  # to link; the address as the outlet gives it
    guid: str | None = None
    summary: str = ""
    language: str | None = None  # ISO 639-1
    published: datetime | None = None  # never absurd: None or within reason
    first_seen: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    authors: tuple[str, ...] = ()
    text_from: TextFrom = TextFrom.SUMMARY
    text_hash: str = ""  # of the normalised body; "" where there is too little text to tell
    notes: tuple[str, ...] = ()  # "date 9999-12-31 is absurd: first seen taken", "page: 403"
    backlog: bool = False  # came with the first reading of its source

    def __post_init__(self) -> None:
        for moment in (self.published, self.first_seen):
            if moment is not None:
                utc(moment)


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """An article that the store already has: its id beside its value."""

    id: int
    article: Article
    story_id: int
    duplicate_of: int | None = None
    removed_at: datetime | None = None  # when its page was found to be gone


@dataclass(frozen=True, slots=True)
class EarlierText:
    """What an article said until `replaced_at`."""

    replaced_at: datetime
    title: str
    body: str
    summary: str
    text_from: TextFrom


@dataclass(frozen=True, slots=True)
class Revisit:
    """An alerted article whose page is to be looked at again. `round` 1, 2, 3: an hour, six hours, a day after."""

    id: int
    article_id: int
    round: int
    due_at: datetime
    tries: int = 0


class Novelty(StrEnum):
    """What an item is to the store, before any page is fetched."""

    NEW = "new"
    CHANGED = "changed"  # this source showed it before with other text, or now has a fuller one
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Met:
    """How a source's item relates to what that source showed before."""

    by_key: bool = False  # its key, or its guid
    namesake: tuple[str, str | None, str] | None = None  # the item of the same title: key, guid, hash


# --- what is watched -------------------------------------------------------------------------------------------------


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


# --- what was decided ------------------------------------------------------------------------------------------------


class Reason(StrEnum):
    """Why. Each decision in the ledger carries one."""

    FETCHED = "fetched"
    NOT_MODIFIED = "not-modified"
    UNCHANGED = "unchanged"  # 200 with the bytes of last time
    FETCH_FAILED = "fetch-failed"
    NOT_A_FEED = "not-a-feed"
    PARSE_FAILED = "parse-failed"
    DAMAGED = "damaged"  # read in part; the detail says how
    REFINE_FAILED = "refine-failed"
    PAGE_FAILED = "page-failed"
    NEW = "new"
    UPDATED = "updated"  # L0: the same article again, with other text
    SAME_URL = "same-url"
    SAME_GUID = "same-guid"
    SAME_TEXT = "same-text"  # L1 of the simplest kind
    REPRINT = "reprint"  # L1: most of the text, edited
    OPENS_STORY = "opens-story"
    JOINS_STORY = "joins-story"
    MATCHED = "matched"
    NOT_MATCHED = "not-matched"
    ALERTED = "alerted"
    ALREADY_ALERTED = "already-alerted"
    IN_DIGEST = "in-digest"  # told in the digest that the detail names
    HELD = "held"  # by quiet hours or a day off, until the time that the detail names
    SILENCED = "silenced"
    FOLLOWED = "followed"  # what is new of a story that the recipient knows
    ESCALATED = "escalated"  # told, since nobody before acknowledged it
    REVISITED = "revisited"  # the page of an alerted article, looked at again: as it was
    HEADLINE_CHANGED = "headline-changed"
    REMOVED = "removed"  # the page is gone; the article is kept
    RESTORED = "restored"  # it is there again
    BACKLOG = "backlog"
    NOBODY = "nobody-to-notify"
    SPLIT = "split"  # by an analyst: another story
    MERGED = "merged"  # by an analyst, or by a report that linked them: one story
    ACKNOWLEDGED = "acknowledged"
    NOT_RELEVANT = "not-relevant"
    UNSUBSCRIBED = "unsubscribed"
    REPLY_UNDONE = "reply-undone"


@dataclass(frozen=True, slots=True)
class Decision:
    """A line of the ledger: at which stage, why, about what."""

    stage: str  # collect, refine, judge, route, deliver
    reason: Reason
    detail: str = ""
    subject: str = ""  # a watchlist's or recipient's id


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a term was found. `start` and `end` count characters of the original field."""

    term: str
    read_as: str
    field: str  # title, body, url, author
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    watchlist: str
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Traits:
    """What an article is compared by; kept beside it while it is live. Only `judge` knows what the hashes and the profile
    mean, the store looks them up. Hashes are signed 64-bit and distinct."""

    sketch: tuple[int, ...] = ()  # of the text, to find copies of it
    handles: tuple[int, ...] = ()  # of what is rare in it, to find reports of the same event
    profile: bytes = b""
    agency: str = ""  # the wire agency that the text credits: MAP, AFP, QNA
    wire: str = ""  # how: byline, dateline, signature, credit


@dataclass(frozen=True, slots=True)
class Story:
    """An event, as far as the store knows it: its articles' common identity and who was told."""

    id: int
    first_article: int
    alerted: frozenset[str] = frozenset()  # recipients' ids
    articles: int = 1
    apart: frozenset[int] = frozenset()  # stories that an analyst split from this one


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a story, as far as another one is compared with it."""

    id: int
    source_id: str
    title: str
    published: datetime  # when first seen, where it states no date
    profile: bytes


@dataclass(frozen=True, slots=True)
class StoryNear:
    """A story that an article may belong to."""

    story: Story
    members: tuple[Member, ...]  # no duplicates; of a large story the first and the last
    last_article_at: datetime


@dataclass(frozen=True, slots=True)
class StoryMember:
    """An article of a story, as far as the story's spread is told."""

    id: int
    source_id: str
    outlet: str  # several feeds of one newspaper are one outlet
    title: str
    first_seen: datetime
    url: str | None = None
    language: str | None = None
    published: datetime | None = None
    duplicate_of: int | None = None
    agency: str = ""
    wire: str = ""


class ReplyKind(StrEnum):
    """What a recipient may answer to an alert by a link in it."""

    ACKNOWLEDGE = "ack"
    NOT_RELEVANT = "not-relevant"  # nothing further of this story, and a hint for whoever tends the watchlist
    SILENCE_STORY = "silence-story"
    UNSUBSCRIBE = "unsubscribe"  # from the watchlists of the alert
    UNSUBSCRIBE_ALL = "unsubscribe-all"  # from every watchlist


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that holds: who (`by`: link, or the mail program's one-click) said what about which alert.

    `story` is None where it is about no story, `watchlist` is "" where it is about no single one.
    """

    kind: ReplyKind
    recipient: str
    at: datetime
    story: int | None = None
    watchlist: str = ""
    delivery: str = ""
    by: str = "link"
    id: int = 0

    @property
    def ends_story(self) -> bool:
        """Whether the recipient wants to hear no more of the story."""
        return self.kind in (ReplyKind.NOT_RELEVANT, ReplyKind.SILENCE_STORY)

    @property
    def ends_watchlist(self) -> bool:
        return self.kind in (ReplyKind.UNSUBSCRIBE, ReplyKind.UNSUBSCRIBE_ALL)


@dataclass(frozen=True, slots=True)
class Answers:
    """The addresses by which a story's reader answers without a login. Whoever holds one may use it."""

    acknowledge: str = field(repr=False)
    not_relevant: str = field(repr=False)
    silence_story: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Links:
    """All such addresses of a message. `unsubscribe` leaves the watchlists that it tells of; "" where it tells of none."""

    unsubscribe: str = field(repr=False)
    unsubscribe_all: str = field(repr=False)
    answers: tuple[Answers, ...] = ()  # one a story, in the order in which they are told

    @property
    def leave(self) -> str:
        """Where a mail program's own button leads."""
        return self.unsubscribe or self.unsubscribe_all


@dataclass(frozen=True, slots=True)
class Candidates:
    """The neighbours of an article: everything of the past that a verdict may depend on."""

    same: KnownArticle | None = None  # L0: same key, or same guid at the same source
    same_reason: Reason = Reason.SAME_URL
    same_text: KnownArticle | None = (
        None  # the earliest other article with the same text_hash in the live window
    )
    stories: tuple[Story, ...] = ()  # every one that the other fields name
    near: tuple[KnownArticle, ...] = ()  # L1: live articles that share hashes of the sketch, best first
    kin: tuple[StoryNear, ...] = ()  # L2: live stories that share handles, best first
    replies: tuple[Reply, ...] = ()  # every unsubscription, and those that end one of the `stories`
    silences: tuple[Silence, ...] = ()  # those that are not over


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a story has come. Outlets and languages in the order in which each was first seen with it."""

    outlets: tuple[str, ...]
    agencies: tuple[tuple[str, int], ...] = ()  # with the outlets that reprint or credit each, most first
    own: tuple[str, ...] = ()  # outlets with a report that copies none and credits no agency
    articles: int = 1
    languages: tuple[str, ...] = ()
    tier: int = 3  # the best of its sources': 1 is national or an agency


@dataclass(frozen=True, slots=True)
class Update:
    """What is new since the last edition of an alert."""

    reasons: tuple[str, ...]  # language, tier, severity, reach
    new_outlets: tuple[str, ...]
    outlets: int  # all of them


@dataclass(frozen=True, slots=True)
class Correction:
    """What its outlet did to an alerted article."""

    kind: Literal["headline", "removed"]
    before: str  # the headline as it was told
    after: str  # the present one; "" of a removed page
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """What a recipient is told of a story. Complete in itself, so it can be stored and rendered later."""

    recipient: str
    severity: Severity
    watchlists: tuple[str, ...]  # ids, the most severe first
    titles: tuple[str, ...]  # of the watchlists, same order
    article: Article
    source_name: str
    matches: tuple[Match, ...]
    channels: tuple[str, ...]  # ids of the recipient's channels
    edition: int = 0
    update: Update | None = None  # None: the first edition, or a correction
    story_state: Spread | None = None
    correction: Correction | None = None
    escalated_from: str = ""  # the name of who was told before and has not acknowledged it


class How(StrEnum):
    """In which way an alert reaches its recipient."""

    NOW = "now"
    GATHERED = "gathered"  # after `group_wait`
    DIGEST = "digest"
    HELD = "held"  # by quiet hours or a day off; then in one catch-up


@dataclass(frozen=True, slots=True)
class Timing:
    """When an alert goes to its recipient, and how."""

    how: How
    at: datetime
    slot: str = ""  # of a digest or catch-up "2026-11-23 07:30 Africa/Casablanca": unique with the recipient
    why: str = ""  # a sentence


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One thing that operators should know: `state` is a source's Health, or another word that deliver has text for."""

    subject: str  # a source's name
    state: str
    since: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What an operator is told of the service itself. Complete in itself, as an Alert is."""

    recipient: str
    topic: str  # what mail rules sort by: "sources"
    lines: tuple[NoticeLine, ...]  # the worst first
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was decided about one article; the store writes it in one transaction."""

    article: Article
    decisions: tuple[Decision, ...] = ()
    matches: tuple[Match, ...] = ()
    same_as: int | None = None  # L0: update this article
    duplicate_of: int | None = None
    story: int | None = None  # joined; None opens one
    alerts: tuple[Alert, ...] = ()
    traits: Traits = Traits()
    likeness: float | None = None  # 0 to 1, to the copied text or to the story; None where it opens one
    merges: tuple[int, ...] = ()  # stories that turn out to be one with `story`
    timings: tuple[Timing, ...] = ()  # of the alerts, in their order
    again: tuple[Alert, ...] = ()  # what those who know the story would hear of this article


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a digest or a press review looked at. Names of sources as people know them."""

    sources_read: int  # with at least one successful reading
    failed: tuple[str, ...] = ()  # could not be read, at its end
    silent: tuple[str, ...] = ()  # brought nothing, against their own rhythm
    hours_uncovered: float = 0.0  # in which a source was not read, summed over all sources


@dataclass(frozen=True, slots=True)
class Digest:
    """Alerts of a time in one letter. Complete in itself, as an Alert is."""

    recipient: str
    slot: str  # "2026-11-23 07:30 Africa/Casablanca"
    kind: Literal["digest", "catch-up"]
    alerts: tuple[Alert, ...]  # the most important first
    receipt: Receipt | None = None
    since: datetime | None = None  # where its time, and what the receipt covers, begins
    stories: tuple[int, ...] = ()  # of the alerts, in their order; () in letters of before these were kept

    @property
    def watchlists(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys(id for alert in self.alerts for id in alert.watchlists))

    @property
    def titles(self) -> tuple[str, ...]:
        """Of its watchlists, in their order."""
        named = {
            id: title for one in self.alerts for id, title in zip(one.watchlists, one.titles, strict=False)
        }
        return tuple(named.get(id, id) for id in self.watchlists)


@dataclass(frozen=True, slots=True)
class Spike:
    """A watchlist's volume beyond its own baseline: `count` articles in the hours from `since` on, where `expected` are
    usual; `chance` of that many by Poisson.

    These are the numbers of its highest hour so far. `hours` and `usual` are for the chart: the counts of the 24 hours
    that end with that of `at`, and the mean of the same hours of the days before."""

    watchlist: str
    began: datetime  # the hour in which it was first seen as one
    at: datetime  # the hour of the numbers below
    since: datetime
    count: int
    expected: float
    chance: float
    days: int  # of baseline
    lasts: bool  # False: it has ended by now
    hours: tuple[int, ...]
    usual: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Times the usual."""
        return self.count / self.expected


@dataclass(frozen=True, slots=True)
class SpikeAlert:
    """What a recipient is told of a watchlist's volume. Complete in itself, as an Alert is."""

    recipient: str
    title: str  # the watchlist's
    severity: Severity
    spike: Spike
    channels: tuple[str, ...]

    @property
    def watchlists(self) -> tuple[str, ...]:
        return (self.spike.watchlist,)

    @property
    def titles(self) -> tuple[str, ...]:
        return (self.title,)


Told = Alert | Notice | Digest | SpikeAlert
"""What a delivery carries."""


# --- deliveries ------------------------------------------------------------------------------------------------------


class DeliveryState(StrEnum):
    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"  # by an operator


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert, digest or notice on its way through one channel."""

    id: str  # stable: the reference that all its copies carry
    recipient: str
    channel: str
    alert: Told
    story: int | None  # None: of what tells of no single one
    edition: int
    state: DeliveryState
    created_at: datetime
    next_attempt_at: datetime
    attempts: int = 0
    lease_token: int = 0  # fencing: grows by one a claim
    deaths: int = 0  # leases that expired unsettled
    sent_at: datetime | None = None
    provider_id: str | None = None
    last_class: str = ""
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel fares that is not well, or was not lately. What waits for it stands in the outbox."""

    recipient: str
    channel: str
    failures: int = 0  # in a row, each worth another try
    failing_since: datetime | None = None
    opened_at: datetime | None = None  # since when its breaker is open: one delivery at a time goes, to probe
    try_at: datetime | None = None  # nothing is sent before
    last_class: str = ""
    last_error: str = ""
    dead_since: datetime | None = None  # its first dead letter since something was sent
    told_open: bool = False  # what operators know: that it is open
    told_at: datetime | None = None
    dead_told_at: datetime | None = None  # when they were told of dead letters last

    @property
    def lane(self) -> tuple[str, str]:
        return self.recipient, self.channel

    @property
    def well(self) -> bool:
        """Nothing is wrong, and nobody believes that something is."""
        return not (self.failures or self.dead_since or self.told_open)


@dataclass(frozen=True, slots=True)
class Letter:
    """A digest laid out; whoever sends it adds addresses and ids. Text and HTML are short enough for any mail program."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that travels in the mail itself. The HTML names it `cid:<name>@<host>`."""

    name: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A delivery, rendered. Each sender takes the parts that its channel can show."""

    reference: str  # the delivery's id
    subject: str
    text: str
    html: str
    data: Mapping[str, object]  # the webhook's JSON document
    created_at: datetime
    list_id: str = ""
    language: str = "en"
    url: str | None = None
    unsubscribe: str | None = field(default=None, repr=False)  # for List-Unsubscribe
    chat: str = ""  # what chats show beneath the subject; "": the text without its headline and foot
    thread: str | None = None  # the reference that began the thread; None: this one does
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    provider_id: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    error: str
    after: timedelta | None = None  # as the far side asked
    status: int | None = None
    kind: str = ""  # one word where no status tells: timeout, connect, tls, crash, ...


@dataclass(frozen=True, slots=True)
class GaveUp:
    error: str
    status: int | None = None
    kind: str = ""


Outcome = Sent | Retry | GaveUp


# --- policies: configuration that a room needs ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    user_agent: str = "media-monitor (+https://example.org/bot)"
    deadline: timedelta = timedelta(seconds=60)
    per_host: int = 2
    max_bytes: int = 10_000_000
    allow_private: bool = False
    ports: tuple[int, ...] = ()  # beside 80 and 443
    pause: timedelta | None = None  # between two requests to one host; None: half a second, none on loopback
    ca_file: str = ""  # certificates (PEM) that are trusted beside the system's


@dataclass(frozen=True, slots=True)
class PollingPolicy:
    every: timedelta | None = None  # None: adaptive
    min: timedelta = timedelta(minutes=2)
    max: timedelta = timedelta(hours=6)
    price: timedelta = timedelta(minutes=3)  # the waiting, summed over articles, that is worth one request
    budget: int | None = (
        None  # requests an hour, over all adaptive sources and on average; it raises the price
    )


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    articles: timedelta = timedelta(days=365)
    ledger: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class BackupPolicy:
    folder: str = ""  # "": the folder backups beside a SQLite file
    keep: int = 7
    warn_after: timedelta = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class HeartbeatPolicy:
    """Whom to tell that all is well; an address is a secret, since whoever knows it can tell the same."""

    url: str = field(repr=False)
    every: timedelta = timedelta(minutes=1)
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class WebPolicy:
    listen: str = "127.0.0.1:8080"
    public_url: str = "http://127.0.0.1:8080"
    link_key: str | None = field(default=None, repr=False)  # None: one that the store made for itself


@dataclass(frozen=True, slots=True)
class EmailServer:
    """`security` is tls (from the first byte), starttls, or none (loopback only)."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
