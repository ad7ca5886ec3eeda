"""`monitor lint` as an analyst calls it: places in the files, the archive as measure, exit codes."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from monitor.cli import invoke
from monitor.store import Store
from tests.build import make_article
from tests.store.samples import make_verdict

FILES = {
    "entities/e.yaml": """entities:
  - id: chief
    name: Jean Dirham
    names: [J. Dirham,
      Dirham]
""",
    "watchlists/w.yaml": """watchlists:
  - id: money
    query: >-
      forum
      AND (taux | UE
      | qat*)
    notify: [desk]
  - {id: lonely, any: [riyal]}
""",
    "recipients.yaml": "recipients: [{id: desk, channels: [{id: screen, console: true}]}]\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {**FILES, "monitor.yaml": f"database: sqlite:///{tmp_path}/monitor.db\n"}
    for name, text in files.items():
        file = tmp_path / "config" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return tmp_path / "config"


def archived(folder: Path, now: datetime, count: int) -> None:
    with Store.open(f"sqlite:///{folder.parent}/monitor.db", now=now) as store:
        for n in range(count):
            article = make_article(
                f"Nouvelle {n}", f"Le riyal et le dirham, jour {n}.", key=f"example.org/{n}", language="fr"
            )
            store.record(make_verdict(article, alert=False), article.key, "h", now)


def test_each_warning_stands_at_its_place_in_the_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["lint", "-c", str(folder)]) == 0
    out, err = capsys.readouterr()
    places = [line.removeprefix(f"{folder}/").split(": ")[:2] for line in out.splitlines()]
    assert places == [
        ["watchlists/w.yaml:5:19", "short"],
        ["watchlists/w.yaml:6:9", "wildcard"],
        ["watchlists/w.yaml:8:5", "unheard"],
    ]
    assert err == "3 warnings, without an archive to measure\n"


def test_strict_makes_warnings_an_exit_code(folder: Path) -> None:
    assert invoke(["lint", "-c", str(folder), "--strict"]) == 3
    (folder / "watchlists" / "w.yaml").write_text("watchlists: [{id: money, any: [forum], notify: [desk]}]\n")
    assert invoke(["lint", "-c", str(folder), "--strict"]) == 0


def test_what_every_article_holds_is_measured_in_the_archive(
    folder: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    archived(folder, now, 25)
    assert invoke(["lint", "-c", str(folder), "-o", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["articles"] == 25
    found = {(one["rule"], one["line"]): one for one in told["warnings"]}
    assert found["common", 8]["message"] == "riyal: stands in nearly every article of its language"
    assert found["common", 8]["watchlist"] == "lonely"
    assert found["collides", 5]["entity"] == "chief"
