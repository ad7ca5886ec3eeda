"""Small: channels that hang and a long queue beside channels that work. `make prove` does it at full size."""

from __future__ import annotations

from pathlib import Path

from tests.prove.isolation import enqueue, run, stage


async def test_channels_that_hang_and_a_long_queue_delay_no_other(tmp_path: Path) -> None:
    healthy, hanging = {"webhook": 6, "mail": 6}, {"webhook": 2, "mail": 2}
    async with stage(tmp_path, healthy, hanging) as play:
        enqueue(play, 1_000)
        seen = await run(play, 1, 0.5)
    assert len(seen.took) == seen.recorded == 12
    assert max(seen.took) < 10
