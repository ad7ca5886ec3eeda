"""Foreign exceptions become sentences; conflicts are tried again."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import Connection, text

from monitor.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreUnsure
from monitor.store.engine import CONFLICTS_BORNE, Database
from monitor.store.tables import source_state
from monitor.store.wall import Conflict, wall


def sqlite_error(words: str, name: str = "") -> sqlite3.Error:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (sqlite_error("database disk image is malformed"), StoreCorrupt, "put back a backup"),
        (sqlite_error("file is not a database"), StoreCorrupt, "put back a backup"),
        # after a failed fsync the kernel may have dropped the pages: a second one succeeds and keeps nothing
        (sqlite_error("disk I/O error", "SQLITE_IOERR_FSYNC"), StoreUnsure, "started again"),
        (sqlite_error("disk I/O error", "SQLITE_IOERR_READ"), StoreError, "disk I/O error"),
        (sqlite_error("database is locked"), StoreBusy, "try again"),
        (sqlite_error("attempt to write a readonly database"), StoreError, "write access"),
        (sqlite_error("unable to open database file"), StoreError, "write access"),
        (sqlite_error("database or disk is full"), StoreFull, "free some space"),
        (PermissionError(13, "Permission denied", "/srv/x"), StoreError, "Permission denied: /srv/x"),
    ],
)
def test_each_failure_has_its_kind_and_says_what_to_do(error: Exception, kind: type, said: str) -> None:
    with pytest.raises(StoreError, match=said) as raised, wall("/srv/monitor.db"):
        raise error
    assert type(raised.value) is kind
    assert "/srv/" in str(raised.value)


def test_our_own_mistakes_pass() -> None:
    with pytest.raises(ZeroDivisionError), wall("x"):
        raise ZeroDivisionError


def fail_times(times: int, calls: list[int]) -> object:
    def work(_connection: Connection) -> str:
        calls.append(len(calls))
        if len(calls) <= times:
            raise Conflict("in the way")
        return "done"

    return work


def test_a_conflict_is_tried_again_but_not_for_ever(sqlite_url: str) -> None:
    with closing(Database(sqlite_url, writer=True)) as database:
        calls: list[int] = []
        assert database.commit(fail_times(CONFLICTS_BORNE, calls)) == "done"  # type: ignore[arg-type]
        calls.clear()
        with pytest.raises(Conflict):
            database.commit(fail_times(99, calls))  # type: ignore[arg-type]
        assert len(calls) == CONFLICTS_BORNE + 1


def test_two_transactions_in_a_deadlock_both_end_well(postgresql_url: str, now: datetime) -> None:
    start = Barrier(2)
    met: set[str] = set()
    put = source_state.insert()
    row = {
        "next_check_at": now,
        "health": "ok",
        "failures": 0,
        "message": "",
        "moved_seen": 0,
        "items_seen": 0,
    }

    def cross(database: Database, first: str, second: str) -> None:
        def work(connection: Connection) -> None:
            add = text("UPDATE source_state SET items_seen = items_seen + 1 WHERE source_id = :id")
            connection.execute(add, {"id": first})
            if first not in met:
                met.add(first)
                start.wait(10)  # each holds the row that the other wants
            connection.execute(add, {"id": second})

        database.commit(work)

    one, two = (Database(postgresql_url, writer=True) for _ in range(2))
    with closing(one), closing(two), ThreadPoolExecutor(2) as pool:
        with one.write() as connection:
            connection.execute(put, [{**row, "source_id": each} for each in ("a", "b")])
        for each in [pool.submit(cross, one, "a", "b"), pool.submit(cross, two, "b", "a")]:
            each.result(20)
        with one.read() as connection:
            assert connection.execute(text("SELECT items_seen FROM source_state")).scalars().all() == [2, 2]
