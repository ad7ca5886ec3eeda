"""What recipients are told: alerts, notices, digests, spikes. See `monitor.model`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from monitor.model.articles import Article
from monitor.model.decisions import Match
from monitor.model.watching import Severity


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
