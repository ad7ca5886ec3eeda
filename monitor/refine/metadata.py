"""What a page states of its article for machines: JSON-LD, meta and time elements. Called by extract only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from monitor.refine.dates import read_moment
from monitor.refine.linked import linked_nodes
from monitor.refine.markup import Element
from monitor.refine.pruning import stands_beside

# Where a time of publication stands, the surest first
_MOMENTS = (
    "//meta[@property='article:published_time' or @name='article:published_time']/@content",
    "//meta[@property='og:article:published_time' or @name='parsely-pub-date' or @name='pubdate' or @name='publishdate']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']/@datetime | //*[@itemprop='datePublished']/@content",
    "//meta[translate(@name, 'DCTERMSIUA', 'dctermsiua')='dc.date.issued' or @name='date' or @name='dc.date' or @name='DC.date']/@content",
    # RDFa, as Drupal and others write it
    "//*[@property='dc:date' or @property='dc:created' or @property='dcterms:issued' or @property='schema:datePublished']/@content",
    "//*[@property='datePublished' or @property='schema:datePublished']/@datetime",
    "//article//time[@pubdate]/@datetime | //article//header//time/@datetime",
    "(//article//time/@datetime)[1]",
)


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
    """The moment of publication; the day that trafilatura found where no moment is stated. Comments and lists of other
    articles have dates too: what stands in them is never asked."""
    for stated in _stated_moments(tree):
        moment = read_moment(stated)
        if moment is not None:
            return moment
    return read_moment(day) if day else None


def _stated_moments(tree: Element) -> Iterator[str]:
    for node in linked_nodes(tree):
        stated = node.get("datePublished")
        if isinstance(stated, str) and is_article(node.get("@type")):
            yield stated
    for path in _MOMENTS:
        for found in tree.xpath(path):
            if not stands_beside(found.getparent()):
                yield str(found)


def is_article(kind: object) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(name, str) and name.endswith(("Article", "Posting", "WebPage")) for name in kinds)
