"""Articles and where they were shown: what is new in a reading, and which article an item is.

Reads and `seen` only; articles are written by record.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, bindparam, func, or_, select, update

from monitor.model import Article, EarlierText, KnownArticle, Match, Met, Novelty, Shown, TextFrom
from monitor.store import rows
from monitor.store.columns import Key, short_key
from monitor.store.engine import Database
from monitor.store.met import NOTHING, Seen, Sighted, met, sighted
from monitor.store.sql import chunks, upsert
from monitor.store.tables import article, article_version, match, sighting

NOTED_EVERY = timedelta(hours=6)  # that an item is still shown; retention leaves a day for it
PAGE_READINGS = 3  # how often a page is asked for where it brought no full text
SAME_WORK = 0.5  # share of the shorter text's words, above which one guid means one article
HEAD = 200  # words looked at for that

SHAPES = 40  # in one query
# letters that bear accents or hamza in some spelling, and what LIKE would take for a sign of its own
_SPELT_MANY_WAYS = re.compile(r"[^bdf-hj-mp-rtv-xبتثجحخدذرزسشصضطظعغفقكلمن0-9 ]")

Asked = tuple[str, str | None, str, bool]
"""An item as a source shows it: item key, guid, item hash, and whether its page would be fetched."""


# asked in every poll: written once, so that SQLAlchemy compiles it once
_STAMP = (
    update(sighting)
    .where(
        sighting.c.source_id == bindparam("source"),
        sighting.c.item_key.in_(bindparam("keys", expanding=True)),
    )
    .values(last_seen_at=bindparam("at"))
    .returning(sighting.c.item_key)
)


class Articles:
    def __init__(self, database: Database) -> None:
        self._database = database

    def novelty(self, source_id: str, items: Sequence[Asked]) -> list[Novelty]:
        """For each item of a reading, in their order, whether it must be read further."""
        return [novelty for novelty, _ in self._survey(source_id, items, NOTHING)]

    def survey(
        self, source_id: str, items: Sequence[Asked], now: datetime, known: Sighted = NOTHING
    ) -> list[Novelty]:
        """The same; and those that are KNOWN are noted as still shown, unless that was noted not long ago. `known`: what `met`
        found of these items in the same transaction."""
        found = self._survey(source_id, items, known)
        unnoted = [
            item[:3]
            for item, (novelty, noted) in zip(items, found, strict=True)
            if novelty is Novelty.KNOWN and (noted is None or abs(now - noted) >= NOTED_EVERY)
        ]
        self.seen_all(source_id, unnoted, now)
        return [novelty for novelty, _ in found]

    def _survey(
        self, source_id: str, items: Sequence[Asked], known: Sighted
    ) -> list[tuple[Novelty, datetime | None]]:
        """Of each item its novelty, and when it was last noted as shown at this source."""
        with self._database.read() as connection:
            found = sighted(connection, source_id, [item[:2] for item in items], known)
        answer = []
        for key, guid, item_hash, full_text in items:
            moved = guid is not None and (short_key(guid), item_hash) in found.by_guid
            there = found.by_key[short_key(key)]
            noted = next((each.last_seen_at for each in there if each.source_id == source_id), None)
            answer.append((_novelty(source_id, there, item_hash, full_text, moved), noted))
        return answer

    def met(self, source_id: str, items: Sequence[Shown], now: datetime) -> tuple[list[Met], Sighted]:
        """For each item of a reading, in their order, whether this very source has shown it before; and all that is known of
        them, for `survey`."""
        with self._database.read() as connection:
            known = sighted(connection, source_id, [(item.key, item.id) for item in items])
            return met(connection, source_id, items, known, now), known

    def seen(self, source_id: str, item_key: str, guid: str | None, item_hash: str, now: datetime) -> None:
        """Note that a KNOWN item is still shown."""
        self.seen_all(source_id, [(item_key, guid, item_hash)], now)

    def seen_all(self, source_id: str, items: Sequence[tuple[str, str | None, str]], now: datetime) -> None:
        """Note, in one transaction, that these KNOWN items are still shown. What is shown is never forgotten,
        however old: otherwise it would be new again."""
        if not items:
            return
        with self._database.write() as connection:
            here = set(_stamp(connection, source_id, [short_key(key) for key, *_ in items], now))
            for key, guid, item_hash in items:
                if short_key(key) not in here:
                    _first_sighting(connection, source_id, key, guid, item_hash, now)

    def get(self, article_id: int) -> KnownArticle | None:
        return self._one(select(article).where(article.c.id == article_id))

    def by_url_key(self, key: str) -> KnownArticle | None:
        """The article with this canonical key, or one that some source showed under it."""
        with self._database.read() as connection:
            return by_key(connection, key)

    def matches(self, article_id: int) -> tuple[Match, ...]:
        with self._database.read() as connection:
            found = select(match).where(match.c.article_id == article_id).order_by(match.c.watchlist)
            return tuple(rows.match(row) for row in connection.execute(found))

    def earlier_texts(self, article_id: int) -> list[EarlierText]:
        """What the article said before, oldest first."""
        query = select(article_version).where(article_version.c.article_id == article_id)
        with self._database.read() as connection:
            return [
                rows.earlier_text(row) for row in connection.execute(query.order_by(article_version.c.id))
            ]

    def sightings(self, article_id: int) -> list[tuple[str, str, str]]:
        """Where the article was shown, the first place first: source, item key, item hash."""
        wanted = select(sighting.c.source_id, sighting.c.item_key, sighting.c.item_hash)
        query = wanted.where(sighting.c.article_id == article_id).order_by(sighting.c.id)
        with self._database.read() as connection:
            return [(row.source_id, row.item_key, row.item_hash) for row in connection.execute(query)]

    def versions(self, article_id: int) -> int:
        """How many earlier texts of the article are kept."""
        with self._database.read() as connection:
            count = select(func.count()).where(article_version.c.article_id == article_id)
            return int(connection.execute(count).scalar_one())

    def count(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(article)).scalar_one())

    def recent(self, limit: int) -> list[Article]:
        """The articles that came last, the latest first."""
        with self._database.read() as connection:
            found = connection.execute(select(article).order_by(article.c.id.desc()).limit(limit))
            return [rows.known_article(row).article for row in found]

    def mentioning(self, words: Sequence[str], limit: int) -> list[Article]:
        """The latest articles whose title or text may hold one of these words, whatever its accents and capitals.

        A sieve: what it lets through is to be read again. It misses a word with vowel signs or dots between its letters.
        """
        shapes = dict.fromkeys(_SPELT_MANY_WAYS.sub("_", word.lower()) for word in words)
        texts = (article.c.title, article.c.body)
        found: dict[int, Article] = {}
        with self._database.read() as connection:
            for chunk in chunks(shapes, SHAPES):
                like = or_(*(text.ilike(f"%{shape}%") for shape in chunk for text in texts))
                query = select(article).where(like).order_by(article.c.id.desc()).limit(limit)
                found |= {row.id: rows.known_article(row).article for row in connection.execute(query)}
        return [found[id] for id in sorted(found, reverse=True)[:limit]]

    def _one(self, query: Select[tuple[object, ...]]) -> KnownArticle | None:
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else rows.known_article(row)


def _novelty(source_id: str, sightings: list[Seen], item_hash: str, full_text: bool, moved: bool) -> Novelty:
    here = next((each for each in sightings if each.source_id == source_id), None)
    if here is not None:
        return _novelty_here(here, item_hash, full_text)
    if moved:
        return Novelty.KNOWN  # the same text under the same guid: only its address differs
    if not sightings:
        return Novelty.NEW
    text = sightings[0].text_from
    thin = text in (TextFrom.TITLE, TextFrom.SUMMARY) or (full_text and text is not TextFrom.PAGE)
    return Novelty.CHANGED if thin else Novelty.KNOWN


def _novelty_here(here: Seen, item_hash: str, full_text: bool) -> Novelty:
    if here.item_hash != short_key(item_hash):
        return Novelty.CHANGED
    thin = here.text_from in (TextFrom.TITLE, TextFrom.SUMMARY)
    return Novelty.CHANGED if full_text and thin and here.readings < PAGE_READINGS else Novelty.KNOWN


def _stamp(connection: Connection, source_id: str, keys: Sequence[str], now: datetime) -> list[str]:
    stamped: list[str] = []
    for chunk in chunks(keys):
        asked = {"source": source_id, "keys": chunk, "at": now}
        stamped += connection.execute(_STAMP, asked).scalars()
    return stamped


def _first_sighting(
    connection: Connection, source_id: str, key: str, guid: str | None, item_hash: str, now: datetime
) -> None:
    """The item is known from another source, or from this one under another address."""
    known = by_key(connection, key)
    if known is not None:
        note_sighting(connection, source_id, key, guid, item_hash, known.id, now)
    elif guid is not None:
        elsewhere = (sighting.c.source_id == source_id) & (sighting.c.guid == guid)
        connection.execute(update(sighting).where(elsewhere).values(last_seen_at=now))


def note_sighting(
    connection: Connection,
    source_id: str,
    item_key: str,
    guid: str | None,
    item_hash: str,
    article_id: int,
    now: datetime,
) -> None:
    """The source shows this item, and it was read as this article."""
    first = {
        "source_id": source_id,
        "item_key": item_key,
        "guid": guid,
        "item_hash": item_hash,
        "article_id": article_id,
        "first_seen_at": now,
        "last_seen_at": now,
        "readings": 1,
    }
    key, keep = ("source_id", "item_key"), ("first_seen_at",)
    upsert(connection, sighting, first, key, keep, readings=_ONCE_MORE)


_ONCE_MORE = sighting.c.readings + 1


def by_key(connection: Connection, key: str) -> KnownArticle | None:
    row = connection.execute(_BY_KEY, {"key": key}).one_or_none()
    row = row or connection.execute(_BY_SHOWN_KEY, {"key": key}).one_or_none()
    return None if row is None else rows.known_article(row)


# made once: every article waits for these, and making one takes longer than answering it
_KEY = bindparam("key", type_=Key)
_BY_KEY = select(article).where(article.c.key == _KEY)
_SHOWN = select(sighting.c.article_id).where(sighting.c.item_key == _KEY)
_BY_SHOWN_KEY = select(article).where(article.c.id.in_(_SHOWN)).order_by(article.c.id).limit(1)


def same_work(one: Article, other: Article) -> bool:
    """Whether two texts can be one article, edited: the same title or text, or half of the words in common."""
    if one.title == other.title or (one.text_hash and one.text_hash == other.text_hash):
        return True
    first, second = (_head(each) for each in (one, other))
    return len(first & second) >= SAME_WORK * max(1, min(len(first), len(second)))


def _head(text: Article) -> set[str]:
    # short words are articles and prepositions, common to all texts
    words = f"{text.title} {text.body}".casefold().split()[:HEAD]
    return {word for word in words if len(word) > 3}
