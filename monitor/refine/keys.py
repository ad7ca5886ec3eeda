"""What an item is known by, before anything of it is fetched or judged. Called by the pipeline for every item of every
poll, so these are cheap; never by what happens later (a page may state another address: the item's stays its key)."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence

from monitor.model import Item, Shown
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
        return _by_id(item.id, source_id)
    moment = item.published.isoformat() if item.published else ""
    told = (item.title, moment) if item.title.strip() else (item.summary, item.content, moment)
    return f"{source_id}:title:{_digest(*told)}"


def told_apart(shown: Sequence[Shown], source_id: str) -> tuple[Shown, ...]:
    """The items of one document, each under a key of its own: an address that several of them have names none of them (a page
    of offers that is written anew each day, a live report, a feed that links to its front page). Their ids do, else their titles.
    """
    alike: defaultdict[str, set[str]] = defaultdict(set)
    for each in shown:
        alike[each.key].add(each.id or each.name)
    if len(alike) == len(shown):
        return tuple(shown)
    return tuple(
        each if len(alike[each.key]) == 1 else each._replace(key=_apart(each, source_id)) for each in shown
    )


def _apart(shown: Shown, source_id: str) -> str:
    return _by_id(shown.id, source_id) if shown.id else f"{source_id}:title:{shown.name or shown.hash}"


def _by_id(id: str, source_id: str) -> str:
    return f"{source_id}:id:{_digest(id)}"


def item_hash(item: Item) -> str:
    """Of title, summary and content, without tags: an advertisement's or image's new address changes no item."""
    return _digest(*(_TAG.sub(" ", text) for text in (item.title, item.summary, item.content)))


def _digest(*texts: str) -> str:
    joined = "\0".join(_BLANK.sub(" ", text).strip() for text in texts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]
