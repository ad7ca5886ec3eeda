"""Two stories that turn out to be one. Called by record, where a report links them, and by corrections, where an analyst does.

The one that goes stays as a row that points to the other, so its id in old alerts and logs still leads somewhere. What was
told of either counts for both; what waits to be told twice is told once. Never opens or splits a story.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, or_, select, update

from monitor.model import DeliveryState
from monitor.store import traits
from monitor.store.sql import chunks, insert_new
from monitor.store.tables import alert, article, delivery, story, story_apart, waiting


@dataclass(frozen=True, slots=True)
class United:
    moved: list[int]  # ids of articles, ascending
    withdrawn: int  # alerts


def unite(connection: Connection, into: int, other: int) -> United:
    """Put the articles of `other` into `into`: two present stories."""
    mine = select(article.c.id).where(article.c.story_id == other).order_by(article.c.id)
    moving = list(connection.execute(mine).scalars())
    move(connection, moving, into)
    counted = select(story.c.articles).where(story.c.id == other).scalar_subquery()
    connection.execute(update(story).where(story.c.id == into).values(articles=story.c.articles + counted))
    connection.execute(
        update(story)
        .where(or_(story.c.id == other, story.c.merged_into == other))
        .values(merged_into=into, articles=0)
    )
    recount(connection, into)
    traits.follow(connection, into)
    _hand_over(connection, other, into)
    return United(moving, _tell_once(connection, into))


def are_apart(connection: Connection, one: int, other: int) -> bool:
    """Whether an analyst split the one from the other."""
    first, second = sorted((one, other))
    pair = (story_apart.c.one == first) & (story_apart.c.other == second)
    return connection.execute(select(story_apart.c.one).where(pair)).first() is not None


def keep_apart(connection: Connection, *pair: int) -> None:
    one, other = sorted(pair)
    insert_new(connection, story_apart, {"one": one, "other": other})


def move(connection: Connection, articles: Sequence[int], story_id: int) -> None:
    for chunk in chunks(articles):
        connection.execute(update(article).where(article.c.id.in_(chunk)).values(story_id=story_id))


def recount(connection: Connection, story_id: int) -> None:
    """When the story began and when it last grew, by the articles that are in it now."""
    mine = article.c.story_id == story_id
    first = connection.execute(
        select(article.c.id, article.c.first_seen)
        .where(mine)
        .order_by(article.c.first_seen, article.c.id)
        .limit(1)
    ).one_or_none()
    if first is None:  # retention took its articles
        return
    last = connection.execute(select(func.max(article.c.first_seen)).where(mine)).scalar_one()
    values = {"first_article": first.id, "opened_at": first.first_seen, "last_article_at": last}
    connection.execute(update(story).where(story.c.id == story_id).values(values))


def _hand_over(connection: Connection, other: int, into: int) -> None:
    """What was apart from the one is apart from both; the two themselves are not any more."""
    pairs = connection.execute(
        select(story_apart).where(or_(story_apart.c.one == other, story_apart.c.other == other))
    ).all()
    for row in pairs:
        third = row.other if row.one == other else row.one
        if third != into:
            keep_apart(connection, third, into)
    connection.execute(
        delete(story_apart).where(or_(story_apart.c.one == other, story_apart.c.other == other))
    )


def _tell_once(connection: Connection, into: int) -> int:
    """Of two alerts of one story to one recipient, where neither is an update of the other, the one that nobody began to
    send is withdrawn, channel by channel; and only where the other says all that it would have said. How many alerts
    nobody is sent any more."""
    ever = select(story.c.id).where(or_(story.c.id == into, story.c.merged_into == into))
    told = connection.execute(
        select(alert.c.id, alert.c.recipient, alert.c.watchlists, delivery.c.id.label("delivery"))
        .add_columns(delivery.c.channel_id, delivery.c.state, delivery.c.attempts, waiting.c.due_at)
        .outerjoin(delivery, delivery.c.alert_id == alert.c.id)
        .outerjoin(waiting, waiting.c.alert_id == alert.c.id)
        .where(alert.c.story_id.in_(ever), alert.c.edition == 0)
        .order_by(alert.c.id)
    ).all()
    spare = list(_spare(told))
    deliveries = [row.delivery for row in spare if row.delivery is not None]
    if deliveries:
        told_already = f"told with another alert of story {into}: two stories turned out to be one"
        values = {"state": DeliveryState.DROPPED.value, "last_error": told_already}
        connection.execute(update(delivery).where(delivery.c.id.in_(deliveries)).values(values))
    held = [row.id for row in spare if row.delivery is None]
    if held:
        connection.execute(delete(alert).where(alert.c.id.in_(held)))
    left = {row.id for row in told if row not in spare and row.state != DeliveryState.DROPPED}
    return len({row.id for row in spare} - left)


def _spare(told: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
    """Those not begun whose recipient hears the same in the same way by another alert: one begun, else the first. An alert
    that waits for its time has no channel yet."""
    alive = [row for row in told if row.state not in (DeliveryState.DEAD, DeliveryState.DROPPED)]
    kept: dict[tuple[str, str | None], Row[Any]] = {}
    for row in sorted(alive, key=lambda row: (_waits(row), row.id)):
        if row.delivery is None and row.due_at is None:
            continue  # told in another's letter, or by nobody's channel
        first = kept.setdefault((row.recipient, row.channel_id), row)
        if first.id != row.id and _waits(row) and set(row.watchlists) <= set(first.watchlists):
            yield row


def _waits(row: Row[Any]) -> bool:
    return row.delivery is None or bool(row.state == DeliveryState.PENDING and row.attempts == 0)
