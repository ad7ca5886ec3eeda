"""What keeps a daemon from starting, and how it says so. `monitor run` as a command, in this process: it ends by itself."""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
import structlog

from monitor.cli import invoke
from monitor.store import Store
from tests.build import NOON
from tests.daemon.stage import Stage
from tests.store.test_open import damage

BROKEN = "watchlists:\n  - {id: meetings, any: [rencontre], severty: high, notify: [dsk]}\n"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def database(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE_DATABASE", stage.database)


def said(stage: Stage, capsys: pytest.CaptureFixture[str], code: int) -> str:
    """What the command prints on standard error while it ends with this code."""
    assert invoke(["run", "-c", str(stage.config)]) == code
    text = capsys.readouterr().err
    assert "Traceback" not in text
    return text


def test_a_broken_configuration_is_told_whole_to_the_operator_and_counted_to_systemd(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.write("watchlists/all.yaml", BROKEN)
    systemd = stage.notify()
    monkeypatch.setenv("NOTIFY_SOCKET", systemd.address)
    text = said(stage, capsys, 78)
    assert text.count("watchlists/all.yaml:2:") == 2
    assert "severty" in text
    assert "dsk" in text
    assert systemd.wait_for("STATUS") == {"STATUS": "2 mistakes in the configuration"}


def test_an_address_that_others_can_reach_is_refused(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.write("monitor.yaml", stage.monitor_yaml("0.0.0.0:8080"))
    text = said(stage, capsys, 78)
    assert "monitor.yaml:3:" in text
    assert "open to the network" in text
    assert not list(stage.root.glob("monitor.db*"))


def test_a_port_in_use_is_told_before_anything_is_opened(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        stage.write("monitor.yaml", stage.monitor_yaml(address))
        text = said(stage, capsys, 1)
    assert f"{address} is in use" in text
    assert not list(stage.root.glob("monitor.db*"))


def test_a_second_process_on_the_database_is_refused_and_told_of_the_first(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    systemd = stage.notify()
    monkeypatch.setenv("NOTIFY_SOCKET", systemd.address)
    with Store.open(stage.database, now=NOON) as store:
        text = said(stage, capsys, 1)
        # the first one works on
        assert store.check() == []
    assert f"another monitor process (pid {os.getpid()})" in text
    assert "another monitor process" in systemd.wait_for("STATUS")["STATUS"]


def test_a_damaged_database_is_not_started_on(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    (stage.root / "monitor.db").write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    assert "damaged" in said(stage, capsys, 1)


def test_a_database_with_a_damaged_page_is_not_started_on_and_the_way_back_is_named(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    Store.open(stage.database, now=NOON).close()
    path = stage.root / "monitor.db"
    damage(path, 4096 * (path.stat().st_size // 4096 - 2), b"\xff" * 4096)
    text = said(stage, capsys, 1)
    assert f"the database {path} is damaged" in text
    assert "`monitor db restore FILE`" in text


def test_a_database_of_a_newer_program_is_not_started_on(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    Store.open(stage.database, now=NOON).close()
    with closing(sqlite3.connect(stage.root / "monitor.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "schema 9999, which is newer than this monitor's" in said(stage, capsys, 1)
