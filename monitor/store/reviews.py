"""What happened in a period: which stories matched, how many articles an hour, what of the sources is known. Reads only.

Called for press reviews, digests' receipts and spikes. A period is [since, until) of the time when articles were first
seen. A backlog (what the first reading of a source found) counts only as far as it was published in the period.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, literal, not_, or_, select

from monitor.model import Match, Reason
from monitor.store import rows
from monitor.store.engine import Database
from monitor.store.stories import ToldStory, told_stories
from monitor.store.tables import article, ledger, match

HOUR = timedelta(hours=1)
FAILED = (Reason.FETCH_FAILED, Reason.NOT_A_FEED, Reason.PARSE_FAILED)
GOOD = (Reason.FETCHED, Reason.DAMAGED)


@dataclass(frozen=True, slots=True)
class MatchedStory:
    """A story with its articles so far, and the matches of those that came in the period, by article id."""

    told: ToldStory
    matches: Mapping[int, tuple[Match, ...]]


class Reviews:
    def __init__(self, database: Database) -> None:
        self._database = database

    def matched(
        self, since: datetime, until: datetime, watchlists: Collection[str] | None = None
    ) -> list[MatchedStory]:
        """Stories with an article of the period that these watchlists (None: any) match; articles seen later are left out."""
        query = (
            select(match, article.c.story_id)
            .join(article, article.c.id == match.c.article_id)
            .where(_in_period(since, until))
            .order_by(article.c.first_seen, article.c.id, match.c.watchlist)
        )
        if watchlists is not None:
            query = query.where(match.c.watchlist.in_(list(watchlists)))
        found: dict[int, dict[int, tuple[Match, ...]]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                mine = found.setdefault(row.story_id, {})
                mine[row.article_id] = (*mine.get(row.article_id, ()), rows.match(row))
            stories = {told.story.id: told for told in told_stories(connection, found)}
        return [MatchedStory(_as_of(stories[id], until), matches) for id, matches in found.items()]

    def hourly(self, since: datetime, until: datetime) -> dict[str, dict[datetime, int]]:
        """By watchlist and beginning of the hour (UTC), the matching articles that are no copies of others; hours without
        any are not there. One release that thirty outlets reprint is one."""
        query = (
            select(match.c.watchlist, article.c.first_seen)
            .join(article, article.c.id == match.c.article_id)
            # coalesce keeps SQLite from walking the index of all that is no copy, however old, instead of the period's
            .where(
                _in_period(since, until),
                not_(article.c.backlog),
                func.coalesce(article.c.duplicate_of, 0) == 0,
            )
        )
        counts: dict[str, dict[datetime, int]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                hours = counts.setdefault(row.watchlist, {})
                hour = row.first_seen.replace(minute=0, second=0, microsecond=0)
                hours[hour] = hours.get(hour, 0) + 1
        return counts

    def counting_since(self) -> datetime | None:
        """When the first article was seen: before that there is no baseline."""
        with self._database.read() as connection:
            found: datetime | None = connection.execute(select(func.min(article.c.first_seen))).scalar_one()
        return found

    def readings(self, since: datetime, until: datetime) -> list[tuple[str, datetime, bool]]:
        """Of each source's readings in this time, as far as the ledger was told: id, when, whether it failed; in order."""
        wanted = [reason.value for reason in (*FAILED, *GOOD)]
        query = (
            select(ledger.c.source_id, ledger.c.at, ledger.c.reason)
            .where(ledger.c.at >= since, ledger.c.at < until)
            .where(ledger.c.stage == "collect", ledger.c.reason.in_(wanted), ledger.c.source_id.is_not(None))
            .order_by(ledger.c.at, ledger.c.id)
        )
        bad = {reason.value for reason in FAILED}
        with self._database.read() as connection:
            return [(row.source_id, row.at, row.reason in bad) for row in connection.execute(query)]

    def brought(self, since: datetime, until: datetime) -> dict[str, int]:
        """Articles that each source was the first to show; its backlog is left out."""
        query = (
            select(article.c.source_id, func.count().label("number"))
            .where(article.c.first_seen >= since, article.c.first_seen < until, not_(article.c.backlog))
            .group_by(article.c.source_id)
        )
        with self._database.read() as connection:
            return {row.source_id: row.number for row in connection.execute(query)}

    def idle_hours(self, since: datetime, until: datetime) -> list[datetime]:
        """Beginnings of the whole hours of the period in which nothing was written: no decision, no article."""
        with self._database.read() as connection:
            return [hour for hour in _hours(since, until) if not _trace(connection, hour)]


def _as_of(told: ToldStory, until: datetime) -> ToldStory:
    """Without the articles that came later: a review of last week says what was known then."""
    return replace(told, members=tuple(member for member in told.members if member.first_seen < until))


def _in_period(since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(
        article.c.first_seen >= since,
        article.c.first_seen < until,
        or_(not_(article.c.backlog), article.c.published >= since),
    )


def _hours(since: datetime, until: datetime) -> Iterator[datetime]:
    hour = since
    while hour + HOUR <= until:
        yield hour
        hour += HOUR


def _trace(connection: Connection, hour: datetime) -> bool:
    """Whether ledger or articles have a row of this hour; both are indexed by time."""
    places = (ledger.c.at, article.c.first_seen)
    found = [select(literal(1)).where(at >= hour, at < hour + HOUR).limit(1) for at in places]
    return any(connection.execute(query).first() is not None for query in found)
