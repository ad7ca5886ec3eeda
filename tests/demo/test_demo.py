"""`monitor demo` end to end: the real daemon path over real sockets, and which desks hear of what."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from monitor.cli import invoke
from monitor.cli.demo import new_folder
from monitor.demo import Report, perform, prepare
from monitor.demo.newsroom import outlets
from monitor.demo.show import Screen, finale
from monitor.errors import UsageError
from tests.build import alert_of

HOSTILE = {"hostile-bomb", "hostile-endless", "hostile-slow", "dead"}
NOON = datetime(2026, 4, 21, 12, 0, tzinfo=UTC)


@dataclass
class Performance:
    report: Report
    screen: str

    def heard(self, desk: str) -> list[str]:
        return [
            alert_of(d).article.title
            for d in self.report.deliveries
            if d.recipient == desk and d.channel == "out"
        ]


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """One whole demo, watched on a terminal without colours."""
    text = io.StringIO()
    console = Console(file=text, width=120, highlight=False)
    out = prepare(tmp_path_factory.mktemp("demo"))
    report = asyncio.run(perform(out, lambda: datetime.now(UTC), Screen(console), console))
    finale(console, report, seconds=1.0)
    return Performance(report, text.getvalue())


def test_the_security_desk_hears_of_the_first_case_once(performance: Performance) -> None:
    assert len(performance.heard("security-desk")) == performance.report.stories == 1


def test_the_diplomacy_desk_hears_the_same_story(performance: Performance) -> None:
    assert sorted(performance.heard("diplomacy-desk")) == sorted(performance.heard("security-desk"))


def test_the_economy_desk_hears_of_the_solar_investment_only(performance: Performance) -> None:
    assert [title.partition(" :")[0] for title in performance.heard("economy-desk")] == [
        "Énergies renouvelables"
    ]


def test_the_forum_desk_hears_nothing_though_the_page_names_the_forum(performance: Performance) -> None:
    sidebar = performance.report.sidebar
    assert performance.heard("forum-desk") == []
    assert sidebar is not None
    assert (sidebar.in_page, sidebar.in_article) == (True, False)
    assert "business-forums" in performance.report.backlog


def test_reprints_and_translations_are_one_story(performance: Performance) -> None:
    report = performance.report
    assert (report.reports, report.outlets, report.languages) == (6, 6, 4)
    assert report.stories == 1
    assert "joined one story" in " ".join(performance.screen.split())


def test_no_trap_catches(performance: Performance) -> None:
    set_up = sum(1 for outlet in outlets() for piece in outlet.pieces if piece.tempts)
    assert len(performance.report.traps) == set_up > 10
    assert [trap for trap in performance.report.traps if trap.caught] == []


def test_each_article_is_stored_once(performance: Performance) -> None:
    assert performance.report.tally.articles_new == sum(len(outlet.pieces) for outlet in outlets())


def test_only_the_hostile_and_the_dead_fail_and_each_says_why(performance: Performance) -> None:
    states = performance.report.states
    assert {id for id, state in states.items() if state.failures} == HOSTILE
    assert all(states[id].message for id in HOSTILE)
    assert {name for name, _ in performance.report.tally.problems} == HOSTILE


def test_alerts_lie_as_mail_page_and_document(performance: Performance) -> None:
    files = list((performance.report.out / "alerts").iterdir())
    kinds = {ending: sum(f.suffix == ending for f in files) for ending in (".eml", ".html", ".json")}
    desks = 2  # and one alert of the solar investment
    assert set(kinds.values()) == {desks * performance.report.stories + 1}


def test_the_screen_shows_reading_alerts_and_what_came_of_it(performance: Performance) -> None:
    for words in (
        "Round 1",
        "Round 2",
        "What came of it",
        "Who was left in peace",
        "What was survived",
        "heard nothing",
    ):
        assert words in performance.screen
    assert "\x1b" not in performance.screen


def test_json_is_the_summary_of_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = invoke(["demo", "-o", "json"])
    document: dict[str, Any] = json.loads(printed.getvalue())
    assert code == 0
    assert list(document) == [
        "sources",
        "fetched",
        "not_modified",
        "failed",
        "items",
        "articles_new",
        "matches",
        "alerts",
        "delivered",
        "problems",
    ]
    assert {problem["source"] for problem in document["problems"]} == HOSTILE
    assert len(list(tmp_path.glob("var/demo/*/alerts/*.eml"))) == document["alerts"]


def test_a_folder_of_an_earlier_demo_is_refused(tmp_path: Path) -> None:
    (tmp_path / "monitor.db").touch()
    with pytest.raises(UsageError, match="--out"):
        prepare(tmp_path)


def test_two_demos_in_one_second_have_folders_of_their_own(tmp_path: Path) -> None:
    first = new_folder(tmp_path, NOON)
    first.mkdir()
    assert (first.name, new_folder(tmp_path, NOON).name) == ("20260421-120000", "20260421-120000-2")
