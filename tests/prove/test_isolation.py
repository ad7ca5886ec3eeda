"""A fifth of all channels hangs, 10,000 deliveries wait elsewhere: the others notice nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.prove.isolation import enqueue, run, stage, told

pytestmark = pytest.mark.prove

HEALTHY = {"webhook": 16, "mail": 16, "chat": 8}
HANGING = {"webhook": 4, "mail": 4, "chat": 2}
FEWER = {"webhook": 10, "mail": 10, "chat": 2}
QUEUED = 10_000
ROUNDS, EVERY = 12, 6.0  # seconds


async def test_a_fifth_of_the_channels_hangs_and_ten_thousand_deliveries_wait(tmp_path: Path) -> None:
    async with stage(tmp_path, HEALTHY, HANGING) as play:
        enqueue(play, QUEUED)
        seen = await run(play, ROUNDS, EVERY)
    print(f"beside a fifth that hangs and {QUEUED:,} deliveries: {told(seen)}")
    assert len(seen.took) == seen.recorded
    assert seen.at(0.99) < 10


async def test_ten_thousand_deliveries_to_one_channel_delay_no_other(tmp_path: Path) -> None:
    """Two programs side by side, so that whatever else the machine does happens to both."""
    async with stage(tmp_path / "a", FEWER, {}) as alone, stage(tmp_path / "b", FEWER, {}) as beside:
        enqueue(beside, QUEUED)
        one, other = await asyncio.gather(run(alone, ROUNDS, EVERY), run(beside, ROUNDS, EVERY))
    print(f"alone: {told(one)}")
    print(f"beside {QUEUED:,} deliveries to one channel: {told(other)}")
    assert len(other.took) == other.recorded
    assert other.at(0.95) - one.at(0.95) < 0.5
