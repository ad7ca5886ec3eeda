"""`monitor silence`, as an operator calls it while the daemon runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.cli import invoke
from monitor.store import Store
from tests.build import write_config
from tests.store.samples import record


@pytest.fixture
def config(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE", database_url)
    folder = write_config(
        tmp_path / "config",
        monitor={"database": "${DATABASE}"},
        sources=[{"id": "gazette", "url": "https://gazette.example.org/feed"}],
        entities=[{"id": "minister", "name": "The Minister"}],
        recipients=[{"id": "desk", "channels": [{"id": "screen", "console": True}]}],
        watchlists=[{"id": "w", "any": ["minister"], "notify": ["desk"]}],
    )
    return str(folder)


@pytest.fixture
def daemon(database_url: str, now: datetime) -> Iterator[Store]:
    with Store.open(database_url, now=now) as store:
        record(store, now)
        yield store


def call(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert invoke(["silence", *words]) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def test_a_silence_is_made_listed_and_ended(
    config: str, daemon: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["-w", "w", "-r", "desk", "--for", "12h", "--comment", "a long trial", "--author", "anna"]
    made = json.loads(call(capsys, "add", *words, "-c", config, "-o", "json"))
    assert (made["id"], made["state"], made["watchlist"], made["recipient"]) == (1, "in force", "w", "desk")
    length = datetime.fromisoformat(made["ends_at"]) - datetime.fromisoformat(made["starts_at"])
    assert length.total_seconds() == 12 * 3600
    [held] = daemon.silences.in_force(datetime.now(UTC))
    assert (held.author, held.comment, held.story) == ("anna", "a long trial", None)
    assert "watchlist w for desk" in call(capsys, "list", "-c", config)
    assert "silence 1 is over" in call(capsys, "expire", "1", "-c", config)
    assert daemon.silences.in_force(datetime.now(UTC)) == ()
    assert json.loads(call(capsys, "list", "-c", config, "-o", "json")) == []
    [over] = json.loads(call(capsys, "list", "--all", "-c", config, "-o", "json"))
    assert over["state"] == "over"
    assert "was over on" in call(capsys, "expire", "1", "-c", config, code=1)


WRONG = {
    "nothing named": (["--for", "1h", "--comment", "x"], "name a --watchlist"),
    "a watchlist that is none": (
        ["-w", "v", "--for", "1h", "--comment", "x"],
        "no watchlist is called v; there are w",
    ),
    "an entity that is none": (["--entity", "e", "--for", "1h", "--comment", "x"], "there are minister"),
    "a story that is none": (["--story", "9", "--for", "1h", "--comment", "x"], "there is no story 9"),
    "no end": (["-w", "w", "--comment", "x"], "give its end"),
    "two ends": (
        ["-w", "w", "--for", "1h", "--until", "2999-01-01T00:00Z", "--comment", "x"],
        "give its end",
    ),
    "a length that is none": (
        ["-w", "w", "--for", "soon", "--comment", "x"],
        "--for soon: write 30m, 12h or 7d",
    ),
    "an end without its zone": (["-w", "w", "--until", "2999-01-01", "--comment", "x"], "with its offset"),
    "an end that is over": (["-w", "w", "--until", "2020-01-01T00:00Z", "--comment", "x"], "is over already"),
    "no reason": (["-w", "w", "--for", "1h", "--comment", " "], "must say why"),
    "no comment at all": (["-w", "w", "--for", "1h"], "--comment"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_a_silence_that_would_not_mean_anything_is_refused(
    config: str, daemon: Store, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert said in call(capsys, "add", *words, "-c", config, code=2)
    assert daemon.silences.all(datetime.now(UTC), over=True) == []


def test_a_silence_that_is_none_cannot_be_ended(
    config: str, daemon: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "there is no silence 7" in call(capsys, "expire", "7", "-c", config, code=1)
