"""How fast a channel may be sent to: token buckets, one for each thing that a far side counts by. Pure.

Called by the gate, before a delivery is claimed: what waits for a token is no attempt. `now` is a monotonic clock's, in
seconds: it is the far side's patience that is measured, whatever the time of day is said to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitor.model import Channel, ChannelKind

# A mailbox: 60 in any minute, the receiving limit that Gmail states. What the relay minds is how many come at once.
MAIL = (1.2, 10)
SLACK = (1.0, 1)  # its documented limit for webhooks and messages: one a second and channel
TELEGRAM = (1.0, 1)  # its bots' FAQ: one a second and chat ...
TELEGRAM_GROUP = (4.0, 5)  # ... and in a group 20 in any minute
OTHERS = (1.0, 5)

AT_ONCE = {ChannelKind.EMAIL: 20, ChannelKind.APPRISE: 4}  # of a kind: the one relay, the children that chat
_NEARLY = 1e-6  # of a token: less is rounding
SLOW = 5.0  # seconds; who takes longer gives his place to another, and ends beside


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` at once after a pause, then one each `every` seconds. `key` names what the far side counts by."""

    key: str = field(repr=False)  # may hold a token
    every: float
    burst: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """`tokens` at a moment: below 0 where two channels of one target spent at the same time."""

    tokens: float
    at: float


Buckets = Mapping[str, Bucket]


def limits_of(channel: Channel) -> tuple[Limit, ...]:
    """All that hold for the channel: none for what is this machine's own. Channels of one target share them."""
    target = channel.target.strip()
    match channel.kind:
        case ChannelKind.FILE | ChannelKind.CONSOLE:
            return ()
        case ChannelKind.EMAIL:
            return (Limit(f"mail {target.rpartition('<')[2].strip('<> ').casefold()}", *MAIL),)
        case ChannelKind.APPRISE if target.startswith("tgram:"):
            chat = Limit(target, *TELEGRAM)
            group = Limit(f"{target} a minute", *TELEGRAM_GROUP)
            return (chat, group) if telegram_group(target) else (chat,)
        case ChannelKind.APPRISE if target.startswith("slack:"):
            return (Limit(target, *SLACK),)
    return (Limit(target, *OTHERS),)


def telegram_group(target: str) -> bool:
    """Whether `tgram://token/chat` names a group or channel: its number is negative, or it has a name."""
    chat = target.partition("://")[2].partition("?")[0].strip("/").rpartition("/")[2]
    return not chat.partition(":")[0].isdecimal()


def wait(limits: Iterable[Limit], buckets: Buckets, now: float) -> float:
    """Seconds until one more may go; 0.0: now."""
    return max((_missing(limit, buckets, now) * limit.every for limit in limits), default=0.0)


def spend(limits: Iterable[Limit], buckets: Buckets, now: float) -> dict[str, Bucket]:
    """The limits' buckets after one more went."""
    return {limit.key: Bucket(_tokens(limit, buckets, now) - 1, now) for limit in limits}


def _missing(limit: Limit, buckets: Buckets, now: float) -> float:
    missing = 1 - _tokens(limit, buckets, now)
    return missing if missing > _NEARLY else 0.0


def _tokens(limit: Limit, buckets: Buckets, now: float) -> float:
    bucket = buckets.get(limit.key)
    if bucket is None:
        return limit.burst
    return min(limit.burst, bucket.tokens + max(0.0, now - bucket.at) / limit.every)
