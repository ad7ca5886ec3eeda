"""What operators are told of channels, and by which way, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.deliver.breaker import TRIP
from monitor.deliver.troubles import QUIET, News, Owed, forgettable, last_told, news, ways
from monitor.model import Channel, ChannelKind, ChannelState, NoticeLine, Recipient
from tests.build import make_recipient
from tests.deliver.samples import NOW

HOUR = timedelta(hours=1)
WELL = ChannelState("desk", "mail")
OPEN = replace(
    WELL,
    failures=TRIP + 1,
    failing_since=NOW - HOUR,
    opened_at=NOW - HOUR,
    last_class="connect",
    last_error="no connection to the relay",
)
DEAD = replace(WELL, dead_since=NOW - HOUR)
OWED = {WELL.lane: Owed(2, "the relay answered 550: no such box")}


def told(*states: ChannelState, dead: dict[tuple[str, str], Owed] | None = None) -> News:
    return news(states, dead or {}, {WELL.lane: 12}, NOW)


def test_an_open_breaker_is_told_once_a_probe_has_failed_and_once_only() -> None:
    assert told(replace(OPEN, failures=TRIP)).lines == ()
    found = told(OPEN)
    reason = "6 attempts in a row failed, 12 deliveries wait; no connection to the relay"
    assert found.lines == (NoticeLine("desk/mail", "unreachable", NOW - HOUR, reason),)
    [after] = found.states
    assert (after.told_open, after.told_at) == (True, NOW)
    assert told(replace(after, failures=TRIP + 9)).lines == ()


def test_the_recovery_is_told_to_those_who_were_told() -> None:
    assert told(WELL).lines == ()
    found = told(replace(WELL, told_open=True, told_at=NOW - HOUR))
    assert [(line.subject, line.state) for line in found.lines] == [("desk/mail", "ok")]
    assert [state.told_open for state in found.states] == [False]


@pytest.mark.parametrize(
    ("dead_since", "dead_told_at", "tells"),
    [
        (NOW - HOUR, None, True),
        # the spell that was told goes on
        (NOW - HOUR, NOW - HOUR / 2, False),
        # another spell, too soon after the last one
        (NOW - HOUR, NOW - 2 * HOUR, False),
        (NOW - HOUR, NOW - QUIET, True),
        (None, None, False),
    ],
)
def test_dead_letters_are_told_once_a_spell(dead_since: object, dead_told_at: object, tells: bool) -> None:
    state = replace(WELL, dead_since=dead_since, dead_told_at=dead_told_at)  # type: ignore[arg-type]
    found = told(state, dead=OWED)
    assert bool(found.lines) is tells
    assert told(state).lines == ()  # none stands any more: retried or dropped meanwhile
    if tells:
        assert (
            found.lines[0].reason
            == "2 deliveries were given up; the last: the relay answered 550: no such box"
        )
        assert found.states[0].dead_told_at == NOW


def test_what_one_cause_does_to_many_is_one_line() -> None:
    many = [replace(OPEN, recipient=f"r{n}") for n in range(5)]
    other = replace(OPEN, channel="hook", last_error="503")
    lines = told(*many, other).lines
    assert [line.subject for line in lines] == ["r0/mail, r1/mail, r2/mail and 2 more", "desk/hook"]


def test_both_troubles_of_one_channel_are_told_together() -> None:
    found = told(replace(OPEN, dead_since=NOW), dead=OWED)
    assert [line.state for line in found.lines] == ["dead-letters", "unreachable"]
    [after] = found.states
    assert (after.told_open, after.dead_told_at) == (True, NOW)


def mail(target: str = "ops@example.org", id: str = "mail") -> Channel:
    return Channel(id, ChannelKind.EMAIL, target)


CHAT = Channel("chat", ChannelKind.APPRISE, "slack://a/b/c")


@pytest.mark.parametrize(
    ("states", "left"),
    [
        ((), ["mail", "chat"]),
        # another one's mailbox refuses: mail works
        ((DEAD,), ["mail", "chat"]),
        ((replace(OPEN, last_class="status-450"),), ["mail", "chat"]),
        # the relay is away: no mail works
        ((OPEN,), ["chat"]),
        ((replace(OPEN, last_class="login"),), ["chat"]),
        # the operator's own channel is dead
        ((replace(DEAD, recipient="ops"),), ["chat"]),
        # another one's channel to the same room is dead
        ((replace(DEAD, recipient="desk", channel="room"),), ["mail"]),
        ((OPEN, replace(DEAD, recipient="ops", channel="chat")), []),
    ],
)
def test_operators_are_told_by_a_way_that_works(states: tuple[ChannelState, ...], left: list[str]) -> None:
    ops = make_recipient("ops", channels=(mail(), CHAT))
    desk = make_recipient("desk", channels=(mail("desk@example.org"), replace(CHAT, id="room")))
    recipients: dict[str, Recipient] = {each.id: each for each in (ops, desk)}
    assert ways(ops, states, recipients) == left


def test_a_channel_is_forgotten_when_all_is_well_and_the_last_notice_long_ago() -> None:
    after = replace(WELL, told_at=NOW - HOUR)
    assert not forgettable(after, NOW)
    assert forgettable(after, NOW + QUIET)
    assert forgettable(WELL, NOW)
    assert not forgettable(OPEN, NOW)
    assert last_told([after, WELL]) == NOW - HOUR
    assert last_told([WELL]) is None
