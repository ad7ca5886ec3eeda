"""News sitemaps, plain sitemaps and sitemap indexes, with whatever namespace prefix. Pure; called by `parse`."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from monitor.collect import bounds
from monitor.collect.dates import read_date
from monitor.collect.xmlfeed import plain_title
from monitor.collect.xmltext import Markup, local_name, xml_parser
from monitor.errors import ParseError
from monitor.model import Feed, Item

MAX_LINKS = 100  # of an index: the newest sitemaps are what a monitor needs


def read(markup: Markup, url: str) -> Feed:
    """The sitemap's entries, or with an index the sitemaps it lists as `links`, newest first."""
    root = etree.fromstring(markup.text.encode("utf-8", "replace"), xml_parser())
    if root is None:
        raise ParseError("unreadable: no element survives in this sitemap")
    if markup.root == "sitemapindex":
        return bounds.feed("sitemap-index", "", (), markup.problems, links=_index(root, url))
    items = [_item(entry, url) for entry in _children(root, "url")]
    return bounds.feed(
        "news-sitemap", _publication(root), [item for item in items if item.url], markup.problems
    )


def _index(root: etree._Element, url: str) -> tuple[str, ...]:
    rows = [
        (_text(entry, "lastmod"), bounds.link(url, _text(entry, "loc")))
        for entry in _children(root, "sitemap")
    ]
    found = [(read_date(changed), place) for changed, place in rows if place]
    newest = bounds.newest([changed for changed, _ in found])
    order = sorted(newest, key=lambda at: found[at][0].timestamp() if found[at][0] else 0.0, reverse=True)  # type: ignore[union-attr]
    return tuple(dict.fromkeys(found[at][1] for at in order))[:MAX_LINKS]


def _item(entry: etree._Element, url: str) -> Item:
    news = next(_children(entry, "news"), None)
    if news is None:
        return Item(url=bounds.link(url, _text(entry, "loc")), published=read_date(_text(entry, "lastmod")))
    publication = next(_children(news, "publication"), None)
    return Item(
        url=bounds.link(url, _text(entry, "loc")),
        title=plain_title(" ".join(_text(news, "title").split())),
        published=read_date(_text(news, "publication_date")) or read_date(_text(entry, "lastmod")),
        language=_text(publication, "language") or None,
    )


def _publication(root: etree._Element) -> str:
    for entry in _children(root, "url"):
        for news in _children(entry, "news"):
            return _text(next(_children(news, "publication"), None), "name")
    return ""


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    for child in element:
        if isinstance(child.tag, str) and local_name(child.tag).lower() == name:
            yield child


def _text(element: etree._Element | None, name: str) -> str:
    child = next(_children(element, name), None) if element is not None else None
    return "".join(str(part) for part in child.itertext()).strip() if child is not None else ""
