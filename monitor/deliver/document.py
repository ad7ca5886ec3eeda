"""The alert as data: the webhook's JSON document, described in docs/webhook.md. Pure.

Called by render. The names and types here are a contract with programs of others: `version` grows when one of them changes meaning.
"""

from __future__ import annotations

from datetime import datetime

from monitor.deliver.reasons import Reasons, WatchlistReason
from monitor.model import Alert, Article, Delivery, Match, Notice
from monitor.text.plain import sound
from monitor.text.snippets import Passage

VERSION = 1
SUMMARY = 2_000  # characters
HITS = 50  # a watchlist


def document(delivery: Delivery, alert: Alert, reasons: Reasons, public_url: str) -> dict[str, object]:
    """Of a delivery of this alert."""
    return {
        "version": VERSION,
        "reference": delivery.id,
        "story": delivery.story,
        "edition": delivery.edition,
        "recipient": delivery.recipient,
        "channel": delivery.channel,
        "severity": alert.severity.value,
        "created_at": _when(delivery.created_at),
        "monitor": public_url,
        "article": _article(alert.article, alert.source_name),
        "reasons": [_reason(match, reason) for match, reason in zip(alert.matches, reasons, strict=False)],
    }


def notice_document(delivery: Delivery, notice: Notice, public_url: str) -> dict[str, object]:
    """Of a delivery of this notice; told from an alert by its `notice`."""
    return {
        "version": VERSION,
        "reference": delivery.id,
        "recipient": delivery.recipient,
        "channel": delivery.channel,
        "created_at": _when(delivery.created_at),
        "monitor": public_url,
        "notice": notice.topic,
        "lines": [
            {
                "subject": sound(line.subject),
                "state": line.state,
                "since": _when(line.since),
                "reason": sound(line.reason),
            }
            for line in notice.lines
        ],
    }


def _article(article: Article, source_name: str) -> dict[str, object]:
    return {
        "title": sound(article.title),
        "url": article.url,
        "source": {"id": article.source_id, "name": sound(source_name)},
        "language": article.language,
        "published": _when(article.published),
        "first_seen": _when(article.first_seen),
        "authors": [sound(author) for author in article.authors],
        "summary": sound(article.summary[:SUMMARY]),
    }


def _reason(match: Match, reason: WatchlistReason) -> dict[str, object]:
    return {
        "watchlist": match.watchlist,
        "title": reason.title,
        "hits": [
            {
                "term": sound(hit.term),
                "read_as": sound(hit.read_as),
                "field": hit.field,
                "start": hit.start,
                "end": hit.end,
                "text": sound(hit.text),
            }
            for hit in match.hits[:HITS]
        ],
        "passages": [_passage(passage) for passage in reason.passages],
    }


def _passage(passage: Passage) -> list[dict[str, object]]:
    return [{"text": part.text, "hit": part.hit} for part in passage]


def _when(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
