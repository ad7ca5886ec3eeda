"""RSS 0.9 to 2.0, RDF, Atom and JSON Feed; what a document is, its own looks decide (`collect.parse`)."""

from __future__ import annotations

from datetime import datetime

from monitor.collect import googlenews, placeholders
from monitor.collect.kinds.kind import Document
from monitor.collect.parse import parse
from monitor.model import Feed, Source, SourceKind


def addresses(source: Source, now: datetime) -> tuple[str, ...]:
    return placeholders.addresses(source.url, now)


def read(document: Document, source: Source) -> Feed:
    feed = parse(document.body, SourceKind.FEED, document.url, document.media_type, document.charset)
    return googlenews.attributed(feed, document.body) if googlenews.recognise(document.url) else feed
