"""When a watchlist finds far more than usual, whoever hears of it is told once, with the numbers.

    store.reviews.hourly -> review.spikes -> [who, and whether now] -> store.surges

Called once a tick and works every `EVERY`. There is no state but what was told: the spikes of the last two days are found
anew each time, so a recipient whose quiet hours end is told then, and one with digests after the slot that follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from monitor.judge.routing import Way, ways_of
from monitor.judge.timing import when
from monitor.model import How, Recipient, Reply, ReplyKind, Silence, Spike, SpikeAlert, Watchlist
from monitor.parts import Parts
from monitor.review import spikes
from monitor.review.spike import Counts

EVERY = timedelta(minutes=5)
DAY = timedelta(days=1)
REACH = 17 * DAY  # of the counts that a baseline needs
SETTLED = DAY + timedelta(hours=1)  # after its beginning nothing of a day is new
REPLAYED = timedelta(days=3)  # longer than a spike is told of


@dataclass(frozen=True, slots=True)
class Unwanted:
    """What recipients and operators want to hear no more of."""

    replies: Sequence[Reply]
    silences: Sequence[Silence]

    def holds(self, watchlist: str, recipient: str) -> bool:
        return any(_refuses(each, watchlist, recipient) for each in self.replies) or any(
            _silences(each, watchlist, recipient) for each in self.silences
        )


async def tell_spikes(parts: Parts) -> int:
    """Enqueue what recipients should hear of their watchlists' volume; how many deliveries."""
    now = parts.clock()
    listening = {each.id: (each, ways_of(each, parts.rules.routes)) for each in _watchlists(parts)}
    counts = await _counts(parts, now)
    counts = {id: hours for id, hours in counts.items() if listening.get(id, (None, ()))[1]}
    if not counts:
        return 0
    first = await parts.in_store(parts.store.reviews.counting_since)
    zones = {id: _zone(parts, listening[id][1]) for id in counts}
    found = await asyncio.to_thread(_found, counts, zones, now, first)
    return await parts.in_store.together(_tell, parts, listening, found, now) if found else 0


async def _counts(parts: Parts, now: datetime) -> dict[str, dict[datetime, int]]:
    """A day a question, so that the store is never kept long; days that are over are asked for once."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) - REACH
    counts: dict[str, dict[datetime, int]] = {}
    known = {day: found for day, found in parts.volumes.items() if first <= day < now - SETTLED}
    for day in (first + n * DAY for n in range(REACH.days + 1)):
        if day not in known:
            known[day] = await parts.in_store(parts.store.reviews.hourly, day, day + DAY)
        for id, hours in known[day].items():
            counts.setdefault(id, {}).update(hours)
    parts.volumes.clear()
    parts.volumes.update({day: found for day, found in known.items() if day < now - SETTLED})
    return counts


def _watchlists(parts: Parts) -> Iterator[Watchlist]:
    return (each.watchlist for each in parts.rules.watchlists)


def _zone(parts: Parts, ways: Sequence[Way]) -> tzinfo:
    """Whose hours of the day are compared: those of the first who hears of it."""
    known = (parts.recipients[way.recipient].timezone for way in ways if way.recipient in parts.recipients)
    return ZoneInfo(next(known, "UTC"))


def _found(
    counts: Mapping[str, Counts], zones: Mapping[str, tzinfo], now: datetime, first: datetime | None
) -> list[Spike]:
    return [each for id, hours in counts.items() for each in spikes({id: hours}, now, zones[id], first)]


def _tell(
    parts: Parts,
    listening: Mapping[str, tuple[Watchlist, Sequence[Way]]],
    found: Sequence[Spike],
    now: datetime,
) -> int:
    store, made = parts.store, 0
    unwanted = Unwanted(store.responses.unsubscriptions(), store.silences.in_force(now))
    done = store.surges.done(now - REPLAYED)
    for spike in found:
        if (spike.watchlist, spike.began) in done:
            continue
        watchlist, ways = listening[spike.watchlist]
        waiting = False
        for recipient, due in _heard_by(parts, watchlist, ways, spike, now):
            if unwanted.holds(watchlist.id, recipient.id):
                continue
            waiting = waiting or not due
            made += store.surges.tell(_alert(watchlist, recipient, spike), now) if due else 0
        if not waiting:
            store.surges.end(spike.watchlist, spike.began, now)
    return made


def _heard_by(
    parts: Parts, watchlist: Watchlist, ways: Sequence[Way], spike: Spike, now: datetime
) -> Iterator[tuple[Recipient, bool]]:
    """Each recipient once, and whether one of his ways lets it go now."""
    for id in dict.fromkeys(way.recipient for way in ways):
        if (recipient := parts.recipients.get(id)) is not None:
            mine = [way for way in ways if way.recipient == id]
            yield recipient, any(_due(way, recipient, watchlist, spike.began, now) for way in mine)


def _due(way: Way, recipient: Recipient, watchlist: Watchlist, began: datetime, now: datetime) -> bool:
    """A digest's slot has come since it began, or it is not quiet now."""
    first = when(way.route, recipient, watchlist.severity, began)
    if first.how is How.DIGEST:
        return first.at <= now
    return when(way.route, recipient, watchlist.severity, now).how is not How.HELD


def _alert(watchlist: Watchlist, recipient: Recipient, spike: Spike) -> SpikeAlert:
    channels = tuple(channel.id for channel in recipient.channels)
    return SpikeAlert(recipient.id, watchlist.title or watchlist.id, watchlist.severity, spike, channels)


def _refuses(reply: Reply, watchlist: str, recipient: str) -> bool:
    if reply.recipient != recipient:
        return False
    return reply.kind is ReplyKind.UNSUBSCRIBE_ALL or (
        reply.kind is ReplyKind.UNSUBSCRIBE and reply.watchlist == watchlist
    )


def _silences(silence: Silence, watchlist: str, recipient: str) -> bool:
    """One of a watchlist as a whole. What silences a story, a source or a name says nothing of a volume."""
    whole = silence.story is None and silence.source is None and silence.entity is None
    return whole and silence.watchlist in (watchlist, None) and silence.recipient in (recipient, None)
