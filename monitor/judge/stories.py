"""L2: which of the open stories an article tells, if any. Called by `placing` with the store's candidates; decides only.

An article is weighed against all members of a story at once (their mean, and the nearest), so one odd member opens no
door. Nothing here merges two stories: that is for an analyst to do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.judge.likeness import Report, in_words, likeness, series, unrelated
from monitor.judge.profile import read
from monitor.model import Member, StoryNear

WINDOW = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Kinship:
    """The story an article joins: how sure (0 to 1) and the member it is likest to."""

    story: int
    likeness: float
    nearest: Member
    why: str  # what both have in common, in words


@dataclass(frozen=True, slots=True)
class _Weighed:
    near: StoryNear
    score: float
    members: tuple[tuple[Member, Report], ...]


def story_of(profile: bytes, source_id: str, published: datetime, kin: Iterable[StoryNear]) -> Kinship | None:
    """The likest story, if any is like enough. Ties go to the older one, so arrival's order decides less."""
    mine = read(profile) if profile else None
    if mine is None:
        return None
    article = Report(mine, source_id, published)
    weighed = [found for each in kin if (found := _weighed(article, each)) is not None and found.score > 0]
    if not weighed:
        return None
    best = min(weighed, key=lambda each: (-round(each.score, 6), each.near.story.id))
    best = _corrected(article, best, weighed)
    nearest, report = max(best.members, key=lambda pair: likeness(article, [pair[1]]))
    sure = 1 / (1 + math.exp(-best.score))
    return Kinship(best.near.story.id, sure, nearest, in_words(article, report))


def _weighed(article: Report, near: StoryNear) -> _Weighed | None:
    """None where the story has no member within the window, is another day's part of the article's series, or
    shares with it no more than one outlet's standing words."""
    members = tuple(
        (member, Report(profile, member.source_id, member.published))
        for member in near.members
        if (profile := read(member.profile)) is not None
    )
    if not members or all(abs(article.published - report.published) > WINDOW for _, report in members):
        return None
    if any(series(article, report) for _, report in members) or all(
        unrelated(article, report) for _, report in members
    ):
        return None
    return _Weighed(near, likeness(article, [report for _, report in members]), members)


def _corrected(article: Report, best: _Weighed, weighed: Sequence[_Weighed]) -> _Weighed:
    """Between stories that an analyst set apart the nearest single member decides: their means are too alike."""
    rivals = [each for each in weighed if each.near.story.id in best.near.story.apart]
    if not rivals:
        return best
    return max(
        (best, *rivals), key=lambda each: max(likeness(article, [report]) for _, report in each.members)
    )
