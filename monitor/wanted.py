"""Whether an alert that waited, or waits in the outbox, is still to be told: the store's answers and silences, judged.

Called by `follow` when an alert is let go, and by `despatch` before each sending. Reads only.
"""

from __future__ import annotations

from datetime import datetime

from monitor.judge import Rules, still_to_tell
from monitor.model import Alert, Decision, Delivery, Notice, Reason, ReplyKind
from monitor.store import Store


def wanted(
    store: Store, rules: Rules, alert: Alert, story: int | None, now: datetime
) -> tuple[Alert | None, tuple[Decision, ...]]:
    """What of it is wanted now, or None; and why what is missing is not."""
    replies = store.responses.that_matter([] if story is None else [story])
    return still_to_tell(alert, story, store.silences.in_force(now), replies, rules, now)


def why_unwanted(store: Store, rules: Rules, delivery: Delivery, now: datetime) -> tuple[Decision, ...]:
    """Why a delivery must not go any more; () where it may. An alert goes as it is as long as one of its watchlists is
    wanted; a digest as long as its recipient wants any. A notice always."""
    told = delivery.alert
    if isinstance(told, Alert):
        left, why_not = wanted(store, rules, told, delivery.story, now)
        return why_not if left is None else ()
    if isinstance(told, Notice) or not _left_everything(store, delivery.recipient):
        return ()
    detail = f"a delivery to {delivery.recipient} was dropped: it unsubscribed from everything"
    return (Decision("deliver", Reason.UNSUBSCRIBED, detail, delivery.recipient),)


def _left_everything(store: Store, recipient: str) -> bool:
    return any(
        each.recipient == recipient and each.kind is ReplyKind.UNSUBSCRIBE_ALL
        for each in store.responses.unsubscriptions()
    )
