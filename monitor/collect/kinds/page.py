"""A listing page, for outlets without any feed: its links are the items.

`items` (CSS) selects what holds one article's link, `link_pattern` (RE2) says how an article's address looks; either alone
will do. Without both, links of a headline's length to the same site count: good enough for a first look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import re2
from lxml import etree, html

from monitor.collect import bounds, placeholders, webpage
from monitor.collect.charset import decode
from monitor.collect.dates import read_date
from monitor.collect.kinds.kind import Document
from monitor.errors import NotAFeed, ParseError
from monitor.model import Feed, Item, Source

Element = Any  # lxml's stubs know less of HtmlElement than we need
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
MAX_TEXT = 2_000_000  # characters of a page; what stands behind is not looked at
MAX_LINKS = 5_000
HEADLINE = 25  # characters: what is shorter is a menu's word
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HIDDEN = ("script", "style", "noscript", "template", "svg")


def addresses(source: Source, now: datetime) -> tuple[str, ...]:
    return placeholders.addresses(source.url, now)


def read(document: Document, source: Source) -> Feed:
    text, problem = text_of(document)
    tree = tree_of(text)
    base = bounds.link(document.url, next(iter(tree.xpath("//base/@href")), "")) or document.url
    items = [_item(url, places) for url, places in _articles(tree, base, source).items()]
    items = [item for item in items if item.title]
    if not items:
        raise _nothing(text, document.url, source)
    title = bounds.clean(" ".join((tree.findtext(".//title") or "").split()))
    language = bounds.clean(tree.get("lang"))[:35] or None
    return bounds.feed("page", title, items, [problem], language=language)


def text_of(document: Document) -> tuple[str, str | None]:
    """The page's text, and what was wrong with its declared encoding: the transport's, else its own."""
    declared = _CHARSET.search(document.body[:4096])
    return decode(document.body, document.charset or (declared[1].decode("ascii") if declared else None))


def tree_of(text: str) -> Element:
    """The page's tree, without what is not shown. Raises NotAFeed where there is none."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree: Element = html.document_fromstring(
            text[:MAX_TEXT].replace("\0", "").encode("utf-8", "replace"), parser=parser
        )
    except (etree.ParserError, etree.XMLSyntaxError):
        raise NotAFeed("not a page: there is no HTML in it") from None
    for element in list(tree.iter(*_HIDDEN)):
        element.drop_tree()
    return tree


def _articles(tree: Element, base: str, source: Source) -> dict[str, list[Element]]:
    """Address -> the blocks (or links) that name it, in the page's order."""
    wanted = re2.compile(source.link_pattern) if source.link_pattern else None
    found: dict[str, list[Element]] = {}
    for block in islice(tree.cssselect(source.items) if source.items else tree.iter("a"), MAX_LINKS):
        for anchor in _anchors(block):
            url = bounds.link(base, (anchor.get("href") or "").partition("#")[0])
            if url and (wanted.search(url) if wanted else source.items or _tells(anchor, url, base)):
                found.setdefault(url, []).append(block)
                break  # a block is one article's, and further links in it are its author's and its tags'
    return found


def _anchors(block: Element) -> Iterator[Element]:
    """The links of a block, a heading's first; a block may be a link, or stand in one."""
    if block.tag == "a":
        yield block
        return
    yield from block.xpath(
        ".//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6]//a[@href]"
    )
    yield from block.xpath(".//a[@href]")
    yield from block.xpath("ancestor::a[@href][1]")


def _tells(anchor: Element, url: str, base: str) -> bool:
    """Whether a link looks like a headline's, where nothing is configured."""
    own = urlsplit(url).hostname == urlsplit(base).hostname
    return own and len(_words(anchor)) >= HEADLINE


def _item(url: str, blocks: list[Element]) -> Item:
    block = max(blocks, key=lambda each: len(_words(each)))
    title = _title(block, url)
    summary = max((_words(p) for p in block.iter("p")), key=len, default="")
    return Item(url=url, title=title, summary="" if summary == title else summary, published=_moment(block))


def _title(block: Element, url: str) -> str:
    heading = next((text for each in block.iter(*_HEADINGS) if (text := _words(each))), "")
    anchors = [block] if block.tag == "a" else list(block.iter("a"))
    linked = max((_words(each) for each in anchors), key=len, default="")
    said = [each.get("title") or each.get("aria-label") or "" for each in anchors]
    pictured = [each.get("alt") or "" for each in block.iter("img")]
    return heading or linked or next((bounds.clean(text) for text in (*said, *pictured) if text.strip()), "")


def _moment(block: Element) -> datetime | None:
    for stated in block.xpath(
        ".//time/@datetime | .//*[@itemprop='datePublished']/@content | .//time/text()"
    ):
        if moment := read_date(str(stated)):
            return moment
    return None


def _words(element: Element) -> str:
    return bounds.clean(re.sub(r"\s+", " ", element.text_content()))


def _nothing(text: str, url: str, source: Source) -> ParseError:
    """A login page or a captcha, or a page that was built anew: the selector has to be mended, and somebody told."""
    looks = webpage.not_a_feed(text, url)
    if looks.blocked:
        return looks
    named = [f"items: {source.items}"] if source.items else []
    named += [f"link_pattern: {source.link_pattern}"] if source.link_pattern else []
    return NotAFeed(f"no article on the page matches {' and '.join(named) or 'what a headline looks like'}")
