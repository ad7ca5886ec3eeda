"""What a kind of source offers. The modules beside this one are of the shape of `Kind`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.model import Feed, Source


@dataclass(frozen=True, slots=True)
class Document:
    """What one request brought, for a kind's `read`."""

    body: bytes
    url: str = ""  # after redirects: relative links mean this one
    media_type: str = ""
    charset: str | None = None
    since: datetime | None = None  # of the last good reading; None at the first


class Kind(Protocol):
    def addresses(self, source: Source, now: datetime) -> tuple[str, ...]:
        """What a poll at `now` reads: one address, or several, the surest first."""
        ...

    def read(self, document: Document, source: Source) -> Feed:
        """The items. Raises ParseError with a sentence for the operator."""
        ...
