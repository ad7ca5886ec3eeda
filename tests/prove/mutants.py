"""Hypothesis strategies for documents that are nearly right: sound ones of every dialect, and what happens to them on the way.

Called by `test_fuzz.py`. A sound document comes with what it says (`Told`), so that what is read of it can be compared; a mutant has had
spans deleted, doubled, swapped, cut or replaced, by bytes that have been trouble somewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from hypothesis import strategies as st

WORDS = """le ministre de l'intérieur reçoit à Doha son homologue qatari après la réunion d'une commission mixte élargie aux
chefs des services — «sûreté» œuvre naïve Größe niño año señor council the minister's visit was announced on Monday 2026 12 3.5 % €
الأمن الوطني يستقبل وزير الداخلية القطري في الدوحة لجنة مشتركة 🇲🇦 🇶🇦 e\u0301crit D.G.S.N. COVID-19 C++ AT&T @all #maroc""".split()
LATIN = [word for word in WORDS if word.isascii() or word.encode("cp1252", "ignore").decode("cp1252") == word]
BASE = "https://gazette.example.org"


@dataclass(frozen=True)
class Told:
    """What an item says."""

    number: int
    title: str
    body: str
    published: datetime

    @property
    def url(self) -> str:
        return f"{BASE}/{self.number}?a=1&b=2"


def sentences(words: Sequence[str], least: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), min_size=least, max_size=most).map(" ".join)


def told(words: Sequence[str] = WORDS) -> st.SearchStrategy[list[Told]]:
    """Items of different addresses, newest first as it comes."""
    moments = st.integers(1_500_000_000, 1_780_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))
    one = st.builds(Told, st.integers(1, 10**6), sentences(words, 2, 12), sentences(words, 1, 40), moments)
    return st.lists(one, min_size=1, max_size=6, unique_by=lambda item: item.number)


def _xml(text: str, cdata: bool) -> str:
    return f"<![CDATA[{text}]]>" if cdata else escape(text, quote=False)


def rss(items: Sequence[Told], cdata: bool) -> tuple[str, ...]:
    rows = (
        f"<item><title>{_xml(one.title, cdata)}</title><link>{escape(one.url)}</link><guid isPermaLink='false'>{one.number}</guid>"
        f"<description>{_xml(escape(one.body, quote=False), cdata)}</description>"
        f"<pubDate>{format_datetime(one.published)}</pubDate></item>\n"
        for one in items
    )
    return ('<rss version="2.0"><channel><title>T</title>\n', *rows, "</channel></rss>")


def rdf(items: Sequence[Told], cdata: bool) -> tuple[str, ...]:
    rows = (
        f'<item rdf:about="{escape(one.url)}"><title>{_xml(one.title, cdata)}</title><link>{escape(one.url)}</link>'
        f"<description>{_xml(escape(one.body, quote=False), cdata)}</description><dc:date>{one.published.isoformat()}</dc:date></item>\n"
        for one in items
    )
    head = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>T</title></channel>\n'
    )
    return (head, *rows, "</rdf:RDF>")


def atom(items: Sequence[Told], cdata: bool) -> tuple[str, ...]:
    rows = (
        f"<entry><title>{_xml(one.title, cdata)}</title><link href='{escape(one.url)}'/><id>urn:x:{one.number}</id>"
        f"<content type='html'>{_xml(escape(one.body, quote=False), cdata)}</content><published>{one.published.isoformat()}</published>"
        f"<updated>{one.published.isoformat()}</updated></entry>\n"
        for one in items
    )
    return ('<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>\n', *rows, "</feed>")


def sitemap(items: Sequence[Told], cdata: bool) -> tuple[str, ...]:
    rows = (
        f"<url><loc>{escape(one.url)}</loc><news:news><news:publication><news:name>T</news:name><news:language>fr</news:language>"
        f"</news:publication><news:publication_date>{one.published.isoformat()}</news:publication_date>"
        f"<news:title>{_xml(one.title, cdata)}</news:title></news:news></url>\n"
        for one in items
    )
    head = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n'
    )
    return (head, *rows, "</urlset>")


def json_feed(items: Sequence[Told], cdata: bool) -> tuple[str, ...]:
    rows = [
        {"id": str(one.number), "url": one.url, "title": one.title, "content_text": one.body, "date_published": one.published.isoformat()}
        for one in items
    ]  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": rows}
    return (json.dumps(feed, ensure_ascii=cdata),)


