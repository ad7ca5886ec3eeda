"""`monitor entities variants` as an analyst calls it, with an archive and without."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from monitor.cli import invoke
from monitor.store import Store
from tests.build import make_article
from tests.store.samples import make_verdict

ENTITIES = """entities:
  - id: chief
    kind: person
    name: Abdellatif Hammouchi
    names: ["Hammouchi, A.", عبد اللطيف حموشي]
    not: [Abdelatif Hammouchi]
  - {id: dgsn, kind: institution, name: DGSN}
"""
PRESS = [
    "M. Abdellatif Hamouchi est à Doha.",
    "ABDELLATIF HAMOUCHI et Abdelatif Hammouchi",
    "Abdellatif Hammouchi parle. Hamouchi aussi.",
    "وصل عبداللطيف الحموشي إلى الدوحة",
    "Rien de tel.",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config" / "entities").mkdir(parents=True)
    (tmp_path / "config" / "entities" / "e.yaml").write_text(ENTITIES, "utf-8")
    (tmp_path / "config" / "monitor.yaml").write_text(f"database: sqlite:///{tmp_path}/monitor.db\n")
    return tmp_path / "config"


@pytest.fixture
def archive(folder: Path, now: datetime) -> Path:
    with Store.open(f"sqlite:///{folder.parent}/monitor.db", now=now) as store:
        for n, body in enumerate(PRESS):
            article = make_article(f"Report {n}", body, key=f"example.org/{n}")
            store.record(make_verdict(article, alert=False), article.key, "h", now)
    return folder


def told(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    assert invoke(["entities", "variants", "chief", "-c", str(folder), "-o", "json", *options]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_each_spelling_is_counted_in_the_archive(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = told(archive, capsys)
    assert [(one["name"], one["existing"], one["count"]) for one in answer["spellings"]] == [
        ("Abdellatif Hamouchi", False, 2),  # whatever its capitals
        ("Abdellatif Hammouchi", True, 1),
        ("عبداللطيف حموشي", False, 1),  # joined; ال needs no form of its own
        ("Hammouchi, A.", True, 0),
        ("عبد اللطيف حموشي", True, 0),
    ]
    assert answer["articles"] == 4  # those that may hold one


def test_the_last_line_is_the_entitys_names_to_paste(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["entities", "variants", "chief", "-c", str(archive)]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    pasted = YAML(typ="safe", pure=True).load(line)
    assert pasted == {
        "names": ["Hammouchi, A.", "عبد اللطيف حموشي", "Abdellatif Hamouchi", "عبداللطيف حموشي"]
    }


def test_a_proposal_stands_in_as_many_articles_as_asked_for(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proposed = [
        one["name"] for one in told(archive, capsys, "--at-least", "2")["spellings"] if not one["existing"]
    ]
    assert proposed == ["Abdellatif Hamouchi"]
    everything = told(archive, capsys, "--at-least", "0")["spellings"]
    assert "Abdellatif Hammuchi" in {one["name"] for one in everything}
    # somebody else's, and what the file's names find already, are never proposed
    assert not {"Abdelatif Hammouchi", "عبد اللطيف الحموشي"} & {one["name"] for one in everything}


def test_without_an_archive_the_likeliest_are_shown_uncounted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = told(folder, capsys)
    assert answer["articles"] is None
    assert {one["count"] for one in answer["spellings"]} == {None}
    assert "Abdellatif Hamouchi" in answer["yaml"]


@pytest.mark.parametrize(("id", "part"), [("chef", "did you mean chief?"), ("x", "2 entities are defined")])
def test_an_unknown_entity_is_answered_with_the_nearest(
    folder: Path, id: str, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["entities", "variants", id, "-c", str(folder)]) == 2
    assert part in capsys.readouterr().err


def test_an_acronym_has_no_proposals(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["entities", "variants", "dgsn", "-c", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "DGSN" in out
    assert "names:" not in out
