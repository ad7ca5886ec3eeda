"""OPML lists: what readers export, what strangers might send, and our own again."""

from __future__ import annotations

import pytest
from lxml import etree

from monitor.collect.opml import MAX_BYTES, Outline, read, write
from monitor.errors import ParseError
from monitor.model import SourceKind
from tests.build import NOON, make_source

NESTED = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>My feeds</title></head><body>
 <outline text="Maghreb"><outline text="Économie">
   <outline type="rss" text="Le Courrier" xmlUrl="https://courrier.example.org/eco.xml" language="fr"/>
 </outline></outline>
 <outline text="السياسة" xmlUrl="https://jarida.example.org/rss" category="/press/arabic,/daily"/>
 <outline text="a note without a feed"/>
 <outline text="mail" xmlUrl="mailto:desk@example.org"/>
 <outline text="script" xmlUrl="javascript:alert(1)"/>
</body></opml>"""


def test_nested_folders_and_categories_are_kept_in_order() -> None:
    opml = read(NESTED.encode())
    assert opml.outlines == (
        Outline("https://courrier.example.org/eco.xml", "Le Courrier", "rss", "fr", ("Maghreb", "Économie")),
        Outline("https://jarida.example.org/rss", "السياسة", "rss", "", ("press", "arabic", "daily")),
    )
    assert [problem.partition(":")[0] for problem in opml.problems] == ["line 8", "line 9"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        # entities, in two encodings
        (b'<!DOCTYPE opml [<!ENTITY a "b">]><opml/>', "refused"),
        (
            '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE opml [<!ENTITY a "b">]><opml/>'.encode(
                "utf-16"
            ),
            "refused",
        ),
        (b'<!DOCTYPE opml SYSTEM "file:///etc/passwd"><opml/>', "refused"),
        (b"<opml><body>", "not OPML"),
        (b"", "not OPML"),
        (b"<rss version='2.0'/>", "<rss>"),
        (b"<opml>" + b" " * MAX_BYTES + b"</opml>", "bytes"),
        # deeper than any reader nests
        (b"<opml>" + b"<outline text='x'>" * 5_000 + b"</outline>" * 5_000 + b"</opml>", "not OPML"),
    ],
)
def test_what_is_no_list_or_a_hostile_one_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        read(body)


def test_of_endless_lists_a_bounded_part_is_read() -> None:
    outlines = "".join(f'<outline xmlUrl="https://example.org/{n}"/>' for n in range(20_010))
    opml = read(f"<opml><body>{outlines}</body></opml>".encode())
    assert len(opml.outlines) == 20_000
    assert opml.problems == ("only the first 20,000 feeds were read",)


def test_what_is_written_is_opml_2_and_reads_back_the_same() -> None:
    sources = [
        make_source("gazette", name="La Gazette & Cie", language="fr", tags=("national", "wire")),
        make_source("sabah", name="الصباح", kind=SourceKind.NEWS_SITEMAP),
    ]
    written = write(sources, "media-monitor", NOON)
    root = etree.fromstring(written)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/dateCreated") == "Tue, 21 Apr 2026 12:00:00 GMT"
    assert all(each.get("text") and each.get("type") for each in root.iter("outline"))
    assert read(written).outlines == (
        Outline("https://gazette.example.org/feed", "La Gazette & Cie", "rss", "fr", ("national", "wire")),
        Outline("https://sabah.example.org/feed", "الصباح", "news-sitemap"),
    )
