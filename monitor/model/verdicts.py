"""What a verdict may depend on, and the verdict. See `monitor.model`."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model.articles import Article, KnownArticle
from monitor.model.decisions import NO_TRAITS, Decision, Match, Reason, Story, StoryNear, Traits
from monitor.model.told import Alert, Reply, Timing
from monitor.model.watching import Silence


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
class Verdict:
    """All that was decided about one article; the store writes it in one transaction."""

    article: Article
    decisions: tuple[Decision, ...] = ()
    matches: tuple[Match, ...] = ()
    same_as: int | None = None  # L0: update this article
    duplicate_of: int | None = None
    story: int | None = None  # joined; None opens one
    alerts: tuple[Alert, ...] = ()
    traits: Traits = NO_TRAITS
    likeness: float | None = None  # 0 to 1, to the copied text or to the story; None where it opens one
    merges: tuple[int, ...] = ()  # stories that turn out to be one with `story`
    timings: tuple[Timing, ...] = ()  # of the alerts, in their order
    again: tuple[Alert, ...] = ()  # what those who know the story would hear of this article
