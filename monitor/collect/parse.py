"""Bytes to a Feed: finds out what a document is, whatever its label says, and hands it to the parser of its kind.

Pure and picklable: the pipeline runs `parse` in a killable worker process with a deadline and a memory limit. A new kind of
document is a new module with a `read`; this one only tells them apart.
"""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.collect import bounds, jsonfeed, sitemap, webpage, wordpress, xmlfeed
from monitor.collect.charset import decode
from monitor.collect.inflate import GZIP_MAGIC, Garbled, TooMuch, gunzip
from monitor.collect.xmltext import TRUNCATED, mend, root_of
from monitor.errors import NotAFeed, ParseError
from monitor.model import Feed, SourceKind

MAX_BYTES = 20_000_000  # of a document that is itself a gzip file, unpacked

_FEED_ROOTS = ("rss", "rdf", "feed", "channel")
_SITEMAP_ROOTS = ("urlset", "sitemapindex")
_HTML = re.compile(
    r"\s*(?:<!doctype\s+html|<(?:html|head|body|meta|script|title|div|p|h1|center|br|table)[\s>/])", re.I
)
# A feed behind other output: a PHP warning, a blank line, a comment
_START = re.compile(r"(?:<\?xml[^>]*>\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]")
_LONELY = re.compile(r"null|true|false|-?\d[\d.eE+-]*|\"[^\n]*\"")  # JSON, but nothing that holds items


def parse(
    body: bytes,
    kind: SourceKind = SourceKind.FEED,
    url: str = "",
    media_type: str = "",
    charset: str | None = None,
) -> Feed:
    """The items in a document.

    `url` is where it was found, after redirects: relative links are resolved against it. `media_type` and `charset` are
    what the transport said; the document's own looks decide. Raises ParseError (NotAFeed for pages and other things)
    with a sentence for the operator. What was read in spite of damage is told in `Feed.problems`.
    """
    body, cut = _unpacked(body)
    if not body.strip(b"\0 \t\r\n"):
        raise ParseError("empty: the document has no content")
    text, wrong_charset = decode(body, charset)
    text = text.lstrip("﻿ \t\r\n\0")
    if not text:  # a byte order mark, or blanks in wide characters
        raise ParseError("empty: the document has no content")
    feed = _read(text, kind, url, media_type)
    return replace(feed, problems=tuple(told for told in (cut, wrong_charset) if told) + feed.problems)


def _unpacked(body: bytes) -> tuple[bytes, str | None]:
    if not body.startswith(GZIP_MAGIC):
        return body, None
    try:
        plain, complete = gunzip(body, MAX_BYTES)
    except TooMuch:
        raise ParseError(f"refused: the gzip file unpacks to more than {MAX_BYTES:,} bytes") from None
    except Garbled as error:
        raise ParseError(f"a damaged gzip file: {error}") from None
    return plain, None if complete else f"{TRUNCATED} the gzip file breaks off"


def _read(text: str, kind: SourceKind, url: str, media_type: str) -> Feed:
    if text[:1] in "{[" or (
        text[:1] != "<" and (media_type.endswith("json") or _LONELY.fullmatch(text.strip()))
    ):
        return _json(text, kind, url)
    if text[:1] != "<" or root_of(text) in ("br", "b", "p"):
        return _behind_junk(text, kind, url)
    if root_of(text) not in (*_FEED_ROOTS, *_SITEMAP_ROOTS) and _HTML.match(_without_comments(text)):
        raise webpage.not_a_feed(text, url)
    markup = mend(text)
    if markup.root in _SITEMAP_ROOTS:
        return sitemap.read(markup, url)
    if markup.root in _FEED_ROOTS:
        return xmlfeed.read(markup, url)
    if markup.root == "html":
        raise webpage.not_a_feed(text, url)
    raise NotAFeed(f"not a feed: an XML document of <{markup.root[:40]}>{_hint(markup.root)}")


def _without_comments(text: str) -> str:
    return re.sub(r"\A(?:\s*(?:<!--.*?-->|<\?.*?\?>))*", "", text, count=1, flags=re.DOTALL)


def _hint(root: str) -> str:
    return " (a list of feeds: `monitor import opml` reads it)" if root == "opml" else ""


def _json(text: str, kind: SourceKind, url: str) -> Feed:
    value = jsonfeed.load(text)
    if kind is SourceKind.WORDPRESS or wordpress.recognise(value):
        return wordpress.read(value, url)
    return jsonfeed.read(value, url)


def _behind_junk(text: str, kind: SourceKind, url: str) -> Feed:
    start = _START.search(text[:20_000])
    if start is None and text[:1] == "<":
        raise webpage.not_a_feed(text, url)
    if start is None:
        shown = " ".join(bounds.clean(text[:200]).split())[:60]
        raise NotAFeed(f'not a feed: text that begins with "{shown}"')
    feed = _read(text[start.start() :], kind, url, "")
    return replace(
        feed, problems=(f"{start.start():,} characters before the document were skipped", *feed.problems)
    )
