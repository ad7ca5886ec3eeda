"""Alerts that waited are let go: by themselves, or many in one letter for a recipient and slot.

Called by `due`; each function runs whole in the store's thread and may be done twice, the first time in vain. An alert is
told as it is when it goes: how far its story has come by then, and without what was silenced meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from monitor.errors import StoreError
from monitor.judge.clocks import local_text, slots
from monitor.judge.editions import ranked, refreshed
from monitor.model import Alert, Decision, Digest, DigestPlan, How, Reason, Receipt, Recipient, Route
from monitor.parts import Parts
from monitor.press_review import coverage
from monitor.reach import spread_of
from monitor.store import Held
from monitor.wanted import wanted

STAGE = "release"
DAY = timedelta(days=1)
Kind = Literal["digest", "catch-up"]
LONGEST = timedelta(days=7)  # that a receipt looks back


def let_go(parts: Parts, held: Held) -> int:
    """One alert into the outbox. How many deliveries."""
    now = parts.clock()
    told, why_not = _as_told_now(parts, held, now)
    if told is None:
        parts.store.waiting.give_up(held, why_not, now)
        return 0
    what = f"what is new (edition {told.edition})" if told.edition else "it"
    detail = f"{told.recipient} is sent {what} by {', '.join(told.channels)}{_waited(parts, held)}"
    line = Decision(STAGE, Reason.FOLLOWED if told.edition else Reason.ALERTED, detail, told.recipient)
    return parts.store.waiting.let_go(held, told, (*why_not, line), now)


def write(parts: Parts, recipient: str, slot: str) -> int:
    """The letter of a slot that has come, with all that waits for it. How many deliveries."""
    held = parts.store.waiting.in_slot(recipient, slot)
    if parts.store.waiting.written(recipient, slot):  # it came after the letter had gone: late, but not lost
        return sum(let_go(parts, each) for each in held)
    now = parts.clock()
    told: dict[int, Alert] = {}
    lines: list[tuple[Alert, Decision]] = []
    kind: Kind = "digest" if any(each.timing.how is How.DIGEST for each in held) else "catch-up"
    reason = Reason.IN_DIGEST if kind == "digest" else Reason.ALERTED
    for each in held:
        alert, why_not = _as_told_now(parts, each, now)
        if alert is None:
            parts.store.waiting.give_up(each, why_not, now)
            continue
        told[each.id] = alert
        detail = f"{recipient} is told of it in the {kind} of {slot}"
        lines += [(alert, line) for line in (*why_not, Decision(STAGE, reason, detail, recipient))]
    if not told:
        return 0
    due_at = held[0].timing.at
    since, receipt = _covered(parts, recipient, kind, held, due_at, now)
    first = ranked([(told[each.id], each.story) for each in held if each.id in told])
    stories = tuple(story for _, story in first)
    digest = Digest(recipient, slot, kind, tuple(alert for alert, _ in first), receipt, since, stories)
    channels = _channels(parts, recipient, told.values())
    return parts.store.waiting.write_letter(digest, due_at, channels, told, lines, now)


def _as_told_now(parts: Parts, held: Held, now: datetime) -> tuple[Alert | None, tuple[Decision, ...]]:
    """Where the program itself fails on bringing it up to date, this is told, and the alert goes as it was held."""
    try:
        alert = _up_to_date(parts, held)
        return wanted(parts.store, parts.rules, alert, held.story, now)
    except StoreError:
        raise
    except Exception as error:
        parts.fault(f"alert {held.id}", error)
        return held.alert, ()


def _up_to_date(parts: Parts, held: Held) -> Alert:
    story = parts.store.stories.get(held.story)
    known = parts.recipients.get(held.alert.recipient)
    alert = held.alert
    if known is not None:
        alert = replace(alert, channels=tuple(channel.id for channel in known.channels))
    return refreshed(alert, spread_of(story.members, parts.sources)) if story and story.members else alert


def _waited(parts: Parts, held: Held) -> str:
    recipient = parts.recipients.get(held.alert.recipient)
    if recipient is None or held.timing.how is How.NOW:
        return ""
    return f"; it waited until {local_text(held.timing.at, recipient)}"


def _channels(parts: Parts, recipient: str, alerts: Iterable[Alert]) -> tuple[str, ...]:
    """Of a recipient who is gone those that he had: what he was owed must stand among the dead."""
    known = parts.recipients.get(recipient)
    if known is not None:
        return tuple(channel.id for channel in known.channels)
    return tuple(dict.fromkeys(channel for alert in alerts for channel in alert.channels))


def _covered(
    parts: Parts, recipient: str, kind: Kind, held: Sequence[Held], due_at: datetime, now: datetime
) -> tuple[datetime, Receipt | None]:
    """Where the letter's time begins, and of a digest what was looked at in it."""
    if kind != "digest":
        return min(min(each.alert.article.first_seen for each in held), due_at - timedelta(minutes=1)), None
    return _receipt(parts, recipient, due_at, now)


def _receipt(parts: Parts, recipient: str, due_at: datetime, now: datetime) -> tuple[datetime, Receipt]:
    """Since the digest before; without one, of a day."""
    before = parts.store.waiting.last_letter(recipient, due_at) or due_at - DAY
    since = max(before, now - LONGEST)
    return since, coverage(parts.store, list(parts.sources.values()), since, now)


# --- empty digests ---------------------------------------------------------------------------------------------------


def with_empty(parts: Parts) -> list[Recipient]:
    """Who is to get a digest also where there is nothing to tell."""
    ids = {
        id for route in _routes(parts.rules.routes) if route.digest and route.digest.empty for id in route.to
    }
    return [parts.recipients[id] for id in sorted(ids) if id in parts.recipients]


def write_empty(parts: Parts, recipient: Recipient) -> int:
    """The last slot that has come, unless a letter was written for it. How many deliveries.

    Of several that were slept through one is told: that nothing was found, and what was looked at, since the one before.
    """
    store, now = parts.store.waiting, parts.clock()
    after = store.empty_until(recipient.id, now)
    come = [slot for plan in _empty_plans(parts, recipient.id) for slot in slots(plan, recipient, after, now)]
    if not come:
        return 0
    last = max(come, key=lambda slot: slot.at)
    made = 0
    if not store.written(recipient.id, last.key):
        since, receipt = _receipt(parts, recipient.id, last.at, now)
        digest = Digest(recipient.id, last.key, "digest", (), receipt, since)
        channels = tuple(channel.id for channel in recipient.channels)
        made = store.write_letter(digest, last.at, channels, {}, (), now)
    store.account_empty(recipient.id, last.at)
    return made


def _empty_plans(parts: Parts, recipient: str) -> Iterator[DigestPlan]:
    for route in _routes(parts.rules.routes):
        if route.digest is not None and route.digest.empty and recipient in route.to:
            yield route.digest


def _routes(routes: Iterable[Route]) -> Iterator[Route]:
    for each in routes:
        yield each
        yield from _routes(each.children)
