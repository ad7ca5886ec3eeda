"""A watchlist's volume beyond its own baseline is told to those who hear of the watchlist, once a recipient and spike.

    store.reviews.hourly -> review.spikes -> judge.way_of -> store.spikes

Called by `app` every few minutes. A spike goes when an alert of the hour in which it began would have gone, and not into quiet
hours: a digest's recipient hears of it after his next slot, in a mail of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.judge.replies import still_wanted
from monitor.judge.routing import recipients_of, way_of
from monitor.model import Decision, How, Match, Reason, Recipient, Silence, Spike, SpikeAlert, Watchlist
from monitor.pipeline import Parts
from monitor.review import spikes

STAGE = "spike"
HOUR = timedelta(hours=1)
LOOK_BACK = timedelta(days=17)  # that a spike of the last two days is measured against


async def tell_spikes(parts: Parts) -> int:
    """Enqueue what is new; how many deliveries that made."""
    return await parts.in_store(_tell, parts)


def _tell(parts: Parts) -> int:
    now = parts.clock()
    counts = parts.store.reviews.hourly(now - LOOK_BACK, now + HOUR)  # with what came this moment
    heard = [
        (one.watchlist, ids)
        for one in parts.rules.watchlists
        if one.watchlist.id in counts
        and (ids := [id for id in recipients_of(one.watchlist, parts.rules.routes) if id in parts.recipients])
    ]
    if not heard:
        return 0
    began, known, made = parts.store.reviews.counting_since(), parts.store.spikes.known(), 0
    for watchlist, ids in heard:
        zone = ZoneInfo(parts.recipients[ids[0]].timezone)
        for spike in spikes({watchlist.id: counts[watchlist.id]}, now, zone, began):
            untold = [id for id in ids if (watchlist.id, spike.began, id) not in known]
            made += sum(_settle(parts, watchlist, spike, parts.recipients[id], now) for id in untold)
    return made


def _settle(parts: Parts, watchlist: Watchlist, spike: Spike, recipient: Recipient, now: datetime) -> int:
    if not _due(parts, watchlist, spike, recipient, now):
        return 0
    told = SpikeAlert(
        recipient=recipient.id,
        title=watchlist.title or watchlist.id,
        severity=watchlist.severity,
        spike=spike,
        channels=tuple(channel.id for channel in recipient.channels),
    )
    why_not = _unwanted(parts, watchlist, recipient, now)
    numbers = f"{watchlist.id}: {spike.count} articles since {spike.since:%Y-%m-%d %H:%M}Z, {spike.expected} are usual"
    line = why_not or Decision(
        STAGE, Reason.ALERTED, f"{recipient.id} hears of a spike of {numbers}", recipient.id
    )
    return parts.store.spikes.settle(told, line, now, send=why_not is None)


def _due(parts: Parts, watchlist: Watchlist, spike: Spike, recipient: Recipient, now: datetime) -> bool:
    then = way_of(recipient, [watchlist], parts.rules.routes, spike.began)
    today = way_of(recipient, [watchlist], parts.rules.routes, now)
    if then is None or today is None:
        return False
    return then[1].at <= now and today[1].how is not How.HELD


def _unwanted(parts: Parts, watchlist: Watchlist, recipient: Recipient, now: datetime) -> Decision | None:
    replies = parts.store.responses.unsubscriptions()
    wanted, gone = still_wanted(recipient.id, [(watchlist, Match(watchlist.id))], replies)
    if not wanted:
        return gone[0]
    by = _silence(parts.store.silences.in_force(now), watchlist, recipient)
    if by is None:
        return None
    detail = (
        f"{recipient.id} hears of no spike of {watchlist.id}: silence {by.id} of {by.author}: {by.comment}"
    )
    return Decision(STAGE, Reason.SILENCED, detail, recipient.id)


def _silence(silences: Sequence[Silence], watchlist: Watchlist, recipient: Recipient) -> Silence | None:
    """One that names no story, source or entity: a spike has none."""
    return next(
        (
            each
            for each in silences
            if each.watchlist in (None, watchlist.id)
            and each.recipient in (None, recipient.id)
            and (each.story, each.source, each.entity) == (None, None, None)
        ),
        None,
    )
