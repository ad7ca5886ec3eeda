"""The neighbours of an article: the same one again, copies of its text, stories it may belong to, and who was told.

Reads only; called by `Store.candidates`. What a verdict may depend on is all in here, so a restart changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Connection, Select, bindparam, or_, select, union_all

from monitor.model import Article, Candidates, KnownArticle, Member, Reason, Story, StoryNear, Traits
from monitor.store import rows
from monitor.store.articles import by_guid, by_key
from monitor.store.fingerprints import LIVE, first_live, postings
from monitor.store.sql import as_list, joined, listed, numbers
from monitor.store.tables import Key, Moment, alert, article, profile, story, story_apart
from monitor.text.nearness import FIRST, LAST, STORIES, copies, relatives, sample

# Statements that every article waits for are made once: making one takes longer than answering it.
_ASKED: BindParameter[Any] = bindparam("ids", expanding=True)
_SINCE = bindparam("since", type_=Moment)
_ARTICLES = select(article).where(article.c.id.in_(_ASKED))
_SAME_TEXT = (
    select(article)
    .where(article.c.text_hash == bindparam("text_hash", type_=Key), article.c.first_seen >= _SINCE)
    .where(article.c.id != bindparam("same"))
    .order_by(article.c.first_seen, article.c.id)
    .limit(1)
)
_STORIES = (
    select(profile.c.article_id, profile.c.story_id, profile.c.lead, story.c.last_article_at)
    .join(story, story.c.id == profile.c.story_id)
    .where(profile.c.article_id.in_(_ASKED), story.c.last_article_at >= _SINCE)
)
_PROFILES = select(profile).where(profile.c.article_id.in_(_ASKED)).order_by(profile.c.article_id)
_BY_ID = select(story.c.id, story.c.first_article, story.c.articles).where(story.c.id.in_(_ASKED))
_APART = select(story_apart).where(or_(story_apart.c.one.in_(_ASKED), story_apart.c.other.in_(_ASKED)))
# what was told of a story counts for the one that it was merged into
_TOLD = union_all(
    select(alert.c.story_id.label("id"), alert.c.recipient).where(alert.c.story_id.in_(_ASKED)),
    select(story.c.merged_into.label("id"), alert.c.recipient)
    .join(alert, alert.c.story_id == story.c.id)
    .where(story.c.merged_into.in_(_ASKED)),
)

_Kin = tuple[Any, tuple[Member, ...]]
"""A row of `_STORIES`, and those who stand for its story."""


def candidates(connection: Connection, new: Article, now: datetime, traits: Traits) -> Candidates:
    same, reason = by_key(connection, new.key), Reason.SAME_URL
    if same is None:
        same, reason = by_guid(connection, new), Reason.SAME_GUID
    since = now - LIVE
    twin = _same_text(connection, new, same, since)
    first = first_live(connection, since) if traits.sketch or traits.handles else None
    near: tuple[KnownArticle, ...] = ()
    kin: list[_Kin] = []
    if first is not None:
        found = postings(connection, (*traits.sketch, *traits.handles), first, same.id if same else None)
        near = _near(connection, copies(_of(traits.sketch, found)), since)
        kin = _kin(connection, relatives(_of(traits.handles, found)), first, since)
    named = {known.story_id for known in (same, twin, *near) if known is not None}
    told = stories(connection, named | {row.story_id for row, _ in kin})
    return Candidates(
        same=same,
        same_reason=reason if same else Reason.SAME_URL,
        same_text=twin,
        stories=tuple(told[id] for id in sorted(told)),
        near=near,
        kin=tuple(StoryNear(told[row.story_id], members, row.last_article_at) for row, members in kin),
    )


def _of(hashes: Sequence[int], found: Mapping[int, list[int]]) -> dict[int, list[int]]:
    return {each: found[each] for each in hashes if each in found}


def _same_text(
    connection: Connection, new: Article, same: KnownArticle | None, since: datetime
) -> KnownArticle | None:
    """The earliest other live article with the same text."""
    if not new.text_hash:
        return None
    asked = {"text_hash": new.text_hash, "since": since, "same": same.id if same else 0}
    row = connection.execute(_SAME_TEXT, asked).one_or_none()
    return None if row is None else rows.known_article(row)


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
    found = {row.id: rows.known_article(row) for row in connection.execute(_ARTICLES, {"ids": list(ids)})}
    return [found[id] for id in ids if id in found]


# --- stories ---------------------------------------------------------------------------------------------------------


def _kin(connection: Connection, related: Sequence[int], first: int, since: datetime) -> list[_Kin]:
    """The live stories of these articles, in their order, each with the members that stand for it."""
    if not related:
        return []
    found = connection.execute(_STORIES, {"ids": related, "since": since}).all()
    of = {row.article_id: row for row in found}
    live = {of[each].story_id: of[each] for each in related if each in of}
    best = list(live.values())[:STORIES]
    leads = {row.article_id: row.story_id for row in found if row.lead}
    members = _members(connection, [row.story_id for row in best], first, leads)
    return [(row, members[row.story_id]) for row in best if row.story_id in members]


def _members(
    connection: Connection, ids: Sequence[int], first: int, related: Mapping[int, int]
) -> dict[int, tuple[Member, ...]]:
    """Of each story the live leads that `sample` takes, the `related` ones (article -> story) among them; of a large one
    no more than these are read."""
    values = {"values": as_list(connection, ids), "first": first}
    wanted: list[int] = []
    for story_id, oldest, newest in connection.execute(_leads(connection.dialect.name), values).all():
        mine = {article_id for article_id, of in related.items() if of == story_id and article_id >= first}
        wanted += sample(list({*numbers(oldest), *numbers(newest), *mine}), mine)
    members: dict[int, list[Member]] = {}
    for row in connection.execute(_PROFILES, {"ids": wanted}) if wanted else ():
        one = Member(row.article_id, row.source_id, row.title, row.published, row.content)
        members.setdefault(row.story_id, []).append(one)
    return {id: tuple(those) for id, those in members.items()}


@cache
def _leads(dialect: str) -> Select[int, str, str]:
    """A row a story: its live leads, from both ends so many that `sample` takes the same as of all."""
    wanted = listed(dialect)
    id = profile.c.article_id
    live = (
        (profile.c.story_id == wanted.c.value) & profile.c.lead & (id >= bindparam("first", type_=BigInteger))
    )
    mine = select(id).where(live).correlate(wanted)
    oldest, newest = mine.order_by(id).limit(FIRST + LAST), mine.order_by(id.desc()).limit(LAST)
    return select(wanted.c.value, joined(oldest), joined(newest))


def stories(connection: Connection, ids: Collection[int]) -> dict[int, Story]:
    """Those of `ids` that are there, each with who was told of it, also while it was two."""
    if not ids:
        return {}
    asked = {"ids": list(ids)}
    told: defaultdict[int, set[str]] = defaultdict(set)
    for row in connection.execute(_TOLD, asked):
        told[row.id].add(row.recipient)
    apart: defaultdict[int, set[int]] = defaultdict(set)
    for row in connection.execute(_APART, asked):
        apart[row.one].add(row.other)
        apart[row.other].add(row.one)
    return {
        row.id: Story(
            row.id, row.first_article, frozenset(told[row.id]), row.articles, frozenset(apart[row.id])
        )
        for row in connection.execute(_BY_ID, asked)
    }
