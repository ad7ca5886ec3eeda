"""Backups: whole or not at all, private, rotated; and the way back, which loses nothing it had and mistakes nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import SchemaMismatch, StoreBusy, StoreCorrupt, StoreError
from monitor.model import DeliveryState
from monitor.store import Store, backups
from monitor.store.contents import APART
from monitor.store.migrate import HEAD
from tests.store.samples import record, waiting
from tests.store.test_open import damage, file_of

MINUTE = timedelta(minutes=1)


def raw(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for each in statements:
            connection.execute(each)


def identities(store: Store) -> set[str]:
    return {each.id for each in store.outbox.list(limit=10_000)}


def test_a_backup_beside_a_writer_is_one_state_of_the_database(
    sqlite_url: str, tmp_path: Path, now: datetime
) -> None:
    with Store.open(sqlite_url, now=now) as store:
        for n in range(30):
            record(store, now, n)
        written, over = threading.Event(), threading.Event()

        result: list[backups.Taken] = []

        def copy() -> None:
            assert written.wait(10)
            result.append(backups.take(sqlite_url, tmp_path / "b", keep=3, now=now))
            over.set()

        copier = threading.Thread(target=copy)
        copier.start()
        n = 30
        while not over.is_set() and n < 1_000:
            record(store, now, n)
            n += 1
            written.set()
        copier.join(20)
    [taken] = result
    assert 30 < taken.contents.articles <= n
    assert taken.contents.waiting == 2 * taken.contents.articles  # two deliveries each: never half a record
    made = taken.backup.path
    assert made.name == "monitor-20260421T090000Z.db"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert {each.name for each in made.parent.iterdir()} == {made.name, ".monitor.lock"}
    with Store.open(f"sqlite:///{made}", now=now, writer=False) as copied:
        assert copied.check() == []


def test_only_the_newest_stay_and_what_is_no_backup_of_this_database_is_left_alone(
    sqlite_url: str, tmp_path: Path, now: datetime
) -> None:
    folder = tmp_path / "b"
    folder.mkdir()
    others = ["other-20200101T000000Z.db", "monitor-notes.db", "monitor-20200101T000000Z.db.bz2"]
    for name in others:
        (folder / name).write_text("mine")
    (folder / ".monitor.part").write_text("of one that was killed")
    done = [backups.take(sqlite_url, folder, keep=2, now=now + n * MINUTE) for n in range(4)]
    assert [each.name for each in done[3].removed] == ["monitor-20260421T090100Z.db"]
    kept = ["monitor-20260421T090300Z.db", "monitor-20260421T090200Z.db"]
    assert [each.path.name for each in backups.found(sqlite_url, folder)] == kept
    assert {each.name for each in folder.iterdir()} == {*others, *kept, ".monitor.lock"}
    assert backups.found(sqlite_url, tmp_path / "absent") == []


def test_a_damaged_database_is_not_backed_up_and_the_older_backup_stays(
    sqlite_url: str, tmp_path: Path, now: datetime
) -> None:
    folder = tmp_path / "b"
    with Store.open(sqlite_url, now=now) as store:
        for n in range(30):
            record(store, now, n, alert=False)
    backups.take(sqlite_url, folder, keep=1, now=now)
    path = file_of(sqlite_url)
    damage(path, 4096 * (path.stat().st_size // 4096 // 2), b"\xff" * 4096 * 8)
    with pytest.raises(StoreCorrupt, match="monitor db restore FILE"):
        backups.take(sqlite_url, folder, keep=1, now=now + MINUTE)
    assert {each.name for each in folder.iterdir()} == {"monitor-20260421T090000Z.db", ".monitor.lock"}
    with pytest.raises(StoreCorrupt, match="monitor db restore FILE"):
        Store.open(sqlite_url, now=now, whole=True)


def test_a_second_backup_at_the_same_time_is_refused(sqlite_url: str, tmp_path: Path, now: datetime) -> None:
    with (
        backups._alone(tmp_path, "monitor"),
        pytest.raises(StoreBusy, match="another backup is being written"),
    ):
        backups.take(sqlite_url, tmp_path, keep=1, now=now)
    backups.take(sqlite_url, tmp_path, keep=1, now=now)
    with pytest.raises(StoreError, match="within this second"):
        backups.take(sqlite_url, tmp_path, keep=1, now=now)


def test_a_folder_that_cannot_be_written_is_named(sqlite_url: str, tmp_path: Path, now: datetime) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"/file cannot be used"):
        backups.take(sqlite_url, tmp_path / "file", keep=1, now=now)


def test_what_a_backup_held_is_back_and_nothing_new_takes_the_name_of_what_was_sent_since(
    sqlite_url: str, tmp_path: Path, now: datetime
) -> None:
    folder = tmp_path / "b"
    with Store.open(sqlite_url, now=now) as store:
        record(store, now, 1)
        held = identities(store)
    taken = backups.take(sqlite_url, folder, keep=1, now=now)
    with Store.open(sqlite_url, now=now) as store:
        lost = record(store, now, 2)
        sent_since = identities(store) - held
    done = backups.restore(sqlite_url, taken.backup.path, folder=folder, now=now + MINUTE)
    assert (done.taken_at, done.contents) == (now, taken.contents)
    with Store.open(sqlite_url, now=now, whole=True) as store:
        assert identities(store) == held
        again = record(store, now, 3)  # another article than the one that was told since
        assert again.story_id > lost.story_id + APART - 10
        assert not (identities(store) - held) & sent_since
        assert store.check() == []
    path = file_of(sqlite_url)
    assert done.kept[0] == path.with_name("monitor.db.before-20260421T090100Z")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with closing(sqlite3.connect(done.kept[0])) as kept:
        assert kept.execute("SELECT count(*) FROM article").fetchone() == (2,)


def test_a_restore_waits_for_nobody_and_changes_nothing_while_a_daemon_runs(
    sqlite_url: str, tmp_path: Path, now: datetime
) -> None:
    taken = backups.take(sqlite_url, tmp_path / "b", keep=1, now=now)
    with Store.open(sqlite_url, now=now) as store:
        with pytest.raises(StoreBusy, match=rf"pid {os.getpid()}\b"):
            backups.restore(sqlite_url, taken.backup.path, folder=tmp_path, now=now)
        record(store, now)
        assert store.check() == []


NEWER = "UPDATE alembic_version SET version_num = '9999'"


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        (
            lambda file: damage(file, 4096 * 5, b"\xff" * 4096 * 3),
            StoreCorrupt,
            "no sound backup .* choose another",
        ),
        (lambda file: os.truncate(file, file.stat().st_size // 2), StoreCorrupt, "no sound backup"),
        (lambda file: file.write_text("a letter " * 1000), StoreCorrupt, "no sound backup"),
        (lambda file: file.write_bytes(b""), StoreError, "holds no database of monitor"),
        (lambda file: raw(file, "DROP TABLE alembic_version"), StoreError, "holds no database of monitor"),
        (
            lambda file: raw(file, NEWER),
            SchemaMismatch,
            f"schema 9999, which is newer than this monitor's {HEAD}",
        ),
        (lambda file: file.unlink(), StoreError, "there is no backup"),
    ],
    ids=["damaged", "cut", "a letter", "empty", "another program's", "newer", "absent"],
)
def test_what_is_no_backup_is_refused_before_anything_is_touched(
    sqlite_url: str, tmp_path: Path, now: datetime, spoil: object, error: type[StoreError], said: str
) -> None:
    taken = backups.take(sqlite_url, tmp_path / "b", keep=1, now=now)
    file = taken.backup.path
    spoil(file)  # type: ignore[operator]
    path = file_of(sqlite_url)
    before, beside = path.read_bytes(), set(path.parent.iterdir())
    with pytest.raises(error, match=said):
        backups.restore(sqlite_url, file, folder=tmp_path, now=now)
    assert path.read_bytes() == before
    assert set(path.parent.iterdir()) - beside <= {path.with_name("monitor.db.lock")}


def test_a_restore_that_was_cut_off_is_not_taken_for_an_empty_database(
    sqlite_url: str, tmp_path: Path, now: datetime
) -> None:
    with Store.open(sqlite_url, now=now) as store:
        record(store, now)
    taken = backups.take(sqlite_url, tmp_path / "b", keep=1, now=now)
    path = file_of(sqlite_url)
    shutil.copyfile(taken.backup.path, path.with_name("monitor.db.restoring"))
    path.rename(tmp_path / "monitor.db.before-1")  # and then the power went
    for writer in (True, False):
        with pytest.raises(StoreError, match=r"was cut off .* run `monitor db restore FILE` again"):
            Store.open(sqlite_url, now=now, writer=writer)
    backups.restore(sqlite_url, taken.backup.path, folder=tmp_path, now=now)
    with Store.open(sqlite_url, now=now) as store:
        assert store.articles.count() == 1


def test_postgresql_is_dumped_and_put_back_by_its_own_programs(
    empty_postgresql_url: str, tmp_path: Path, now: datetime
) -> None:
    url, folder = empty_postgresql_url, tmp_path / "b"
    with pytest.raises(StoreError, match="Name a folder"):
        backups.folder_of(url)
    with Store.open(url, now=now) as store:
        held = {each.id for each in waiting(store, now, 2)}
        taken = backups.take(url, folder, keep=1, now=now)
        assert (taken.contents.articles, taken.contents.waiting) == (2, 2)
        assert taken.backup.path.suffix == ".dump"
        assert stat.S_IMODE(taken.backup.path.stat().st_mode) == 0o600
        lost = record(store, now, 7)
        with pytest.raises(StoreBusy, match="stop every monitor on it first"):
            backups.restore(url, taken.backup.path, folder=folder, now=now)
    done = backups.restore(url, taken.backup.path, folder=folder, now=now + MINUTE)
    assert [each.name.partition("-")[2] for each in done.kept] == ["before-20260421T090100Z.dump"]
    with Store.open(url, now=now) as store:
        assert identities(store) == held
        assert store.outbox.counts()[DeliveryState.PENDING] == 2
        assert record(store, now, 8).story_id > lost.story_id + APART - 10
        assert store.check() == []
    os.truncate(taken.backup.path, taken.backup.size // 2)
    with pytest.raises(StoreCorrupt, match="no sound backup"):
        backups.restore(url, taken.backup.path, folder=folder, now=now + 2 * MINUTE)


def test_backups_are_named_by_utc(sqlite_url: str, tmp_path: Path) -> None:
    there = datetime(2026, 4, 21, 1, 30, tzinfo=UTC).astimezone()
    assert (
        backups.take(sqlite_url, tmp_path, keep=1, now=there).backup.path.name
        == "monitor-20260421T013000Z.db"
    )
