"""PostgreSQL lets go in the middle of things: what was not acknowledged is wholly there or not at all, and may simply be done again."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import Connection, text

from monitor.errors import StoreError
from monitor.model import DeliveryState
from monitor.store import Store
from monitor.store.engine import Database
from tests.databases import Cluster
from tests.pgproxy import LOST, PASS, UNANSWERED, Proxy, proxy_to
from tests.store.samples import record, waiting

MINUTE = timedelta(minutes=1)


def proxy(url: str, fates: list[str]) -> AbstractContextManager[Proxy]:
    """The next commit meets the last of `fates`, which is taken off."""
    return proxy_to(url, lambda: fates.pop() if fates else PASS)


@pytest.mark.parametrize("fate", [LOST, UNANSWERED])
def test_a_record_whose_commit_got_no_answer_is_written_once_when_it_is_done_again(
    postgresql_url: str, now: datetime, fate: str
) -> None:
    fates: list[str] = []
    with proxy(postgresql_url, fates) as between, Store.open(between.url, now=now) as store:
        record(store, now, 1)
        fates.append(fate)
        with pytest.raises(StoreError, match="PostgreSQL does not answer"):
            record(store, now, 2)
        assert between.broken[fate] == 1
        known = store.articles.by_url_key("gazette.example.org/2") is not None
        assert known is (fate == UNANSWERED)
        record(store, now, 2)
        assert store.articles.count() == 2
        assert len(store.outbox.list()) == 4
        assert store.check() == []


@pytest.mark.parametrize("fate", [LOST, UNANSWERED])
def test_a_settlement_whose_commit_got_no_answer_counts_once(
    postgresql_url: str, now: datetime, fate: str
) -> None:
    fates: list[str] = []
    with proxy(postgresql_url, fates) as between, Store.open(between.url, now=now) as store:
        waiting(store, now, 1)
        fates.append(fate)
        with pytest.raises(StoreError):
            store.outbox.claim(now, MINUTE, "w")
        # the claim may stand; it runs out, and the delivery is attempted by whoever comes then
        later = now + 2 * MINUTE
        claimed = store.outbox.claim(later, MINUTE, "w")
        while not claimed:
            later += MINUTE
            claimed = store.outbox.claim(later, MINUTE, "w")
        [one] = claimed
        sent = {"state": DeliveryState.SENT, "now": later, "outcome_class": "sent"}
        fates.append(fate)
        with pytest.raises(StoreError):
            store.outbox.settle(one, **sent)  # type: ignore[arg-type]
        store.outbox.settle(one, **sent)  # type: ignore[arg-type]
        assert store.outbox.counts()[DeliveryState.SENT] == 1
        assert store.outbox.claim(later + 10 * MINUTE, MINUTE, "w") == []
        assert store.check() == []


def test_a_connection_that_ends_in_the_middle_of_a_transaction_leaves_nothing_of_it(
    postgresql_url: str, now: datetime
) -> None:
    with Store.open(postgresql_url, now=now) as store:

        def work() -> None:
            with store.together():
                record(store, now, 1)
                end_all_others(postgresql_url)
                record(store, now, 2)

        with pytest.raises(StoreError, match=r"terminat|does not answer"):
            work()
        assert store.articles.count() == 0
        record(store, now, 1)
        assert store.articles.count() == 1
        assert store.check() == []


def end_all_others(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
            "pid <> pg_backend_pid() AND application_name = ''"
        )


def test_a_serialization_failure_is_tried_again_and_nobody_hears_of_it(
    postgresql_url: str, now: datetime
) -> None:
    Store.open(postgresql_url, now=now).close()
    one, other = (Database(postgresql_url, writer=True) for _ in range(2))
    tries = []

    def increment(connection: Connection) -> None:
        tries.append(1)
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
        connection.execute(text("SELECT count(*) FROM meta"))
        if len(tries) == 1:  # somebody else writes what this one has read
            with other.write() as second:
                second.execute(text("UPDATE meta SET swept_to = 1"))
        connection.execute(text("UPDATE meta SET swept_to = 7"))

    one.commit(increment)
    assert len(tries) == 2
    with other.read() as connection:
        assert connection.execute(text("SELECT swept_to FROM meta")).scalar() == 7
    for database in (one, other):
        database.close()


def test_the_servers_own_default_of_isolation_is_not_ours(
    postgresql: Cluster, postgresql_url: str, now: datetime
) -> None:
    name = postgresql_url.rpartition("/")[2]
    postgresql.run("ALTER DATABASE {} SET default_transaction_isolation = 'serializable'", name)
    try:
        with Store.open(postgresql_url, now=now) as store, store._database.write() as connection:
            assert connection.execute(text("SHOW transaction_isolation")).scalar() == "read committed"
    finally:
        postgresql.run("ALTER DATABASE {} RESET default_transaction_isolation", name)


def test_nobody_is_waited_for_without_end(postgresql_url: str, now: datetime) -> None:
    with Store.open(postgresql_url, now=now) as store, store._database.read() as connection:
        said = {
            name: connection.execute(text(f"SHOW {name}")).scalar()
            for name in ("lock_timeout", "tcp_keepalives_idle")
        }
        assert said == {"lock_timeout": "30s", "tcp_keepalives_idle": "30"}
        ours = connection.connection.driver_connection.pgconn.info  # type: ignore[union-attr]
        settings = {each.keyword.decode(): (each.val or b"").decode() for each in ours}
        assert (settings["keepalives_idle"], settings["tcp_user_timeout"]) == ("30", "60000")


def test_a_server_that_only_reads_any_more_is_left_for_the_one_that_writes(
    postgresql: Cluster, postgresql_url: str, now: datetime
) -> None:
    """As after a failover: the old connection leads to what is a standby now, and only a new one finds the primary."""
    name = postgresql_url.rpartition("/")[2]
    postgresql.run("ALTER DATABASE {} SET default_transaction_read_only = on", name)
    try:
        store = Store.open(postgresql_url, now=now)
    finally:
        postgresql.run("ALTER DATABASE {} RESET default_transaction_read_only", name)
    with store:
        with pytest.raises(StoreError, match="takes no changes at the moment"):
            record(store, now, 1)
        assert record(store, now, 1).deliveries == 2
