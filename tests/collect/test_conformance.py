"""What the world does to feeds, numbered 1 to 40, and the test that holds each: one of another module, a golden document
of tests/corpus/feeds, or one below where nothing else did.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.collect import parse
from monitor.errors import ParseError
from monitor.model import SourceKind

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = "tests/collect/test_conformance.py::"
PARSE = "tests/collect/test_parse.py"
HOSTILE = "tests/collect/test_hostile.py::"
DATES = "tests/collect/test_dates.py::test_the_date_that_is_stated_is_read"
NO_DATE = "tests/refine/test_dates.py::test_an_absurd_date_is_left_and_told"

# number -> (what the world does, the test that holds what must happen)
FEEDS = {
    1: ("an empty body", "tests/collect/test_politeness.py::test_an_empty_answer_is_a_failure_even_if_nobody_parsed_it"),
    2: ("HTML instead of a feed", f"{PARSE}::page.html"),
    3: ("truncated XML", f"{PARSE}::truncated.xml"),
    4: ("an entity bomb", f"{HOSTILE}test_a_bomb_is_refused_in_half_a_second"),
    5: ("an external entity", f"{HOSTILE}test_nothing_outside_the_document_is_opened"),
    6: ("a DOCTYPE of a file", f"{HOSTILE}test_nothing_outside_the_document_is_opened"),
    7: ("a wrong declared charset", f"{PARSE}::utf-8-declared-latin-1.xml"),
    8: ("UTF-16 and UTF-32", f"{HERE}test_8_wide_encodings_are_read"),
    9: ("invalid UTF-8, NUL, lone surrogates", f"{HERE}test_9_what_is_no_character_is_replaced_and_nul_dropped"),
    10: ("200k nested tags", f"{HOSTILE}test_a_bomb_is_refused_in_half_a_second"),
    11: ("100k items", f"{HOSTILE}test_of_too_many_items_the_newest_are_read_in_their_order_and_it_is_said"),
    12: ("a title of 50 MB", f"{HOSTILE}test_a_title_without_end_is_cut_and_it_is_said"),
    13: ("neither id nor link", "tests/refine/test_keys.py::test_items_without_a_link_are_told_apart"),
    14: ("one id for different items", "tests/store/test_articles.py::test_a_guid_that_several_articles_carry_identifies_none"),
    16: ("the year 9999", NO_DATE),
    17: ("the year 0", NO_DATE),
    18: ("a far future, and no date", "tests/refine/test_article.py::test_an_absurd_date_is_dropped_with_a_note"),
    19: ("links that lead nowhere", f"{HERE}test_19_a_link_that_is_no_address_of_the_web_is_none"),
    20: ("a relative link", f"{PARSE}::links.xml"),
    21: ("steering characters in titles", "tests/refine/test_sanitise.py::test_no_text_keeps_anything_invisible_or_unencodable"),
    22: ("a title of <script>", "tests/deliver/test_render.py::test_hostile_text_arrives_literally_and_does_nothing"),
    23: ("{{7*7}}, ${x} and %s", "tests/deliver/test_render.py::test_hostile_text_arrives_literally_and_does_nothing"),
    24: ("@everyone and <!channel>", "tests/deliver/test_chat_rules.py::test_mentions_lose_their_meaning_and_keep_their_look"),
    26: ("a JSON Feed that is null, an array, a number", f"{PARSE}::json-null.json"),
    27: ("NaN and 10^400", f"{PARSE}::json-infinity.json"),
    28: ("a redirect to itself", "tests/collect/test_fetch.py::test_a_redirect_to_itself_or_in_a_circle_is_refused"),
    29: ("500 items at the first reading", "tests/journey/test_first_case.py::test_what_the_first_reading_finds_alerts_nobody_unless_the_source_says_so"),
    30: ("a back-dated item after an outage", "tests/journey/test_kinds.py::test_a_back_dated_item_after_an_outage_is_alerted_once"),
    31: ("100k attributes on one element", f"{HOSTILE}test_a_bomb_is_refused_in_half_a_second"),
    32: ("2016/6/29 15:07:41", DATES),
    33: ("seconds since 1970", DATES),
    34: ("10:00 AEST", DATES),
    35: ("&#163; escaped twice", f"{PARSE}::double-escaped.xml"),
    36: ("a bare & in a link", f"{PARSE}::bare-ampersands.xml"),
    37: ("UTF-8 that declares UTF-16", f"{PARSE}::utf-8-declared-utf-16.xml"),
    38: ("RSS 0.9", f"{PARSE}::rss-0.90.xml"),
    39: ("UTF-8 encoded twice", f"{PARSE}::mojibake.xml"),
    40: ("French names of months", DATES),
}  # fmt: skip
# 15, an id that is new at each poll, belongs to the rhythm of polling; 25, =cmd| in a CSV file, to exports
ELSEWHERE = {15, 25}


def test_every_number_has_its_test() -> None:
    assert FEEDS.keys() | ELSEWHERE == set(range(1, 41))


@pytest.mark.parametrize("number", FEEDS)
def test_the_test_that_is_named_is_there(number: int) -> None:
    place, _, name = FEEDS[number][1].partition("::")
    if name.startswith("test_"):
        assert re.search(rf"^(?:async )?def {name}\(", (ROOT / place).read_text("utf-8"), re.MULTILINE)
    else:
        assert (ROOT / "tests/corpus/feeds" / f"{name}.expected.json").is_file()


def rss(title: str, link: str = "https://gazette.example.org/1") -> str:
    return f'<rss version="2.0"><channel><title>t</title><item><title>{title}</title><link>{link}</link></item></channel></rss>'


@pytest.mark.parametrize("mark", [True, False], ids=["marked", "unmarked"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_8_wide_encodings_are_read(encoding: str, mark: bool) -> None:
    text = rss("السلطات القطرية")
    body = (f"\ufeff{text}" if mark else text).encode(encoding)
    assert parse(body, SourceKind.FEED).items[0].title == "السلطات القطرية"


@pytest.mark.parametrize(
    ("title", "read"),
    [
        (b"S\xc3\xbbret\xe9 et \xc3\xa9t\xc3\xa9s d\xc3\xa9j\xc3\xa0", "Sûret\ufffd et étés déjà"),
        (b"a\0b", "ab"),
        (b"a&#0;b&#xD800;c", "a\ufffdb\ufffdc"),
        (("été" * 7 + "\ud800b").encode("utf-8", "surrogatepass"), "été" * 7 + "\ufffd"),
    ],
    ids=["invalid", "nul", "references", "surrogate"],
)
def test_9_what_is_no_character_is_replaced_and_nul_dropped(title: bytes, read: str) -> None:
    body = f'<?xml version="1.0" encoding="utf-8"?>{rss("TITLE")}'.encode().replace(b"TITLE", title)
    found = parse(body, SourceKind.FEED).items[0].title
    assert found.startswith(read)
    found.encode("utf-8")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "tag:example.org,2026:1",
                                  "urn:uuid:1", "at://did:plc:x/app/1"])  # fmt: skip
def test_19_a_link_that_is_no_address_of_the_web_is_none(link: str) -> None:
    assert (
        parse(rss("t", link).encode(), SourceKind.FEED, "https://gazette.example.org/f").items[0].url is None
    )


# --- the versions of each format -------------------------------------------------------------------------------------

ITEM = "<item><title>Un titre</title><link>https://gazette.example.org/1</link></item>"
CHANNEL = "<channel><title>Gazette</title>{}</channel>"
ENTRY = '<entry><title>Un titre</title><link href="https://gazette.example.org/1"/><id>1</id>{}</entry>'


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        # RSS, each version that was ever published; 0.90 and 1.0 are RDF
        *[(f'<rss version="{v}">{CHANNEL.format(ITEM)}</rss>', "rss") for v in ("0.91", "0.92", "0.93", "0.94", "2.0", "2.1")],
        (f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
         f"{CHANNEL.format('')}{ITEM}</rdf:RDF>", "rdf"),
        (f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
         f"{CHANNEL.format('')}{ITEM}</rdf:RDF>", "rdf"),
        (CHANNEL.format(ITEM), "rss"),  # a channel without its <rss>
        (f"<rss>{CHANNEL.format(ITEM)}</rss>", "rss"),  # no version
        # Atom
        (f'<feed version="0.3" xmlns="http://purl.org/atom/ns#">{ENTRY.format("<issued>2026-04-21T08:00:00Z</issued>")}</feed>', "atom"),
        (f'<feed xmlns="http://www.w3.org/2005/Atom">{ENTRY.format("")}</feed>', "atom"),
        (f'<a:feed xmlns:a="http://www.w3.org/2005/Atom">{ENTRY.format("").replace("<", "<a:").replace("<a:/", "</a:")}</a:feed>', "atom"),
        # JSON Feed
        *[(f'{{"version": "https://jsonfeed.org/version/{v}", "items": [{{"id": "1", "title": "Un titre", '
           f'"url": "https://gazette.example.org/1"}}]}}', "json-feed") for v in ("1", "1.0", "1.1")],
    ],
)  # fmt: skip
def test_every_version_of_a_feed_is_read(document: str, kind: str) -> None:
    feed = parse(document.encode(), SourceKind.FEED, "https://gazette.example.org/feed")
    assert (feed.kind, feed.problems) == (kind, ())
    assert [(item.title, item.url) for item in feed.items] == [("Un titre", "https://gazette.example.org/1")]


@pytest.mark.parametrize("prefix", ["news:", "n:", "x-news:", ""])
def test_a_news_sitemap_is_read_whatever_its_prefix(prefix: str) -> None:
    space = f'xmlns{f":{prefix[:-1]}" if prefix else ""}="http://www.google.com/schemas/sitemap-news/0.9"'
    news = f"<{prefix}news><{prefix}title>Un titre</{prefix}title></{prefix}news>"
    if not prefix:
        news = news.replace("<news>", f"<news {space}>")
    body = f"<urlset {space if prefix else ''}><url><loc>https://gazette.example.org/1</loc>{news}</url></urlset>"
    assert parse(body.encode(), SourceKind.NEWS_SITEMAP).items[0].title == "Un titre"


def test_a_document_of_nothing_at_all_is_an_error() -> None:
    for body in (b"", b" \n\t ", b"\xef\xbb\xbf", b"\0\0"):
        with pytest.raises(ParseError, match="empty"):
            parse(body, SourceKind.FEED)
