"""Silence on the real press: how often it is claimed of outlets that live, and how soon of one that stops.

    python -m benchmarks.silence [../shared/data/replay.jsonl.gz]

Each outlet's publication times are played hour by hour. `false`: spells in which a living outlet was called silent. Then
each outlet is stopped at every tenth article of its second half: `found` is the share of stops that were called within
the file's time and `hours` the 10th, 50th and 90th percentile of how long that took, beside its longest gap of before.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from monitor.collect.silence import is_silent, note
from monitor.model import Condition

HOUR = timedelta(hours=1)
FEWEST = 100  # articles of an outlet
LONGEST = 14 * 24  # hours after a stop


def outlets(path: Path) -> dict[str, list[datetime]]:
    """The publication times of each outlet that has enough of them, in order."""
    found: dict[str, list[datetime]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row.get("published"):
                at = datetime.fromisoformat(row["published"])
                found[row["source"]].append(at if at.tzinfo else at.replace(tzinfo=UTC))
    return {name: sorted(times) for name, times in found.items() if len(times) >= FEWEST}


def alarms(times: Sequence[datetime]) -> Iterator[datetime]:
    """When a source that shows these was called silent though more was to come; once a spell."""
    condition, left, claimed = Condition("x"), iter([*times, None]), False
    coming = next(left)
    now = times[0]
    while now <= times[-1]:
        due = []
        while coming is not None and coming <= now:
            due.append(coming)
            coming = next(left)
        condition = note(condition, due, now) if due else condition
        silent = is_silent(condition, now)
        if silent and not claimed:
            yield now
        claimed = silent
        now += HOUR


def hours_to_find(times: Sequence[datetime]) -> int | None:
    """After the last of these, until the silence is called."""
    condition = note(Condition("x"), times, times[-1])
    return next((n for n in range(LONGEST) if is_silent(condition, times[-1] + n * HOUR)), None)


def main(path: Path) -> None:
    print(
        f"{'outlet':24} {'articles':>8} {'days':>5} {'longest gap':>11} {'false':>5} {'found':>6} {'hours 10/50/90 %':>17}"
    )
    for name, times in sorted(outlets(path).items()):
        days = (times[-1] - times[0]).days
        gap = max((after - before) / HOUR for before, after in pairwise(times))
        wrong = sum(1 for _ in alarms(times))
        stops = [hours_to_find(times[:at]) for at in range(len(times) // 2, len(times), 10)]
        found = [each for each in stops if each is not None]
        tenths = statistics.quantiles(found, n=10) if len(found) > 1 else [0.0] * 9
        shown = "/".join(f"{tenths[at]:.0f}" for at in (0, 4, 8))
        print(
            f"{name[:24]:24} {len(times):8} {days:5} {gap:9.0f} h {wrong:5} {len(found) / len(stops):6.0%} {shown:>17}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/replay.jsonl.gz"))
