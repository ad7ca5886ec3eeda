"""One pass over the channels that are not well: operators are told once a spell, by a way that works.

store.channels.all -> deliver.troubles.news, ways -> store.channels.tell
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from monitor.deliver import troubles
from monitor.model import ChannelState, Notice
from monitor.parts import Parts

TOPIC = "channels"
BETWEEN = timedelta(minutes=10)  # notices


async def tell_of_channels(parts: Parts, operators: Sequence[str]) -> int:
    """Enqueue what the operators (recipients' ids) should hear of channels now. How many deliveries.

    Where no operator can be reached by another way nothing counts as told: it is, when one can.
    """
    states = await parts.in_store(parts.store.channels.all)
    if not states:
        return 0
    now, channels = parts.clock(), parts.store.channels
    letters = await parts.in_store(channels.dead)
    await _tidy(parts, states, letters)
    dead = {lane: troubles.Owed(count, error) for lane, (count, error) in letters.items()}
    found = troubles.news(states, dead, await parts.in_store(channels.waiting), now)
    last = troubles.last_told(states)
    if not found.lines or (last is not None and timedelta(0) <= now - last < BETWEEN):
        return 0
    notices = _notices(parts, operators, states, found)
    return await parts.in_store(channels.tell, found.states, notices, now) if notices else 0


async def _tidy(
    parts: Parts, states: Sequence[ChannelState], dead: dict[tuple[str, str], tuple[int, str]]
) -> None:
    """Forget what is over."""
    buried = [each.lane for each in states if each.dead_since and each.lane not in dead]
    if buried:
        await parts.in_store(parts.store.channels.bury, buried)
    over = [each.lane for each in states if troubles.forgettable(each, parts.clock())]
    if over:
        await parts.in_store(parts.store.channels.forget, over)


def _notices(
    parts: Parts, operators: Sequence[str], states: Sequence[ChannelState], found: troubles.News
) -> list[Notice]:
    known = [parts.recipients[id] for id in operators if id in parts.recipients]
    ways = {each.id: troubles.ways(each, states, parts.recipients) for each in known}
    return [Notice(id, TOPIC, found.lines, tuple(channels)) for id, channels in ways.items() if channels]
