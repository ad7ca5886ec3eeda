"""What operators are told of channels, and which of their own ways still work for it. Pure; called by `follow.channels`.

A channel is told of once a spell: when its breaker is open and a probe has failed too, until it is well again (which is told
as well); and at the first dead letter since it last took something. What one cause does to many is one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.deliver.breaker import TRIP
from monitor.model import ChannelKind, ChannelState, NoticeLine, Recipient

Lane = tuple[str, str]

UNREACHABLE, DEAD, WELL = "unreachable", "dead-letters", "ok"
QUIET = timedelta(hours=6)  # between two spells of dead letters that are told of one channel
NAMED = 3  # channels by name in a line
# Of these the one relay is the cause, so that no other mail will arrive either
_OF_THE_RELAY = frozenset({"connect", "timeout", "tls", "login", "relay", "reset", "configuration"})


@dataclass(frozen=True, slots=True)
class Owed:
    """What a channel owes: how many deliveries, and the last error among them."""

    count: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """The lines to tell, the worst first, and the channels' states with what will then have been told."""

    lines: tuple[NoticeLine, ...]
    states: tuple[ChannelState, ...]


def news(
    states: Iterable[ChannelState], dead: Mapping[Lane, Owed], waiting: Mapping[Lane, int], now: datetime
) -> News:
    """What operators should hear now; `dead` and `waiting` are counted by channel."""
    known = list(states)
    gone = [each for each in known if each.lane in dead and _dead_is_news(each, now)]
    down = [each for each in known if _open_is_news(each)]
    well = [each for each in known if each.told_open and each.opened_at is None]
    lines = (
        *(_dead_line(each, dead[each.lane]) for each in gone),
        *(_down_line(group, waiting) for group in _by_cause(down)),
        *(NoticeLine(_name(each), WELL, now) for each in well),
    )
    told = {each.lane: replace(each, told_at=now, dead_told_at=now) for each in gone}
    for each in (*down, *well):
        told[each.lane] = replace(told.get(each.lane, each), told_open=each in down, told_at=now)
    return News(lines, tuple(told.values()))


def last_told(states: Iterable[ChannelState]) -> datetime | None:
    return max((each.told_at for each in states if each.told_at), default=None)


def forgettable(state: ChannelState, now: datetime) -> bool:
    """Nothing is wrong, and what was told is so long ago that a new spell would be told."""
    return state.well and (state.told_at is None or not timedelta(0) <= now - state.told_at < QUIET)


def ways(
    operator: Recipient, states: Iterable[ChannelState], recipients: Mapping[str, Recipient]
) -> list[str]:
    """The ids of the operator's channels that are in no trouble themselves: neither they, nor another one's channel to the
    same target, nor the relay that all mail goes by."""
    ill = [each for each in states if each.opened_at or each.dead_since]
    lanes = {each.lane for each in ill}
    targets = {
        (channel.kind, channel.target)
        for recipient in recipients.values()
        for channel in recipient.channels
        if (recipient.id, channel.id) in lanes
    }
    no_mail = any(each.opened_at and each.last_class in _OF_THE_RELAY for each in _by_mail(ill, recipients))
    return [
        channel.id
        for channel in operator.channels
        if (operator.id, channel.id) not in lanes
        and (channel.kind, channel.target) not in targets
        and not (no_mail and channel.kind is ChannelKind.EMAIL)
    ]


def _by_mail(states: Iterable[ChannelState], recipients: Mapping[str, Recipient]) -> list[ChannelState]:
    mail = {
        (recipient.id, channel.id)
        for recipient in recipients.values()
        for channel in recipient.channels
        if channel.kind is ChannelKind.EMAIL
    }
    return [each for each in states if each.lane in mail]


def _dead_is_news(state: ChannelState, now: datetime) -> bool:
    if state.dead_since is None:
        return False
    if state.dead_told_at is None:
        return True
    return state.dead_since > state.dead_told_at and now - state.dead_told_at >= QUIET


def _open_is_news(state: ChannelState) -> bool:
    return state.opened_at is not None and state.failures > TRIP and not state.told_open


def _by_cause(states: Sequence[ChannelState]) -> list[list[ChannelState]]:
    groups: dict[str, list[ChannelState]] = {}
    for each in states:
        groups.setdefault(each.last_error, []).append(each)
    return list(groups.values())


def _dead_line(state: ChannelState, owed: Owed) -> NoticeLine:
    alerts = "1 delivery was given up" if owed.count == 1 else f"{owed.count} deliveries were given up"
    return NoticeLine(_name(state), DEAD, state.dead_since, f"{alerts}; the last: {owed.error}")


def _down_line(group: Sequence[ChannelState], waiting: Mapping[Lane, int]) -> NoticeLine:
    names = ", ".join(_name(each) for each in group[:NAMED])
    more = f" and {len(group) - NAMED} more" if len(group) > NAMED else ""
    since = min((each.failing_since for each in group if each.failing_since), default=None)
    count = sum(waiting.get(each.lane, 0) for each in group)
    waits = "1 delivery waits" if count == 1 else f"{count} deliveries wait"
    tries = max(each.failures for each in group)
    return NoticeLine(
        names + more, UNREACHABLE, since, f"{tries} attempts in a row failed, {waits}; {group[0].last_error}"
    )


def _name(state: ChannelState) -> str:
    return f"{state.recipient}/{state.channel}"
