"""L2: which of the open stories an article tells, if any. Called by `placing` with the store's candidates; decides only.

An article is weighed against all members of a story at once (their mean, and the nearest), so one odd member opens no
door. Two stories may be one whose first articles came in an order that hid it. So the articles of a story that the report
is likely in as well, and an article that came alone a few minutes ago, are weighed against the grown story as if they
came now. Never merges what an analyst split.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.judge.likeness import Report, compare, in_words, series, unrelated
from monitor.judge.profile import read
from monitor.model import Member, StoryNear

WINDOW = timedelta(hours=72)
LIKELY = 0.0  # log odds from which an article joins
ONE_EVENT = 1.0  # mean log odds of a story's articles from which it is a larger story's event ...
ALSO_BACK = 0.5  # ... and of the larger one's in the smaller; of n articles, these over the root of n
OWN_KIND = 3.0  # ... unless the articles of each are liker to their own by more than this
SETTLING = timedelta(
    minutes=5
)  # in which a story's only article is weighed again when another story grows ...
REMOTE = -3.0  # ... unless the report that it grows by is as unlike as this


@dataclass(frozen=True, slots=True)
class Kinship:
    """The story an article joins: how sure (0 to 1) and the member it is likest to."""

    story: int
    likeness: float
    nearest: Member
    why: str  # what both have in common, in words
    merges: tuple[int, ...] = ()  # other stories that turn out to tell the same event


@dataclass(frozen=True, slots=True)
class _Open:
    """A story that may take the article, and its members as they are compared."""

    near: StoryNear
    members: tuple[tuple[Member, Report], ...]

    @property
    def reports(self) -> list[Report]:
        return [report for _, report in self.members]


def story_of(
    profile: bytes, source_id: str, published: datetime, arrived: datetime, kin: Iterable[StoryNear]
) -> Kinship | None:
    """The likest story, if any is like enough. Ties go to the older one, so arrival's order decides less."""
    mine = read(profile) if profile else None
    if mine is None:
        return None
    article = Report(mine, source_id, published)
    all_open = [found for each in kin if (found := _open(article, each)) is not None]
    scored = [
        (each, weighed.score)
        for each, weighed in zip(all_open, compare(article, [each.reports for each in all_open]), strict=True)
        if not _excluded(article, each.reports)
    ]
    alike = [(each, score) for each, score in scored if score > LIKELY]
    if not alike:
        return None
    best, score = min(alike, key=lambda pair: (-round(pair[1], 6), pair[0].near.story.id))
    best = _corrected(article, best, [each for each, _ in alike])
    nearest, report = max(best.members, key=lambda pair: _closeness(article, pair[1]))
    sure = 1 / (1 + math.exp(-score))
    merges = tuple(_one_with(article, best, scored, all_open, arrived))
    return Kinship(best.near.story.id, sure, nearest, in_words(article, report), merges)


def _one_with(
    article: Report,
    joined: _Open,
    scored: Sequence[tuple[_Open, float]],
    all_open: Sequence[_Open],
    arrived: datetime,
) -> Iterator[int]:
    """The stories besides the joined one that turn out to be one with it, now that it has grown."""
    grown = [*joined.reports, article]
    for other, score in scored:
        young = len(other.members) == 1 and arrived - other.near.last_article_at <= SETTLING
        if other is joined or score <= (REMOTE if young else LIKELY):
            continue
        if other.near.story.id in joined.near.story.apart:
            continue
        rest = [each.reports for each in all_open if each is not other and each is not joined]
        small, large = sorted((other.reports, grown), key=len)
        if any(_excluded(each, large) for each in small):
            continue
        alone = young and max(_mean(small, large, rest), score - ALSO_BACK) > LIKELY
        if alone or _one_event(small, large, rest):
            yield other.near.story.id


def _one_event(small: Sequence[Report], large: Sequence[Report], rest: Sequence[Sequence[Report]]) -> bool:
    """Whether two stories tell one event. The mean of many articles errs less than one article's log odds, as the root of
    their number, so of many less is asked. What is alike because of its topic is liker still to its own."""
    forth = _mean(small, large, rest)
    if forth <= ONE_EVENT / math.sqrt(len(small)):
        return False
    back = _mean(large, small, rest)
    if back <= ALSO_BACK / math.sqrt(len(large)):
        return False
    own = [*_own(small, rest), *_own(large, rest)]
    return not own or (forth + back) / 2 >= sum(own) / len(own) - OWN_KIND


def _own(story: Sequence[Report], rest: Sequence[Sequence[Report]]) -> list[float]:
    """How likely each of its reports is in the story of its others; empty where there are none."""
    if len(story) == 1:
        return []
    return [_mean([each], [*story[:n], *story[n + 1 :]], rest) for n, each in enumerate(story)]


def _mean(reports: Sequence[Report], story: Sequence[Report], rest: Sequence[Sequence[Report]]) -> float:
    """How likely the reports are in a story, as if they came now."""
    return sum(compare(each, [story, *rest])[0].score for each in reports) / len(reports)


def _open(article: Report, near: StoryNear) -> _Open | None:
    """None where the story has no member within the window, whatever the feed's order."""
    members = tuple(
        (member, Report(profile, member.source_id, member.published))
        for member in near.members
        if (profile := read(member.profile)) is not None
    )
    if not members or all(abs(article.published - report.published) > WINDOW for _, report in members):
        return None
    return _Open(near, members)


def _excluded(article: Report, members: Sequence[Report]) -> bool:
    """Whether the story is another day's part of the article's series, or shares only an outlet's standing words."""
    return any(series(article, each) for each in members) or all(unrelated(article, each) for each in members)


def _corrected(article: Report, best: _Open, alike: Sequence[_Open]) -> _Open:
    """Between stories that an analyst set apart the nearest single member decides: their means are too alike."""
    rivals = [each for each in alike if each.near.story.id in best.near.story.apart]
    if not rivals:
        return best
    return max((best, *rivals), key=lambda each: max(_closeness(article, report) for report in each.reports))


def _closeness(article: Report, member: Report) -> float:
    return compare(article, [[member]])[0].score
