"""`monitor why`, as an analyst calls it while the daemon runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from monitor.cli import invoke
from monitor.store import Store
from tests.build import write_config
from tests.store.samples import record


@pytest.fixture
def daemon(database_url: str, now: datetime) -> Iterator[Store]:
    with Store.open(database_url, now=now) as store:
        yield store


@pytest.fixture
def config(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE", database_url)
    folder = write_config(
        tmp_path / "config",
        monitor={"database": "${DATABASE}"},
        sources=[{"id": "gazette", "url": "https://gazette.example.org/feed"}],
        watchlists=[
            {"id": "w", "any": ["Report"], "notify": ["desk"]},
            {"id": "ports", "any": ["harbour"], "notify": ["desk"]},
        ],
        recipients=[{"id": "desk", "channels": [{"id": "mail", "file": str(tmp_path)}]}],
    )
    return str(folder)


def test_the_answers_come_worst_first_with_the_tree_of_what_did_not_match(
    config: str, daemon: Store, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    record(daemon, now, alert={"channels": ("mail",)})
    assert invoke(["why", "https://gazette.example.org/1", "-r", "desk", "-c", config]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Report 1"
    assert lines[2].startswith("article 1 · gazette · story 1")
    told = [line.split()[0] for line in lines[4:] if line and not line.startswith(" ")]
    assert told == ["pending", "matched", "not-matched"]
    assert lines[-1].strip().startswith("- ")
    assert "harbour" in lines[-1]


def test_the_json_holds_the_article_every_answer_and_its_facts(
    config: str, daemon: Store, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    record(daemon, now, alert={"channels": ("mail",)})
    assert invoke(["why", "1", "-o", "json", "-c", config]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["article"]["url"] == "https://gazette.example.org/1"
    pending = document["answers"][0]
    assert (pending["answer"], pending["recipient"]) == ("pending", "desk")
    assert pending["facts"]["message_id"].startswith("<")
    assert document["other_watchlists"] == 1


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        # an address of a source that was never read
        ("https://gazette.example.org/x", 0, "not-yet-polled"),
        # a host that nobody reads
        ("https://stranger.example.com/x", 3, "no-source"),
        ("77", 3, ""),
    ],
)
def test_of_what_is_not_stored_the_source_is_told_or_that_nothing_is_known(
    config: str,
    daemon: Store,
    capsys: pytest.CaptureFixture[str],
    asked: str,
    code: int,
    said: str,
) -> None:
    assert daemon.articles.count() == 0
    assert invoke(["why", asked, "-c", config]) == code
    captured = capsys.readouterr()
    assert said in captured.out
    assert ("nothing is known of 77" in captured.err) is (asked == "77")


def test_an_unknown_recipient_is_a_usage_error_that_names_the_nearest(
    config: str, daemon: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert daemon.articles.count() == 0
    assert invoke(["why", "1", "-r", "desc", "-c", config]) == 2
    assert "no recipient desc: did you mean desk?" in capsys.readouterr().err


def test_a_title_that_steers_terminals_is_shown_harmless(
    config: str, daemon: Store, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.build import make_article
    from tests.store.samples import make_verdict

    evil = make_article("A \x1b[31mminister", key="gazette.example.org/e")
    daemon.record(make_verdict(evil, alert={"channels": ("mail",)}), "gazette.example.org/e", "h", now)
    assert invoke(["why", "1", "-c", config]) == 0
    assert "\x1b" not in capsys.readouterr().out
