"""Item -> Article: pure functions of what a source states. The door of the room.

`url_key`, `item_key` and `item_hash` are cheap and run anywhere. `refine` and `extract` read strangers' pages: they run
in a worker process (see `monitor.workers`), and import trafilatura only there, when first called. Give PRELOAD to the
workers, so that no article's deadline pays for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.model import Article, Item, Source
from monitor.refine.facts import Extract
from monitor.refine.keys import item_hash, item_key
from monitor.refine.urls import url_key

__all__ = ["PRELOAD", "Extract", "extract", "item_hash", "item_key", "refine", "refine_all", "url_key"]

PRELOAD = ("monitor.refine.ready",)


def refine(
    item: Item,
    source: Source,
    page: bytes | None,
    page_url: str | None,
    page_note: str,
    first_seen: datetime,
    backlog: bool,
    charset: str | None = None,
) -> Article:
    """The article that an item announces; see `monitor.refine.article`."""
    from monitor.refine import article

    return article.refine(item, source, page, page_url, page_note, first_seen, backlog, charset)


def refine_all(items: Sequence[Item], source: Source, first_seen: datetime, backlog: bool) -> list[Article]:
    """The articles of items whose pages are not asked for."""
    return [refine(item, source, None, None, "", first_seen, backlog) for item in items]


def extract(
    html: bytes, url: str | None = None, charset: str | None = None, selector: str | None = None
) -> Extract:
    """The article in a page; see `monitor.refine.extraction`."""
    from monitor.refine.extraction import extract as read

    return read(html, url, charset, selector)
