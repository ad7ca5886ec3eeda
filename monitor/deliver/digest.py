"""Delivery of a Digest -> Message: the letter that review laid out, its data, and what a chat shows of it. Pure.

Called by render. A chat gets one line a story, the most important first, as many as one message holds.
"""

from __future__ import annotations

from monitor.deliver.document import digest_document
from monitor.deliver.reasons import reasons_of
from monitor.deliver.templating import link
from monitor.deliver.words import Words, words_for
from monitor.model import Alert, Delivery, Digest, Letter, Links, Message, Receipt, Recipient
from monitor.text.phrases import corrected, counted, phrases_for
from monitor.text.plain import NAME, one_line

LINES = 12  # stories named in a chat
HEADLINE = 160  # characters there


def render_digest(
    delivery: Delivery,
    digest: Digest,
    letter: Letter,
    recipient: Recipient,
    public_url: str,
    host: str,
    links: Links | None,
) -> Message:
    words = words_for(recipient.language)
    reasons = [reasons_of(alert, words) for alert in digest.alerts]
    return Message(
        reference=delivery.id,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        data=digest_document(delivery, digest, reasons, public_url),
        created_at=delivery.created_at,
        list_id=f"digest.{host}",
        language=letter.language,
        unsubscribe=links.leave if links else None,
        chat=_chat(digest, words),
    )


def _chat(digest: Digest, words: Words) -> str:
    lines = [_line(number, alert, words) for number, alert in enumerate(digest.alerts[:LINES], start=1)]
    if len(digest.alerts) > LINES:
        lines.append(words.more_stories.format(n=len(digest.alerts) - LINES))
    if not lines:
        lines.append(words.nothing)
    if digest.receipt:
        lines.append(_receipt(digest.receipt, words))
    return "\n".join(lines)


def _line(number: int, alert: Alert, words: Words) -> str:
    phrases = phrases_for(words.language)
    outlet = one_line(alert.source_name or alert.article.source_id, NAME)
    state = alert.story_state
    reach = counted(phrases.outlets, len(state.outlets)) if state and len(state.outlets) > 1 else outlet
    said = f"{number}. [{words.severity[alert.severity]}] {one_line(alert.article.title, HEADLINE) or words.untitled} ({reach})"
    if alert.correction:
        said = f"{said} – {corrected(alert.correction, outlet, phrases)}"
    return "\n".join(filter(None, (said, link(alert.article.url))))


def _receipt(receipt: Receipt, words: Words) -> str:
    """One line; the letter names the sources."""
    parts = [counted(words.sources_read, receipt.sources_read)]
    if receipt.failed:
        parts.append(counted(words.sources_failed, len(receipt.failed)))
    if receipt.silent:
        parts.append(counted(words.sources_silent, len(receipt.silent)))
    return words.comma.join(parts)
