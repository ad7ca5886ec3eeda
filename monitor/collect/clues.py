"""What a site's page says of where its articles are listed: `read_clues`. Pure and picklable; runs in a worker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from lxml import etree, html

from monitor.collect import bounds
from monitor.collect.charset import decode
from monitor.collect.webpage import linked_feeds

_LOOKED_AT = 1_000_000  # characters
_NAME = 120
API = "https://api.w.org/"


@dataclass(frozen=True, slots=True)
class Clues:
    title: str = ""
    language: str = ""
    feeds: tuple[str, ...] = ()
    api: str | None = None  # the root of its WordPress API
    wordpress: bool = False


def read_clues(body: bytes, url: str, charset: str | None) -> Clues:
    """The clues in an HTML page at `url`. Raises ParseError where nothing in it can be read."""
    text = decode(body, charset)[0][:_LOOKED_AT]
    try:
        root = html.document_fromstring(
            text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8")
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return Clues()
    api = next((each.get("href") for each in root.iter("link") if each.get("rel") == API), None)
    return Clues(
        title=_name(root),
        language=(root.get("lang") or "")[:10],
        feeds=tuple(linked_feeds(text, url)),
        api=bounds.link(url, api),
        wordpress="wp-content/" in text or "wp-includes/" in text,
    )


def _name(root: html.HtmlElement) -> str:
    """What the site calls itself: og:site_name, else its title up to the first sign that begins a slogan."""
    for each in root.iter("meta"):
        if each.get("property") == "og:site_name" and each.get("content"):
            return _line(each.get("content") or "")
    title = next((each.text_content() for each in root.iter("title")), "")
    return _line(re.split(r"\s[|–—•·-]\s|\s:\s", unescape(title))[0])


def _line(text: str) -> str:
    return " ".join(bounds.clean(text).split())[:_NAME]
