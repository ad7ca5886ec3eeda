"""Forgetting: what the retention policy no longer keeps, in slices short enough that nothing waits for them, and giving the
space back.

A slice is a transaction, or a step of the file's upkeep. Whoever takes the next one may do other things in between.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, Table, and_, delete, exists, func, or_, select

from monitor.model import DeliveryState, RetentionPolicy
from monitor.store import traits
from monitor.store.engine import INCREMENTAL, Database
from monitor.store.fingerprints import LIVE
from monitor.store.tables import alert, article, delivery, ledger, letter, response, sighting, silence, story

BATCH = 500  # rows a transaction at most
LEAST = 10
AIM = 0.05  # seconds that a transaction should take: the next one is as much larger or smaller
MOST = 20_000  # rows of each kind in one round; the next round goes on
SHOWN = timedelta(days=1)  # items seen within this of a source's last reading are in its document still
# What comes tomorrow needs what goes today: a file that shrank by night would grow by day
SPARE_SHARE, SPARE_PAGES = 0.1, 2_000
PAGES = 256  # of 4 kB, given back at once
ANALYSED = 1_000  # rows of an index that `optimize` looks at


def slices(database: Database, now: datetime, retention: RetentionPolicy) -> Iterator[tuple[str, int]]:
    """Delete what is too old, then see to the file. Each step tells of which table how many rows went ("page": pages given back).

    An item that its source still shows stays with its article however old it is: forgotten, it would be news again."""
    old_ledger, old_articles = now - retention.ledger, now - retention.articles
    yield from traits.expire(database, max(now - LIVE, old_articles))
    yield from _sweep(database, ledger, select(ledger.c.id).where(ledger.c.at < old_ledger))
    yield from _sweep(database, delivery, _done_deliveries(old_ledger, old_articles))
    yield from _sweep(database, alert, _old_notices(old_ledger))
    yield from _sweep_sightings(database, old_articles)
    yield from _sweep(database, article, _unseen_articles(old_articles))
    yield from _sweep(database, story, _empty_stories(old_articles))
    yield from _sweep(database, letter, select(letter.c.id).where(letter.c.written_at < old_ledger))
    yield from _sweep(database, silence, select(silence.c.id).where(silence.c.ends_at < old_ledger))
    yield from _sweep(database, response, _settled_responses(old_ledger))
    if database.sqlite:
        database.pragma(f"analysis_limit = {ANALYSED}")
        database.pragma("optimize")
        yield from _give_back(database)


def tidy(database: Database, now: datetime, retention: RetentionPolicy) -> dict[str, int]:
    """A whole round at once. How many rows went, by table."""
    counts: dict[str, int] = {}
    for name, gone in slices(database, now, retention):
        counts[name] = counts.get(name, 0) + gone
    return counts


def _give_back(database: Database) -> Iterator[tuple[str, int]]:
    """Free pages at the end of the file, until a reserve is left; then the journal."""
    [(mode,)], [(pages,)] = database.pragma("auto_vacuum"), database.pragma("page_count")
    [(free,)] = database.pragma("freelist_count")
    reserve = max(int((pages - free) * SPARE_SHARE), SPARE_PAGES)
    while mode == INCREMENTAL and free > reserve:
        database.give_back(min(PAGES, free - reserve))
        before, [(free,)] = free, database.pragma("freelist_count")
        yield "page", before - free
        if free >= before:
            break
    database.checkpoint()
    yield "page", 0


def _done_deliveries(old: datetime, very_old: datetime) -> Select[tuple[str]]:
    """Sent ones; dead and dropped ones stay visible for longer. Their alerts stay: they say who was told."""
    sent = and_(delivery.c.state == DeliveryState.SENT.value, delivery.c.sent_at < old)
    failed = and_(
        delivery.c.state.in_((DeliveryState.DEAD.value, DeliveryState.DROPPED.value)),
        delivery.c.created_at < very_old,
    )
    return select(delivery.c.id).where(sent | failed)


def _old_notices(old: datetime) -> Select[tuple[int]]:
    """Alerts go with their story; a notice has none."""
    owes = exists().where(delivery.c.alert_id == alert.c.id)
    return select(alert.c.id).where(alert.c.story_id.is_(None), alert.c.created_at < old, ~owes)


def _unseen_articles(old: datetime) -> Select[tuple[int]]:
    shown = exists().where(sighting.c.article_id == article.c.id)
    return select(article.c.id).where(article.c.first_seen < old, ~shown)


def _empty_stories(old: datetime) -> Select[tuple[int]]:
    """One that was merged goes only after the story that it was merged into: who was told of it counts for that one. One
    that somebody is still to be told of stays."""
    into = story.alias()
    holds = exists().where(article.c.story_id == story.c.id)
    needed = exists().where(into.c.id == story.c.merged_into)
    untold = exists().where(alert.c.story_id == story.c.id, alert.c.told_at.is_(None))
    waiting = (DeliveryState.PENDING.value, DeliveryState.LEASED.value)
    # by way of the story's alerts: as one join SQLite goes through all that waits, for each story anew
    unsent = exists().where(delivery.c.alert_id == alert.c.id, delivery.c.state.in_(waiting))
    owes = exists().where(alert.c.story_id == story.c.id, unsent)
    return select(story.c.id).where(story.c.last_article_at < old, ~holds, ~needed, ~owes, ~untold)


def _settled_responses(old: datetime) -> Select[tuple[int]]:
    """Those about a story that is forgotten, and those that were taken back. Unsubscriptions hold without end."""
    known = exists().where(story.c.id == response.c.story_id)
    about_nothing = and_(response.c.story_id.is_not(None), response.c.at < old, ~known)
    return select(response.c.id).where(or_(about_nothing, response.c.undone_at < old))


def _sweep_sightings(database: Database, old: datetime) -> Iterator[tuple[str, int]]:
    last = func.max(sighting.c.last_seen_at)
    with database.read() as connection:
        readings = connection.execute(select(sighting.c.source_id, last).group_by(sighting.c.source_id)).all()
    yield sighting.name, 0
    for source_id, last_seen in readings:
        before = min(old, last_seen - SHOWN)
        stale = and_(sighting.c.source_id == source_id, sighting.c.last_seen_at < before)
        yield from _sweep(database, sighting, select(sighting.c.id).where(stale))


def _sweep(
    database: Database, table: Table, which: Select[tuple[int]] | Select[tuple[str]]
) -> Iterator[tuple[str, int]]:
    size, left = BATCH, MOST
    while left > 0:
        begun = time.monotonic()
        with database.write() as connection:
            gone = _delete(connection, table, which, size)
        took = time.monotonic() - begun
        yield table.name, gone
        if gone < size:
            break
        left -= gone
        size = max(LEAST, min(BATCH, round(size * AIM / max(took, 0.001))))


def _delete(
    connection: Connection, table: Table, which: Select[tuple[int]] | Select[tuple[str]], size: int
) -> int:
    return connection.execute(delete(table).where(table.c.id.in_(which.limit(size)))).rowcount
