"""What a source has shown before, for the items of one reading: by their keys, or, where keys change, by their titles.

Reads only. Called by the pipeline for every document that changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Connection, bindparam, or_, select

from monitor.model import Met, Shown
from monitor.store.sql import chunks
from monitor.store.tables import article, short_key, sighting
from monitor.text.naming import name_of

FEW = 5  # items, of which more than half have to be strangers before titles are looked at
REMEMBERED = timedelta(days=14)  # a title that returns later is another article
LOOKED_AT = 2_000  # sightings, the latest

# asked for every document that changed: written once, so that SQLAlchemy compiles it once
_EITHER: BindParameter[list[str]] = bindparam("either", expanding=True)
_KNOWN = select(sighting.c.item_key, sighting.c.guid).where(
    sighting.c.source_id == bindparam("source"),
    or_(sighting.c.item_key.in_(_EITHER), sighting.c.guid.in_(_EITHER)),
)


def met(connection: Connection, source_id: str, items: Sequence[Shown], now: datetime) -> list[Met]:
    """For each item, in order, how it relates to what the source showed."""
    known_keys, known_guids = _known(connection, source_id, items)
    ids = Counter(item.id for item in items)  # an id that all items have tells nothing
    by_key = [
        short_key(item.key) in known_keys or (ids[item.id] == 1 and short_key(item.id or "") in known_guids)
        for item in items
    ]
    if len(items) < FEW or sum(by_key) * 2 >= len(items):
        return [Met(each) for each in by_key]
    shown = _shown(connection, source_id, now)
    return [
        Met(known, None if known else shown.get(item.name)) for item, known in zip(items, by_key, strict=True)
    ]


def _known(connection: Connection, source_id: str, items: Sequence[Shown]) -> tuple[set[str], set[str]]:
    wanted = [short_key(item.key) for item in items]
    guids = [short_key(item.id) for item in items if item.id]
    known_keys: set[str] = set()
    known_guids: set[str] = set()
    for chunk in chunks(dict.fromkeys([*wanted, *guids]), 200):
        for row in connection.execute(_KNOWN, {"source": source_id, "either": chunk}):
            known_keys.add(row.item_key)
            known_guids.add(row.guid)
    return known_keys, known_guids


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
