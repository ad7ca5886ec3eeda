"""What is known of the items of one reading, and which of them their source has shown before: by their keys, or, where keys
change, by their titles.

Reads only. Called by the pipeline for every document that changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from monitor.model import Met, Shown, TextFrom
from monitor.store.columns import short_key
from monitor.store.sql import chunks
from monitor.store.tables import article, sighting
from monitor.text.naming import name_of

FEW = 5  # items, of which more than half have to be strangers before titles are looked at
REMEMBERED = timedelta(days=14)  # a title that returns later is another article
LOOKED_AT = 2_000  # sightings, the latest

# asked for every document that changed: written once, so that SQLAlchemy compiles them once
_SIGHTINGS = (
    select(
        sighting.c.source_id,
        sighting.c.item_key,
        sighting.c.guid,
        sighting.c.item_hash,
        sighting.c.readings,
        sighting.c.last_seen_at,
        article.c.text_from,
    )
    .join(article, article.c.id == sighting.c.article_id)
    .where(sighting.c.item_key.in_(bindparam("keys", expanding=True)))
)
_SAME_GUID = select(sighting.c.guid, sighting.c.item_hash).where(
    sighting.c.source_id == bindparam("source"), sighting.c.guid.in_(bindparam("guids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an item: its sighting at a source, and how full the text of its article is."""

    source_id: str
    item_key: str
    guid: str | None
    item_hash: str
    readings: int
    last_seen_at: datetime
    text_from: TextFrom


@dataclass(frozen=True, slots=True)
class Sighted:
    """What is known of some items, read once for all that is asked about them: by item key the sightings at all sources, and the
    ids that this source has shown, each with the hash of what it stood for."""

    by_key: dict[str, list[Seen]]  # of every key that was asked for
    by_guid: frozenset[tuple[str, str]]


NOTHING = Sighted({}, frozenset())


def sighted(
    connection: Connection, source_id: str, items: Iterable[tuple[str, str | None]], before: Sighted = NOTHING
) -> Sighted:
    """Of items by key and id; what `before` knows is not asked again."""
    pairs = [(short_key(key), id) for key, id in items]
    asked = [(key, id) for key, id in pairs if key not in before.by_key]
    if not asked:
        return before
    by_key: dict[str, list[Seen]] = {key: [] for key, _ in asked}
    for chunk in chunks(by_key):
        for row in connection.execute(_SIGHTINGS, {"keys": chunk}):
            by_key[row.item_key].append(Seen(*row[:-1], TextFrom(row.text_from)))
    guids = dict.fromkeys(short_key(id) for _, id in asked if id)
    same = {
        (row.guid, row.item_hash)
        for chunk in chunks(guids)
        for row in connection.execute(_SAME_GUID, {"source": source_id, "guids": chunk})
    }
    return Sighted(before.by_key | by_key, before.by_guid | same)


def met(
    connection: Connection, source_id: str, items: Sequence[Shown], found: Sighted, now: datetime
) -> list[Met]:
    """For each item, in order, how it relates to what the source showed."""
    known_guids = {guid for guid, _ in found.by_guid}
    ids = Counter(item.id for item in items)  # an id that all items have tells nothing
    by_key = [
        any(each.source_id == source_id for each in found.by_key[short_key(item.key)])
        or (ids[item.id] == 1 and short_key(item.id or "") in known_guids)
        for item in items
    ]
    if len(items) < FEW or sum(by_key) * 2 >= len(items):
        return [Met(each) for each in by_key]
    shown = _shown(connection, source_id, now)
    return [
        Met(known, None if known else shown.get(item.name)) for item, known in zip(items, by_key, strict=True)
    ]


def _shown(connection: Connection, source_id: str, now: datetime) -> dict[str, tuple[str, str | None, str]]:
    """The source's latest sightings by name: key, guid and hash."""
    query = (
        select(sighting.c.item_key, sighting.c.guid, sighting.c.item_hash, article.c.title, article.c.url)
        .join(article, article.c.id == sighting.c.article_id)
        .where(sighting.c.source_id == source_id, sighting.c.last_seen_at > now - REMEMBERED)
        .order_by(sighting.c.id.desc())
        .limit(LOOKED_AT)
    )
    found: dict[str, tuple[str, str | None, str]] = {}
    for row in reversed(connection.execute(query).all()):
        if name := name_of(row.title, row.url):
            found.setdefault(name, (row.item_key, row.guid, row.item_hash))
    return found
