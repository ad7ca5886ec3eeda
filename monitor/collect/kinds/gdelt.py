"""Searches of GDELT's DOC API (https://api.gdeltproject.org/api/v2/doc/doc): the world's press by keywords, best effort.

Its answers name address, headline, outlet and the moment GDELT saw the article; text comes from the page. It says no in
plain sentences with status 200, and takes one request in five seconds from an address (`fetchers` keeps that).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from monitor.collect import bounds
from monitor.collect.charset import decode
from monitor.collect.dates import read_date
from monitor.collect.jsonfeed import load
from monitor.collect.kinds.kind import Document
from monitor.errors import NotAFeed
from monitor.model import Feed, Item, Source

HOST = "api.gdeltproject.org"
SPACING = 5.0  # seconds between requests
ASKED = {"mode": "artlist", "format": "json", "sort": "datedesc", "maxrecords": "100", "timespan": "1d"}
LANGUAGES = {"Arabic": "ar", "English": "en", "French": "fr", "Spanish": "es", "German": "de", "Italian": "it",
             "Portuguese": "pt", "Turkish": "tr", "Persian": "fa", "Hebrew": "he", "Russian": "ru"}  # fmt: skip
_TOKENISED = re.compile(r"\s+(?=[,.:;!?%)»])|(?<=[(«])\s+")  # headlines come with blanks around each sign


def addresses(source: Source, now: datetime) -> tuple[str, ...]:
    place, _, query = source.url.partition("?")
    given = dict(parse_qsl(query, keep_blank_values=True))
    fixed = {name: ASKED[name] for name in ("mode", "format")}  # other modes hold no articles
    return (f"{place}?{urlencode({**ASKED, **given, **fixed})}",)


def read(document: Document, source: Source) -> Feed:
    text, problem = decode(document.body, document.charset)
    if text.lstrip()[:1] != "{":
        raise NotAFeed(f"GDELT refuses: {' '.join(bounds.clean(text).split())[:200] or 'an empty answer'}")
    found = load(text)
    rows = found.get("articles", [])
    if not isinstance(rows, list):
        raise NotAFeed("not GDELT's list of articles")
    items = [_item(row, document.url) for row in rows if isinstance(row, dict)]
    return bounds.feed("gdelt", "", [item for item in items if item.url], [problem])


def _item(row: Mapping[str, Any], base: str) -> Item:
    return Item(
        url=bounds.link(base, row.get("url")),
        title=_TOKENISED.sub("", bounds.clean(row.get("title"))),
        published=read_date(row.get("seendate")),
        authors=bounds.authors([row.get("domain")]),
        language=LANGUAGES.get(bounds.clean(row.get("language"))),
    )
