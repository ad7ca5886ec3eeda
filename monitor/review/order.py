"""What comes first. Pure; called by every layout, so that a story stands at the same place in all of them.

importance, 0 to 100 points = severity (0, 15, 30, 45 for low to critical)
                            + the best outlet's tier (20 national or agency, 10 regional, 0 other)
                            + reach (5 a doubling of voices, at most 25; an outlet that reprints is half a voice)
                            + recency (10 for what came at the end of the period, 0 for its beginning)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.model import Severity
from monitor.review.values import Heading, Review, ReviewStory

SEVERITY = 15.0
TIERS = {1: 20.0, 2: 10.0}
DOUBLING, REACH = 5.0, 25.0
RECENCY = 10.0


@dataclass(frozen=True, slots=True)
class Section:
    """A watchlist with its stories, the most important first. `told_above` stand in an earlier section."""

    heading: Heading
    stories: tuple[ReviewStory, ...]
    told_above: tuple[ReviewStory, ...] = ()


def importance(story: ReviewStory, review: Review) -> float:
    severity = max((heading.severity.rank for heading in _of(story, review)), default=Severity.LOW.rank)
    voices = len(story.own) + (len(story.outlets) - len(story.own)) / 2
    reach = min(REACH, DOUBLING * math.log2(max(voices, 1.0)))
    share = (story.last_seen - review.since) / (review.until - review.since)
    recency = RECENCY * min(1.0, max(0.0, share))
    return round(severity * SEVERITY + TIERS.get(story.tier, 0.0) + reach + recency, 1)


def sections(review: Review) -> tuple[Section, ...]:
    """The most severe watchlist first, then in the configuration's order. A story is told once, under the first of its
    watchlists, and named under the others; a watchlist without stories keeps its place: nothing was found is news too."""
    weights = {story.id: importance(story, review) for story in review.stories}
    ranked = sorted(review.stories, key=lambda story: (-weights[story.id], story.first_seen, story.id))
    told: dict[int, None] = {}
    made: list[Section] = []
    for heading in sorted(review.headings, key=lambda each: -each.severity.rank):
        mine = [story for story in ranked if heading.id in story.watchlists]
        fresh = tuple(story for story in mine if story.id not in told)
        made.append(Section(heading, fresh, tuple(story for story in mine if story.id in told)))
        told |= dict.fromkeys(story.id for story in fresh)
    return tuple(made)


def in_order(review: Review) -> tuple[ReviewStory, ...]:
    """The stories as the sections tell them."""
    return tuple(story for section in sections(review) for story in section.stories)


def headings_by_id(review: Review) -> Mapping[str, Heading]:
    return {heading.id: heading for heading in review.headings}


def _of(story: ReviewStory, review: Review) -> list[Heading]:
    known = headings_by_id(review)
    return [known[id] for id in story.watchlists if id in known]
