"""What a document tells of its outlet: how many items a day, how new, in which language, with their text or not. Pure.

Called by `monitor sources add`, so that an operator can choose between an outlet's feed, sitemap and API.
"""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Feed
from monitor.text.language import detect, language_tag

WHOLE = 800  # characters of an item's text, without markup, from which on it is more than a teaser
_MARKUP = re.compile(r"<[^>]*>")
SHORTEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rate:
    items: int
    per_day: float | None  # None where fewer than two items are dated
    newest: datetime | None
    language: str | None
    full_text: bool


def rate(feed: Feed, now: datetime) -> Rate:
    dates = sorted(item.published for item in feed.items if item.published and item.published <= now)
    per_day = None
    if len(dates) > 1:
        per_day = (len(dates) - 1) / (max(dates[-1] - dates[0], SHORTEST) / timedelta(days=1))
    texts = [len(_MARKUP.sub("", item.content or item.summary)) for item in feed.items]
    said = feed.language or next((item.language for item in feed.items if item.language), None)
    words = "\n".join(item.title for item in feed.items[:30])
    return Rate(
        len(feed.items),
        per_day,
        dates[-1] if dates else None,
        detect(words, language_tag(said)) or language_tag(said),
        bool(texts) and statistics.median(texts) >= WHOLE,
    )
