"""Public Telegram channels, by their preview pages (`https://t.me/s/NAME`). No account, no API.

A private channel, a group or a name that nobody has shows no preview: that is an error, never an empty channel.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import html

from monitor.collect import bounds
from monitor.collect.charset import decode
from monitor.collect.dates import read_date
from monitor.collect.kinds.kind import Document
from monitor.collect.kinds.page import tree_of
from monitor.errors import NotAFeed
from monitor.model import Feed, Item, Source

NAME = re.compile(r"^/(?:s/)?([A-Za-z][A-Za-z0-9_]{3,31})/?$")
HOSTS = ("t.me", "telegram.me", "telegram.dog")
MESSAGES = 200  # of a preview, which shows 20
TITLE = 200  # characters: a message has no headline, its first line serves
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def addresses(source: Source, now: datetime) -> tuple[str, ...]:
    parts = urlsplit(source.url)
    named = NAME.match(parts.path)
    return (f"{parts.scheme}://{parts.netloc}/s/{named[1]}" if named else source.url,)


def read(document: Document, source: Source) -> Feed:
    text, problem = decode(document.body, document.charset)
    tree = tree_of(text)
    if not tree.xpath(
        "//*[contains(@class, 'tgme_channel_history') or contains(@class, 'tgme_channel_info')]"
    ):
        raise NotAFeed(
            "not a public channel: Telegram shows no preview of it (private, a group, or nobody's name)"
        )
    items = [
        item for each in tree.xpath("//*[@data-post]")[-MESSAGES:] if (item := _item(each, document.url))
    ]
    feed = bounds.feed("telegram", _first(tree, "tgme_channel_info_header_title"), items[::-1], [problem])
    older = next(iter(tree.xpath("//link[@rel='prev']/@href | //a[@data-before]/@href")), None)
    link = bounds.link(document.url, older) if older else None
    return replace(feed, links=(link,)) if link and _reaches_short(feed, document.since) else feed


def _reaches_short(feed: Feed, since: datetime | None) -> bool:
    return bool(since and feed.items) and all(
        item.published is not None and since is not None and item.published > since for item in feed.items
    )


def _item(message: Any, base: str) -> Item | None:
    """A message with words; None for a picture alone and for what the channel says of itself (a new title)."""
    post = str(message.get("data-post"))
    bodies = message.xpath(f".//*[{_has('tgme_widget_message_text')}]")
    shown = "\n".join(_inner(each) for each in bodies)
    preview = (
        f"{_first(message, 'link_preview_title')}\n{_first(message, 'link_preview_description')}".strip()
    )
    plain = "\n".join(_lines(each) for each in bodies).strip() or preview
    if not plain:
        return None
    return Item(
        id=post,
        url=bounds.link(base, f"/{post}"),
        title=_headline(plain),
        summary=f"{shown}<br>{preview}" if shown and preview else shown or preview,
        published=read_date(next(iter(message.xpath(".//time/@datetime")), None)),
        authors=bounds.authors([_first(message, "tgme_widget_message_from_author")]),
    )


def _has(name: str) -> str:
    return f"contains(concat(' ', @class, ' '), ' {name} ')"


def _first(tree: Any, name: str) -> str:
    found = next(iter(tree.xpath(f".//*[{_has(name)}]")), None)
    return bounds.clean(" ".join(found.text_content().split())) if found is not None else ""


def _inner(element: Any) -> str:
    return str(html.tostring(element, encoding="unicode", with_tail=False))


def _lines(element: Any) -> str:
    whole = html.fragment_fromstring(_BREAK.sub("\n", _inner(element)))
    return bounds.clean(whole.text_content())


def _headline(text: str) -> str:
    first = next(line.strip() for line in text.split("\n") if line.strip())
    return first if len(first) <= TITLE else first[:TITLE].rsplit(" ", 1)[0] + "…"
