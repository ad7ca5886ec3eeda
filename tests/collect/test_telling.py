"""What operators are told, and when: a table of conditions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.collect import changes, machine
from monitor.collect.telling import NETWORK
from monitor.model import Cause, Condition, Health
from tests.build import NOON, make_source

SOURCES = {id: make_source(id) for id in ("gazette", "matin", "soir", "jarida")}
HOUR = timedelta(hours=1)


def ill(state: Health, hours: float, id: str = "gazette", **fields: Any) -> Condition:
    since = NOON - hours * HOUR
    return Condition(
        id, **{"state": state, "since": since, "ill_since": since, "readings": 9, "reason": "so", **fields}
    )


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        # these took their time to be established
        (ill(Health.SILENT, 0), True),
        (ill(Health.GONE, 0), True),
        (ill(Health.MOVED, 0), True),
        # one overrun may be an accident of ours; two are a rhythm too slow
        (ill(Health.OVERRUN, 1, readings=1), False),
        (ill(Health.OVERRUN, 1, readings=2), True),
        # nothing is known of the rhythm: three days
        (ill(Health.FAILING, 71), False),
        (ill(Health.FAILING, 73), True),
        (ill(Health.EMPTY, 73), True),
        (ill(Health.CLOCK_WRONG, 73), True),
        # ... and never on the word of two readings
        (ill(Health.FAILING, 73, readings=2), False),
        (ill(Health.BLOCKED, 71, cause=Cause.REFUSAL), False),
        (ill(Health.BLOCKED, 73, cause=Cause.REFUSAL), True),
        # told already, and still so
        (ill(Health.SILENT, 9, told=Health.SILENT), False),
        # told that it fails, and now it is gone
        (ill(Health.GONE, 9, told=Health.FAILING), True),
        # well, and always was
        (Condition("gazette", Health.OK), False),
        # well again
        (Condition("gazette", Health.OK, told=Health.SILENT), True),
    ],
)
def test_a_change_is_told_once_it_lasts(condition: Condition, told: bool) -> None:
    found = changes([condition], [], SOURCES, NOON)
    assert bool(found) is told
    for change in found:
        assert change.line.state == condition.state
        assert change.condition.told is (None if condition.well else condition.state)
        assert changes([change.condition], [], SOURCES, NOON) == []


def test_a_source_that_is_configured_no_more_is_not_told_of() -> None:
    assert changes([ill(Health.GONE, 1, "elsewhere")], [], SOURCES, NOON) == []


def test_a_network_that_fails_for_most_sources_is_one_line_and_excuses_them() -> None:
    dead = [ill(Health.FAILING, 80, id, cause=Cause.NETWORK) for id in ("gazette", "matin", "soir")]
    gone = ill(Health.GONE, 1, "jarida")
    first = machine([*dead, gone], {}, 4, NOON)
    assert [change.line.subject for change in changes([*dead, gone], first, SOURCES, NOON)] == ["Jarida"]
    later = NOON + timedelta(minutes=20)
    again = machine([*dead, gone], {each.source_id: each for each in first}, 4, later)
    lines = [change.line for change in changes([*dead, gone], again, SOURCES, later)]
    assert [line.subject for line in lines] == ["network of this machine", "Jarida"]
    assert lines[0].since == NOON
    assert "3 of 4 sources at once" in lines[0].reason


def test_half_of_the_sources_are_not_the_network() -> None:
    dead = [ill(Health.FAILING, 80, id, cause=Cause.NETWORK) for id in ("gazette", "matin")]
    assert machine(dead, {}, 4, NOON) == []
    assert len(changes(dead, [], SOURCES, NOON)) == 2


def test_the_machines_recovery_is_told_where_its_illness_was() -> None:
    told = ill(Health.FAILING, 5, NETWORK, cause=Cause.NETWORK, told=Health.FAILING)
    [well] = machine([], {NETWORK: told}, 4, NOON)
    [change] = changes([], [well], SOURCES, NOON)
    assert (change.line.subject, change.line.state) == ("network of this machine", "ok")
    untold = replace(told, told=None)
    [well] = machine([], {NETWORK: untold}, 4, NOON)
    assert changes([], [well], SOURCES, NOON) == []


def test_a_clock_that_most_servers_contradict_is_ours() -> None:
    ahead = [ill(Health.CLOCK_WRONG, 80, id, cause=Cause.CLOCK) for id in ("gazette", "matin", "soir")]
    [clock] = machine(ahead, {}, 4, NOON)
    [change] = changes(ahead, [clock], SOURCES, NOON + HOUR)
    assert change.line.subject == "clock of this machine"
