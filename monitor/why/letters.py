"""Of a mail that told of no single article, named by its reference: what it was, what became of it, and what it told of."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.model import Alert, Delivery, Digest, Notice, SpikeAlert
from monitor.store import Store
from monitor.why import words
from monitor.why.answers import Answer, minute


def of_letter(store: Store, told: Delivery, host: str) -> Iterator[Answer]:
    """The delivery first, then each article that it told of, the most important first."""
    message_id = f"<{told.id}@{host}>"
    channel = store.channels.get((told.recipient, told.channel))
    answer, became = words.became(told, message_id, channel)
    facts = {"delivery": told.id, "channel": told.channel, "state": told.state, "message_id": message_id}
    at = told.sent_at or told.created_at
    yield Answer(answer, f"{_name(told)}: {became}", told.recipient, at=at, facts=facts)
    for alert in told.alert.alerts if isinstance(told.alert, Digest) else ():
        yield _article(store, told.recipient, alert)


def _name(told: Delivery) -> str:
    match told.alert:
        case Digest(kind=kind, slot=slot, alerts=alerts):
            return (
                f"the {kind} of {slot}, which told of {len(alerts)} stor{'y' if len(alerts) == 1 else 'ies'}"
            )
        case SpikeAlert(spike=spike):
            usual = f"{spike.count} articles since {minute(spike.since)}, where {spike.expected:g} are usual"
            return f"what told of the volume of {spike.watchlist} ({usual})"
        case Notice(topic=topic):
            return f"a notice to operators about {topic}"
        case Alert():
            return "an alert of an article that is no longer stored"


def _article(store: Store, recipient: str, alert: Alert) -> Answer:
    article = alert.article
    known = store.articles.by_url_key(article.key)
    more = f" (`monitor why {known.id}` tells more)" if known else ", which is no longer stored"
    text = f"it told of «{article.title}» ({article.source_id}) for {', '.join(alert.watchlists)}{more}"
    facts = {"article": known.id if known else None, "article_url": article.url}
    return Answer("in-digest", text, recipient, alert.watchlists[0] if alert.watchlists else "", facts=facts)
