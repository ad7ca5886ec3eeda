"""RSS, RDF and Atom to Items: the only module that imports feedparser. Pure; called by `parse` with mended text.

feedparser gets a byte stream (given text, it opens files and URLs), no headers and no base: links are resolved here,
against the document's own URL. Its dates are not used: `dates` reads the raw strings.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import feedparser

from monitor.collect import bounds
from monitor.collect.dates import read_date
from monitor.collect.xmltext import Markup
from monitor.errors import ParseError
from monitor.model import Feed, Item

# In the order of trust: when it appeared, then when it was last touched
_DATES = ("published", "created", "updated")
_REFERENCE = re.compile(r"&(?!(?:lt|gt|#60|#62|#[xX]3[cCeE]);)(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,32});")


def read(markup: Markup, url: str) -> Feed:
    """The feed in the document at `url`. Raises ParseError where feedparser cannot make sense of it."""
    try:
        parsed = feedparser.parse(
            io.BytesIO(markup.text.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # a library's parser fails in ways of its own; here they end
        raise ParseError(f"unreadable: {type(error).__name__}: {error}") from error
    entries = [_item(entry, url) for entry in parsed["entries"]]
    if not entries and not parsed.get("version"):
        raise ParseError(f"not a feed: an XML document of <{markup.root}>")
    items = [item for item in entries if item.url or item.title or item.id or item.summary or item.content]
    channel = parsed["feed"]
    return bounds.feed(
        _kind(parsed.get("version", ""), markup.root),
        plain_title(channel.get("title")),
        items,
        (*markup.problems, _damage(parsed)),
        language=bounds.clean(channel.get("language"))[:35] or None,
    )


def _kind(version: str, root: str) -> str:
    if root == "rdf" or version in ("rss10", "rss090"):
        return "rdf"
    return "atom" if version.startswith("atom") or root == "feed" else "rss"


def _damage(parsed: Mapping[str, Any]) -> str | None:
    """What feedparser had to forgive, unless it is only about media types."""
    error = parsed.get("bozo_exception")
    if not parsed.get("bozo") or isinstance(error, feedparser.exceptions.NonXMLContentType):
        return None
    line = getattr(error, "getLineNumber", lambda: None)()
    message = getattr(error, "getMessage", lambda: str(error))()
    return f"damaged XML, read as far as it goes: {message}" + (f" (line {line})" if line else "")


def _item(entry: dict[str, Any], url: str) -> Item:
    summary, content = _text(entry.get("summary")), _content(entry)
    return Item(
        id=_text(entry.get("id")) or None,
        url=_link(entry, url),
        title=plain_title(entry.get("title")),
        summary="" if summary == content else summary,  # feedparser copies the one into the other
        content=content,
        published=_published(entry),
        authors=bounds.authors(_authors(entry)),
        language=(entry.get("title_detail") or {}).get("language"),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def plain_title(value: object) -> str:
    """A title is text, yet many feeds escape it as if it were HTML: one more unescaping, short of making tags."""
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), _text(value))


def _content(entry: Mapping[str, Any]) -> str:
    values = [_text(part.get("value")) for part in entry.get("content") or ()]
    return max(values, key=len, default="")


def _link(entry: Mapping[str, Any], url: str) -> str | None:
    """The article's address: the original one behind a counting proxy, the entry's link, then any other alternate."""
    candidates = [entry.get("feedburner_origlink"), entry.get("link")]
    candidates += [
        each.get("href") for each in entry.get("links") or () if each.get("rel") in ("alternate", None)
    ]
    if entry.get("guidislink") and not re.match("https?:", _text(entry.get("link"))):
        candidates.remove(entry.get("link"))  # an id that calls itself a link, as it does by default
    return next((found for each in candidates if (found := bounds.link(url, each))), None)


def _published(entry: dict[str, Any]) -> datetime | None:
    # dict's own get: the library's answers `updated` with `published`, and a warning
    raw = (dict.get(entry, key) for key in _DATES)
    return next((moment for each in raw if (moment := read_date(each))), None)


def _authors(entry: Mapping[str, Any]) -> list[str]:
    people = entry.get("authors") or ()
    names = [_text(person.get("name")) or _text(person.get("email")) for person in people]
    return [name for name in names if name] or [_text(entry.get("author"))]
