"""The disk fills up while work goes on, at twenty levels: reading goes on, nothing is kept by halves, and all of it recovers.

The disk (tests/prove/disk.c) lets the database's files grow by so many bytes and no more, until there is space again.
"""

from __future__ import annotations

import pytest

from tests.prove.test_disk_faults import Bench, acknowledged, bench

__all__ = ["bench"]

pytestmark = pytest.mark.prove

LEVELS, BOUNDED = 20, 5
MOST = 2_000_000  # bytes that are free beside the ballast


def test_a_full_disk_stops_news_only_and_space_brings_everything_back(bench: Bench, full: bool) -> None:
    levels = LEVELS if full else BOUNDED
    recorded = sent = 0
    for level in range(levels):
        bench.begin()
        room = MOST * level // (levels - 1)
        ended = bench.play("fill", seconds=120, control=str(bench.disk.control), room=room)
        others = [each for each in ended.said if "ack" not in each]
        assert others[0] == {"ballast": True}, level
        assert "is full: free some space" in others[1]["full"], level
        # nothing new comes in, all that was recorded is sent, and it can be read the while
        assert {name: others[1][name] for name in ("room", "left")} == {"room": False, "left": 0}, level
        assert others[1]["sent"] == 2 * others[1]["read"], level
        assert others[2] == {"room": True}, level
        bench.disk.set()
        [left] = bench.play("found").said
        assert left["problems"] == [], level
        assert acknowledged(ended) == set(left["kept"]), level
        recorded, sent = recorded + others[1]["read"], sent + others[1]["sent"]
    assert recorded > levels
    print(
        f"{levels} fill levels: {recorded} articles recorded, {sent} deliveries sent after the disk was full; 0 lost"
    )