def wordpress(items: Sequence[Told], cdata: bool) -> tuple[str, ...]:
    rows = [
        {"id": one.number, "link": one.url, "date_gmt": one.published.replace(tzinfo=None).isoformat(),
         "title": {"rendered": escape(one.title, quote=False)}, "content": {"rendered": f"<p>{escape(one.body)}</p>"}}
        for one in items
    ]  # fmt: skip
    return (json.dumps(rows, ensure_ascii=cdata),)


Render = Callable[[Sequence[Told], bool], tuple[str, ...]]
XML: dict[str, Render] = {"rss": rss, "rdf": rdf, "atom": atom, "sitemap": sitemap}
DIALECTS: dict[str, Render] = {**XML, "json": json_feed, "wordpress": wordpress}

# --- what happens to a document on its way ------------------------------------------------------------------------------

TROUBLE = [
    b"", b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80", b"&", b"&#0;", b"&#xD800;", b"&#x110000;", b"&lt;", b"&a;",
    b"<", b">", b"</", b"/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"?>", b"<!DOCTYPE x [", b"<item>", b"</item>", b"</channel>",
    b"<entry>", b"</entry>", b"</feed>", b"<title>", b"</title>", b"<link>", b"</link>", b"<p>", b"</p>", b"<div>", b"</div>", b"<table>",
    b"<script>", b"</script>", b"<style>", b"<svg>", b"<math>", b"<template>", b"<base href='http://127.0.0.1/'>", b"xmlns='x'", b" xml:base='//127.1/'",
    b'"', b"'", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"NaN", b"1e999", b"-0", b"9" * 40, b"\\u0000", b"\\ud800", b"\\", b"\n",
    b"\r", b"\t", b"  ", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"\xc2\x85", b"javascript:alert(1)", b"data:text/html,x", b"http://[::1", b"//", b"..",
    b"9999-12-31T23:59:60Z", b"0000-00-00", b"Tue, 31 Feb 2026 25:61:61 +9999", b"@everyone", b"{{7*7}}", b"${A}", b"%s", b"A" * 3_000,
]  # fmt: skip
_place = st.floats(0, 1, exclude_max=True)
_change = st.tuples(
    st.sampled_from(["delete", "double", "swap", "cut", "insert", "insert", "replace", "flip"]),
    _place,
    st.integers(0, 60),
    _place,
    st.sampled_from(TROUBLE),
)
changes = st.lists(_change, min_size=1, max_size=6)
Change = tuple[str, float, int, float, bytes]


def mutant(document: bytes, done: Sequence[Change]) -> bytes:
    """The document after these changes."""
    for what, place, length, other, trouble in done:
        at, to = int(place * len(document)), int(other * len(document))
        span = document[at : at + length]
        if what == "delete":
            document = document[:at] + document[at + length :]
        elif what == "double":
            document = document[: at + length] + span + document[at + length :]
        elif what == "swap":
            document = document[:at] + document[to : to + length] + document[at + length :]
        elif what == "cut":
            document = document[:at]
        elif what == "insert":
            document = document[:at] + trouble + document[at:]
        elif what == "replace":
            document = document[:at] + trouble + document[at + length :]
        elif document:
            document = document[:at] + bytes((document[at] ^ (1 << length % 8),)) + document[at + 1 :]
    return document


# --- pages ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    title: str
    paragraphs: tuple[str, ...]
    links: tuple[str, ...]

    def html(self, between: str = "", attribute: str = "") -> str:
        """`between` stands between its blocks, `attribute` on each of them."""
        text = between.join(f"<p{attribute}>{escape(one)}</p>" for one in self.paragraphs)
        aside = between.join(f'<li><a href="/{n}">{escape(one)}</a></li>' for n, one in enumerate(self.links))
        return (
            f'<!doctype html><html lang="fr"><head><title>{escape(self.title)} - Gazette</title><meta charset="utf-8"></head>{between}'
            f"<body><nav><a href='/'>Accueil</a></nav>{between}<main{attribute}><article{attribute}>{between}<h1>{escape(self.title)}</h1>"
            f"{between}{text}{between}</article></main><aside{attribute}><ul>{aside}</ul></aside><footer>Tous droits réservés</footer></body></html>"
        )


pages = st.builds(
    Page,
    sentences(WORDS, 4, 12),
    st.lists(sentences(WORDS, 20, 60), min_size=2, max_size=8, unique=True).map(tuple),
    st.lists(sentences(WORDS, 3, 8), max_size=5).map(tuple),
)
