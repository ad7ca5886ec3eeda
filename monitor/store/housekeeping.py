"""Forgetting: what the retention policy no longer keeps, in batches short enough that nothing waits for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, Table, and_, delete, exists, func, or_, select

from monitor.model import DeliveryState, RetentionPolicy
from monitor.store import traits
from monitor.store.engine import Database
from monitor.store.fingerprints import LIVE
from monitor.store.tables import (
    alert,
    article,
    delivery,
    ledger,
    letter,
    response,
    sighting,
    silence,
    story,
)

BATCH = 500  # rows a transaction
BATCHES = 40  # of each kind in one call; the next call goes on
SHOWN = timedelta(days=1)  # items seen within this of a source's last reading are in its document still


def tidy(database: Database, now: datetime, retention: RetentionPolicy) -> dict[str, int]:
    """Delete what is too old, then checkpoint. How many rows went, by table.

    An item that its source still shows stays with its article however old it is: forgotten, it would be news again."""
    old_ledger, old_articles = now - retention.ledger, now - retention.articles
    counts = {
        **traits.expire(database, max(now - LIVE, old_articles)),
        "ledger": _sweep(database, ledger, select(ledger.c.id).where(ledger.c.at < old_ledger)),
        "delivery": _sweep(database, delivery, _done_deliveries(old_ledger, old_articles)),
        "alert": _sweep(database, alert, _old_notices(old_ledger)),
        "sighting": _sweep_sightings(database, old_articles),
        "article": _sweep(database, article, _unseen_articles(old_articles)),
        "story": _sweep(database, story, _empty_stories(old_articles)),
        "letter": _sweep(database, letter, select(letter.c.id).where(letter.c.written_at < old_ledger)),
        "silence": _sweep(database, silence, select(silence.c.id).where(silence.c.ends_at < old_ledger)),
        "response": _sweep(database, response, _settled_responses(old_ledger)),
    }
    if database.sqlite:
        database.pragma("wal_checkpoint(TRUNCATE)")
        database.pragma("optimize")
    return counts


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
    owes = exists().where(
        delivery.c.alert_id == alert.c.id, alert.c.story_id == story.c.id, delivery.c.state.in_(waiting)
    )
    return select(story.c.id).where(story.c.last_article_at < old, ~holds, ~needed, ~owes, ~untold)


def _settled_responses(old: datetime) -> Select[tuple[int]]:
    """Those about a story that is forgotten, and those that were taken back. Unsubscriptions hold without end."""
    known = exists().where(story.c.id == response.c.story_id)
    about_nothing = and_(response.c.story_id.is_not(None), response.c.at < old, ~known)
    return select(response.c.id).where(or_(about_nothing, response.c.undone_at < old))


def _sweep_sightings(database: Database, old: datetime) -> int:
    last = func.max(sighting.c.last_seen_at)
    with database.read() as connection:
        readings = connection.execute(select(sighting.c.source_id, last).group_by(sighting.c.source_id)).all()
    gone = 0
    for source_id, last_seen in readings:
        before = min(old, last_seen - SHOWN)
        stale = and_(sighting.c.source_id == source_id, sighting.c.last_seen_at < before)
        gone += _sweep(database, sighting, select(sighting.c.id).where(stale))
    return gone


def _sweep(database: Database, table: Table, which: Select[tuple[int]] | Select[tuple[str]]) -> int:
    total = 0
    for _ in range(BATCHES):
        with database.write() as connection:
            gone = _delete(connection, table, which)
        total += gone
        if gone < BATCH:
            break
    return total


def _delete(connection: Connection, table: Table, which: Select[tuple[int]] | Select[tuple[str]]) -> int:
    return connection.execute(delete(table).where(table.c.id.in_(which.limit(BATCH)))).rowcount
