"""The neighbours of an article: the same one again, copies of its text, stories it may belong to, and who was told.

Reads only; called by `Store.candidates`. What a verdict may depend on is all in here, so a restart changes nothing.
Every article waits for these statements. So they are few, for each is a round trip to PostgreSQL; made once, for making
one takes longer than answering it; and take numbers as one parameter, for an IN is spelt anew for each length.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, Text, bindparam, cast, null, select, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from monitor.model import Article, Candidates, KnownArticle, Member, Reason, Story, StoryNear, Traits
from monitor.store import rows
from monitor.store.articles import same_work
from monitor.store.columns import Key, Moment
from monitor.store.fingerprints import FIRST_LIVE, LIVE, postings
from monitor.store.sql import as_list, joined, listed, numbers
from monitor.store.tables import alert, article, profile, sighting, story, story_apart
from monitor.text.nearness import FIRST, LAST, STORIES, copies, relatives, sample

_KEY = bindparam("key", type_=Key)
_SINCE = bindparam("since", type_=Moment)
_SHOWN = select(sighting.c.article_id).where(sighting.c.item_key == _KEY)
_SAME_GUID = (
    select(sighting.c.article_id)
    .where(
        sighting.c.source_id == bindparam("source", type_=Key),
        sighting.c.guid == bindparam("guid", type_=Key),
    )
    .distinct()
    .limit(2)
)
_TWIN = (
    select(article.c.id)
    .where(article.c.text_hash == bindparam("text_hash", type_=Key), article.c.first_seen >= _SINCE)
    .order_by(article.c.first_seen, article.c.id)
    .limit(1)
)
_MARKS = select(
    select(article.c.id).where(article.c.key == _KEY).scalar_subquery(),
    joined(_SHOWN),
    joined(_SAME_GUID),
    _TWIN.scalar_subquery(),
    FIRST_LIVE.scalar_subquery(),
)


@dataclass(frozen=True, slots=True)
class _Marks:
    """The articles that an article's own marks lead to, and the lowest id of the live ones."""

    address: int | None
    guid: int | None  # None where the guid stands for several: some feeds give all items one id
    twin: int | None  # the earliest live one with the same text
    first: int | None


_Kin = tuple[Any, tuple[Member, ...]]
"""A row of `_related`, and those who stand for its story."""


def candidates(connection: Connection, new: Article, now: datetime, traits: Traits) -> Candidates:
    """Of an article that is known nothing else is sought: it stays where it is."""
    since = now - LIVE
    marks = _marks(connection, new, since)
    same, reason = _same(connection, new, marks)
    if same is not None:
        told = stories(connection, [same.story_id])
        return Candidates(same=same, same_reason=reason, stories=tuple(told.values()))
    found: dict[int, list[int]] = {}
    if marks.first is not None and (traits.sketch or traits.handles):
        found = postings(connection, (*traits.sketch, *traits.handles), marks.first)
    near, twin = _near(connection, copies(_of(traits.sketch, found)), marks.twin, since)
    kin = _kin(connection, relatives(_of(traits.handles, found)), marks.first or 0, since)
    named = {each.story_id for each in (*near, twin) if each is not None}
    told = stories(connection, named | {row.story_id for row, _ in kin})
    return Candidates(
        same_text=twin,
        stories=tuple(told[id] for id in sorted(told)),
        near=near,
        kin=tuple(StoryNear(told[row.story_id], members, row.last_article_at) for row, members in kin),
    )


def _marks(connection: Connection, new: Article, since: datetime) -> _Marks:
    asked = {
        "key": new.key,
        "source": new.source_id,
        "guid": new.guid or None,
        "text_hash": new.text_hash or None,
        "since": since,
    }
    named, shown, same_guid, twin, first = connection.execute(_MARKS, asked).one()
    by_guid = numbers(same_guid)
    address = named if named is not None else min(numbers(shown), default=None)
    return _Marks(address, by_guid[0] if len(by_guid) == 1 else None, twin, first)


def _same(connection: Connection, new: Article, marks: _Marks) -> tuple[KnownArticle | None, Reason]:
    if marks.address is not None:
        return _articles(connection, [marks.address]).get(marks.address), Reason.SAME_URL
    known = None if marks.guid is None else _articles(connection, [marks.guid]).get(marks.guid)
    if known is not None and not same_work(known.article, new):
        known = None
    return known, Reason.SAME_GUID if known else Reason.SAME_URL


def _of(hashes: Sequence[int], found: Mapping[int, list[int]]) -> dict[int, list[int]]:
    return {each: found[each] for each in hashes if each in found}


