"""When the disk of the database is a thing that operators should hear of: a table of disks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.collect import FULL_DISK, LOW_DISK, changes
from monitor.follow.disk import of_disk
from monitor.model import Condition, Health
from monitor.store import Disk
from tests.build import NOON

MB = 1_000_000
ILL, WELL = Health.FAILING, Health.OK


def disk(free: int, size: int = 20_000, *, spent: bool = False) -> Disk:
    """In MB."""
    return Disk(Path("/var/lib/monitor"), free * MB, size * MB, spent)


def told_before(*ids: str) -> dict[str, Condition]:
    since = NOON - timedelta(hours=3)
    return {id: Condition(id, ILL, since, "so", ill_since=since, told=ILL, told_at=since) for id in ids}


@pytest.mark.parametrize(
    ("found", "before", "states"),
    [
        (disk(8_000), (), {}),
        # 600 MB of 20 GB, 3 %, are the least
        (disk(590), (), {LOW_DISK: ILL}),
        # of a small disk 500 MB, of a large one no more than 10 GB
        (disk(490, 4_000), (), {LOW_DISK: ILL}),
        (disk(11_000, 900_000), (), {}),
        # still low, told already: nothing changes
        (disk(400), (LOW_DISK,), {LOW_DISK: ILL}),
        # a little more than the least is not well yet, a quarter more is
        (disk(650), (LOW_DISK,), {LOW_DISK: ILL}),
        (disk(760), (LOW_DISK,), {LOW_DISK: WELL}),
        # the ballast was spent: whatever is free now, nothing is read before it lies there again
        (disk(3, spent=True), (), {FULL_DISK: ILL, LOW_DISK: ILL}),
        (disk(3, spent=True), (LOW_DISK,), {FULL_DISK: ILL, LOW_DISK: ILL}),
        (disk(300), (FULL_DISK, LOW_DISK), {FULL_DISK: WELL, LOW_DISK: ILL}),
    ],
)  # fmt: skip
def test_a_disk_is_low_below_what_the_doctor_wants_and_full_when_the_ballast_was_spent(
    found: Disk, before: tuple[str, ...], states: dict[str, Health]
) -> None:
    conditions = list(of_disk(found, told_before(*before), NOON))
    assert {each.source_id: each.state for each in conditions} == states
    told = {change.condition.source_id for change in changes([], conditions, {}, NOON)}
    # told at once, and once
    assert told == {id for id, state in states.items() if (state is ILL) is not (id in before)}


def test_what_was_well_and_told_stays_as_it_is() -> None:
    over = Condition(LOW_DISK, WELL, NOON, told=ILL)
    assert list(of_disk(disk(8_000), {LOW_DISK: over}, NOON)) == [over]


def test_the_line_says_how_much_is_free_and_since_when() -> None:
    [condition] = of_disk(disk(400), told_before(LOW_DISK), NOON)
    assert condition.reason == "400 MB of 20.0 GB are free at /var/lib/monitor"
    assert condition.since == NOON - timedelta(hours=3)
