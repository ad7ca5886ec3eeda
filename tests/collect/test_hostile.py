"""Documents built to hurt: refused or read within the time and the measure, and nothing outside them is opened."""

from __future__ import annotations

import gzip
import pickle
import sys
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.collect import parse
from monitor.collect.bounds import MAX_ITEMS, MAX_TITLE
from monitor.errors import NotAFeed, ParseError
from monitor.model import Feed, SourceKind

URL = "https://gazette.example.org/feed"


def rss(items: str, head: str = "") -> bytes:
    return f'{head}<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()


def item(number: int, title: str = "x", more: str = "") -> str:
    return f"<item><title>{title}</title><link>https://gazette.example.org/{number}</link>{more}</item>"


def nested_entities(levels: int) -> str:
    names = [f"e{level}" for level in range(levels)]
    made = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names))
    return f'<!DOCTYPE rss [<!ENTITY e0 "lollollol">{made}]>'


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (rss(item(1, "&e9;"), nested_entities(10)), "entity bomb"),
        (rss(item(1, "&a;" * 30_000), f'<!DOCTYPE rss [<!ENTITY a "{"a" * 30_000}">]>'), "entity bomb"),
        (rss(item(1), '<!DOCTYPE rss [<!ENTITY % a "aa"><!ENTITY % b "%a;%a;">%b;]>'), "entity bomb"),
        (rss(item(1, "<a>" * 200_000 + "</a>" * 200_000)), "depth"),
        (rss(item(1, "<a>" * 200_000)), "depth"),
        (rss("<item " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>"), "more than 1,000 attributes"),
        (b"[" * 1_000_000, "nested too deep"),
        (b'{"a":' * 200_000, "nested too deep"),
        (b'{"items": [{"id": 1' + b"0" * 5000 + b"}]}", "5,001 digits"),
        (gzip.compress(b"\0" * 50_000_000), "unpacks to more than"),
        (b"<rss>" + b"<" * 300_000, "more than 200,000 bare & and <"),
        (b"<rss>" + b"&" * 300_000, "more than 200,000 bare & and <"),
        (b"<rss>" + b"<" * 100_000, "truncated"),
        (b"<rss>" + b"<![CDATA[" * 50_000, "truncated"),
        (b"<!DOCTYPE " * 100_000, "no XML element"),
        (b"<!DOCTYPE rss [" + b"] " * 200_000, "no XML element"),
        (b"<?" * 500_000, "no XML element"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bomb_is_refused_in_half_a_second(document: bytes, words: str) -> None:
    started = time.process_time()
    with pytest.raises(ParseError, match=words):
        parse(document, SourceKind.FEED, URL)
    assert time.process_time() - started < 0.5


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Every file opened and every connection made while the test runs, as the interpreter's audit sees them."""
    seen: list[str] = []
    active = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if active and event in ("open", "socket.connect", "socket.getaddrinfo", "os.open"):
            seen.append(f"{event} {arguments[0]!r}")

    sys.addaudithook(hook)
    yield seen
    active = False


@pytest.mark.parametrize(
    "document",
    [
        rss(item(1, "before &x; after"), '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        rss(item(1, "before after"), '<!DOCTYPE rss SYSTEM "file:///etc/passwd">'),
        rss(item(1, "before after"), '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">'),
        rss(item(1, "before after"), '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>'),
        rss(item(1, "before after"), '<?xml-stylesheet type="text/xsl" href="file:///etc/passwd"?>'),
        rss(
            item(1, "before after")
            + '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
        ),
    ],
    ids=["entity", "doctype-file", "doctype-http", "parameter-entity", "stylesheet", "xinclude"],
)
def test_nothing_outside_the_document_is_opened(document: bytes, opened: list[str]) -> None:
    feed = parse(document, SourceKind.FEED, URL)
    assert [entry for entry in opened if "passwd" in entry or "connect" in entry or "addrinfo" in entry] == []
    assert "before" in feed.items[0].title
    assert "root:" not in repr(feed)


@pytest.mark.parametrize("name", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/feed"])
def test_a_document_that_is_a_file_name_or_an_address_is_text_and_not_opened(
    name: str, opened: list[str]
) -> None:
    with pytest.raises(NotAFeed):
        parse(name.encode(), SourceKind.FEED, URL)
    assert [entry for entry in opened if "passwd" in entry or "connect" in entry] == []


def dated(number: int) -> str:
    return item(
        number,
        f"item {number}",
        f"<pubDate>Tue, 21 Apr 2026 {number // 60 % 24:02}:{number % 60:02}:00 GMT</pubDate>",
    )


@pytest.mark.parametrize(
    "document",
    [
        rss("".join(dated(n) for n in range(1000))),
        rss("".join(dated(n) for n in range(1000))).replace(b"</channel>", b"</chanel>"),  # and damaged
        b"<urlset>"
        + b"".join(
            b"<url><loc>https://gazette.example.org/%d</loc><lastmod>2026-04-21T%02d:%02d:00Z</lastmod></url>"
            % (n, n // 60, n % 60)
            for n in range(1000)
        )
        + b"</urlset>",
    ],
    ids=["rss", "damaged-rss", "sitemap"],
)
def test_of_too_many_items_the_newest_are_read_in_their_order_and_it_is_said(document: bytes) -> None:
    feed = parse(document, SourceKind.FEED, URL)
    assert [item.url for item in feed.items] == [f"https://gazette.example.org/{n}" for n in range(500, 1000)]
    assert f"too many items: the newest {MAX_ITEMS} of 1,000 were read" in feed.problems


def test_without_dates_the_first_of_too_many_are_read() -> None:
    feed = parse(rss("".join(item(n) for n in range(700))), SourceKind.FEED, URL)
    assert feed.items[-1].url == "https://gazette.example.org/499"


def test_a_title_without_end_is_cut_and_it_is_said() -> None:
    feed = parse(rss(item(1, "x" * 2_000_000)), SourceKind.FEED, URL)
    assert len(feed.items[0].title) == MAX_TITLE
    assert "a title is longer than 10,000 characters: it was cut" in feed.problems


def test_a_sitemap_whose_names_are_damaged_loses_no_other_entry() -> None:
    """lxml keeps `<news:1>` as a name, and its `QName` raises on it."""
    entry = "<url><loc>https://gazette.example.org/{}</loc><news:news>{}<news:title>Title</news:title></news:news></url>"
    rows = entry.format(1, "<news:1>x</news:1>") + entry.format(2, "") + entry.format(3, "<x:y/>")
    for head in ('<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">', "<urlset>"):
        feed = parse(f"{head}{rows}</urlset>".encode(), SourceKind.NEWS_SITEMAP, URL)
        assert [item.url for item in feed.items] == [f"https://gazette.example.org/{n}" for n in (1, 2, 3)]
        assert {item.title for item in feed.items} == {"Title"}


@pytest.mark.parametrize(
    ("written", "url"),
    [
        # found by drawing: others ask whether a link begins with http
        ("HTTPS://gazette.example.org/A", "https://gazette.example.org/A"),
        # a blank that is none of ASCII's
        ("https://gazette.example.org/a\u3000b", "https://gazette.example.org/a%E3%80%80b"),
        ("https://gazette.example.org/a b", "https://gazette.example.org/a%20b"),
    ],
)
def test_a_link_is_written_in_one_way(written: str, url: str) -> None:
    document = rss(f"<item><title>t</title><link>{written}</link></item>")
    assert parse(document, SourceKind.FEED, URL).items[0].url == url


def test_an_endless_link_is_no_link() -> None:
    feed = parse(
        rss(f"<item><title>t</title><link>https://gazette.example.org/{'a' * 9000}</link></item>"),
        SourceKind.FEED,
        URL,
    )
    assert feed.items[0].url is None


@pytest.mark.parametrize(
    "title",
    [
        "Retour du marché\u00a0»",  # valid as twice-encoded UTF-8, and good French
        "« Il est libéré\u00a0» : l’été\u00a0…",
        "À\u00a0Rabat",
    ],
)
def test_good_french_is_not_taken_for_double_encoding(title: str) -> None:
    assert parse(rss(item(1, title)), SourceKind.FEED, URL).items[0].title == title
    spelt = "".join(char if char.isascii() else f"&#{ord(char)};" for char in title)
    assert parse(rss(item(1, spelt)), SourceKind.FEED, URL).items[0].title == title


def test_what_goes_to_a_worker_and_back_can_be_pickled() -> None:
    feed = parse(rss(item(1)), SourceKind.FEED, URL)
    error = NotAFeed("not a feed", blocked=True)
    assert pickle.loads(pickle.dumps(parse)) is parse
    assert pickle.loads(pickle.dumps(feed)) == feed
    assert pickle.loads(pickle.dumps(error)).blocked


MARKUP = st.sampled_from(
    ["<", ">", "</", "/>", "&", ";", "<![CDATA[", "]]>", "<!--", "-->", "<?xml ", "?>", '"', "<rss>", "</rss>", "<channel>",
     "<item>", "</item>", "<title>", "</title>", "<link>", "</link>", "<pubDate>", "&#0;", "&#x110000;", "&#xD800;", "&amp;",
     "&copy", "<feed xmlns='http://www.w3.org/2005/Atom'>", "</feed>", "<entry>", "</entry>", "<urlset>", "<url>", "<loc>",
     "<!DOCTYPE x [", "<!ENTITY a 'b'>", "]>", "&a;", "<rdf:RDF>", "<html>", "{", "[", "null", "\0", "é", "\ud7ff", " ", "\n",
     "<a:b c='d'>", "xmlns:a=''", "<content type='xhtml'>", "<dc:date>", "<guid>", "<svg>", "<image>", "<source>", "1e999"]
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.lists(MARKUP | st.text(max_size=8), max_size=40), st.booleans(), st.sampled_from(list(SourceKind)))
def test_no_soup_of_markup_makes_it_raise_anything_but_parse_errors(
    soup: list[str], framed: bool, kind: SourceKind
) -> None:
    text = "".join(soup)
    document = rss(text) if framed else text.encode("utf-8", "surrogatepass")
    assert well_behaved(document, kind)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise_anything_but_parse_errors(document: bytes) -> None:
    assert well_behaved(document, SourceKind.FEED)


def well_behaved(document: bytes, kind: SourceKind) -> bool:
    try:
        feed = parse(document, kind, URL)
    except ParseError as error:
        return bool(str(error))
    assert isinstance(feed, Feed)
    return all(entry.url is None or entry.url.startswith(("http://", "https://")) for entry in feed.items)
