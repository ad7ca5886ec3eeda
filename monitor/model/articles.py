"""Items, feeds and articles. See `monitor.model`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from monitor.model.moments import utc
from monitor.model.sources import Hints


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
