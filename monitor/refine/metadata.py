"""What a page states of its article for machines: JSON-LD, meta and time elements. Called by extract only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from monitor.refine.dates import read_moment
from monitor.refine.markup import Element
from monitor.refine.sanitise import clean_line

# Where a time of publication stands, the surest first
_MOMENTS = (
    "//meta[@property='article:published_time' or @name='article:published_time']/@content",
    "//meta[@property='og:article:published_time' or @name='parsely-pub-date' or @name='pubdate' or @name='publishdate']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']/@datetime | //*[@itemprop='datePublished']/@content",
    "//meta[translate(@name, 'DCTERMSIUA', 'dctermsiua')='dc.date.issued' or @name='date' or @name='dc.date' or @name='DC.date']/@content",
    "//article//time[@pubdate]/@datetime | //article//header//time/@datetime",
    "(//article//time/@datetime)[1]",
)
_BY = re.compile(r"^(?:par|por|by|auteur|autor|author|texte|بقلم|كتب)\s*:?\s+", re.IGNORECASE)
_AUTHORS = 20


def title_of(tree: Element) -> str:
    """The headline as the page gives it to others, or its only h1; "" where neither is there."""
    for path in ("//meta[@property='og:title']/@content", "//meta[@name='twitter:title']/@content"):
        for stated in tree.xpath(path):
            if stated.strip():
                return _without_site(tree, stated.strip())
    headings = [h.text_content().strip() for h in tree.xpath("//h1")]
    return headings[0] if len(headings) == 1 else ""


def _without_site(tree: Element, title: str) -> str:
    """ "Headline - Gazette" without what the page calls its site."""
    for site in tree.xpath("//meta[@property='og:site_name']/@content"):
        head, _, tail = title.rpartition(site.strip()) if site.strip() else ("", "", title)
        if head and not tail and head.rstrip()[-1:] in "-–—|:·•»":
            return head.rstrip(" \t-–—|:·•»") or title
    return title


def published_of(tree: Element, day: str | None) -> datetime | None:
    """The moment of publication; the day that trafilatura found where no moment is stated."""
    for stated in _stated_moments(tree):
        moment = read_moment(stated)
        if moment is not None:
            return moment
    return read_moment(day) if day else None


def _stated_moments(tree: Element) -> Iterator[str]:
    for document in tree.xpath("//script[@type='application/ld+json']/text()"):
        yield from _linked_moments(document)
    for path in _MOMENTS:
        yield from tree.xpath(path)


def _linked_moments(document: str) -> Iterator[str]:
    """`datePublished` of the articles in a JSON-LD document; nothing where it is none."""
    try:
        waiting: list[Any] = [json.loads(document, strict=False)]
    except (ValueError, RecursionError):
        return
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            stated = node.get("datePublished")
            if isinstance(stated, str) and _is_article(node.get("@type")):
                yield stated
            waiting += [value for value in node.values() if isinstance(value, dict | list)]


def _is_article(kind: object) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(name, str) and name.endswith(("Article", "Posting", "WebPage")) for name in kinds)


def authors_of(stated: str | None) -> tuple[str, ...]:
    """trafilatura's `A; B` as names."""
    names = (_BY.sub("", clean_line(name, 200)) for name in (stated or "").split(";"))
    return tuple(dict.fromkeys(name for name in names if name))[:_AUTHORS]
