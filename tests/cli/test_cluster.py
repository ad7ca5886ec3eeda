"""`monitor cluster` as its caller sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import invoke
from monitor.errors import EXIT_FAILED, EXIT_OK, EXIT_USAGE

TEXT = (
    "Le conseil de la ville a voté lundi soir la construction de deux ponts sur le fleuve, pour un coût de trois cents "
    "millions de dirhams. Les travaux commenceront au printemps et dureront deux ans, a indiqué le maire."
)


def line(id: str | int, body: str = TEXT, **fields: str) -> str:
    row = {"id": id, "title": "Deux ponts sur le fleuve", "body": body, "lang": "fr", **fields}
    return json.dumps(row, ensure_ascii=False)


def run(
    folder: Path, capsys: pytest.CaptureFixture[str], *lines: str
) -> tuple[int, list[dict[str, Any]], str]:
    file = folder / "articles.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    code = invoke(["cluster", str(file)])
    out, err = capsys.readouterr()
    return code, [json.loads(each) for each in out.splitlines()], err


def test_a_reprint_names_the_original_and_its_story_by_the_files_own_ids(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, _ = run(
        tmp_path,
        capsys,
        line("a", source="gazette", published="2026-04-06T08:00:00Z"),
        line(7, f"Rabat (MAP) - {TEXT}", source="herald", published="2026-04-06T09:00:00Z"),
        line(
            "c",
            "Un chat est resté trois jours dans un arbre.",
            title="Un chat",
            published="2026-04-06T10:00:00Z",
        ),
    )
    assert code == EXIT_OK
    assert found == [
        {"id": "a", "duplicate_of": None, "story": "a"},
        {"id": 7, "duplicate_of": "a", "story": "a"},
        {"id": "c", "duplicate_of": None, "story": "c"},
    ]


@pytest.mark.parametrize(
    ("published", "duplicate_of"),
    [("2026-04-08T08:00:00Z", "a"), ("2026-04-10T08:00:00Z", None), ("", "a"), ("not a date", "a")],
)
def test_what_comes_after_three_days_is_told_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], published: str, duplicate_of: str | None
) -> None:
    first = line("a", published="2026-04-06T08:00:00Z")
    _, found, _ = run(tmp_path, capsys, first, line("b", f"{TEXT} Suite.", published=published))
    assert found[1]["duplicate_of"] == duplicate_of


def test_one_address_is_one_article(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, again = "https://www.example.org/a?utm_source=feed", "https://example.org/a"
    _, found, _ = run(
        tmp_path, capsys, line("a", url=one), line("b", "Un autre texte, corrigé depuis.", url=again)
    )
    assert found[1] == {"id": "b", "duplicate_of": "a", "story": "a"}


def test_a_bad_line_hurts_only_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found, err = run(tmp_path, capsys, line("a"), "{oops", line("b"))
    assert code == EXIT_FAILED
    assert [row["id"] for row in found] == ["a", "b"]
    assert "articles.jsonl:2: not JSON" in err


def test_a_missing_file_is_a_mistake_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["cluster", "/nowhere.jsonl"]) == EXIT_USAGE
    assert "cannot read /nowhere.jsonl" in capsys.readouterr().err
