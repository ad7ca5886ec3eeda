"""Whether operators should hear of the disk that the database lies on: nearly full, or full. Pure; called by `operators`.

Full means that the ballast was spent: what is recorded is still sent, and no source is read until there is room. The first line in the
log and `monitor doctor` say so as well, which nobody reads who is not told to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from monitor.collect import FULL_DISK, LOW_DISK
from monitor.model import Condition, Health
from monitor.store import Disk

MARGIN = 1.25  # times what is wanted: it is well again with so much free, and not with every file that somebody deletes


def of_disk(disk: Disk, before: Mapping[str, Condition], now: datetime) -> Iterator[Condition]:
    """The conditions that are not well, or were not; `before`: those that are open."""
    low = disk.free < disk.wanted * (MARGIN if LOW_DISK in before and not before[LOW_DISK].well else 1)
    for id, ill in ((FULL_DISK, disk.spent), (LOW_DISK, low)):
        old = before.get(id, Condition(id))
        if ill:
            since = old.since if old.state is Health.FAILING and old.since else now
            yield replace(old, state=Health.FAILING, since=since, ill_since=since, reason=str(disk))
        elif not old.well:
            yield replace(old, state=Health.OK, since=now, ill_since=None, reason="")
        elif old.told is not None:
            yield old
