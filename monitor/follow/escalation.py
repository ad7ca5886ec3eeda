"""A critical alert that nobody acknowledged goes to the next recipient. Called by `due`, whole in the store's thread.

Whoever was told and answers in any way (seen, not relevant, silence) ends it: somebody has looked. It goes at once, whatever
the next recipient's quiet hours.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.judge.clocks import local_text
from monitor.judge.editions import refreshed
from monitor.model import Alert, Decision, How, Reason, Recipient, Timing
from monitor.parts import Parts
from monitor.reach import spread_of
from monitor.store import Step

STAGE = "release"


def escalate(parts: Parts, step: Step) -> int:
    """Take one step, or end the chain. How many deliveries."""
    now = parts.clock()
    answered = [each for each in parts.store.responses.of_story(step.story) if each.recipient in step.heard]
    if answered:
        parts.store.escalations.stop(step.alert_id, now)
        return 0
    if not parts.store.escalations.take(step, now):
        return 0
    recipient = parts.recipients.get(step.recipient)
    if recipient is None:
        parts.store.ledger.add(
            [
                Decision(
                    STAGE, Reason.NOBODY, f"there is no recipient {step.recipient} any more", step.recipient
                )
            ],
            item_key=step.alert.article.key,
            now=now,
        )
        return 0
    return _tell(parts, step, recipient, now)


def _tell(parts: Parts, step: Step, recipient: Recipient, now: datetime) -> int:
    """What he was told of the story before grows by it; what waits for him goes now."""
    waiting = parts.store.waiting
    decision = (Decision(STAGE, Reason.ESCALATED, _why(parts, step, recipient), recipient.id),)
    alert = _as_escalated(parts, step, recipient)
    held = [each for each in waiting.of_story(step.story) if each.alert.recipient == recipient.id]
    if held:
        alert = replace(alert, edition=held[0].alert.edition)
        return waiting.let_go(held[0], alert, decision, now)
    last = waiting.last_told(step.story).get(recipient.id)
    alert = replace(alert, edition=last.next_edition if last else 0)
    return waiting.add(step.story, alert, Timing(How.NOW, now), decision, now)


def _as_escalated(parts: Parts, step: Step, recipient: Recipient) -> Alert:
    """As the first recipient was told it, with the story as it is now."""
    before = parts.recipients.get(step.alert.recipient)
    story = parts.store.stories.get(step.story)
    alert = step.alert
    if story is not None and story.members:
        alert = refreshed(alert, spread_of(story.members, parts.sources))
    return replace(
        alert,
        recipient=recipient.id,
        channels=tuple(channel.id for channel in recipient.channels),
        update=None,
        correction=None,
        escalated_from=(before.name if before else "") or step.alert.recipient,
    )


def _why(parts: Parts, step: Step, recipient: Recipient) -> str:
    known = parts.recipients.get(step.alert.recipient, recipient)
    return (
        f"{recipient.id} hears of it, since {', '.join(step.heard)} did not acknowledge what was told on "
        f"{local_text(step.told_at, known)}"
    )
