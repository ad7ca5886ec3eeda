"""`monitor import opml` and `monitor export opml`: one new file, idempotent, and never a broken configuration."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import invoke
from monitor.model import SourceKind
from monitor.settings import load
from tests.build import write_config

LIST = """<opml version="2.0"><head/><body>
 <outline text="Presse du Maroc">
  <outline type="rss" text="Le Courrier: l'éco" xmlUrl="https://courrier.example.org/eco.xml?utm_source=reader"/>
  <outline type="rss" text="Le Courrier: l'éco" xmlUrl="https://courrier.example.org/sport.xml"/>
  <outline type="rss" text="الصباح" xmlUrl="https://sabah.example.ma/rss" language="ar-MA"/>
  <outline type="news-sitemap" text="yes" xmlUrl="https://oui.example.org/${HOME}/news.xml"/>
 </outline>
 <outline type="rss" text="La Gazette" xmlUrl="https://www.gazette.example.org/feed/"/>
</body></opml>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_config(
        tmp_path / "config", sources=[{"id": "gazette", "url": "https://gazette.example.org/feed"}]
    )


@pytest.fixture
def opml(tmp_path: Path) -> str:
    (tmp_path / "list.opml").write_text(LIST, encoding="utf-8")
    return str(tmp_path / "list.opml")


def imported(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert invoke(["import", "opml", *words, "-o", "json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_a_list_becomes_one_new_file_that_the_loader_accepts(
    folder: Path, opml: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = imported(capsys, opml, "-c", str(folder))
    assert told["new"] == ["le-courrier-l-eco", "le-courrier-l-eco-2", "sabah-example", "yes"]
    assert told["known"] == 1  # in another spelling of its address
    assert told["file"] == str(folder / "sources" / "imported.yaml")
    by_id = {source.id: source for source in load(folder, {}).sources}
    assert by_id["le-courrier-l-eco"].tags == ("presse-du-maroc",)
    arabic = by_id["sabah-example"]
    assert (arabic.name, arabic.country, arabic.language) == ("الصباح", "MA", "ar")
    # nothing of a stranger's list is looked up in the environment
    assert by_id["yes"].url == "https://oui.example.org/$%7BHOME%7D/news.xml"  # neither a variable nor a date
    assert (by_id["yes"].name, by_id["yes"].kind) == ("yes", SourceKind.NEWS_SITEMAP)


def test_importing_again_writes_nothing(folder: Path, opml: str, capsys: pytest.CaptureFixture[str]) -> None:
    imported(capsys, opml, "-c", str(folder))
    again = imported(capsys, opml, "-c", str(folder))
    assert (again["new"], again["known"], again["file"]) == ([], 5, None)
    assert sorted(path.name for path in (folder / "sources").iterdir()) == ["all.yaml", "imported.yaml"]


def test_a_dry_run_shows_the_yaml_and_leaves_the_configuration_alone(
    folder: Path, opml: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["import", "opml", opml, "--dry-run", "-c", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "# yaml-language-server: $schema=../schema/sources.json\nsources:\n  - id: le-courrier-l-eco\n"
    )
    assert "4 new, 1 watched already; nothing was written" in err
    assert [path.name for path in (folder / "sources").iterdir()] == ["all.yaml"]


def test_a_file_that_is_there_is_never_overwritten(
    folder: Path, opml: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = folder / "sources" / "press.yaml"
    mine.write_text("sources: []\n")
    told = imported(capsys, opml, "--name", "press", "-c", str(folder))
    assert told["file"] == str(folder / "sources" / "press-2.yaml")
    assert mine.read_text() == "sources: []\n"


@pytest.mark.parametrize("name", ["../outside", "a/b", "/etc/x", ".hidden", ""])
def test_a_name_that_is_a_path_is_refused(
    folder: Path, opml: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["import", "opml", opml, "--name", name, "-c", str(folder)]) == 2
    assert "plain file name" in capsys.readouterr().err


def test_a_list_from_stdin_that_is_none_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"<html>no list</html>")))
    assert invoke(["import", "opml", "-", "-c", str(folder)]) == 1
    assert "not OPML: an XML document of <html>" in capsys.readouterr().err


def test_what_was_exported_and_taken_into_an_empty_configuration_is_watched_the_same(
    folder: Path, tmp_path: Path, opml: str, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(capsys, opml, "-c", str(folder))
    out = str(tmp_path / "out.opml")
    assert invoke(["export", "opml", out, "-c", str(folder)]) == 0
    other = write_config(tmp_path / "other", sources=[])
    capsys.readouterr()
    imported(capsys, out, "-c", str(other))

    def facts(place: Path) -> set[tuple[object, ...]]:
        return {(s.name, s.url, s.kind, s.language, s.tags) for s in load(place, {}).sources}

    assert facts(other) == facts(folder)