def _near(
    connection: Connection, ids: Sequence[int], twin: int | None, since: datetime
) -> tuple[tuple[KnownArticle, ...], KnownArticle | None]:
    """The articles, behind them the originals of those that are copies themselves, and the twin."""
    known = _articles(connection, [*ids, *([] if twin is None else [twin])])
    near = {id: known[id] for id in ids if id in known and known[id].article.first_seen >= since}
    originals = dict.fromkeys(each.duplicate_of for each in near.values())
    behind = (known[id] for id in originals if id in known and id not in near)
    return (*near.values(), *behind), None if twin is None else known.get(twin)


def _articles(connection: Connection, ids: Sequence[int]) -> dict[int, KnownArticle]:
    """Those that are there, and the originals of those that are copies."""
    if not ids:
        return {}
    values = {"values": as_list(connection, ids)}
    found = connection.execute(_with_originals(connection.dialect.name), values)
    return {row.id: rows.known_article(row) for row in found.all()}


@cache
def _with_originals(dialect: str) -> Select[Any]:
    asked = select(listed(dialect).c.value)
    originals = select(article.c.duplicate_of).where(article.c.id.in_(asked))
    return select(article).where(article.c.id.in_(asked.union(originals)))


# --- stories ---------------------------------------------------------------------------------------------------------


def _kin(connection: Connection, related: Sequence[int], first: int, since: datetime) -> list[_Kin]:
    """The live stories of these articles, in their order, each with the members that stand for it."""
    if not related:
        return []
    values = {"values": as_list(connection, related), "since": since}
    found = connection.execute(_related(connection.dialect.name), values).all()
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
    if not wanted:
        return {}
    values = {"values": as_list(connection, wanted)}
    # all at once: of psycopg each row by itself is a call in Python
    for row in connection.execute(_profiles(connection.dialect.name), values).all():
        one = Member(row.article_id, row.source_id, row.title, row.published, row.content)
        members.setdefault(row.story_id, []).append(one)
    return {id: tuple(those) for id, those in members.items()}


@cache
def _related(dialect: str) -> Select[Any]:
    """Where these articles are, as far as their stories are live."""
    wanted = listed(dialect)
    return (
        select(profile.c.article_id, profile.c.story_id, profile.c.lead, story.c.last_article_at)
        .join(wanted, profile.c.article_id == wanted.c.value)
        .join(story, story.c.id == profile.c.story_id)
        .where(story.c.last_article_at >= _SINCE)
    )


@cache
def _profiles(dialect: str) -> Select[Any]:
    wanted = listed(dialect)
    mine = select(profile).join(wanted, profile.c.article_id == wanted.c.value)
    return mine.order_by(profile.c.article_id)


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
    told: defaultdict[int, set[str]] = defaultdict(set)
    apart: defaultdict[int, set[int]] = defaultdict(set)
    found: list[tuple[int, int, int]] = []
    values = {"values": as_list(connection, sorted(ids))}
    facts = connection.execute(_facts(connection.dialect.name), values).all()
    for id, first_article, articles, other, recipient in facts:
        if recipient is not None:
            told[id].add(recipient)
        elif other is not None:
            apart[id].add(other)
        else:
            found.append((id, first_article, articles))
    return {
        id: Story(id, first_article, frozenset(told[id]), articles, frozenset(apart[id]))
        for id, first_article, articles in found
    }


@cache
def _facts(dialect: str) -> CompoundSelect[Any]:
    """A row a story, a row for each that an analyst set apart from it, a row for each time that somebody was told of it:
    what was told of a story counts for the one that it was merged into."""
    asked = select(listed(dialect).c.value)
    nothing, nobody = cast(null(), BigInteger), cast(null(), Text)
    merged = alert.join(story, story.c.id == alert.c.story_id)
    one, other = story_apart.c.one, story_apart.c.other
    return union_all(
        select(story.c.id, story.c.first_article, story.c.articles, nothing, nobody).where(
            story.c.id.in_(asked)
        ),
        select(one, nothing, nothing, other, nobody).where(one.in_(asked)),
        select(other, nothing, nothing, one, nobody).where(other.in_(asked)),
        select(alert.c.story_id, nothing, nothing, nothing, alert.c.recipient).where(
            alert.c.story_id.in_(asked)
        ),
        select(story.c.merged_into, nothing, nothing, nothing, alert.c.recipient)
        .select_from(merged)
        .where(story.c.merged_into.in_(asked)),
    )
