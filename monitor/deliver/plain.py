"""Delivery of a Digest or SpikeAlert -> Message: what it says, as text alone. Pure. Called by render."""

from __future__ import annotations

from html import escape

from monitor.deliver.words import words_for
from monitor.model import Alert, Delivery, Digest, Message, Recipient, SpikeAlert
from monitor.text.plain import NAME, one_line

TITLE = 300


def render_plain(delivery: Delivery, told: Digest | SpikeAlert, recipient: Recipient, host: str) -> Message:
    subject, lines = _digest(told) if isinstance(told, Digest) else _spike(told)
    text = "\n".join([subject, "", *lines]) + "\n"
    return Message(
        reference=delivery.id,
        subject=subject,
        text=text,
        html=f"<pre>{escape(text)}</pre>",
        data={"version": 1, "reference": delivery.id, "recipient": delivery.recipient, "text": text},
        created_at=delivery.created_at,
        list_id=f"{'digests' if isinstance(told, Digest) else 'spikes'}.{host}",
        language=words_for(recipient.language).language,
    )


def _digest(told: Digest) -> tuple[str, list[str]]:
    lines = [line for alert in told.alerts for line in _alert(alert)]
    if told.receipt is not None:
        failed = ", ".join(one_line(name, NAME) for name in told.receipt.failed) or "none"
        lines += [f"sources read: {told.receipt.sources_read}; failed: {failed}"]
    return f"{told.kind} {told.slot}: {len(told.alerts)}", lines


def _alert(alert: Alert) -> list[str]:
    names = ", ".join(one_line(title, NAME) for title in alert.titles)
    told = f"[{alert.severity}] {one_line(alert.article.title, TITLE)} ({one_line(alert.source_name, NAME)}): {names}"
    return [told, *([one_line(alert.article.url, TITLE)] if alert.article.url else [])]


def _spike(told: SpikeAlert) -> tuple[str, list[str]]:
    spike = told.spike
    numbers = f"{spike.count} articles since {spike.since:%Y-%m-%d %H:%M}Z, {spike.expected} are usual"
    return f"{one_line(told.title, NAME)}: {numbers}", []
