"""A delivery that says of itself that it is a test: an alert like any other, so that its reader sees what alerts look like.

Called by `monitor notify test`. It is in no outbox and no ledger.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from monitor.model import (
    Alert,
    Article,
    Channel,
    Delivery,
    DeliveryState,
    Match,
    Recipient,
    Severity,
    TextFrom,
)

# the recipient's language -> what it is called, what it says; {channel} and {who} are filled in
WORDS = {
    "en": (
        "TEST: alerts arrive here",
        "This is a test of the channel {channel} of {who}. Nothing has happened, and nobody needs to do anything.",
    ),
    "fr": (
        "TEST : les alertes arrivent ici",
        "Ceci est un essai du canal {channel} de {who}. Il ne s’est rien passé, il n’y a rien à faire.",
    ),
    "ar": (
        "اختبار: التنبيهات تصل إلى هنا",
        "هذا اختبار للقناة {channel} الخاصة بـ {who}. لم يحدث شيء ولا يلزم القيام بأي شيء.",
    ),
    "es": (
        "PRUEBA: las alertas llegan aquí",
        "Esto es una prueba del canal {channel} de {who}. No ha pasado nada y no hay que hacer nada.",
    ),
}


def trial_delivery(recipient: Recipient, channel: Channel, now: datetime) -> Delivery:
    """For one channel, with an identity of its own."""
    language = recipient.language if recipient.language in WORDS else "en"
    title, body = WORDS[language]
    article = Article(
        key="test",
        source_id="media-monitor",
        title=title,
        body=body.format(channel=channel.id, who=recipient.name or recipient.id),
        language=language,
        published=now,
        first_seen=now,
        text_from=TextFrom.CONTENT,
    )
    alert = Alert(
        recipient=recipient.id,
        severity=Severity.LOW,
        watchlists=("test",),
        titles=("TEST",),
        article=article,
        source_name="media-monitor",
        matches=(Match("test"),),
        channels=(channel.id,),
    )
    return Delivery(
        id=str(uuid.uuid4()),
        recipient=recipient.id,
        channel=channel.id,
        alert=alert,
        story=None,
        edition=0,
        state=DeliveryState.PENDING,
        created_at=now,
        next_attempt_at=now,
    )
