"""A fifth of all channels hangs, 10,000 deliveries wait elsewhere: the others notice nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prove.isolation import Shape, enqueue, run, stage, told

pytestmark = pytest.mark.prove

HEALTHY = {"webhook": 16, "mail": 16, "chat": 8}
HANGING = {"webhook": 4, "mail": 4, "chat": 2}
ROUNDS, EVERY = 12, 6.0  # seconds
CASES: dict[str, tuple[Shape, int]] = {
    "alone": ({}, 0),
    "beside 10,000 deliveries to one channel": ({}, 10_000),
    "beside a fifth that hangs and 10,000 deliveries": (HANGING, 10_000),
}


@pytest.mark.parametrize("name", CASES)
async def test_healthy_channels_are_served_within_seconds(name: str, tmp_path: Path, sqlite_url: str) -> None:
    hanging, queued = CASES[name]
    async with stage(tmp_path / "config", sqlite_url, HEALTHY, hanging) as play:
        enqueue(play, queued)
        seen = await run(play, ROUNDS, EVERY)
    print(f"{name}: {told(seen)}")
    assert len(seen.took) == seen.recorded
    assert seen.at(0.99) < 10
