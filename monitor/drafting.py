"""What a worker process does with an item: its article, and what later articles are compared with it by. Pure.

    refine -> traits

Called by the pipeline, and by `follow` for a page that is looked at again. Traits are taken here and not where the verdict
is made: they cost more than all the rest, and the models behind them stay out of the daemon's own process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor import refine
from monitor.judge import traits_of
from monitor.model import Article, Item, Source, Traits

# What these functions and `sift` need: give it to the workers that run them.
PRELOAD = (*refine.PRELOAD, "monitor.judge.ready", "monitor.collect.ready", "monitor.sift", __name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """An article before the judgement."""

    article: Article
    traits: Traits

    def of(self, source_id: str, key: str | None = None) -> Draft:
        """As an article of this source, under this key."""
        article = replace(self.article, source_id=source_id, key=key or self.article.key)
        return replace(self, article=article)


def draft(
    item: Item,
    source: Source,
    page: bytes | None,
    page_url: str | None,
    page_note: str,
    first_seen: datetime,
    backlog: bool,
    charset: str | None = None,
) -> Draft:
    """The article that an item announces (see `monitor.refine.article` for the arguments), with its traits."""
    article = refine.refine(item, source, page, page_url, page_note, first_seen, backlog, charset)
    return _drafts([article])[0]


def draft_all(items: Sequence[Item], source: Source, first_seen: datetime, backlog: bool) -> list[Draft]:
    """Those of items whose pages are not asked for."""
    return _drafts([refine.refine(item, source, None, None, "", first_seen, backlog) for item in items])


def _drafts(articles: Sequence[Article]) -> list[Draft]:
    return [Draft(article, found) for article, found in zip(articles, traits_of(articles), strict=True)]
