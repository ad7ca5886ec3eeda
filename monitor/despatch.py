"""The other half of the hall: from the outbox to the channels. Called by `app`.

    store.outbox.due -> gate (pace, places) -> store.outbox.claim -> message_of -> send
      -> next_step, after (the breaker) -> store.outbox.settle

Decides nothing itself. Whatever waits for its turn is not claimed before it has it. No transaction is open while the
network is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial

from monitor.deliver import after, next_step
from monitor.errors import StoreCorrupt, StoreError, StoreUnsure
from monitor.letters import message_of
from monitor.links import links_of, reachable
from monitor.model import (
    Alert,
    Channel,
    ChannelKind,
    ChannelState,
    Decision,
    Delivery,
    DeliveryState,
    GaveUp,
    Links,
    Outcome,
    Recipient,
)
from monitor.parts import Parts, Tally
from monitor.wanted import why_unwanted

Lane = tuple[str, str]
"""A channel on its way: the recipient's id and the channel's."""

LEASE = timedelta(
    minutes=3
)  # longer than a send that runs into its deadline, and its settling on a busy disk


PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds between tries to write down what became of a message


async def due(parts: Parts, busy: Iterable[Lane] = ()) -> list[ChannelState]:
    """The channels that have something to send and do not rest; none of the `busy`. Claims that got no answer are undone before."""
    for lane, until in list(parts.gate.doubts.items()):
        await parts.in_store(parts.store.outbox.give_back, lane, parts.worker, until, parts.clock())
        del parts.gate.doubts[lane]
    return await parts.in_store(parts.store.outbox.due, parts.clock(), frozenset(busy))


async def run_lane(parts: Parts, state: ChannelState, stopping: Callable[[], bool]) -> Tally:
    """Send a channel's due deliveries one after the other, the oldest first, until none is due, the channel rests, or a
    stop is asked for.

    One at a time is claimed, and only when it is about to be sent: a crash leaves one delivery a channel in doubt.
    """
    tally = Tally()
    _, channel = _target(parts, state.lane)
    doubtful = state.failures > 0
    while await parts.gate.paced(channel, stopping):
        async with parts.gate.place(channel, doubtful):
            sent = None if stopping() else await _next(parts, state.lane, stopping)
        if sent is None:
            break
        tally.add(sent)
        doubtful = sent.retried > 0
    return tally


async def _next(parts: Parts, lane: Lane, stopping: Callable[[], bool]) -> Tally | None:
    """Claim and send one; None where nothing is due."""
    outbox, now = parts.store.outbox, parts.clock()
    claim = partial(outbox.claim, now, LEASE, parts.worker, per_channel=1, only=lane)
    try:
        claimed = await parts.in_store.together(claim)
    except StoreError:
        parts.gate.doubts[lane] = now + LEASE
        raise
    if not claimed:
        return None
    if stopping():
        await parts.in_store(outbox.release, claimed[0], parts.clock())
        return None
    return await _send_one(parts, claimed[0])


def _target(parts: Parts, lane: Lane) -> tuple[Recipient | None, Channel | None]:
    recipient = parts.recipients.get(lane[0])
    channels = recipient.channels if recipient else ()
    return recipient, next((each for each in channels if each.id == lane[1]), None)


async def _send_one(parts: Parts, delivery: Delivery) -> Tally:
    recipient, channel = _target(parts, (delivery.recipient, delivery.channel))
    if recipient is None or channel is None:
        gone = GaveUp(f"{delivery.recipient}/{delivery.channel} is no longer in the configuration")
        return await _settle(parts, delivery, gone)
    if why_not := await parts.in_store(why_unwanted, parts.store, parts.rules, delivery, parts.clock()):
        return await _drop(parts, delivery, why_not)
    parts.gate.spend(channel)
    links = _links(parts, delivery, channel)
    first = await parts.in_store(parts.store.outbox.first_of, delivery) if delivery.edition else None
    message = message_of(delivery, recipient, parts.public_url, parts.host, links, first)
    return await _settle(parts, delivery, await parts.sender.send(channel, message))


async def _drop(parts: Parts, delivery: Delivery, why_not: Sequence[Decision]) -> Tally:
    """Its recipient does not want it any more: since it was enqueued he unsubscribed, or it was silenced."""
    now, store = parts.clock(), parts.store
    settle = partial(
        store.outbox.settle,
        delivery,
        state=DeliveryState.DROPPED,
        now=now,
        outcome_class="unwanted",
        error="; ".join(each.detail for each in why_not),
    )
    if await parts.in_store(settle):
        key = delivery.alert.article.key if isinstance(delivery.alert, Alert) else None
        await parts.in_store(partial(store.ledger.add, why_not, item_key=key, now=now))
    return Tally()


def _links(parts: Parts, delivery: Delivery, channel: Channel) -> Links | None:
    """By which its reader may answer: only where a reader can follow them and nobody else is shown them. Of a public
    address that is this machine's own they would lead nowhere from another one; a file stays here."""
    local = channel.kind is ChannelKind.FILE
    private = local or (channel.kind is ChannelKind.EMAIL and reachable(parts.public_url))
    return links_of(delivery, parts.link_key, parts.public_url) if parts.link_key and private else None


async def _settle(parts: Parts, delivery: Delivery, outcome: Outcome) -> Tally:
    now = parts.clock()
    step = next_step(delivery, outcome, now, parts.chance())
    settle = partial(
        parts.store.outbox.settle,
        delivery,
        state=step.state,
        now=now,
        next_attempt_at=step.next_attempt_at,
        outcome_class=step.outcome_class,
        error=step.error,
        provider_id=step.provider_id,
        http_status=step.http_status,
        retry_after=step.retry_after,
        channel=lambda state: after(state, delivery, outcome, step, now),
    )
    kept = await _written(parts, settle)
    name = f"{delivery.recipient}/{delivery.channel}"
    if not kept:
        return Tally(problems=[(name, "the lease was lost while sending: another worker settles it")])
    trouble = [(name, step.error)] if step.error else []
    return Tally(
        delivered=int(step.state is DeliveryState.SENT),
        retried=int(step.state is DeliveryState.PENDING),
        dead=int(step.state is DeliveryState.DEAD),
        problems=trouble,
    )


async def _written(parts: Parts, settle: Callable[[], bool]) -> bool:
    """What a far side said is known here alone: forgotten, the message would go a second time. So a database that is away is
    asked again for half a minute; what it wrote without an answer to us is not written again. False as `Outbox.settle`."""
    for failures, pause in enumerate(PAUSES):
        try:
            return await asyncio.shield(parts.in_store.together(settle)) or failures > 0
        except (StoreCorrupt, StoreUnsure):
            raise
        except StoreError:
            await asyncio.sleep(pause)
    await asyncio.shield(parts.in_store.together(settle))
    return True
