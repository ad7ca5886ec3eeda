"""`monitor feeds`: the addresses, as people and programs read them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from monitor.cli import invoke
from monitor.feeds import address
from monitor.store import Store
from tests.build import write_config

WATCHLISTS = [{"id": "forum", "title": "The forum", "any": ["forum"]}]


@pytest.fixture
def config(tmp_path: Path, database_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE", database_url)
    with Store.open(database_url, now=now) as store:
        store.link_key()
    monitor = {"database": "${DATABASE}", "web": {"public_url": "https://monitor.example.org"}}
    return str(write_config(tmp_path / "config", monitor=monitor, watchlists=WATCHLISTS))


def test_each_watchlist_has_an_address(
    config: str, database_url: str, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["feeds", "-c", config, "-o", "json", "--language", "fr"]) == 0
    with Store.open(database_url, now=now, upgrade=False, writer=False) as store:
        key = store.link_key()
    (row,) = json.loads(capsys.readouterr().out)
    assert row == {
        "watchlist": "forum",
        "title": "The forum",
        "address": address("forum", key, "https://monitor.example.org", "fr"),
    }
    assert invoke(["feeds", "-c", config]) == 0
    shown = capsys.readouterr()
    assert "forum" in shown.out
    assert shown.err == ""


def test_an_address_that_only_this_machine_reaches_is_told(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_config(Path(config), monitor={"database": "${DATABASE}"})
    assert invoke(["feeds", "-c", config]) == 0
    assert "web.public_url" in capsys.readouterr().err


def test_before_the_first_start_there_are_no_addresses_and_it_says_why(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = f"sqlite:///{tmp_path}/new.db"
    monkeypatch.setenv("DATABASE", database)
    Store.open(database, now=now).close()
    folder = write_config(tmp_path / "config", monitor={"database": "${DATABASE}"}, watchlists=WATCHLISTS)
    assert invoke(["feeds", "-c", str(folder)]) == 1
    assert "first start of `monitor run`" in capsys.readouterr().err
