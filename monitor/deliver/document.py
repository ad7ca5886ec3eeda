"""The alert as data: the webhook's JSON document, described in docs/webhook.md. Pure.

Called by render. The names and types here are a contract with programs of others: `version` grows when one of them changes meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.deliver.reasons import Reasons, WatchlistReason
from monitor.model import (
    Alert,
    Article,
    Correction,
    Delivery,
    Digest,
    Match,
    Notice,
    Receipt,
    SpikeAlert,
    Spread,
    Update,
)
from monitor.text.plain import sound
from monitor.text.snippets import Passage

VERSION = 1
SUMMARY = 2_000  # characters
HITS = 50  # a watchlist
OUTLETS = 100  # named


def document(delivery: Delivery, alert: Alert, reasons: Reasons, public_url: str) -> dict[str, object]:
    """Of a delivery of this alert."""
    return {
        "version": VERSION,
        "reference": delivery.id,
        "story": delivery.story,
        "edition": delivery.edition,
        "recipient": delivery.recipient,
        "channel": delivery.channel,
        "created_at": _when(delivery.created_at),
        "monitor": public_url,
        **_content(alert, reasons),
    }


def digest_document(
    delivery: Delivery, digest: Digest, reasons: Sequence[Reasons], public_url: str
) -> dict[str, object]:
    """Of a delivery of this digest; `reasons` are those of its alerts, in their order."""
    return {
        "version": VERSION,
        "reference": delivery.id,
        "recipient": delivery.recipient,
        "channel": delivery.channel,
        "created_at": _when(delivery.created_at),
        "monitor": public_url,
        "digest": digest.kind,
        "slot": digest.slot,
        "since": _when(digest.since),
        "alerts": [_content(alert, why) for alert, why in zip(digest.alerts, reasons, strict=True)],
        "receipt": _receipt(digest.receipt),
    }


def spike_document(delivery: Delivery, told: SpikeAlert, public_url: str) -> dict[str, object]:
    """Of a delivery of this alert of a watchlist's volume."""
    spike = told.spike
    return {
        "version": VERSION,
        "reference": delivery.id,
        "recipient": delivery.recipient,
        "channel": delivery.channel,
        "created_at": _when(delivery.created_at),
        "monitor": public_url,
        "severity": told.severity.value,
        "spike": {
            "watchlist": spike.watchlist,
            "title": sound(told.title),
            "since": _when(spike.since),
            "at": _when(spike.at),
            "count": spike.count,
            "expected": spike.expected,
            "chance": spike.chance,
            "days": spike.days,
            "hours": list(spike.hours),
            "usual": list(spike.usual),
        },
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


def _content(alert: Alert, reasons: Reasons) -> dict[str, object]:
    return {
        "severity": alert.severity.value,
        "article": _article(alert.article, alert.source_name),
        "spread": _spread(alert.story_state),
        "update": _update(alert.update),
        "correction": _correction(alert.correction),
        "escalated_from": sound(alert.escalated_from) or None,
        "reasons": [_reason(match, reason) for match, reason in zip(alert.matches, reasons, strict=False)],
    }


def _spread(state: Spread | None) -> dict[str, object] | None:
    if state is None:
        return None
    return {
        "outlets": [sound(name) for name in state.outlets[:OUTLETS]],
        "number": len(state.outlets),
        "agencies": [{"name": sound(name), "outlets": n} for name, n in state.agencies],
        "articles": state.articles,
        "languages": list(state.languages),
    }


def _update(update: Update | None) -> dict[str, object] | None:
    if update is None:
        return None
    new = [sound(name) for name in update.new_outlets[:OUTLETS]]
    return {"reasons": list(update.reasons), "new_outlets": new, "outlets": update.outlets}


def _correction(correction: Correction | None) -> dict[str, object] | None:
    if correction is None:
        return None
    return {
        "kind": correction.kind,
        "before": sound(correction.before),
        "after": sound(correction.after),
        "seen_at": _when(correction.seen_at),
    }


def _receipt(receipt: Receipt | None) -> dict[str, object] | None:
    if receipt is None:
        return None
    return {
        "sources_read": receipt.sources_read,
        "failed": [sound(name) for name in receipt.failed],
        "silent": [sound(name) for name in receipt.silent],
        "hours_uncovered": receipt.hours_uncovered,
    }


def _article(article: Article, source_name: str) -> dict[str, object]:
    return {
        "title": sound(article.title),
        "url": sound(article.url) if article.url else None,
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
