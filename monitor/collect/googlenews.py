"""Google News searches (`news.google.com/rss/search?q=...`): whose article each item is. Pure; called by the feed kind.

Their links are opaque and change their parameters; the guid inside stays, so the link is cut down to it. Titles end in
" - Publisher", and the summary repeats the headline or lists other outlets' ones, which are no text of this article.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from lxml import etree

from monitor.collect import bounds
from monitor.collect.xmltext import xml_parser
from monitor.model import Feed, Item

HOST = "news.google.com"
_DASH = re.compile(r"\s+[-–—]\s+(?=[^-–—]{1,80}$)")


def recognise(url: str) -> bool:
    try:
        return urlsplit(url).hostname == HOST
    except ValueError:
        return False


def attributed(feed: Feed, body: bytes) -> Feed:
    """The feed with the publisher taken out of each title and named as the author."""
    outlets = _outlets(body)
    return replace(
        feed, items=tuple(_attributed(item, outlets.get(item.id or "", "")) for item in feed.items)
    )


def _outlets(body: bytes) -> Mapping[str, str]:
    """guid -> what the item's <source> says."""
    root = etree.fromstring(body, xml_parser())
    items = root.iter("item") if root is not None else ()
    return {
        bounds.clean(item.findtext("guid")): bounds.clean(item.findtext("source"))
        for item in items
        if item.findtext("guid")
    }


def _attributed(item: Item, outlet: str) -> Item:
    title, said = _split(item.title, outlet)
    return replace(
        item,
        url=_lasting(item),
        title=title,
        summary="",
        content="",
        authors=bounds.authors([outlet or said]),
    )


def _split(title: str, outlet: str) -> tuple[str, str]:
    """Headline and publisher. Without a <source> the last dash tells."""
    if outlet and title.endswith(outlet):
        head = title[: -len(outlet)].rstrip()
        return (head.rstrip("-–— ") or title, outlet) if head[-1:] in "-–—" else (title, outlet)
    if outlet:
        return title, outlet
    parts = _DASH.split(title)
    return (title[: title.rindex(parts[-1])].rstrip(" -–—"), parts[-1]) if len(parts) > 1 else (title, "")


def _lasting(item: Item) -> str | None:
    if item.url and item.id and recognise(item.url) and f"/{item.id}" in item.url:
        return item.url.partition("?")[0]
    return item.url
