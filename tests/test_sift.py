"""A document of which some entries were shown before reads as if all of it had been parsed."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.collect.entries import cut
from monitor.errors import ParseError
from monitor.model import SourceKind
from monitor.sift import NOTHING, Sifted, sift
from monitor.text.naming import name_of
from tests.build import make_source

URL = "https://example.org/feed"
OUTLET = make_source("outlet")
ENTRY = re.compile(rb"<(item|entry)[\s>].*?</\1\s*>", re.DOTALL)


def read(body: bytes, memo: bytes = NOTHING, url: str = URL) -> Sifted:
    return sift(body, SourceKind.FEED, url, "", None, OUTLET, None, memo)


def item(number: int, text: str = "news") -> str:
    return (
        f"<item><title>Item {number}</title><link>/{number}</link><guid>{number}</guid>"
        f"<description>{text} &amp; more</description></item>"
    )


def feed(*items: str, head: str = "", top: str = "") -> bytes:
    return f'<?xml version="1.0"?><rss version="2.0"{top}><channel><title>Outlet</title>{head}{"".join(items)}</channel></rss>'.encode()


def test_of_a_document_with_one_new_item_only_that_one_is_parsed() -> None:
    before = read(feed(item(2), item(1)))
    after = read(feed(item(3), item(2), item(1)), before.memo)
    assert list(after.items) == [0]
    assert after.items[0].url == "https://example.org/3"
    assert after.shown == read(feed(item(3), item(2), item(1))).shown


@pytest.mark.parametrize(
    "second",
    [
        # an item changed in its place
        feed(item(2), item(1, "other")),
        # another order, and one that is gone
        feed(item(1)),
        # a date of the whole feed is not the items' business
        feed(item(2), item(1), head="<lastBuildDate>now</lastBuildDate>"),
        # a damaged document: read as a whole, and the damage told
        feed(item(3), "<item><title>x</item>", item(2), item(1)),
        # a base or name space holds for the entries inside
        feed(item(2), item(1), top=' xml:base="https://example.com/"'),
        # what looks like an entry in a comment
        feed("<!-- " + item(9) + " -->", item(2), item(1)),
        # the document breaks off
        feed(item(2), item(1))[:-60],
    ],
)
def test_what_a_memo_saves_changes_nothing(second: bytes) -> None:
    memo = read(feed(item(2), item(1))).memo
    with_memo, without = read(second, memo), read(second)
    assert (with_memo.feed, with_memo.shown) == (without.feed, without.shown)
    assert with_memo.items.items() <= without.items.items()


NOW = datetime(2026, 4, 21, 9, tzinfo=UTC)


def test_of_the_few_entries_that_are_new_the_articles_come_with_them() -> None:
    memo = read(feed(item(2), item(1))).memo

    def ahead(*items: str) -> dict[int, str]:
        found = sift(feed(*items), SourceKind.FEED, URL, "", None, OUTLET, None, memo, NOW)
        return {at: made.article.key for at, made in found.drafts.items()}

    assert ahead(item(3), item(2), item(1)) == {0: "example.org/3"}
    # one that only changed, and a feed that writes all of its entries anew
    assert ahead(item(2), item(1, "other")) == {}
    assert ahead(*(item(number) for number in range(3, 9))) == {}


def test_an_address_that_several_entries_have_names_none_of_them_with_a_memo_and_without() -> None:
    def live(number: int, guid: str) -> str:
        return item(number).replace(f"<link>/{number}", "<link>/live").replace(f"<guid>{number}", guid)

    with_ids = [live(number, f"<guid isPermaLink='false'>{number}") for number in (3, 2, 1)]
    without_ids = [re.sub("<guid>.*</guid>", "", live(number, "<guid>")) for number in (3, 2, 1)]
    for entries in (with_ids, without_ids):
        alone, both = read(feed(entries[2])), read(feed(*entries[1:]))
        assert [each.key for each in alone.shown] == ["example.org/live"]
        assert len({each.key for each in both.shown} - {"example.org/live"}) == 2
        assert read(feed(*entries)).shown[1:] == both.shown
        assert read(feed(*entries), both.memo).shown == read(feed(*entries)).shown
    # the same item twice is one
    assert [each.key for each in read(feed(item(1), item(1))).shown] == ["example.org/1"] * 2


def test_a_memo_has_what_an_item_is_recognised_and_dated_by() -> None:
    dated = item(1).replace("<link>", "<pubDate>Tue, 21 Apr 2026 08:00:00 GMT</pubDate><link>")
    remembered = read(feed(item(2), dated), read(feed(dated)).memo)
    assert list(remembered.items) == [0]
    assert remembered.shown[1].published == datetime(2026, 4, 21, 8, tzinfo=UTC)
    assert remembered.shown[1].name == name_of("Item 1", None)


def test_a_worker_that_sifts_holds_neither_the_network_nor_the_database() -> None:
    probe = "import sys, monitor.sift, monitor.collect.xmlfeed\nprint({'aiohttp', 'sqlalchemy', 'protego'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)
    assert done.stdout == "set()\n", done.stderr


def test_under_another_address_links_mean_something_else() -> None:
    memo = read(feed(item(1))).memo
    assert list(read(feed(item(1)), memo, "https://example.com/feed").items) == [0]


def test_entities_of_the_documents_own_are_always_read_with_it() -> None:
    body = b'<!DOCTYPE rss [<!ENTITY who "X">]>' + feed(item(1, "&who;")).removeprefix(
        b'<?xml version="1.0"?>'
    )
    assert read(body).memo == NOTHING


@pytest.mark.parametrize(
    "body",
    [
        # a hundred thousand items that never end; comments, instructions and words before a root that never comes
        b"<rss>" + b"<item>" * 200_000,
        b"<!-- x -->" * 100_000,
        b"<?xml-stylesheet?>" * 100_000,
        b"<rss xml" + b" xml" * 500_000 + b"<item></item>",
        b"<rss>" + b"</item " * 200_000,
    ],
    ids=len,
)
def test_cutting_a_hostile_document_takes_no_longer_than_reading_it(body: bytes) -> None:
    started = time.process_time()
    cut(body, None)
    assert time.process_time() - started < 0.5


@pytest.mark.corpus
def test_the_real_press_reads_the_same_with_a_memo_and_without(corpus_data: Path) -> None:
    """Each document follows one without every second of its items."""
    saved, documents = 0, 0
    for path in sorted((corpus_data / "feeds").glob("*/**/*")):
        body = path.read_bytes() if path.is_file() else b""
        blocks = list(ENTRY.finditer(body))
        if len(blocks) < 2:
            continue
        try:
            whole = read(body)
        except ParseError:
            continue
        earlier = body
        for block in reversed(blocks[::2]):
            earlier = earlier[: block.start()] + earlier[block.end() :]
        again = read(body, read(earlier).memo)
        assert (path, again.feed, again.shown) == (path, whole.feed, whole.shown)
        assert again.items.items() <= whole.items.items()
        saved += len(again.items) < len(whole.items)
        documents += 1
    assert saved > documents * 0.6  # the others are damaged, or hold entries that are no items
