"""What an item is known by, before anything of it is fetched or judged. Called by the pipeline for every item of every
poll, so these are cheap; never by what happens later (a page may state another address: the item's stays its key)."""

from __future__ import annotations

import hashlib
import re

from monitor.model import Item
from monitor.refine.urls import url_key

_TAG = re.compile(r"<[^<>]*>")
_BLANK = re.compile(r"\s+")


def item_key(item: Item, source_id: str) -> str:
    """The canonical key of its link; else of its id within the source; else of its title and date.

    A link to a site's front page names no article, and some feeds have nothing else: the id or title decides there.
    """
    for address in (item.url, item.id):
        key = url_key(address) if address else ""
        if "/" in key or "?" in key or "#" in key:
            return key
    if item.id:
        return f"{source_id}:id:{_digest(item.id)}"
    moment = item.published.isoformat() if item.published else ""
    told = (item.title, moment) if item.title.strip() else (item.summary, item.content, moment)
    return f"{source_id}:title:{_digest(*told)}"


def item_hash(item: Item) -> str:
    """Of title, summary and content, without tags: an advertisement's or image's new address changes no item."""
    return _digest(*(_TAG.sub(" ", text) for text in (item.title, item.summary, item.content)))


def _digest(*texts: str) -> str:
    joined = "\0".join(_BLANK.sub(" ", text).strip() for text in texts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]
