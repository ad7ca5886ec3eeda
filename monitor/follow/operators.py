"""One pass over the sources' conditions: what has lasted is told to the operators, through the outbox, once.

store.conditions.open, store.disk -> collect.machine, disk.of_disk, collect.changes -> store.conditions.tell
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.collect import FULL_DISK, Change, changes, machine
from monitor.follow.disk import of_disk
from monitor.model import Notice, NoticeLine, Recipient
from monitor.parts import Parts

TOPIC = "sources"
BETWEEN = timedelta(minutes=30)  # notices


async def tell_operators(parts: Parts, operators: Sequence[str]) -> int:
    """Enqueue what the operators (recipients' ids) should hear now, one notice for all of it. How many deliveries.

    Without operators nothing is told and nothing counts as told: whoever is named later hears of it then.
    """
    heard_by = [parts.recipients[id] for id in operators if id in parts.recipients]
    if not heard_by or not parts.sources:
        return 0
    now = parts.clock()
    found = await parts.in_store(parts.store.conditions.open)
    known = {each.source_id: each for each in found}
    ours = machine(
        [each for each in found if each.source_id in parts.sources], known, len(parts.sources), now
    )
    if disk := await parts.in_store(parts.store.disk):
        ours += of_disk(disk, known, now)
    told = changes(found, ours, parts.sources, now)
    if told and not _pressing(told) and await _just_told(parts, now):
        told = []
    notices = [_notice(each, [change.line for change in told]) for each in heard_by] if told else []
    if not told and all(known.get(each.source_id) == each for each in ours):
        return 0
    later = {each.source_id: each for each in ours} | {
        change.condition.source_id: change.condition for change in told
    }
    return await parts.in_store(parts.store.conditions.tell, list(later.values()), notices, now)


def _pressing(told: Sequence[Change]) -> bool:
    """Whether nothing is read meanwhile: that is not put off."""
    return any(each.condition.source_id == FULL_DISK and not each.condition.well for each in told)


async def _just_told(parts: Parts, now: datetime) -> bool:
    """Whether the last notice is so fresh that more should be gathered for the next one."""
    last = await parts.in_store(parts.store.conditions.last_told)
    return last is not None and timedelta(0) <= now - last < BETWEEN


def _notice(recipient: Recipient, lines: Sequence[NoticeLine]) -> Notice:
    return Notice(recipient.id, TOPIC, tuple(lines), tuple(channel.id for channel in recipient.channels))
