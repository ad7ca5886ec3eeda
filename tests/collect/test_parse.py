"""Golden pairs: each document of tests/corpus/feeds beside what is read from it (or the error it ends with).

A new case is two files. `python -m tests.collect.test_parse` writes the expectation of documents that have none yet; read
it before it is committed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.collect import parse
from monitor.errors import NotAFeed, ParseError
from monitor.model import Feed, SourceKind

CORPUS = Path(__file__).resolve().parent.parent / "corpus" / "feeds"
DOCUMENTS = sorted(path for path in CORPUS.iterdir() if not path.name.endswith(".expected.json"))
URL = "https://gazette.example.org/rss/feed"


def expectation(document: Path) -> Path:
    return document.with_name(f"{document.name}.expected.json")


def read(document: Path) -> dict[str, object]:
    """What comes out of a document, with the empty fields left out."""
    kind = SourceKind.WORDPRESS if document.name.startswith("wordpress") else SourceKind.FEED
    try:
        feed = parse(document.read_bytes(), kind, URL)
    except ParseError as error:
        blocked = {"blocked": True} if isinstance(error, NotAFeed) and error.blocked else {}
        return {"error": type(error).__name__, "message": str(error), **blocked}
    return as_json(feed)


def as_json(feed: Feed) -> dict[str, object]:
    items = [
        {
            "id": item.id,
            "url": item.url,
            "title": item.title,
            "summary": item.summary,
            "content": item.content,
            "published": item.published.isoformat() if item.published else None,
            "authors": list(item.authors),
            "language": item.language,
        }
        for item in feed.items
    ]
    whole = {
        "kind": feed.kind,
        "title": feed.title,
        "language": feed.language,
        "links": list(feed.links),
        "problems": list(feed.problems),
        "items": [{name: value for name, value in item.items() if value} for item in items],
    }
    return {name: value for name, value in whole.items() if value}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_is_read_as_written_beside_it(document: Path) -> None:
    assert read(document) == json.loads(expectation(document).read_text("utf-8"))


if __name__ == "__main__":
    for path in DOCUMENTS:
        if not expectation(path).exists():
            expectation(path).write_text(json.dumps(read(path), ensure_ascii=False, indent=1) + "\n", "utf-8")
