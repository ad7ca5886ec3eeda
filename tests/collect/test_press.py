"""The real press beside the checkout: every file is read, ten feeds as read by another hand, gofeed's files as gofeed reads.

Nothing of that press is stored here but counts, dates and digests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.collect import parse
from monitor.collect.dates import read_date
from monitor.errors import ParseError
from monitor.model import Feed, Item, SourceKind

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
PRESS: dict[str, dict[str, Any]] = json.loads((CORPUS / "press.json").read_text("utf-8"))
DIFFERENCES: dict[str, list[str]] = json.loads((CORPUS / "gofeed-differences.json").read_text("utf-8"))

pytestmark = pytest.mark.corpus


def read(path: Path) -> Feed | None:
    try:
        return parse(path.read_bytes(), SourceKind.FEED, "https://gazette.example.org/")
    except ParseError as refused:
        return None if str(refused) else pytest.fail(f"{path} is refused without a word")


def digest(values: Iterable[object]) -> str:
    return hashlib.sha256("\n".join(str(value) for value in values).encode()).hexdigest()


def test_every_file_of_the_press_and_of_other_parsers_is_read_or_refused_with_a_sentence(
    corpus_data: Path,
) -> None:
    files = [path for path in (corpus_data / "feeds").rglob("*") if path.is_file()]
    read_well = sum(read(path) is not None for path in files)
    assert len(files) > 1000
    assert read_well > 1000


@pytest.mark.parametrize(
    ("folder", "feeds", "items", "undated"), [("real", 44, 989, 0), ("press", 31, 1182, 4)]
)
def test_of_the_real_items_hardly_one_is_without_a_date_or_a_link(
    corpus_data: Path, folder: str, feeds: int, items: int, undated: int
) -> None:
    found = [feed for path in sorted((corpus_data / "feeds" / folder).iterdir()) if (feed := read(path))]
    entries = [entry for feed in found for entry in feed.items]
    assert (len(found), len(entries)) == (feeds, items)
    assert sum(entry.published is None for entry in entries) == undated
    assert sum(entry.url is None for entry in entries) <= 2


@pytest.mark.parametrize("name", PRESS)
def test_a_feed_has_the_items_links_and_dates_that_another_hand_read_in_it(
    corpus_data: Path, name: str
) -> None:
    feed = read(corpus_data / "feeds" / name)
    assert feed
    dates = [entry.published.isoformat() if entry.published else None for entry in feed.items]
    assert {
        "items": len(feed.items),
        "links": digest(entry.url for entry in feed.items),
        "dates": digest(dates),
        "first": dates[0],
        "last": dates[-1],
    } == PRESS[name]


# --- gofeed ----------------------------------------------------------------------------------------------------------


def gofeed_pairs(folder: Path) -> Iterator[tuple[str, Path, Any]]:
    """(name, document, what gofeed expects), for XML documents and for JSON ones."""
    for expected in sorted(folder.rglob("*.json")):
        document = expected.with_suffix(".xml")
        if expected.stem.endswith("_expected"):
            document = expected.with_name(expected.name.replace("_expected", ""))
        if document.exists() and document != expected:
            yield str(document.relative_to(folder)), document, json.loads(expected.read_text("utf-8"))


def field(entry: dict[str, Any], *names: str) -> Any:
    return next((entry[name] for name in names if entry.get(name)), None)


def link_of(entry: dict[str, Any]) -> str | None:
    if entry.get("link") or entry.get("url"):
        return str(entry.get("link") or entry.get("url"))
    for link in entry.get("links") or ():
        if isinstance(link, str) or link.get("rel", "alternate") == "alternate":
            return link if isinstance(link, str) else link.get("href")
    return None


def differences(entry: dict[str, Any], item: Item) -> Iterator[str]:
    """The fields that both define and see differently."""
    guid = field(entry, "guid", "id")
    stated = {
        "title": (field(entry, "title"), item.title),
        "link": (link_of(entry), item.url),
        "id": (guid.get("value") if isinstance(guid, dict) else guid, item.id),
        "date": (moment(field(entry, *DATES)), item.published),
    }
    yield from (name for name, (theirs, ours) in stated.items() if theirs is not None and theirs != ours)


DATES = ("publishedParsed", "pubDateParsed", "updatedParsed", "date_published")


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def tells(entry: dict[str, Any]) -> bool:
    """Whether an entry has what an article needs; the others (an author alone, a category alone) are not kept here."""
    return bool(link_of(entry) or field(entry, "title", "guid", "id", "description", "summary", "content"))


def compare(document: Path, expected: Any) -> list[str]:
    theirs = [entry for entry in expected.get("items") or expected.get("entries") or () if tells(entry)]
    feed = read(document)
    if feed is None:
        return ["refused"] if theirs else []
    if len(feed.items) != len(theirs):
        return ["items"]
    return sorted(
        {name for entry, item in zip(theirs, feed.items, strict=True) for name in differences(entry, item)}
    )


def test_gofeeds_files_are_read_as_gofeed_reads_them_but_for_the_listed_differences(
    corpus_data: Path,
) -> None:
    folder = corpus_data / "feeds" / "gofeed"
    results = {
        name: found
        for name, document, expected in gofeed_pairs(folder)
        if (found := compare(document, expected))
    }
    listed = {name: [why.partition(":")[0]] for why, names in DIFFERENCES.items() for name in names}
    assert results == listed


def test_every_date_that_gofeed_reads_is_read_alike_from_its_raw_text(corpus_data: Path) -> None:
    compared = 0
    for _, _, expected in gofeed_pairs(corpus_data / "feeds" / "gofeed"):
        for entry in (expected, *(expected.get("items") or ()), *(expected.get("entries") or ())):
            for name in ("published", "updated", "pubDate", "lastBuildDate"):
                if entry.get(name) and entry.get(f"{name}Parsed"):
                    assert read_date(entry[name]) == moment(entry[f"{name}Parsed"])
                    compared += 1
    assert compared > 20
