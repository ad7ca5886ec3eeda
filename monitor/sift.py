"""What a worker process does with a fetched document: its items, each with what it is known by. Pure; called by the pipeline.

    parse, then key and hash of every item; of a document like the last one only the entries that are new are parsed,
    and where these are few their articles are drafted at once

A `memo` is what a reading leaves for the next one of the same source: the names (by their bytes) of the entries that were
shown and what they were known by. It saves work and decides nothing: whether an item is new is the store's to say.
"""

from __future__ import annotations

import pickle
import zlib
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.collect.bounds import MAX_ITEMS
from monitor.collect.entries import Document, cut
from monitor.collect.kinds import parse
from monitor.drafting import Draft, draft_all
from monitor.errors import ParseError
from monitor.model import Feed, Item, Shown, Source, SourceKind
from monitor.refine.keys import item_hash, item_key, told_apart
from monitor.text.naming import name_of

NOTHING = b""
AHEAD = (
    4  # new entries: a feed that writes all of its entries anew would have each of them drafted in each poll
)

Known = dict[bytes, Shown]  # what entries were known by, by their names


@dataclass(frozen=True, slots=True)
class Sifted:
    """A document's items. `shown` has all, in its order; `items` those that were parsed, by their place in `shown`."""

    feed: Feed  # without its items
    shown: tuple[Shown, ...]
    items: dict[int, Item]
    memo: bytes = NOTHING
    drafts: dict[int, Draft] = field(
        default_factory=dict
    )  # of some of the items, in case that the store wants them


def sift(
    body: bytes,
    kind: SourceKind,
    url: str,
    media_type: str,
    charset: str | None,
    source: Source,
    since: datetime | None = None,
    memo: bytes = NOTHING,
    ahead: datetime | None = None,
) -> Sifted:
    """See `monitor.collect.parse` for the arguments and errors; `memo` is the last reading's, or NOTHING. `ahead`: the time at
    which the articles of new entries are first seen, if they may be drafted here, as they are without their pages."""
    document = cut(body, charset) if kind is SourceKind.FEED else None
    if document is None or not memo:
        return _whole(document, body, kind, url, media_type, charset, source, since)
    told = _recalled(memo, document, url)
    known = {name: told[name] for name in document.names if name in told}
    sifted = None
    if known:
        rest = document.without(known).encode("utf-8", "replace")
        fresh = [at for at, name in enumerate(document.names) if name not in known]
        # what is damaged is read as a whole, so that the same is told of it each time
        with suppress(ParseError):
            feed = parse(rest, kind, url, media_type, "utf-8", source, since)
            if not feed.problems and len(feed.items) == len(fresh):
                sifted = _joined(document, known, feed, fresh, source.id, url)
    if sifted is None:
        sifted = _whole(document, body, kind, url, media_type, charset, source, since)
    return sifted if ahead is None else _drafted(sifted, told, source, ahead)


def _whole(
    document: Document | None,
    body: bytes,
    kind: SourceKind,
    url: str,
    media_type: str,
    charset: str | None,
    source: Source,
    since: datetime | None,
) -> Sifted:
    """Every item parsed."""
    feed = parse(body, kind, url, media_type, charset, source, since)
    shown = tuple(_shown(item, source.id) for item in feed.items)
    cuts_alike = document is not None and not feed.problems and len(shown) == len(document.names) <= MAX_ITEMS
    left = _memo(document, shown, url) if document and cuts_alike else NOTHING
    return Sifted(replace(feed, items=()), told_apart(shown, source.id), dict(enumerate(feed.items)), left)


def _drafted(sifted: Sifted, told: Known, source: Source, first_seen: datetime) -> Sifted:
    """With the articles of what the last reading did not show in any form, where that is little."""
    before = {each.key for each in told.values()}
    new = [at for at in sifted.items if sifted.shown[at].key not in before]
    if not before or len(new) > AHEAD:
        return sifted
    drafts = draft_all([sifted.items[at] for at in new], source, first_seen, backlog=False)
    return replace(sifted, drafts=dict(zip(new, drafts, strict=True)))


def _shown(item: Item, source_id: str) -> Shown:
    return Shown(
        item_key(item, source_id), item.id, item_hash(item), name_of(item.title, item.url), item.published
    )


def _joined(
    document: Document, known: Known, feed: Feed, fresh: list[int], source_id: str, url: str
) -> Sifted:
    """The entries of before and the parsed ones, each where it stands."""
    items = dict(zip(fresh, feed.items, strict=True))
    shown = tuple(
        _shown(items[at], source_id) if at in items else known[name] for at, name in enumerate(document.names)
    )
    return Sifted(replace(feed, items=()), told_apart(shown, source_id), items, _memo(document, shown, url))


def _memo(document: Document, shown: tuple[Shown, ...], url: str) -> bytes:
    told = {name: tuple(each) for name, each in zip(document.names, shown, strict=True)}
    return zlib.compress(pickle.dumps((url, document.context, told), pickle.HIGHEST_PROTOCOL), 1)


def _recalled(memo: bytes, document: Document, url: str) -> Known:
    """What the memo knows of entries: nothing where this document's would be read in another context now."""
    where, context, told = pickle.loads(zlib.decompress(memo))
    if (where, context) != (url, document.context):
        return {}
    return {name: Shown(*each) for name, each in told.items()}
