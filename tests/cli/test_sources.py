"""`monitor sources`: what operators see of each source, and of one that is read now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import invoke
from monitor.cli.sources import distance
from monitor.model import Health, SourceState
from monitor.store import Store
from tests.build import NOON
from tests.daemon.stage import Stage, stage_in


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with stage_in(tmp_path) as made:
        monkeypatch.setenv("STAGE_DATABASE", made.database)
        sources = made.source_yaml("one", "/one") + made.source_yaml("two", "/two")
        made.write("sources/stage.yaml", "sources:\n" + sources)
        yield made


PAGE = (
    "<!doctype html><html lang=fr><head><title>Une rencontre à Rabat</title></head><body><article><h1>Une rencontre à "
    "Rabat</h1>"
    + "<p>Les délégations se sont retrouvées mardi pour parler de pêche, de ports et de lignes aériennes.</p>"
    * 6
    + "</article></body></html>"
)


def document(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert invoke(list(words)) == code
    return json.loads(capsys.readouterr().out)


def remember(stage: Stage, *states: SourceState) -> None:
    with Store.open(stage.database, now=NOON) as store:
        for state in states:
            store.sources.save(state)


FAILING = SourceState(
    "two",
    next_check_at=NOON + timedelta(hours=1),
    checked_at=NOON,
    succeeded_at=NOON - timedelta(days=2),
    health=Health.FAILING,
    since=NOON - timedelta(days=1),
    failures=7,
    message="HTTP 500 \x1b[31mInternal Server Error",
    items_seen=120,
)


def test_the_list_tells_health_and_since_when_and_shows_sources_never_read_as_new(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    # what the configuration no longer holds is not listed
    remember(stage, FAILING, SourceState("gone", next_check_at=NOON))
    one, two = document(capsys, "sources", "list", "-c", str(stage.config), "-o", "json")
    assert (one["id"], one["health"], one["next_check"]) == ("one", "new", None)
    assert two | {"name": "", "kind": "", "url": ""} == {
        "id": "two",
        "name": "",
        "kind": "",
        "url": "",
        "health": "failing",
        "since": "2026-04-20T12:00:00Z",
        "reason": "HTTP 500 \x1b[31mInternal Server Error",
        "last_success": "2026-04-19T12:00:00Z",
        "last_check": "2026-04-21T12:00:00Z",
        "next_check": "2026-04-21T13:00:00Z",
        "failures": 7,
        "items": 120,
        "message": "HTTP 500 \x1b[31mInternal Server Error",
        "moved_to": None,
    }


def test_the_table_for_people_obeys_no_servers_escape_sequences(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    remember(stage, FAILING)
    assert invoke(["sources", "list", "-c", str(stage.config)]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "failing" in shown
    assert "new" in shown
    assert "HTTP 500" in shown


def test_before_the_first_run_every_source_is_new_and_no_database_is_made(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["sources", "list", "-c", str(stage.config), "-o", "json"]) == 0
    out, err = capsys.readouterr()
    assert [row["health"] for row in json.loads(out)] == ["new", "new"]
    assert "there is no database" in err
    assert not list(stage.root.glob("monitor.db*"))


def test_the_list_can_be_read_while_the_daemon_holds_the_database(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(stage.database, now=NOON) as store:
        store.sources.save(FAILING)
        rows = document(capsys, "sources", "list", "-c", str(stage.config), "-o", "json")
    assert [row["health"] for row in rows] == ["new", "failing"]


def test_a_source_that_reads_well_shows_its_items_and_first_article_and_records_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.press.feeds["/one"] = ["Une rencontre à Rabat", "Le marché de Fès"]
    shown = document(capsys, "sources", "test", "one", "-c", str(stage.config), "-o", "json")
    assert (shown["status"], shown["kind"], shown["error"]) == (200, "rss", None)
    assert [item["title"] for item in shown["items"]] == ["Une rencontre à Rabat", "Le marché de Fès"]
    assert shown["first_article"]["title"] == "Une rencontre à Rabat"
    assert shown["first_article"]["text_from"] == "summary"
    assert not list(stage.root.glob("monitor.db*"))


def test_full_text_reads_the_page_of_the_first_item_alone(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    full = stage.source_yaml("one", "/one").replace("backfill", "full_text: true, backfill")
    stage.write("sources/stage.yaml", "sources:\n" + full)
    stage.press.feeds["/one"] = ["Une rencontre à Rabat", "Le marché de Fès"]
    stage.press.pages["/one/0"] = PAGE
    shown = document(capsys, "sources", "test", "one", "-c", str(stage.config), "-o", "json")
    assert stage.press.asked["/one/0"] == 1
    assert stage.press.asked["/one/1"] == 0
    assert shown["first_article"]["text_from"] == "page"
    assert "Les délégations" in shown["first_article"]["body"]


def test_a_page_that_is_missing_is_told_and_the_feeds_own_text_taken(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    full = stage.source_yaml("one", "/one").replace("backfill", "full_text: true, backfill")
    stage.write("sources/stage.yaml", "sources:\n" + full)
    shown = document(capsys, "sources", "test", "one", "-c", str(stage.config), "-o", "json")
    assert shown["first_article"]["text_from"] == "summary"
    assert "404" in " ".join(shown["first_article"]["notes"])


@pytest.mark.parametrize(
    ("path", "says"),
    [
        # the server has no such page
        ("/absent", "404"),
        # there is a page, but it is no feed
        ("/page", "not a feed"),
    ],
)
def test_a_source_that_cannot_be_read_says_why_and_exits_with_1(
    stage: Stage, capsys: pytest.CaptureFixture[str], path: str, says: str
) -> None:
    stage.press.pages["/page"] = PAGE
    stage.write("sources/stage.yaml", "sources:\n" + stage.source_yaml("one", path))
    shown = document(capsys, "sources", "test", "one", "-c", str(stage.config), "-o", "json", code=1)
    assert says in shown["error"]


def test_an_unknown_source_is_a_usage_error_with_the_nearest_name(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["sources", "test", "onne", "-c", str(stage.config)]) == 2
    assert "did you mean one?" in capsys.readouterr().err


def test_the_text_for_people_holds_no_escape_sequence_of_a_feed(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.press.feeds["/one"] = ["Une \u202erencontre\u202c à Rabat"]
    assert invoke(["sources", "test", "one", "-c", str(stage.config)]) == 0
    shown = capsys.readouterr().out
    assert "1 items" in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "5 s ago"),
        (0, "0 s ago"),
        (59, "in 59 s"),
        (-90, "2 min ago"),
        (7200, "in 2 h"),
        (-200_000, "2 d ago"),
    ],
)
def test_times_are_shown_as_distances(seconds: int, said: str) -> None:
    now = datetime(2026, 4, 21, tzinfo=UTC)
    assert distance(now + timedelta(seconds=seconds), now) == said
