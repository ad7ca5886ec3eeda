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

from monitor.collect import bounds, hints
from monitor.collect.dates import read_date
from monitor.collect.xmltext import Markup
from monitor.errors import ParseError
from monitor.model import Feed, Item

# In the order of trust: when it appeared, then when it was last touched
_DATES = ("published", "created", "updated")
_COULD_DECODE = re.compile(
    "[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}"
)
_DISGUISE = {code: chr(0xF0000 + code) for code in range(0x80, 0x100)}
_UNDISGUISE = {0xF0000 + code: chr(code) for code in range(0x80, 0x100)}
_REFERENCE = re.compile(r"&(?!(?:lt|gt|#60|#62|#[xX]3[cCeE]);)(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,32});")


def read(markup: Markup, url: str) -> Feed:
    """The feed in the document at `url`. Raises ParseError where feedparser cannot make sense of it."""
    parsed = _parsed(markup.text)
    entries = [_item(entry, url) for entry in parsed["entries"]]
    items = [item for item in entries if item.url or item.title or item.id or item.summary or item.content]
    if not items and markup.problems:
        raise ParseError(f"no item in it can be read: {'; '.join(markup.problems)}")
    channel = parsed["feed"]
    return bounds.feed(
        _kind(parsed["version"], markup.root),
        plain_title(channel.get("title")),
        items,
        markup.problems,
        language=bounds.clean(channel.get("language"))[:35] or None,
        hints=hints.read(markup.text),
    )


def _parsed(text: str) -> dict[str, Any]:
    """feedparser's version, feed and entries.

    It takes every text that happens to be valid as twice-encoded UTF-8 for just that, which spoils good French; where
    that could happen, the document's Latin-1 letters travel as private-use characters.
    """
    import feedparser  # in a worker, see `ready`

    disguised = _COULD_DECODE.search(text) is not None
    try:
        parsed = feedparser.parse(
            io.BytesIO((text.translate(_DISGUISE) if disguised else text).encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # a library's parser fails in ways of its own; here they end
        raise ParseError(f"unreadable: {type(error).__name__}: {error}") from error
    shown = {
        "version": parsed.get("version") or "",
        "feed": dict(parsed["feed"]),
        # plain ones: the library's answer `updated` with `published`, and a warning
        "entries": [dict(entry) for entry in parsed["entries"]],
    }
    return {**_undisguised(shown)} if disguised else shown


def _undisguised(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(_UNDISGUISE)
    if isinstance(value, dict):
        return {key: _undisguised(each) for key, each in dict.items(value)}
    return [_undisguised(each) for each in value] if isinstance(value, list) else value


def _kind(version: str, root: str) -> str:
    if root == "rdf" or version in ("rss10", "rss090"):
        return "rdf"
    return "atom" if version.startswith("atom") or root == "feed" else "rss"


def _item(entry: Mapping[str, Any], url: str) -> Item:
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
    """The article's address: the original one behind a counting proxy, then the entry's own links in their order, for what
    follows the first may be related articles; an id that is an address last."""
    links = [each.get("href") for each in entry.get("links") or () if each.get("rel") in ("alternate", None)]
    candidates = [entry.get("feedburner_origlink"), *links]
    # an id calls itself a link by default
    if not entry.get("guidislink") or re.match("https?:", _text(entry.get("link"))):
        candidates.append(entry.get("link"))
    return next((found for each in candidates if (found := bounds.link(url, each))), None)


def _published(entry: Mapping[str, Any]) -> datetime | None:
    return next((moment for key in _DATES if (moment := read_date(entry.get(key)))), None)


def _authors(entry: Mapping[str, Any]) -> list[str]:
    people = entry.get("authors") or ()
    names = [_text(person.get("name")) or _text(person.get("email")) for person in people]
    return [name for name in names if name] or [_text(entry.get("author"))]
