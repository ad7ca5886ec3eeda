"""Memory that is free goes back to the system after work."""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path

import pytest

from monitor.workers.memory import Spare, collector_at_rest

MEGABYTE = 1024

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's")


def held() -> int:
    """kB of this process in memory that no file backs."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))


async def test_what_was_freed_between_things_that_stay_is_given_back_soon_after_work() -> None:
    things = [bytes(2_000) for _ in range(30_000)]
    kept = things[::1_000]
    things.clear()
    before = held()
    spare = Spare(every=0.0)
    spare.worked()
    async with asyncio.timeout(10):
        while held() > before - 20 * MEGABYTE:  # noqa: ASYNC110  # the kernel sets no Event
            await asyncio.sleep(0)
    assert len(kept) == 30


@pytest.mark.parametrize(
    ("watchlists", "rests"),
    [
        (5, False),  # a usual configuration
        (5_000, True),  # millions of objects
    ],
)
def test_the_collector_rests_while_very_many_watchlists_are_compiled(watchlists: int, rests: bool) -> None:
    with collector_at_rest(watchlists):
        assert gc.isenabled() is not rests
    assert gc.isenabled()
    gc.unfreeze()
