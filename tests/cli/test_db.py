"""`monitor db`, as an operator calls it."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from monitor.cli import invoke
from monitor.model import Notice
from monitor.store import Store
from monitor.store.migrate import HEAD
from tests.build import write_config
from tests.store.samples import record


def configure(folder: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A configuration with this database and nothing else."""
    monkeypatch.setenv("DATABASE", database)
    folder.mkdir()
    (folder / "monitor.yaml").write_text('database: "${DATABASE}"\n')
    return str(folder)


@pytest.fixture
def config(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    return configure(tmp_path / "config", database_url, monkeypatch)


def test_upgrade_makes_the_database(
    tmp_path: Path,
    empty_database_url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = configure(tmp_path / "config", empty_database_url, monkeypatch)
    assert invoke(["db", "check", "-c", config]) == 1
    for _ in range(2):
        assert invoke(["db", "upgrade", "-c", config]) == 0
        assert capsys.readouterr().out == f"the database is at schema {HEAD}\n"
    assert invoke(["db", "upgrade", "-c", config, "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"schema": HEAD}
    assert invoke(["db", "check", "-c", config]) == 0


def test_check_says_that_a_database_is_sound(
    config: str, database_url: str, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(database_url, now=now) as store:
        record(store, now)
        assert invoke(["db", "check", "-c", config]) == 0  # beside the daemon
    assert capsys.readouterr().out == f"the database is sound: schema {HEAD}, 1 articles\n"
    assert invoke(["db", "check", "-c", config, "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"schema": HEAD, "problems": []}


def test_check_names_what_is_wrong_and_fails(
    tmp_path: Path,
    sqlite_url: str,
    now: datetime,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Store.open(sqlite_url, now=now) as store:
        record(store, now)
    raw = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    raw.executescript("DELETE FROM alert")
    raw.close()
    config = configure(tmp_path / "config", sqlite_url, monkeypatch)
    assert invoke(["db", "check", "-c", config]) == 1
    assert "deliveries without an alert: 2" in capsys.readouterr().out.splitlines()
    assert invoke(["db", "check", "-c", config, "-o", "json"]) == 1
    assert "deliveries without an alert: 2" in json.loads(capsys.readouterr().out)["problems"]


def test_a_damaged_file_is_told_with_the_way_to_restore(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "monitor.db"
    path.write_text("no database " * 1000)
    config = configure(tmp_path / "config", f"sqlite:///{path}", monkeypatch)
    assert invoke(["db", "check", "-c", config]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"monitor: the database {path} is damaged")
    assert "put back a backup: `monitor db backup --list` names them, `monitor db restore FILE`" in err


def test_upgrade_beside_a_running_daemon_names_it(
    tmp_path: Path,
    sqlite_url: str,
    now: datetime,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = configure(tmp_path / "config", sqlite_url, monkeypatch)
    with Store.open(sqlite_url, now=now):
        assert invoke(["db", "upgrade", "-c", config]) == 1
    assert "another monitor process (pid" in capsys.readouterr().err


def test_a_backup_is_made_listed_and_put_back(
    tmp_path: Path,
    sqlite_url: str,
    now: datetime,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = configure(tmp_path / "config", sqlite_url, monkeypatch)
    with Store.open(sqlite_url, now=now) as store:
        record(store, now)
        assert invoke(["db", "backup", "-c", config, "-o", "json"]) == 0  # beside the daemon
    made = json.loads(capsys.readouterr().out)
    file = Path(made["file"])
    assert file.parent == tmp_path / "backups"
    expected = {"bytes": file.stat().st_size, "schema": HEAD, "articles": 1, "waiting": 2, "removed": []}
    assert made == {"file": str(file), "taken_at": made["taken_at"], **expected}

    assert invoke(["db", "backup", str(tmp_path / "elsewhere"), "--keep", "3", "-c", config]) == 0
    assert f"sound, schema {HEAD}, 1 articles" in capsys.readouterr().out
    assert invoke(["db", "backup", "--list", "-c", config, "-o", "json"]) == 0
    assert [each["file"] for each in json.loads(capsys.readouterr().out)["backups"]] == [str(file)]
    assert invoke(["db", "restore", "-c", config]) == 2
    assert str(file) in capsys.readouterr().err

    assert invoke(["db", "restore", str(file), "-c", config]) == 0
    out = capsys.readouterr().out
    assert "2 deliveries waited then: due at the next start" in out
    assert f"is kept: {tmp_path}/monitor.db.before-" in out
    assert invoke(["db", "restore", str(file), "-c", config, "-o", "json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["database"], done["articles"], done["waiting"]) == (str(tmp_path / "monitor.db"), 1, 2)
    assert Path(done["kept"][0]).is_file()


def test_a_restore_is_told_to_the_operators_before_anything_else(
    tmp_path: Path, sqlite_url: str, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    ops = {"id": "ops", "channels": [{"id": "screen", "console": True}]}
    monitor = {"database": sqlite_url, "operators": ["ops"], "backup": {"folder": str(tmp_path / "b")}}
    config = str(write_config(tmp_path / "config", monitor=monitor, recipients=[ops]))
    assert invoke(["db", "backup", "-c", config, "-o", "json"]) == 0
    file = json.loads(capsys.readouterr().out)["file"]
    assert invoke(["db", "restore", file, "-c", config]) == 0
    with Store.open(sqlite_url, now=now, writer=False) as store:
        [told] = store.outbox.list()
    assert isinstance(told.alert, Notice)
    assert [(each.subject, each.state) for each in told.alert.lines] == [("monitor.db", "restored")]


def test_a_restore_beside_a_running_daemon_names_it(
    tmp_path: Path,
    sqlite_url: str,
    now: datetime,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = configure(tmp_path / "config", sqlite_url, monkeypatch)
    assert invoke(["db", "backup", "-c", config, "-o", "json"]) == 0
    file = json.loads(capsys.readouterr().out)["file"]
    with Store.open(sqlite_url, now=now):
        assert invoke(["db", "restore", file, "-c", config]) == 1
    assert "another monitor process (pid" in capsys.readouterr().err


def test_compact_tells_what_it_gave_back_and_needs_the_database_for_itself(
    tmp_path: Path,
    sqlite_url: str,
    now: datetime,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = configure(tmp_path / "config", sqlite_url, monkeypatch)
    with Store.open(sqlite_url, now=now) as store:
        record(store, now)
        assert invoke(["db", "compact", "-c", config]) == 1
        assert "another monitor process" in capsys.readouterr().err
    assert invoke(["db", "compact", "-c", config]) == 0
    assert capsys.readouterr().out.startswith("the file had ")
    assert invoke(["db", "compact", "-c", config, "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out).keys() == {"before", "after"}
