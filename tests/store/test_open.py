"""Opening a database: the lock, the settings, and what is said when it cannot be opened."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.errors import SchemaMismatch, StoreBusy, StoreCorrupt, StoreError
from monitor.model import DeliveryState
from monitor.store import Store
from monitor.store.engine import Database
from monitor.store.migrate import HEAD
from tests.databases import Cluster, free_port
from tests.store.samples import make_verdict, record, waiting


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_the_folder_and_the_file_are_made(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "a" / "b" / "monitor.db"
    with Store.open(f"sqlite:///{path}", now=now) as store:
        assert store.check() == []
    assert path.is_file()


def test_a_relative_path_is_meant_from_here(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Store.open("sqlite:///var/monitor.db", now=now).close()
    assert (tmp_path / "var" / "monitor.db").is_file()


def test_what_was_written_is_there_after_opening_again(database_url: str, now: datetime) -> None:
    with Store.open(database_url, now=now) as store:
        record(store, now)
        ids = {each.id for each in store.outbox.list()}
    with Store.open(database_url, now=now) as store:
        assert {each.id for each in store.outbox.list()} == ids
        assert store.articles.count() == 1


@pytest.mark.parametrize(
    ("pragma", "value"),
    # synchronous 2 is FULL: an acknowledged commit survives a power cut
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
def test_sqlite_is_set_to_keep_what_it_acknowledges(
    sqlite_url: str, now: datetime, pragma: str, value: object
) -> None:
    with Store.open(sqlite_url, now=now) as store:
        assert store._database.pragma(pragma) == [(value,)]


def test_a_second_writer_is_refused_and_told_who_the_first_is(sqlite_url: str, now: datetime) -> None:
    with Store.open(sqlite_url, now=now), pytest.raises(StoreBusy, match=rf"pid {os.getpid()}\b"):
        Store.open(sqlite_url, now=now)
    Store.open(sqlite_url, now=now).close()


def test_beside_the_writer_everything_is_read_and_only_the_outbox_is_changed(
    sqlite_url: str, now: datetime
) -> None:
    with Store.open(sqlite_url, now=now) as writer, Store.open(sqlite_url, now=now, writer=False) as reader:
        (one,) = waiting(writer, now)
        assert reader.outbox.list() == [one]
        assert reader.outbox.drop(one.id)
        assert reader.outbox.retry(one.id, now) == 1
        assert writer.outbox.counts()[DeliveryState.PENDING] == 1
        with pytest.raises(StoreError, match="opened for reading"):
            reader.record(make_verdict(), "k", "h", now)


def test_two_that_write_at_once_wait_for_each_other(sqlite_url: str, now: datetime) -> None:
    with Store.open(sqlite_url, now=now) as writer, Store.open(sqlite_url, now=now, writer=False) as operator:
        waiting(writer, now, 1)
        (one,) = writer.outbox.list()

        def toggle() -> int:
            return sum(operator.outbox.drop(one.id) + operator.outbox.retry(one.id, now) for _ in range(40))

        with ThreadPoolExecutor(1) as pool:
            changed = pool.submit(toggle)
            for n in range(1, 40):
                record(writer, now, n, alert=False)
            assert changed.result() == 80


KILLED = """
import os, sys
from datetime import UTC, datetime
from monitor.store import Store
from monitor.store.engine import Database
from monitor.store.migrate import HEAD
from tests.store.samples import record
now = datetime(2026, 4, 21, tzinfo=UTC)
store = Store.open(sys.argv[1], now=now)
if os.fork() == 0:
    os.read(0, 1)  # a worker that outlives the daemon
    os._exit(0)
for n in range(100_000):
    record(store, now, n)
    print(n, flush=True)
