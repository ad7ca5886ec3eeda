"""What a review is: stories of a period, as a document shows them. Values only; made by the caller, printed by this room.

A caller brings what other rooms know: the spread of a story (judge), its copies (store), names (the configuration).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.model import Answers, Article, Correction, Links, Match, Receipt, Severity, utc


class Occasion(StrEnum):
    """What a review is made for; its title and subject say so."""

    REVIEW = "review"
    DIGEST = "digest"
    CATCH_UP = "catch-up"


@dataclass(frozen=True, slots=True)
class Heading:
    """A watchlist, as far as a document names it."""

    id: str
    title: str
    severity: Severity = Severity.NORMAL


@dataclass(frozen=True, slots=True)
class Copy:
    """An article of a story: a report of its own, or a copy of another one."""

    outlet: str
    title: str
    first_seen: datetime
    url: str | None = None
    language: str | None = None
    copied: bool = False


@dataclass(frozen=True, slots=True)
class ReviewStory:
    """A story with the one article that stands for it.

    `outlets` are in the order in which they had it; `agencies` are (name, outlets that reprint it), most first; `own` are
    outlets with a report of their own: the fields of judge's spread. `matches` are those of `article`.
    """

    id: int
    watchlists: tuple[str, ...]  # ids, the most severe first
    article: Article
    outlet: str
    outlets: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    matches: tuple[Match, ...] = ()
    agencies: tuple[tuple[str, int], ...] = ()
    own: tuple[str, ...] = ()
    copies: tuple[
        Copy, ...
    ] = ()  # every article of the story, first seen first, the article itself among them
    tier: int = 3  # the best of its outlets: 1 national or agency, 2 regional, 3 other
    correction: Correction | None = None  # what its outlet did to the article since it was told
    answers: Answers | None = None  # where its reader may answer to it


@dataclass(frozen=True, slots=True)
class Foot:
    """What stands beneath a letter: for whom it is, what it is called, and how its reader may leave."""

    to: str
    reference: str
    links: Links | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that a document shows. The period is [since, until)."""

    since: datetime
    until: datetime
    headings: tuple[Heading, ...]  # of all watchlists asked for, in the configuration's order
    stories: tuple[ReviewStory, ...] = ()
    receipt: Receipt | None = None
    title: str = ""  # where it is empty, what the occasion is called in the document's language
    occasion: Occasion = Occasion.REVIEW
    language: str = "en"
    timezone: str = "UTC"
    foot: Foot | None = None

    def __post_init__(self) -> None:
        if utc(self.since) >= utc(self.until):
            raise ValueError(f"a period from {self.since} to {self.until} is empty")
