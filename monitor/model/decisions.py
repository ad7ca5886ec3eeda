"""What was found and decided about an article, and of which story it is. See `monitor.model`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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


NO_TRAITS = Traits()


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
