"""`monitor stories`, as an analyst calls it while the daemon runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import invoke
from monitor.cli.stories import read_since
from monitor.errors import UsageError
from monitor.model import Decision, Reason, Traits
from monitor.store import Store
from tests.build import make_article
from tests.cli.test_db import configure
from tests.store.samples import make_verdict

HOUR = timedelta(hours=1)


@pytest.fixture
def config(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = configure(tmp_path / "config", database_url, monkeypatch)
    sources = [
        {"id": id, "url": f"https://{id}.example.org/", "name": "Gazette"}
        for id in ("gazette", "gazette-map")
    ]
    (Path(folder) / "sources").mkdir()
    (Path(folder) / "sources" / "all.yaml").write_text(json.dumps({"sources": sources}))
    return folder


@pytest.fixture
def daemon(database_url: str, now: datetime) -> Iterator[Store]:
    """Story 1: a report told to the desk (1), a reprint of it (2), another (3). Story 2: one report (4), an hour later."""
    with Store.open(database_url, now=now) as store:
        put(store, now, 1, "gazette", Decision("judge", Reason.OPENS_STORY, "nothing like it"), alert=True)
        reprint = Decision("judge", Reason.REPRINT, "reprint of article 1: 87 % of the shorter text")
        put(
            store,
            now,
            2,
            "herald",
            reprint,
            story=1,
            duplicate_of=1,
            likeness=0.87,
            traits=Traits(agency="MAP", wire="byline"),
        )
        put(store, now, 3, "gazette-map", Decision("judge", Reason.JOINS_STORY, "joins story 1"), story=1)
        put(store, now + HOUR, 4, "herald", Decision("judge", Reason.OPENS_STORY, "nothing like it"))
        yield store


def put(
    store: Store, at: datetime, n: int, source: str, decision: Decision, alert: bool = False, **fields: Any
) -> None:
    url = f"https://{source}.example.org/{n}"
    article = make_article(
        f"Report {n}", key=f"k/{n}", source_id=source, url=url, language="en", first_seen=at
    )
    verdict = make_verdict(article, alert=alert, decisions=(decision,), **fields)
    assert store.record(verdict, f"k/{n}", "h", at).article_id == n


def call(capsys: pytest.CaptureFixture[str], config: str, *words: str, code: int = 0) -> str:
    assert invoke(["stories", *words, "-c", config]) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def test_the_list_shows_the_latest_story_first_with_its_outlets(
    config: str, daemon: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    lines = [line.split() for line in call(capsys, config, "list").splitlines()]
    assert lines[0] == ["id", "last", "article", "articles", "outlets", "told", "title"]
    assert lines[1] == ["2", "2026-04-21", "10:00Z", "1", "1", "Report", "4"]
    assert lines[2] == ["1", "2026-04-21", "09:00Z", "3", "2", "desk", "Report", "1"]


def test_the_list_as_json_counts_an_outlets_feeds_as_one(
    config: str, daemon: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    (only,) = json.loads(call(capsys, config, "list", "--limit", "5", "--since", "2026-04-21", "-o", "json"))[
        1:
    ]
    assert only == {
        "id": 1,
        "title": "Report 1",
        "url": "https://gazette.example.org/1",
        "articles": 3,
        "outlets": ["Gazette", "herald"],
        "spread": only["spread"],
        "opened_at": "2026-04-21T09:00:00Z",
        "last_article_at": "2026-04-21T09:00:00Z",
        "alerted": ["desk"],
    }
    assert only["spread"].startswith("2 outlets")
    assert (
        json.loads(call(capsys, config, "list", "--since", "2026-04-21T09:30:00Z", "-o", "json"))[0]["id"]
        == 2
    )


def test_a_story_is_shown_with_why_each_article_is_in_it(
    config: str, daemon: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    text = call(capsys, config, "show", "1")
    for words in (
        "story 1: 2 outlets",
        "told: desk",
        "[2] Report 2",
        "herald, en, credits MAP (byline)",
        "reprint of article 1: 87 % of the shorter text",
        "https://gazette-map.example.org/3",
    ):
        assert words in text
    document = json.loads(call(capsys, config, "show", "1", "-o", "json"))
    assert [each["id"] for each in document["members"]] == [1, 2, 3]
    second = document["members"][1]
    assert (second["duplicate_of"], second["agency"], second["likeness"]) == (1, "MAP", 0.87)
    assert second["why"] == ["reprint of article 1: 87 % of the shorter text"]


def test_a_split_and_a_merge_are_told_and_shown(
    config: str, daemon: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(capsys, config, "split", "1", "3", "--author", "Amal") == "article 3 is now story 3\n"
    assert "article 3 out of story 1 into story 3 by Amal" in call(capsys, config, "show", "3")
    document = json.loads(call(capsys, config, "show", "1", "-o", "json"))
    assert (document["apart"], len(document["corrections"])) == ([3], 1)
    assert call(capsys, config, "merge", "2", "3") == "story 2 now holds 2 articles\n"
    assert "merge: story 3 into story 2" in call(capsys, config, "show", "3")
    assert daemon.check() == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "77"), 1, "there is no story 77"),
        (("split", "1", "4"), 1, "not in story 1: 4; see `monitor stories show 1`"),
        (("split", "1", "1", "3"), 1, "none would be left"),
        (("merge", "1", "1"), 1, "one story already"),
        (("list", "--since", "yesterday"), 2, "write 36h"),
        (("split", "1"), 2, "Missing argument"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(
    config: str,
    daemon: Store,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert said in call(capsys, config, *words, code=code)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("36h", datetime(2026, 4, 19, 21, tzinfo=UTC)),
        ("2026-04-20", datetime(2026, 4, 20, tzinfo=UTC)),
        ("2026-04-20T09:00:00+01:00", datetime(2026, 4, 20, 8, tzinfo=UTC)),
    ],
)
def test_since_is_a_distance_or_a_moment(now: datetime, text: str, moment: datetime) -> None:
    assert read_since(text, now) == moment
    with pytest.raises(UsageError):
        read_since("-1h", now)
