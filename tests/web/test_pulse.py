"""A pulse is stuck when no beat came within its bound, whatever the clock on the wall says."""

from __future__ import annotations

from monitor.web.pulse import Pulse


def test_a_pulse_is_stuck_only_beyond_its_bound_and_recovers_with_a_beat() -> None:
    now = [100.0]
    pulse = Pulse("gather", 10, lambda: now[0])
    now[0] += 10
    assert not pulse.stuck
    now[0] += 0.1
    assert (pulse.stuck, round(pulse.age, 3)) == (True, 10.1)
    pulse.beat()
    assert (pulse.stuck, pulse.age) == (False, 0.0)
