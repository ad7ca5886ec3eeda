"""The kinds of source, one module each: where a poll of it looks, and how what came back is read.

Called by the pipeline and the command line through `addressed` and `parse`. A new kind is a copied module and one line of
KINDS. Pure: `parse` runs in a worker process, so what a kind needs to know stands in the Source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from monitor.collect.kinds import feed, gdelt, mailbox, news_sitemap, page, telegram, wordpress
from monitor.collect.kinds.kind import Document, Kind
from monitor.model import Feed, Source, SourceKind, SourceState

KINDS: Mapping[SourceKind, Kind] = {
    SourceKind.FEED: feed,
    SourceKind.NEWS_SITEMAP: news_sitemap,
    SourceKind.WORDPRESS: wordpress,
    SourceKind.PAGE: page,
    SourceKind.TELEGRAM: telegram,
    SourceKind.GDELT: gdelt,
    SourceKind.MAILBOX: mailbox,
}


def addressed(source: Source, state: SourceState, now: datetime) -> tuple[Source, SourceState]:
    """The source with the address of a poll at `now`, and the state to ask by.

    Where a poll reads several documents, the first one's validators are not used: it may stand still while another moves.
    """
    url, *also = KINDS[source.kind].addresses(source, now)
    if also:
        state = replace(state, etag=None, last_modified=None, body_hash=None)
    return replace(source, url=url, also=tuple(also)), state


def parse(
    body: bytes,
    kind: SourceKind = SourceKind.FEED,
    url: str = "",
    media_type: str = "",
    charset: str | None = None,
    source: Source | None = None,
    since: datetime | None = None,
) -> Feed:
    """The items in a document of a source of this kind.

    `url` is where it was found, after redirects; `media_type` and `charset` are what the transport said; `source` states
    selectors and patterns, and `since` when it was last read well: a list that does not reach back so far names its next
    page among `Feed.links`. Raises ParseError (NotAFeed for other things) with a sentence for the operator.
    """
    asked = source or Source("", url, kind=kind)
    found = KINDS[kind].read(Document(body, url, media_type, charset, since), asked)
    return replace(found, links=(*asked.also, *found.links)) if asked.also else found
