"""How far a story has come, by the names and tiers that the configuration gives its outlets. Pure.

Called by the pipeline for new alerts, by `follow` for those that grow, and by the press review.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.judge import spread
from monitor.model import Source, Spread, StoryMember, Verdict

LOWEST_TIER = 3  # of an outlet that the configuration no longer has
NEWEST = 2**63 - 1  # an article that has no id yet comes behind those that have


def outlet_of(source_id: str, sources: Mapping[str, Source]) -> str:
    """Several feeds of one newspaper are one outlet."""
    source = sources.get(source_id)
    return source.name or source.id if source else source_id


def tier_of(source_id: str, sources: Mapping[str, Source]) -> int:
    source = sources.get(source_id)
    return source.tier if source else LOWEST_TIER


def spread_of(members: Sequence[StoryMember], sources: Mapping[str, Source]) -> Spread:
    """Of a story with these members, as the store has them; at least one."""
    named = [replace(each, outlet=outlet_of(each.source_id, sources)) for each in members]
    return spread(named, min(tier_of(each.source_id, sources) for each in members))


def spread_with(verdict: Verdict, members: Sequence[StoryMember], sources: Mapping[str, Source]) -> Spread:
    """Of a story once the verdict's article is in it; `members` are those that it has so far."""
    if verdict.same_as is not None and members:
        return spread_of(members, sources)
    article = verdict.article
    new = StoryMember(
        id=NEWEST,
        source_id=article.source_id,
        outlet="",
        title=article.title,
        first_seen=article.first_seen,
        url=article.url,
        language=article.language,
        duplicate_of=verdict.duplicate_of,
        agency=verdict.traits.agency,
        wire=verdict.traits.wire,
    )
    return spread_of([*members, new], sources)
