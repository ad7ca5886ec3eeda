"""The way through all revisions, empty and filled, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from alembic import command
from monitor.errors import SchemaMismatch, StoreError
from monitor.model import ChannelState, Condition, DeliveryState, Health, Notice, Traits
from monitor.store import Store, migrate
from monitor.store.engine import Database
from monitor.store.tables import metadata
from tests.store.samples import record

REVISIONS = [
    script.revision for script in ScriptDirectory.from_config(migrate.configuration()).walk_revisions()
][::-1]


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    opened = Database(empty_database_url, writer=True)
    yield opened
    opened.close()


def downgrade(database: Database, target: str) -> None:
    with database.migrating_engine().begin() as connection:
        command.downgrade(migrate.configuration(connection), target)


def fill(url: str, now: datetime) -> None:
    with Store.open(url, now=now) as store:
        for n in range(3):
            record(store, now, n, traits=Traits(sketch=(n, n + 1), handles=(-n,), profile=b"p", agency="MAP"))
        done = record(store, now, 0, item_hash="h2", same_as=1)
        for each in store.outbox.claim(now, timedelta(minutes=1), "w1", limit=2):
            fares = ChannelState(each.recipient, each.channel, failures=1, failing_since=now, try_at=now)
            store.outbox.settle(
                each,
                state=DeliveryState.PENDING,
                now=now,
                next_attempt_at=now,
                outcome_class="timeout",
                channel=lambda _, fares=fares: fares,  # type: ignore[misc]
            )
        store.sources.save(
            store.sources.state("gazette", now), None, Condition("gazette", Health.SILENT, now)
        )
        store.conditions.tell([], [Notice("desk", "sources", (), ("mail",))], now)
        store.stories.merge(1, 2, now)
        store.stories.split(1, [2], now)
        assert store.articles.get(done.article_id) is not None


def test_the_program_knows_the_newest_revision() -> None:
    assert REVISIONS[-1] == migrate.HEAD
    assert len(set(REVISIONS)) == len(REVISIONS)


def test_from_nothing_to_the_newest_gives_the_tables_of_the_program(database: Database) -> None:
    migrate.move(database, "head")
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_goes_down_and_up_again_on_a_filled_database(
    empty_database_url: str, revision: str, now: datetime
) -> None:
    fill(empty_database_url, now)
    database = Database(empty_database_url, writer=True)
    below = ["base", *REVISIONS][REVISIONS.index(revision)]
    downgrade(database, revision)
    downgrade(database, below)
    migrate.move(database, revision)
    migrate.move(database, "head")
    database.close()
    with Store.open(empty_database_url, now=now) as store:
        assert store.check() == []
        assert record(store, now, 9).deliveries == 2


def test_going_down_to_nothing_leaves_no_table(database: Database) -> None:
    migrate.move(database, "head")
    downgrade(database, "base")
    with database.read() as connection:
        assert set(inspect(connection).get_table_names()) - {"sqlite_sequence"} == {"alembic_version"}


def test_an_unknown_revision_is_refused(database: Database) -> None:
    with pytest.raises(SchemaMismatch, match="cannot be upgraded"):
        migrate.move(database, "nowhere")


def test_a_rebuilt_table_keeps_the_rows_that_refer_to_it(sqlite_url: str, now: datetime) -> None:
    fill(sqlite_url, now)
    database = Database(sqlite_url, writer=True)
    with database.migrating_engine().begin() as connection:
        before = migrate.row_counts(connection)
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("article", recreate="always"):
            pass
        migrate.prove_nothing_lost(connection, before)
        assert before["sighting"] == before["match"] == 3
    database.close()


@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        # what a rebuild with foreign keys on does to children
        ("DELETE FROM match", "match"),
        # a reference to nothing
        ("DELETE FROM story WHERE id = 1", "story"),
        ("UPDATE alert SET story_id = id + 99 WHERE story_id IS NOT NULL", "3 references"),
    ],
)
def test_a_migration_that_loses_rows_is_undone(
    sqlite_url: str, now: datetime, statement: str, lost: str
) -> None:
    fill(sqlite_url, now)
    database = Database(sqlite_url, writer=True)
    with database.read() as connection:
        before = migrate.row_counts(connection)

    def lose() -> None:
        with database.migrating_engine().begin() as connection:
            connection.execute(text(statement))
            migrate.prove_nothing_lost(connection, before)

    with pytest.raises(StoreError, match=f"would have lost rows: {lost}"):
        lose()
    with database.read() as connection:
        assert migrate.row_counts(connection) == before
    database.close()


def test_two_migrators_at_once_make_one_schema(empty_postgresql_url: str, now: datetime) -> None:
    start = Barrier(3)

    def migrator() -> str | None:
        start.wait(10)
        with Store.open(empty_postgresql_url, now=now) as store:
            return store.schema_version()

    with ThreadPoolExecutor(3) as pool:
        assert [each.result() for each in [pool.submit(migrator) for _ in range(3)]] == [migrate.HEAD] * 3
    with Store.open(empty_postgresql_url, now=now) as store:
        assert store.check() == []