"""


def test_after_kill_9_every_acknowledged_record_is_there_and_an_orphaned_worker_holds_no_lock(
    sqlite_url: str, now: datetime
) -> None:
    daemon = subprocess.Popen(
        [sys.executable, "-c", KILLED, sqlite_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert daemon.stdin is not None
    assert daemon.stdout is not None
    for line in daemon.stdout:
        if line == "20\n":
            break
    daemon.send_signal(signal.SIGKILL)
    daemon.wait(10)
    with Store.open(sqlite_url, now=now) as store:
        count = store.articles.count()
        assert count >= 21
        assert len(store.outbox.list(limit=10_000)) == 2 * count
        assert store.check() == []
    daemon.stdin.close()  # lets the orphan go, and with it the pipe's other end
    acknowledged = [int(line) for line in daemon.stdout]
    daemon.stdout.close()
    assert count > max(acknowledged, default=20)


def test_a_full_disk_is_told_and_writing_goes_on_when_there_is_space(sqlite_url: str, now: datetime) -> None:
    with Store.open(sqlite_url, now=now) as store:
        record(store, now, 0)
        (pages,) = store._database.pragma("page_count")[0]
        store._database.pragma(f"max_page_count = {pages}")
        with pytest.raises(StoreError, match=r"disk .* is full"):
            deque(record(store, now, n) for n in range(1, 100))
        stored = store.articles.count()
        assert len(store.outbox.list()) == 2 * stored  # whole records only
        store._database.pragma("max_page_count = 100000")
        assert record(store, now, 99).deliveries == 2
        assert store.check() == []


def damage(path: Path, at: int, with_: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(with_)


def test_a_file_that_is_no_database_is_refused_with_the_way_to_restore(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "monitor.db"
    path.write_text("This is a letter, and no database at all. " * 100)
    with pytest.raises(StoreCorrupt, match="put back a backup"):
        Store.open(f"sqlite:///{path}", now=now)
    path.unlink()
    Store.open(f"sqlite:///{path}", now=now).close()  # the lock was let go


def test_a_damaged_page_is_found_by_check(sqlite_url: str, now: datetime) -> None:
    with Store.open(sqlite_url, now=now) as store:
        for n in range(60):
            record(store, now, n)
    path = file_of(sqlite_url)
    damage(path, 4096 * (path.stat().st_size // 4096 // 2), b"\xff" * 4096 * 8)
    try:
        with Store.open(sqlite_url, now=now, writer=False) as store:
            found = store.check()
    except StoreCorrupt as error:
        found = [str(error)]
    assert any("damaged" in line for line in found)


def test_a_newer_schema_is_refused(database_url: str, now: datetime) -> None:
    with Store.open(database_url, now=now) as store, store._database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        for upgrade in (True, False):
            with pytest.raises(SchemaMismatch, match="newer than this monitor's"):
                Store.open(database_url, now=now, upgrade=upgrade)
    finally:
        with closing(Database(database_url, writer=True)) as database, database.write() as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{HEAD}'"))


def test_a_database_without_schema_is_made_only_when_asked(empty_database_url: str, now: datetime) -> None:
    with pytest.raises(SchemaMismatch, match="monitor db upgrade"):
        Store.open(empty_database_url, now=now, upgrade=False)
    Store.open(empty_database_url, now=now).close()
    with Store.open(empty_database_url, now=now, upgrade=False) as store:
        assert store.schema_version() == HEAD


def test_a_reader_makes_no_database(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        Store.open(f"sqlite:///{tmp_path / 'none.db'}", now=now, writer=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "not a database's URL"),
        ("monitor.db", "not a database's URL"),
        ("mysql://root@localhost/x", "mysql is not a database monitor can use"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("postgresql://u:hush@127.0.0.1:port/x", "not a database's URL"),
        ("sqlite:////proc/no/such/place/monitor.db", "cannot be used"),  # not even root may make it
        ("sqlite:////dev/null/monitor.db", "cannot be used"),  # its folder is a file
        ("sqlite:////dev", "cannot be"),  # a folder is no file
    ],
)
def test_what_cannot_be_opened_says_why(url: str, said: str, now: datetime) -> None:
    with pytest.raises(StoreError, match=said) as raised:
        Store.open(url, now=now)
    assert "hush" not in str(raised.value)


def test_a_postgresql_that_is_down_is_named_without_its_password(now: datetime) -> None:
    port = free_port()
    with pytest.raises(
        StoreError, match=rf"PostgreSQL does not answer at .*127\.0\.0\.1:{port}/press"
    ) as raised:
        Store.open(f"postgresql://monitor:hush@127.0.0.1:{port}/press", now=now)
    assert "hush" not in str(raised.value)


def test_a_wrong_password_is_told_without_it(postgresql: Cluster, now: datetime) -> None:
    with pytest.raises(StoreError, match="password authentication failed") as raised:
        Store.open(f"postgresql://monitor:hush@127.0.0.1:{postgresql.port}/postgres", now=now)
    assert "hush" not in str(raised.value)


def test_a_connection_that_the_server_ended_is_made_anew(postgresql_url: str, now: datetime) -> None:
    with Store.open(postgresql_url, now=now) as store:
        with closing(Database(postgresql_url, writer=True)) as other, other.write() as connection:
            others = "pid != pg_backend_pid() AND datname = current_database() AND application_name = ''"
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        assert record(store, now).deliveries == 2


def test_damage_that_only_a_look_at_the_rows_shows(sqlite_url: str, now: datetime) -> None:
    with Store.open(sqlite_url, now=now) as store:
        record(store, now)
    raw = sqlite3.connect(file_of(sqlite_url))  # foreign keys are off here
    raw.executescript(
        "DELETE FROM alert; UPDATE delivery SET state = 'leased'; UPDATE article SET story_id = NULL;"
    )
    raw.close()
    with Store.open(sqlite_url, now=now, writer=False) as store:
        found = store.check()
    assert found == [
        "delivery row 1 refers to a row of alert that is not there",
        "delivery row 2 refers to a row of alert that is not there",
        "articles without a story: 1",
        "deliveries without an alert: 2",
        "deliveries leased to nobody: 2",
    ]
