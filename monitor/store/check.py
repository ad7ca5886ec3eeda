"""Looking for damage: what `monitor db check` prints."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, exists, func, select

from monitor.errors import StoreCorrupt
from monitor.model import DeliveryState
from monitor.store.engine import INCREMENTAL, Database
from monitor.store.migrate import HEAD, revision
from monitor.store.tables import (
    alert,
    article,
    attempt,
    delivery,
    escalation,
    fingerprint,
    match,
    meta,
    profile,
    sighting,
    story,
    waiting,
)
from monitor.store.wall import RESTORE

MOST_NAMED = 10


def problems(database: Database) -> list[str]:
    """A sentence a finding; empty for a sound database. Reads the whole of a SQLite file. Raises StoreCorrupt where
    it cannot be read at all."""
    found = _file_problems(database) if database.sqlite else []
    with database.read() as connection:
        at = revision(connection)
        if at != HEAD:
            return [*found, f"the schema is {at or 'none'}, this monitor needs {HEAD}"]
        return [*found, *_row_problems(connection)]


def refuse_damage(database: Database) -> None:
    """Raises StoreCorrupt where a page of a SQLite file cannot be what it should be. PostgreSQL looks after its own."""
    if database.sqlite:
        [(said,)] = database.pragma("quick_check(1)")
        if said != "ok":
            raise StoreCorrupt(
                f"the database {database.where} is damaged ({' '.join(said.split())}). {RESTORE}"
            )


def unused(database: Database) -> int | None:
    if not database.sqlite or database.pragma("auto_vacuum") == [(INCREMENTAL,)]:
        return None
    [(pages,)], [(size,)] = database.pragma("freelist_count"), database.pragma("page_size")
    return int(pages * size)


def _file_problems(database: Database) -> list[str]:
    integrity = [str(row[0]) for row in database.pragma(f"integrity_check({MOST_NAMED})")]
    found = [f"damaged: {line}" for line in integrity if line != "ok"]
    dangling = database.pragma("foreign_key_check")
    found += [
        f"{row[0]} row {row[1]} refers to a row of {row[2]} that is not there"
        for row in dangling[:MOST_NAMED]
    ]
    if len(dangling) > MOST_NAMED:
        found.append(f"... and {len(dangling) - MOST_NAMED} more references to nothing")
    return found


def _row_problems(connection: Connection) -> list[str]:
    checks: list[tuple[Select[int], str]] = [
        (_without(article, article.c.story_id == story.c.id, story), "articles without a story"),
        (_without(sighting, sighting.c.article_id == article.c.id, article), "sightings without an article"),
        (_without(match, match.c.article_id == article.c.id, article), "matches without an article"),
        (
            _without(alert, alert.c.story_id == story.c.id, story).where(alert.c.story_id.is_not(None)),
            "alerts of a story that is not there",
        ),
        (_without(delivery, delivery.c.alert_id == alert.c.id, alert), "deliveries without an alert"),
        (_without(attempt, attempt.c.delivery_id == delivery.c.id, delivery), "attempts without a delivery"),
        (_without(waiting, waiting.c.alert_id == alert.c.id, alert), "waiting alerts that are not there"),
        (_forgotten(), "alerts that were not told and do not wait"),
        (_without(escalation, escalation.c.alert_id == alert.c.id, alert), "escalations without an alert"),
        (_unowned(), "deliveries leased to nobody"),
        (_strayed(), "profiles in another story than their article"),
        (
            _without(fingerprint, fingerprint.c.article_id == article.c.id, article),
            "fingerprints without an article",
        ),
        (_without(profile, profile.c.article_id == article.c.id, article), "profiles without an article"),
        (_uncounted(), "stories that count fewer articles than they hold"),
        (_hollow(), "merged stories that hold articles"),
    ]
    found = [
        f"{what}: {count}" for query, what in checks if (count := connection.execute(query).scalar_one())
    ]
    if connection.execute(select(func.count()).select_from(meta)).scalar_one() != 1:
        found.append("the installation's identity (table meta) is missing")
    return found


def _without(table: Table, link: ColumnElement[bool], other: Table) -> Select[int]:
    return select(func.count()).select_from(table).where(~exists(select(other).where(link)))


def _forgotten() -> Select[int]:
    waits = exists().where(waiting.c.alert_id == alert.c.id)
    return select(func.count()).select_from(alert).where(alert.c.told_at.is_(None), ~waits)


def _strayed() -> Select[int]:
    astray = and_(article.c.id == profile.c.article_id, article.c.story_id != profile.c.story_id)
    return select(func.count()).select_from(profile).where(exists(select(article).where(astray)))


def _uncounted() -> Select[int]:
    held = select(func.count()).where(article.c.story_id == story.c.id).correlate(story).scalar_subquery()
    return select(func.count()).select_from(story).where(story.c.articles < held)


def _hollow() -> Select[int]:
    holds = exists().where(article.c.story_id == story.c.id)
    return select(func.count()).select_from(story).where(story.c.merged_into.is_not(None), holds)


def _unowned() -> Select[int]:
    nobody = delivery.c.lease_owner.is_(None) | delivery.c.lease_until.is_(None)
    return select(func.count()).where(and_(delivery.c.state == DeliveryState.LEASED.value, nobody))
