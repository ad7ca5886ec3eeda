"""The neighbours of an article: the same one again, copies of its text, stories it may belong to, and who was told.

Reads only; called by `Store.candidates`. What a verdict may depend on is all in here, so a restart changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select

from monitor.model import Article, Candidates, KnownArticle, Member, Reason, Story, StoryNear, Traits
from monitor.store import rows
from monitor.store.articles import by_guid, by_key
from monitor.store.fingerprints import LIVE, first_live, postings
from monitor.store.tables import alert, article, profile, story, story_apart
from monitor.text.nearness import FIRST, LAST, STORIES, copies, relatives, sample


def candidates(connection: Connection, new: Article, now: datetime, traits: Traits) -> Candidates:
    same, reason = by_key(connection, new.key), Reason.SAME_URL
    if same is None:
        same, reason = by_guid(connection, new), Reason.SAME_GUID
    since = now - LIVE
    twin = _same_text(connection, new, same, since)
    near, related = _search(connection, traits, same.id if same else None, since)
    kin = _kin(connection, related, since)
    named = {known.story_id for known in (same, twin, *near) if known is not None}
    found = stories(connection, named | {row.id for row, _ in kin})
    return Candidates(
        same=same,
        same_reason=reason if same else Reason.SAME_URL,
        same_text=twin,
        stories=tuple(found[id] for id in sorted(found)),
        near=near,
        kin=tuple(StoryNear(found[row.id], members, row.last_article_at) for row, members in kin),
    )


def _same_text(
    connection: Connection, new: Article, same: KnownArticle | None, since: datetime
) -> KnownArticle | None:
    """The earliest other live article with the same text."""
    if not new.text_hash:
        return None
    query = select(article).where(article.c.text_hash == new.text_hash, article.c.first_seen >= since)
    if same is not None:
        query = query.where(article.c.id != same.id)
    row = connection.execute(query.order_by(article.c.first_seen, article.c.id).limit(1)).one_or_none()
    return None if row is None else rows.known_article(row)


def _search(
    connection: Connection, traits: Traits, without: int | None, since: datetime
) -> tuple[tuple[KnownArticle, ...], list[int]]:
    """Live articles that may be copies, best first, and the ids of those that may tell of the same event."""
    first = first_live(connection, since) if traits.sketch or traits.handles else None
    if first is None:
        return (), []
    found = postings(connection, (*traits.sketch, *traits.handles), first, without)
    alike = copies({each: found[each] for each in traits.sketch if each in found})
    related = relatives({each: found[each] for each in traits.handles if each in found})
    return _near(connection, alike, since), related


def _near(connection: Connection, ids: Sequence[int], since: datetime) -> tuple[KnownArticle, ...]:
    """The articles, and behind them the originals of those that are copies themselves."""
    near = [each for each in _articles(connection, ids) if each.article.first_seen >= since]
    known = {each.id for each in near}
    firsts = dict.fromkeys(each.duplicate_of for each in near if each.duplicate_of not in known)
    originals = _articles(connection, [id for id in firsts if id is not None])
    return (*near, *originals)


def _articles(connection: Connection, ids: Sequence[int]) -> list[KnownArticle]:
    """In the order of `ids`; those that are gone are left out."""
    if not ids:
        return []
    found = {
        row.id: rows.known_article(row)
        for row in connection.execute(select(article).where(article.c.id.in_(ids)))
    }
    return [found[id] for id in ids if id in found]


# --- stories ---------------------------------------------------------------------------------------------------------


def _kin(
    connection: Connection, related: Sequence[int], since: datetime
) -> list[tuple[Row[Any], tuple[Member, ...]]]:
    """The live stories of these articles, in their order, each with the members that stand for it."""
    if not related:
        return []
    query = select(profile.c.article_id, profile.c.story_id).where(profile.c.article_id.in_(related))
    of: dict[int, int] = {row.article_id: row.story_id for row in connection.execute(query)}
    ids = list(dict.fromkeys(of[each] for each in related if each in of))
    live = select(story).where(story.c.id.in_(ids), story.c.last_article_at >= since)
    found = {row.id: row for row in connection.execute(live)}
    members = _members(connection, [id for id in ids if id in found][:STORIES], since)
    return [(found[id], members[id]) for id in ids if members.get(id)]


def _members(connection: Connection, ids: Sequence[int], since: datetime) -> dict[int, tuple[Member, ...]]:
    """Of each story the live leads that `sample` takes; of a large one no more than these are read."""
    if not ids:
        return {}
    found: dict[int, list[int]] = {}
    for row in connection.execute(_leads(ids, first_live(connection, since) or 0)):
        found.setdefault(row.story_id, []).append(row.article_id)
    wanted = [each for leads in found.values() for each in sample(leads)]
    members: dict[int, list[Member]] = {}
    query = select(profile).where(profile.c.article_id.in_(wanted)).order_by(profile.c.article_id)
    for row in connection.execute(query):
        one = Member(row.article_id, row.source_id, row.title, row.published, row.content)
        members.setdefault(row.story_id, []).append(one)
    return {id: tuple(those) for id, those in members.items()}


def _leads(ids: Sequence[int], first: int) -> Select[int, int]:
    """Ids of the stories' live leads, of each story enough at both ends that `sample` takes the same as of all."""
    order, story_id = profile.c.article_id, profile.c.story_id
    ends = (
        select(
            story_id,
            order,
            func.row_number().over(partition_by=story_id, order_by=order).label("place"),
            func.row_number().over(partition_by=story_id, order_by=order.desc()).label("back"),
        )
        .where(story_id.in_(ids), profile.c.lead, order >= first)
        .subquery()
    )
    near_an_end = (ends.c.place <= FIRST + LAST) | (ends.c.back <= LAST)
    return select(ends.c.story_id, ends.c.article_id).where(near_an_end).order_by(ends.c.article_id)


def stories(connection: Connection, ids: Collection[int]) -> dict[int, Story]:
    """Those of `ids` that are there, each with who was told of it, also while it was two."""
    if not ids:
        return {}
    told, apart = _told(connection, ids), _apart(connection, ids)
    return {
        row.id: Story(
            row.id, row.first_article, frozenset(told[row.id]), row.articles, frozenset(apart[row.id])
        )
        for row in connection.execute(select(story).where(story.c.id.in_(ids)))
    }


def _told(connection: Connection, ids: Collection[int]) -> defaultdict[int, set[str]]:
    """Recipients by story; what was told of a story counts for the one that it was merged into."""
    now = func.coalesce(story.c.merged_into, story.c.id)
    query = select(now.label("id"), alert.c.recipient).join(story, story.c.id == alert.c.story_id)
    told: defaultdict[int, set[str]] = defaultdict(set)
    for row in connection.execute(query.where(or_(story.c.id.in_(ids), story.c.merged_into.in_(ids)))):
        told[row.id].add(row.recipient)
    return told


def _apart(connection: Connection, ids: Collection[int]) -> defaultdict[int, set[int]]:
    """By story, those that were split from it."""
    apart: defaultdict[int, set[int]] = defaultdict(set)
    pairs = select(story_apart).where(or_(story_apart.c.one.in_(ids), story_apart.c.other.in_(ids)))
    for row in connection.execute(pairs):
        apart[row.one].add(row.other)
        apart[row.other].add(row.one)
    return apart
