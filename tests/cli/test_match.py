"""`monitor match` and `monitor explain` as an analyst calls them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import invoke
from monitor.judge import compile_rules, judge
from monitor.model import Candidates
from monitor.refine import url_key
from monitor.store import Store
from tests.build import make_article, make_watchlist

NOW = datetime(2026, 4, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    (folder / "watchlists").mkdir(parents=True)
    (folder / "entities").mkdir()
    (folder / "monitor.yaml").write_text(f"database: sqlite:///{tmp_path}/monitor.db\n")
    (folder / "recipients.yaml").write_text(
        "recipients:\n  - id: desk\n    name: Desk\n    channels:\n      - {id: screen, console: true}\n"
    )
    (folder / "entities" / "places.yaml").write_text(
        "entities:\n  - id: qatar\n    kind: country\n    name: Qatar\n    names: [قطر, Catar]\n"
    )
    (folder / "watchlists" / "all.yaml").write_text(
        "watchlists:\n"
        "  - id: security\n    title: Security\n    any: [الأمن الوطني, DGSN]\n    notify: [desk]\n"
        "  - id: qatar-forums\n    title: Forums\n    query: NEAR/5(entity:qatar, forum)\n    notify: [desk]\n"
    )
    return folder


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def given(tmp_path: Path, *articles: object) -> str:
    path = tmp_path / "articles.jsonl"
    path.write_text("\n".join(a if isinstance(a, str) else json.dumps(a) for a in articles) + "\n", "utf-8")
    return str(path)


def test_each_article_has_its_line_also_without_a_match(config: Path, tmp_path: Path, capsys: Any) -> None:
    file = given(
        tmp_path,
        {"id": "a", "title": "خبر", "body": "خطة جديدة للأمن الوطني", "lang": "ar"},
        {"id": 2, "title": "Météo", "body": "Du soleil."},
        "",
        {"id": "c", "title": None, "body": "Un forum au Qatar avec la DGSN"},
    )
    assert invoke(["match", "-c", str(config), file]) == 0
    first, second, third = lines(capsys.readouterr().out)
    hit = {
        "term": "الأمن الوطني",
        "read_as": "الامن الوطني",
        "field": "body",
        "start": 10,
        "end": 22,
        "text": "للأمن الوطني",
    }
    assert first == {"id": "a", "matches": [{"watchlist": "security", "hits": [hit]}]}
    assert second == {"id": 2, "matches": []}
    assert [match["watchlist"] for match in third["matches"]] == ["security", "qatar-forums"]


def test_nothing_matched_is_exit_code_3(config: Path, tmp_path: Path, capsys: Any) -> None:
    assert invoke(["match", "-c", str(config), given(tmp_path, {"id": "a", "body": "Rien."})]) == 3
    assert lines(capsys.readouterr().out) == [{"id": "a", "matches": []}]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{broken", ":2: not JSON at column 2"),
        ("[1]", ":2: a JSON object is needed"),
        ('{"title": "no id"}', ':2: "id" is missing'),
        ('{"id": true}', ':2: "id" is missing'),
        ('{"id": "a", "title": 5}', ':2: "title" is not a string'),
        ('{"id": "a", "authors": "Alami"}', ':2: "authors" is not a list'),
        ("[" * 100_000, ":2: "),  # nested too deep for any parser
    ],
)
def test_a_bad_line_is_told_and_the_rest_goes_on(
    line: str, message: str, config: Path, tmp_path: Path, capsys: Any
) -> None:
    file = given(tmp_path, {"id": "a", "body": "DGSN"}, line, {"id": "b", "body": "DGSN"})
    assert invoke(["match", "-c", str(config), file]) == 1
    printed = capsys.readouterr()
    assert [one["id"] for one in lines(printed.out)] == ["a", "b"]
    assert f"{file}{message}" in printed.err


def test_bytes_that_are_no_text_hurt_their_line_only(config: Path, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_bytes(
        b'\xef\xbb\xbf{"id": "a", "body": "DGSN"}\n{"id": "b", "body": "\xff"}\n{"id": "c", "body": "DGSN \\ud800"}\n'
    )
    assert invoke(["match", "-c", str(config), str(file)]) == 1
    printed = capsys.readouterr()
    assert [one["id"] for one in lines(printed.out)] == ["a", "c"]
    assert ":2: not UTF-8 at byte" in printed.err


def test_articles_come_from_standard_input_when_no_file_is_named(
    config: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"id": "a", "title": "DGSN"}\n')))
    assert invoke(["match", "-c", str(config)]) == 0
    assert lines(capsys.readouterr().out)[0]["id"] == "a"


def test_a_file_that_is_not_there_is_named(config: Path, capsys: Any) -> None:
    assert invoke(["match", "-c", str(config), "/nowhere.jsonl"]) == 2
    assert "/nowhere.jsonl" in capsys.readouterr().err


def test_a_broken_configuration_is_exit_code_78(config: Path, tmp_path: Path, capsys: Any) -> None:
    (config / "watchlists" / "bad.yaml").write_text(
        "watchlists:\n  - id: bad\n    query: NOT DGSN\n    notify: [desk]\n"
    )
    assert invoke(["match", "-c", str(config), given(tmp_path, {"id": "a"})]) == 78
    assert "only NOT" in capsys.readouterr().err


# --- explain


def test_an_article_in_a_file_is_explained_for_each_watchlist(
    config: Path, tmp_path: Path, capsys: Any
) -> None:
    article = {"id": "a", "title": "Forum", "body": "un deux trois quatre cinq six Qatar forum-débat DGSN"}
    assert invoke(["explain", "-c", str(config), given(tmp_path, article)]) == 0
    printed = capsys.readouterr().out
    assert "+ security: matches" in printed
    assert "+ NEAR/5: found once" in printed


def test_one_watchlist_can_be_asked_and_its_failure_is_exit_code_3(
    config: Path, tmp_path: Path, capsys: Any
) -> None:
    article = {"id": "a", "title": "", "body": "forum un deux trois quatre cinq six sept huit neuf Qatar"}
    assert invoke(["explain", "-c", str(config), "-w", "qatar-forums", given(tmp_path, article)]) == 3
    printed = capsys.readouterr().out
    assert "- NEAR/5 failed: 9 words apart" in printed
    assert "security" not in printed


def test_an_unknown_watchlist_is_a_usage_error(config: Path, tmp_path: Path, capsys: Any) -> None:
    assert invoke(["explain", "-c", str(config), "-w", "securty", given(tmp_path, {"id": "a"})]) == 2
    assert "did you mean security?" in capsys.readouterr().err


@pytest.fixture
def archived(config: Path, tmp_path: Path) -> str:
    """The address of an article that the store has, with what was decided about it."""
    url = "https://gazette.example.org/dgsn?utm_source=x"
    article = make_article("La DGSN recrute", "Un texte.", key=url_key(url), url=url)
    verdict = judge(
        article, Candidates(), compile_rules([make_watchlist("security", any=("DGSN",))], [], [], []), NOW
    )
    with Store.open(f"sqlite:///{tmp_path}/monitor.db", now=NOW) as store:
        store.record(verdict, article.key, "hash", NOW)
    return url


@pytest.mark.parametrize("target", ["https://www.gazette.example.org/dgsn", "1"])
def test_an_article_of_the_archive_is_explained_with_what_was_decided(
    target: str, archived: str, config: Path, capsys: Any
) -> None:
    assert invoke(["explain", "-c", str(config), "-o", "json", target]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["title"] == "La DGSN recrute"
    assert [one["reason"] for one in document["decisions"]] == ["opens-story", "matched", "nobody-to-notify"]
    assert [(one["label"], one["held"]) for one in document["watchlists"]] == [
        ("security", True),
        ("qatar-forums", False),
    ]


def test_the_decisions_are_printed_above_the_trees(archived: str, config: Path, capsys: Any) -> None:
    assert invoke(["explain", "-c", str(config), archived]) == 0
    printed = capsys.readouterr().out
    assert "2026-04-21 09:00 judge: matched security: «DGSN» in the title" in printed


def test_an_address_that_the_archive_has_not_is_told(archived: str, config: Path, capsys: Any) -> None:
    assert invoke(["explain", "-c", str(config), "https://gazette.example.org/other"]) == 1
    assert "there is no article with the address" in capsys.readouterr().err
