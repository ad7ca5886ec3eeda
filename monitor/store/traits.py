"""What is kept of an article's traits: provenance with the article, hashes and profile as long as it is live.

Called by record (writes), corrections (where an article went) and housekeeping (what has expired).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update

from monitor.model import Article, Traits
from monitor.store import fingerprints
from monitor.store.engine import Database
from monitor.store.fingerprints import LIVE
from monitor.store.sql import upsert
from monitor.store.tables import article, fingerprint, profile

BATCH = 500  # rows a transaction
BATCHES = 400  # in one call; the next call goes on


def provenance(traits: Traits) -> dict[str, Any]:
    """The columns of `article` that outlive the rest."""
    return {"agency": traits.agency, "wire": traits.wire}


def keep(
    connection: Connection,
    article_id: int,
    story_id: int,
    text: Article,
    traits: Traits,
    now: datetime,
    *,
    lead: bool,
) -> None:
    """Let a live article be found by these traits; `lead` where it is no copy. An edited one is found by what it said
    before, too: its reprints may come later. One that has left the live window stays out of it."""
    if text.first_seen < now - LIVE or not (traits.sketch or traits.handles or traits.profile):
        return
    fingerprints.add(connection, article_id, (*traits.sketch, *traits.handles))
    values = {
        "article_id": article_id,
        "story_id": story_id,
        "lead": lead and bool(traits.profile),
        "source_id": text.source_id,
        "title": text.title,
        "published": text.published or text.first_seen,
        "content": traits.profile,
    }
    upsert(connection, profile, values, ("article_id",))


def follow(connection: Connection, story_id: int) -> None:
    """After a correction: profiles stand where their articles do."""
    here = select(article.c.id).where(article.c.story_id == story_id)
    copies = here.where(article.c.duplicate_of.is_not(None))
    mine = profile.c.article_id.in_(here)
    leads = and_(func.length(profile.c.content) > 0, profile.c.article_id.not_in(copies))
    connection.execute(update(profile).where(mine).values(story_id=story_id, lead=leads))


def expire(database: Database, since: datetime) -> Iterator[tuple[str, int]]:
    """Delete what is kept of articles that came before `since`, a transaction a step: of which table how many rows went.
    They are a range of ids."""
    with database.read() as connection:
        before = fingerprints.first_live(connection, since)
        if before is None:  # nobody is live
            before = connection.execute(select(func.max(article.c.id) + 1)).scalar()
    yield fingerprint.name, 0
    yield profile.name, 0
    if before is not None:
        yield from ((fingerprint.name, gone) for gone in fingerprints.sweep(database, before))
        yield from ((profile.name, gone) for gone in _expire_profiles(database, before))


def _expire_profiles(database: Database, before: int) -> Iterator[int]:
    oldest = select(profile.c.article_id).where(profile.c.article_id < before).limit(BATCH)
    for _ in range(BATCHES):
        with database.write() as connection:
            gone = connection.execute(delete(profile).where(profile.c.article_id.in_(oldest))).rowcount
        yield gone
        if gone < BATCH:
            break
