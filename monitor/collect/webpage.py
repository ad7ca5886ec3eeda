"""An HTML page where a feed was expected: says what it is and where its feeds are. Pure; called by `parse`."""

from __future__ import annotations

import re
from html import unescape

from lxml import etree, html

from monitor.collect import bounds
from monitor.errors import NotAFeed

MAX_SHOWN = 5
_LOOKED_AT = 500_000  # characters; a page's head and forms stand before that
_FEEDS = re.compile(r"application/(?:rss|atom|feed|rdf)\+(?:xml|json)", re.IGNORECASE)
_CAPTCHA = re.compile(
    r"captcha|cf[-_]challenge|challenge-platform|turnstile|Just a moment\.\.\.|datadome|are you a robot|unusual traffic",
    re.IGNORECASE,
)


def not_a_feed(text: str, url: str) -> NotAFeed:
    """The error to raise for an HTML page at `url`."""
    text = text[:_LOOKED_AT]
    feeds = linked_feeds(text, url)
    title = re.search(r"<title[^>]*>([^<]{1,200})", text, re.IGNORECASE)
    named = f' "{" ".join(bounds.clean(unescape(title[1])).split())[:80]}"' if title else ""
    if re.search(r"<input[^>]{0,300}type\s*=\s*[\"']?password", text, re.IGNORECASE):
        return NotAFeed(f"not a feed: a login page{named}{_pointing(feeds)}", blocked=True)
    if not feeds and _CAPTCHA.search(text):
        return NotAFeed(f"not a feed: a captcha or a robot check{named}", blocked=True)
    return NotAFeed(f"not a feed: an HTML page{named}{_pointing(feeds)}")


def _pointing(feeds: list[str]) -> str:
    return f"; it links to {', '.join(feeds[:MAX_SHOWN])}" if feeds else ""


def linked_feeds(text: str, url: str) -> list[str]:
    """The feeds that a page announces in its head, absolute, in its order."""
    try:
        root = html.document_fromstring(
            text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8")
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    found = [
        bounds.link(url, each.get("href"))
        for each in root.iter("link")
        if "alternate" in (each.get("rel") or "").lower() and _FEEDS.match(each.get("type") or "")
    ]
    return list(dict.fromkeys(address for address in found if address))
