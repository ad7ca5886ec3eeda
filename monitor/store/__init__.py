"""The memory: what was read, decided and sent. The one door is `Store`; rows and SQL never leave this room.

    Store.open(url) -> sources     state of each source, the schedule
                       conditions  what operators are shown and told of the sources
                       articles    what is new, neighbours of an article
                       revisits    alerted articles whose pages are looked at again
                       record()    one verdict, one transaction
                       outbox      claim, settle, retry, drop
                       channels    breakers, and what operators were told of them
                       waiting     alerts that are not told yet, digests, what was told last
                       growth      stories to look at again, since somebody was told of them
                       escalations who hears next of what nobody acknowledges
                       silences    what nobody is told of for a time
                       responses   what recipients answered by links
                       ledger      every decision with its reason
                       stories     what belongs together, and analysts' corrections
                       reviews     what matched in a period, and what was read

Called from one thread at a time. Every `now` is an aware datetime given by the caller. Raises StoreError and its kinds;
ValueError on a naive datetime.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from types import TracebackType

from sqlalchemy import select, update

from monitor.errors import StoreError
from monitor.model import NO_TRAITS, Article, Candidates, RetentionPolicy, Traits, Verdict
from monitor.store import check, housekeeping, migrate, neighbours
from monitor.store.articles import Articles
from monitor.store.ballast import Disk
from monitor.store.channels import Channels
from monitor.store.compaction import Compacted, compact
from monitor.store.conditions import Conditions
from monitor.store.engine import Database
from monitor.store.escalations import Escalations, Step
from monitor.store.growth import Grown, Growth
from monitor.store.ledger import Ledger
from monitor.store.outbox import Outbox
from monitor.store.record import Recorded, write_verdict
from monitor.store.responses import Responses, that_matter
from monitor.store.reviews import MatchedStory, Reviews
from monitor.store.revisits import Revisits
from monitor.store.rows import LedgerLine
from monitor.store.silences import Silences, in_force
from monitor.store.sources import Sources
from monitor.store.sql import insert_new
from monitor.store.stories import Correction, Placing, Stories, ToldStory
from monitor.store.surges import Surges
from monitor.store.tables import meta
from monitor.store.thread import StoreThread
from monitor.store.waiting import Edition, Held, Last, Waiting

__all__ = [
    "Compacted",
    "Correction",
    "Disk",
    "Edition",
    "Grown",
    "Held",
    "Last",
    "LedgerLine",
    "MatchedStory",
    "Placing",
    "Recorded",
    "Step",
    "Store",
    "StoreThread",
    "ToldStory",
]


class Store:
    def __init__(self, database: Database, instance: uuid.UUID) -> None:
        self._database = database
        self._instance = instance
        self.sources = Sources(database)
        self.conditions = Conditions(database, instance)
        self.articles = Articles(database)
        self.revisits = Revisits(database)
        self.outbox = Outbox(database)
        self.channels = Channels(database, instance)
        self.waiting = Waiting(database, instance)
        self.growth = Growth(database)
        self.escalations = Escalations(database)
        self.silences = Silences(database)
        self.responses = Responses(database)
        self.ledger = Ledger(database)
        self.stories = Stories(database)
        self.reviews = Reviews(database)
        self.surges = Surges(database, instance)

    @classmethod
    def open(
        cls, url: str, *, now: datetime, upgrade: bool = True, writer: bool = True, whole: bool = False
    ) -> Store:
        """Open the database, make it (writer only) where there is none, and bring its schema up to date.

        writer: hold the process lock on a SQLite database, so one process gathers and delivers. Without it everything
        can be read, and of the changes only `outbox.retry` and `outbox.drop` are allowed; the schema is not touched.
        whole: look at every page of a SQLite file first (a second or two a gigabyte).
        Raises StoreBusy, SchemaMismatch, StoreCorrupt or StoreError."""
        database = Database(url, writer=writer)
        try:
            if whole:
                check.refuse_damage(database)
            migrate.ensure_schema(database, upgrade=upgrade and writer)
            return cls(database, _instance(database, now))
        except BaseException:
            database.close()
            raise

    def recover(self, now: datetime) -> int:
        """At a start: deliveries that a killed process left leased are due again at once. Does nothing where other
        workers may be alive (PostgreSQL): there the leases run out."""
        return self.outbox.recover(now) if self._database.sqlite and self._database.writer else 0

    def candidates(self, article: Article, now: datetime, traits: Traits = NO_TRAITS) -> Candidates:
        """Everything of the past that a verdict about this article may depend on."""
        with self._database.read() as connection:
            found = neighbours.candidates(connection, article, now, traits)
            replies = that_matter(connection, [story.id for story in found.stories])
            return replace(found, replies=replies, silences=in_force(connection, now))

    def link_key(self) -> str:
        """The key that signs the links in alerts where the configuration names none; made once, and kept for ever."""
        mine = select(meta.c.link_key)
        made = update(meta).where(meta.c.link_key.is_(None)).values(link_key=secrets.token_urlsafe(32))
        with self._database.read() as connection:
            found: str | None = connection.execute(mine).scalar_one()
        if found is None:
            with self._database.write() as connection:
                connection.execute(made)
                found = str(connection.execute(mine).scalar_one())
        return found

    def record(self, verdict: Verdict, item_key: str, item_hash: str, now: datetime) -> Recorded:
        """Write a verdict in one transaction. The same verdict again changes nothing but the ledger."""
        return self._database.commit(
            lambda connection: write_verdict(connection, verdict, item_key, item_hash, self._instance, now)
        )

    def together(self) -> AbstractContextManager[None]:
        """One transaction, and one wait for the disk, for all calls inside; see `StoreThread.together`."""
        return self._database.together()

    def housekeeping(self, now: datetime, retention: RetentionPolicy) -> dict[str, int]:
        """Delete what is older than the policy keeps; the numbers of rows by table."""
        return housekeeping.tidy(self._database, now, retention)

    def upkeep(self, now: datetime, retention: RetentionPolicy) -> Iterator[tuple[str, int]]:
        """The same in slices, of which table how many rows went: between two of them anything else may be done."""
        return housekeeping.slices(self._database, now, retention)

    def room(self) -> bool:
        """Whether more may be brought in. False: the disk was full, and only what is recorded already should be worked on,
        with the space of the ballast. A database that others keep (PostgreSQL) always has room."""
        ballast = self._database.ballast
        return ballast is None or ballast.keep()

    def disk(self) -> Disk | None:
        """The disk under a SQLite database; of PostgreSQL's nothing is known."""
        ballast = self._database.ballast
        return None if ballast is None else ballast.disk()

    def check(self) -> list[str]:
        """What is wrong with the database, a sentence each."""
        return check.problems(self._database)

    def made_at(self) -> datetime:
        """When this installation was made."""
        with self._database.read() as connection:
            found: datetime = connection.execute(select(meta.c.created_at)).scalar_one()
        return found

    def unused(self) -> int | None:
        """Bytes of a SQLite file that hold nothing and that it cannot give back; None where it can, and for PostgreSQL."""
        return check.unused(self._database)

    def compact(self) -> Compacted:
        """Write a SQLite file anew, without the space that nothing is in; from then on it gives space back by itself.
        Raises StoreError where there is no room for it, or nothing to do."""
        return compact(self._database)

    def schema_version(self) -> str | None:
        with self._database.read() as connection:
            return migrate.revision(connection)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _instance(database: Database, now: datetime) -> uuid.UUID:
    """The installation's identity, made once."""
    with database.read() as connection:
        found = connection.execute(select(meta.c.instance)).scalar_one_or_none()
    if found is None:
        if not database.writer:
            raise StoreError(
                f"the database {database.where} was never opened by the daemon: nothing is in it"
            )
        with database.write() as connection:
            insert_new(connection, meta, {"id": 1, "instance": str(uuid.uuid4()), "created_at": now})
            found = connection.execute(select(meta.c.instance)).scalar_one()
    return uuid.UUID(found)
