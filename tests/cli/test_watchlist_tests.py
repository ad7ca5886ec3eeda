"""`monitor test` as an analyst calls it, in a folder of watchlists and tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import invoke

WATCHLISTS = """watchlists:
  - {id: chiefs, any: [Hammouchi], none: [Leila], where: {languages: [fr]}}
  - {id: forums, any: ["NEAR/2(forum, Doha)"]}
  - {id: untried, any: [Rabat]}
"""
SOUND = """tests:
  - watchlist: chiefs
    match:
      - {title: Hammouchi parle, lang: fr}
    no_match:
      - {title: Leila Hammouchi expose, lang: fr, because: another one}
      # the language is detected where it is not stated, as monitor match does
      - title: Abdellatif Hammouchi meets the minister of the interior in the capital
"""
FAILING = """  - watchlist: forums
    match:
      - {title: Un forum, body: "à Doha"}
      - title: Forum de Doha
    no_match:
      - {title: "Doha, ville du forum", because: nothing to do with it}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"watchlists/w.yaml": WATCHLISTS, "tests/t.yaml": SOUND}.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text(text, "utf-8")
    return tmp_path


def test_tests_that_hold_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["test", "-c", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert out == "3 of 3 tests hold\n"
    assert err.splitlines() == ["forums has no test", "untried has no test"]


def test_each_failure_is_shown_at_its_place_with_its_explanation(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "tests" / "t.yaml").write_text(SOUND + FAILING, "utf-8")
    assert invoke(["test", "-c", str(folder)]) == 1
    out = capsys.readouterr().out
    file = folder / "tests" / "t.yaml"
    assert f"{file}:11:9: forums must match, and does not: Un forum\n" in out
    assert "  - NEAR/2 failed: " in out
    assert (
        f"{file}:14:9: forums must not match, and does: Doha, ville du forum (nothing to do with it)\n" in out
    )
    assert "+ forums: matches" in out
    assert out.endswith("4 of 6 tests hold\n")


def test_the_failures_have_a_json_form(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tests" / "t.yaml").write_text(SOUND + FAILING, "utf-8")
    assert invoke(["test", "-c", str(folder), "-o", "json"]) == 1
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["tests"], told["failed"], told["untested"]) == (6, 2, ["untried"])
    first, second = told["failures"]
    assert (first["watchlist"], first["line"], first["must_match"]) == ("forums", 11, True)
    assert (second["because"], second["explanation"]["held"]) == ("nothing to do with it", True)


def test_a_folder_without_tests_is_told_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tests" / "t.yaml").unlink()
    assert invoke(["test", "-c", str(folder)]) == 0
    assert "no tests: write articles into tests/*.yaml" in capsys.readouterr().err


def test_a_mistake_in_the_configuration_is_no_failed_test(folder: Path) -> None:
    (folder / "tests" / "t.yaml").write_text("tests:\n  - {watchlist: chefs}\n", "utf-8")
    assert invoke(["test", "-c", str(folder)]) == 78
