"""News sitemaps, their indexes, gzip files of them; one a month or a day where the address has placeholders."""

from __future__ import annotations

from datetime import datetime

from monitor.collect import placeholders
from monitor.collect.kinds.kind import Document
from monitor.collect.parse import parse
from monitor.model import Feed, Source, SourceKind


def addresses(source: Source, now: datetime) -> tuple[str, ...]:
    return placeholders.addresses(source.url, now)


def read(document: Document, source: Source) -> Feed:
    kind = SourceKind.NEWS_SITEMAP
    return parse(document.body, kind, document.url, document.media_type, document.charset)
