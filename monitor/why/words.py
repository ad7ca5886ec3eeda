"""What the ledger's reasons and a delivery's states are called when somebody asks. Pure.

A reason that is not in the table is told by its own name and detail, so the ledger may learn a new one without this
file; `{detail}` is the ledger's own sentence, `{who}` the recipient.
"""

from __future__ import annotations

from monitor.model import ChannelState, Decision, Delivery, DeliveryState, Reason
from monitor.why.answers import minute

UNWANTED = "unwanted"  # the class of what its recipient had left, or somebody silenced
# the Reason's value -> (answer, sentence)
SENTENCES = {
    Reason.ALERTED: ("alerted", "it was decided to tell: {detail}"),
    Reason.ALREADY_ALERTED: ("already-told", "a story is told once: {detail}"),
    Reason.BACKLOG: ("backlog", "it came with the first reading of its source, and that is never alerted"),
    Reason.NOBODY: ("nobody", "nobody is to be told: {detail}"),
    Reason.SILENCED: ("silenced", "silenced: {detail}"),
    Reason.UNSUBSCRIBED: ("unsubscribed", "unsubscribed: {detail}"),
    Reason.NOT_RELEVANT: ("not-relevant", "{detail}"),
    Reason.ACKNOWLEDGED: ("acknowledged", "{detail}"),
    Reason.REPLY_UNDONE: ("reply-undone", "{detail}"),
    Reason.HELD: ("held", "held back: {detail}"),
    Reason.IN_DIGEST: ("in-digest", "it waits for, or went with, a digest: {detail}"),
    Reason.FOLLOWED: ("followed", "{detail}"),
    Reason.ESCALATED: ("escalated", "{detail}"),
}


def told(decision: Decision) -> tuple[str, str]:
    """The answer and its sentence for a line of the ledger."""
    answer, sentence = SENTENCES.get(decision.reason, (decision.reason.value, "{detail}"))
    detail = decision.detail or decision.reason.value
    return answer, sentence.format(detail=detail, who=decision.subject)


def became(delivery: Delivery, message_id: str, channel: ChannelState) -> tuple[str, str]:
    """The answer and its sentence for what became of a delivery through this channel."""
    to = f"{delivery.recipient} by {delivery.channel}"
    failed = f"; last error: {delivery.last_error}" if delivery.last_error else ""
    match delivery.state:
        case DeliveryState.SENT:
            at = minute(delivery.sent_at) if delivery.sent_at else "an unknown time"
            return "sent", f"sent to {to} on {at}, Message-ID {message_id}"
        case DeliveryState.DEAD:
            tries = f"after {delivery.attempts} attempt{'s' * (delivery.attempts != 1)}"
            return "dead", f"the delivery to {to} was given up {tries}{failed} (`monitor outbox retry`)"
        case DeliveryState.DROPPED if delivery.last_class == UNWANTED:
            return "dropped", f"the delivery to {to} was dropped before it was sent: {delivery.last_error}"
        case DeliveryState.DROPPED:
            return "dropped", f"an operator dropped the delivery to {to}{failed}"
        case DeliveryState.LEASED:
            return "pending", f"the delivery to {to} is being sent this moment"
        case DeliveryState.PENDING if channel.opened_at is not None:
            since = f" since {minute(channel.failing_since)}" if channel.failing_since else ""
            tried = f", tried again {minute(channel.try_at)}" if channel.try_at else ""
            return (
                "breaker-open",
                f"the delivery to {to} waits: its channel failed {channel.failures} times in a row{since}{tried}; "
                f"last error: {channel.last_error}",
            )
        case DeliveryState.PENDING:
            when = minute(max(delivery.next_attempt_at, channel.try_at or delivery.next_attempt_at))
            return (
                "pending",
                f"the delivery to {to} waits, next attempt {when}, {delivery.attempts} before{failed}",
            )
