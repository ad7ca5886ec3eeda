"""`monitor review`, as an analyst calls it in the morning while the daemon runs."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from lxml import etree
from openpyxl import load_workbook

from monitor.cli import invoke
from monitor.model import Hit, Match, SourceState, Traits
from monitor.store import Store
from tests.build import make_article, write_config
from tests.store.samples import make_verdict

HOUR = timedelta(hours=1)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE", database_url)
    return str(
        write_config(
            tmp_path / "config",
            monitor={"database": "${DATABASE}", "web": {"public_url": "https://monitor.example.org"}},
            sources=[
                {"id": "phare", "url": "https://phare.example.org/", "name": "Le Phare", "tier": 2},
                {"id": "phare-2", "url": "https://phare.example.org/2", "name": "Le Phare"},
                {"id": "mina", "url": "https://mina.example.org/", "name": "الميناء", "tier": 1},
            ],
            recipients=[{"id": "desk", "name": "Desk", "channels": [{"id": "screen", "console": True}]}],
            watchlists=[
                {"id": "harbour", "title": "Harbour", "any": ["harbour"], "notify": ["desk"]},
                {
                    "id": "police",
                    "title": "Police",
                    "severity": "high",
                    "any": ["police"],
                    "notify": ["desk"],
                },
            ],
        )
    )


@pytest.fixture
def daemon(database_url: str, now: datetime) -> Iterator[Store]:
    """Two papers with one story, the second reprinting an agency; another story; one of last week."""
    with time_machine.travel(now, tick=False), Store.open(database_url, now=now) as store:
        first = put(store, now - 3 * HOUR, 1, "phare", "harbour", title="Police in the harbour")
        put(
            store,
            now - 2 * HOUR,
            2,
            "mina",
            "police",
            title="شرطة الميناء",
            story=1,
            duplicate_of=first,
            traits=Traits(agency="MAP", wire="byline"),
        )
        put(store, now - HOUR, 3, "phare-2", "harbour", title="=1+1 boats in the harbour")
        put(store, now - 200 * HOUR, 4, "phare", "police", title="Old news of the police")
        for source in ("phare", "phare-2", "mina"):
            store.sources.save(
                SourceState(source, next_check_at=now + HOUR, succeeded_at=now, checked_at=now)
            )
        yield store


def put(store: Store, at: datetime, n: int, source: str, watchlist: str, title: str, **fields: Any) -> int:
    body = f"The {watchlist} at work."
    hits = (Hit(watchlist, watchlist, "body", 4, 4 + len(watchlist), watchlist),)
    url = f"https://{source}.example.org/{n}"
    article = make_article(title, body, key=f"k/{n}", source_id=source, url=url, first_seen=at, published=at)
    verdict = make_verdict(article, alert=False, matches=(Match(watchlist, hits),), **fields)
    return store.record(verdict, f"k/{n}", "h", at).article_id


def call(
    capfdbinary: pytest.CaptureFixture[bytes], config: str, *words: str, code: int = 0
) -> tuple[bytes, str]:
    assert invoke(["review", *words, "-c", config]) == code
    captured = capfdbinary.readouterr()
    return captured.out, captured.err.decode()


def test_the_last_day_is_told_by_watchlist_with_who_carries_it(
    config: str, daemon: Store, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    out, err = call(capfdbinary, config, "--timezone", "Africa/Casablanca")
    lines = out.decode().splitlines()
    assert err == ""
    assert lines[:3] == [
        "Press review",
        "Mon 20 Apr 2026, 10:00 – Tue 21 Apr 2026, 10:00 · Morocco Time",
        "2 stories",
    ]
    police = lines.index("== Police [High] 1 story")
    # the better outlet stands for the story
    assert lines[police + 2] == "1. شرطة الميناء"
    assert lines[police + 4] == "   2 outlets, 1 of them reprinting MAP, 1 with a report of its own"
    assert "   Told above: 1. شرطة الميناء" in lines[lines.index("== Harbour [Normal] 2 stories") :]
    assert "Sources read: 3" in lines


@pytest.mark.parametrize(
    ("words", "stories"),
    [
        # a fortnight
        (("--since", "14d"), [1, 3, 2]),
        # a watchlist of two
        (("--watchlist", "police"), [1]),
        (("--watchlist", "police", "--watchlist", "harbour"), [1, 2]),
        # dates are of the document's clock: in Casablanca 08:30 is 07:30 UTC
        (("--since", "2026-04-21T08:30", "--timezone", "Africa/Casablanca"), [2]),
        (("--since", "2026-04-21T08:30Z"), []),
        # a distance counts from the end
        (("--since", "7d", "--until", "2026-04-15"), [3]),
    ],
)
def test_a_review_is_of_what_was_asked_for(
    config: str,
    daemon: Store,
    capfdbinary: pytest.CaptureFixture[bytes],
    words: tuple[str, ...],
    stories: list[int],
) -> None:
    out, err = call(capfdbinary, config, "-o", "jsonl", *words, code=0 if stories else 3)
    told = [json.loads(line) for line in out.decode().splitlines()]
    assert sorted(each["story"] for each in told[:-1]) == sorted(stories)
    assert told[-1]["kind"] == "coverage"
    assert ("nothing matched" in err) == (not stories)


def test_nothing_found_is_a_document_too(
    config: str, daemon: Store, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "review.html"
    out, err = call(capfdbinary, config, "--since", "30m", "--language", "fr", str(file), code=3)
    assert (out, err) == (b"", "nothing matched in this time\n")
    assert "Rien n’a été trouvé." in file.read_text(encoding="utf-8")


def test_a_files_ending_tells_its_form(
    config: str, daemon: Store, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    made = {}
    for ending in ("pdf", "xlsx", "html", "csv", "jsonl", "xml", "txt"):
        call(capfdbinary, config, str(tmp_path / f"review.{ending}"))
        made[ending] = (tmp_path / f"review.{ending}").read_bytes()
    assert made["pdf"].startswith(b"%PDF-")
    assert load_workbook(io.BytesIO(made["xlsx"])).worksheets[0].max_row == 3
    assert made["html"].startswith(b"<!DOCTYPE html>")
    assert [row[3] for row in csv.reader(io.StringIO(made["csv"].decode("utf-8-sig")))][
        2
    ] == "'=1+1 boats in the harbour"
    assert etree.fromstring(made["xml"]).findtext("{*}id") == "tag:monitor.example.org,2026:review"
    assert sorted(path.name for path in tmp_path.glob("*review*")) == sorted(
        f"review.{ending}" for ending in made
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        # misspelt
        (("--watchlist", "polise"), "--watchlist polise: there is no such watchlist; did you mean police?"),
        (("--timezone", "Africa/Casablanka"), "no such time zone; did you mean Africa/Casablanca?"),
        (("--since", "yesterday"), "--since yesterday: write 24h, 7d, 2026-04-21"),
        (("--until", "soon"), "--until soon: write 24h"),
        # the wrong way round
        (("--since", "2026-04-21", "--until", "2026-04-20"), "is empty"),
        # no form
        (("review.docx",), "its ending tells no form; say -o with one of pdf, html"),
        (("-o", "docx"), "'docx' is not one of"),
    ],
)
def test_a_mistake_in_the_call_is_told(
    config: str, daemon: Store, capfdbinary: pytest.CaptureFixture[bytes], words: tuple[str, ...], said: str
) -> None:
    assert said in call(capfdbinary, config, *words, code=2)[1]


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(
    config: str, daemon: Store, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    err = call(capfdbinary, config, str(tmp_path / "nowhere" / "review.html"), code=1)[1]
    assert "review.html cannot be written: No such file or directory" in err


@pytest.mark.parametrize(("kind", "what"), [("pdf", "a PDF"), ("xlsx", "a workbook")])
def test_what_is_not_text_is_refused_on_a_terminal(kind: str, what: str) -> None:
    ours, theirs = pty.openpty()
    try:
        call = [sys.executable, "-m", "monitor", "review", "-o", kind]
        done = subprocess.run(call, cwd=ROOT, stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2
    assert (
        f"{what} is nothing for a terminal: name a file, as in `monitor review review.{kind}`" in done.stderr
    )
