"""What a page holds, as a value. In a module of its own: naming it must not cost the import of trafilatura."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Extract:
    """An article as its page has it. `body` has a line a paragraph and does not repeat the title."""

    title: str = ""
    body: str = ""
    published: datetime | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    canonical: str | None = None
    walled: bool = False  # shows its beginning only, and the rest to subscribers
    note: str = ""  # what had to be done otherwise than asked
