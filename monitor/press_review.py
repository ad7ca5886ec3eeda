"""Store -> Review: where what is stored, the configuration's names and the judge's view of a story's spread meet.

    store.reviews.matched -> [one article stands for each story] -> judge.spread -> Review -> a document of `review`

Called by `monitor review`, by the web for its feeds, and by whoever sends digests. Reads only; what a document looks like is decided in `review`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.judge import spread
from monitor.model import Match, Receipt, Source, StoryMember, Watchlist
from monitor.reach import outlet_of, tier_of
from monitor.review import Copy, Heading, Review, ReviewStory, Trouble, receipt
from monitor.store import MatchedStory, Store

LOOK_BACK = timedelta(days=7)  # for the beginning of a failure that lasts
RHYTHM = timedelta(days=14)  # by what a source is called silent
FEED_DAYS = timedelta(days=7)
FEED_STORIES = 100


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: of these watchlists (all of the configuration's where empty) in [since, until)."""

    since: datetime
    until: datetime
    watchlists: tuple[str, ...] = ()
    language: str = "en"
    timezone: str = "UTC"
    title: str = ""


def compose(store: Store, order: Order, watchlists: Sequence[Watchlist], sources: Sequence[Source]) -> Review:
    """The review with every story that matched, and the receipt of what was read. `watchlists` and `sources` are the
    configuration's; a watchlist that it no longer has is not told of."""
    asked = [each for each in watchlists if not order.watchlists or each.id in order.watchlists]
    found = store.reviews.matched(order.since, order.until, [each.id for each in asked])
    by_id = {source.id: source for source in sources}
    return Review(
        since=order.since,
        until=order.until,
        headings=tuple(Heading(each.id, each.title or each.id, each.severity) for each in asked),
        stories=tuple(filter(None, (_story(store, each, asked, by_id) for each in found))),
        receipt=coverage(store, sources, order.since, order.until),
        title=order.title,
        language=order.language,
        timezone=order.timezone,
    )


def latest(
    store: Store, watchlist: Watchlist, sources: Sequence[Source], now: datetime, language: str = "en"
) -> Review:
    """A watchlist's stories of the last week, at most `FEED_STORIES`, for a feed. It begins at a midnight, so that a feed in
    which nothing changed stays the same."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - FEED_DAYS
    until = now + timedelta(seconds=1)  # what came in this moment is there already
    found = store.reviews.matched(since, until, [watchlist.id])
    newest = sorted(found, key=lambda each: each.told.members[-1].first_seen, reverse=True)[:FEED_STORIES]
    by_id = {source.id: source for source in sources}
    return Review(
        since=since,
        until=until,
        headings=(Heading(watchlist.id, watchlist.title or watchlist.id, watchlist.severity),),
        stories=tuple(filter(None, (_story(store, each, [watchlist], by_id) for each in newest))),
        title=watchlist.title or watchlist.id,
        language=language,
    )


def coverage(store: Store, sources: Sequence[Source], since: datetime, until: datetime) -> Receipt:
    """What was read in the period, as far as the store remembers it."""
    before = store.reviews.brought(since - RHYTHM, since)
    came = store.reviews.brought(since, until)
    share = (until - since) / RHYTHM
    return receipt(
        sources,
        {state.source_id: state for state in store.sources.all()},
        [Trouble(*line) for line in store.reviews.readings(since - LOOK_BACK, until)],
        {source.id: (before.get(source.id, 0) * share, came.get(source.id, 0)) for source in sources},
        store.reviews.idle_hours(since, until),
        since,
        until,
    )


def _story(
    store: Store, found: MatchedStory, asked: Sequence[Watchlist], sources: Mapping[str, Source]
) -> ReviewStory | None:
    """None where housekeeping deleted it a moment ago."""
    members = [replace(each, outlet=outlet_of(each.source_id, sources)) for each in found.told.members]
    chosen = _representative(members, found.matches, sources)
    known = store.articles.get(chosen.id)
    if known is None:
        return None
    seen = spread(members)
    matched = {match.watchlist for matches in found.matches.values() for match in matches}
    return ReviewStory(
        id=found.told.story.id,
        watchlists=tuple(each.id for each in _most_severe_first(asked) if each.id in matched),
        article=known.article,
        outlet=chosen.outlet,
        outlets=seen.outlets,
        first_seen=members[0].first_seen,
        last_seen=members[-1].first_seen,
        matches=found.matches[chosen.id],
        agencies=seen.agencies,
        own=seen.own,
        copies=tuple(map(_copy, members)),
        tier=min(tier_of(each.source_id, sources) for each in members),
    )


def _representative(
    members: Sequence[StoryMember], matches: Mapping[int, tuple[Match, ...]], sources: Mapping[str, Source]
) -> StoryMember:
    """Of the matching articles the one of the best outlet; among those an original before a copy, then the first."""
    matching = (each for each in members if each.id in matches)
    return min(
        matching,
        key=lambda each: (
            tier_of(each.source_id, sources),
            each.duplicate_of is not None,
            each.first_seen,
            each.id,
        ),
    )


def _most_severe_first(watchlists: Sequence[Watchlist]) -> list[Watchlist]:
    return sorted(watchlists, key=lambda each: -each.severity.rank)


def _copy(member: StoryMember) -> Copy:
    return Copy(
        outlet=member.outlet,
        title=member.title,
        first_seen=member.first_seen,
        url=member.url,
        language=member.language,
        copied=member.duplicate_of is not None,
    )
