"""Whether an alert that waited, or waits in the outbox, is still to be told: the store's answers and silences, judged.

Called by `follow` when an alert is let go, and by `despatch` before each sending. Reads only.
"""

from __future__ import annotations

from datetime import datetime

from monitor.judge import Rules, still_to_tell
from monitor.model import Alert, Decision, Digest, Reason, ReplyKind
from monitor.store import Store


def wanted(
    store: Store, rules: Rules, alert: Alert, story: int | None, now: datetime
) -> tuple[Alert | None, tuple[Decision, ...]]:
    """What of it is wanted now, or None; and why what is missing is not."""
    replies = store.responses.that_matter([] if story is None else [story])
    return still_to_tell(alert, story, store.silences.in_force(now), replies, rules, now)


def unwanted_digest(store: Store, digest: Digest) -> tuple[Decision, ...]:
    """Why a digest must not go any more; () where it may. What one of its stories is silenced for is in it as it was."""
    left = [
        each
        for each in store.responses.unsubscriptions()
        if each.recipient == digest.recipient and each.kind is ReplyKind.UNSUBSCRIBE_ALL
    ]
    detail = (
        f"the {digest.kind} of {digest.slot} was dropped: {digest.recipient} unsubscribed from everything"
    )
    return (Decision("deliver", Reason.UNSUBSCRIBED, detail, digest.recipient),) if left else ()
