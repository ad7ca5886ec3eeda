"""The power is cut while the database is written to: with synchronous=FULL nothing acknowledged is lost.

The writes and syncs of one process are logged (tests/prove/disk.c). For a cut between two of them every state is possible in
which what was synced is there, and of the rest any sector or none: such states are built, opened and compared with
what had been acknowledged by then. With synchronous=NORMAL the same states do lose, else this proof could not see a loss.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from tests.prove.disk import CUT, SYNC, UNLINK, WRITE, Entry
from tests.prove.test_disk_faults import Bench, bench

__all__ = ["bench"]

pytestmark = pytest.mark.prove

SECTOR = 512
CUTS, BOUNDED, CONTROL = 1000, 100, 40
ROUNDS = 30


@dataclass
class Medium:
    """One file: what is surely on the disk, and what was written since, which may be."""

    sure: bytearray = field(default_factory=bytearray)
    unsure: list[Entry] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        if entry.operation == SYNC:
            for each in self.unsure:
                apply(self.sure, each)
            self.unsure = []
        else:
            self.unsure.append(entry)

    def after_cut(self, chance: random.Random) -> bytes:
        """None of what is unsure, all of it, its beginning with the last piece torn, or any of its sectors."""
        how = chance.choice(("none", "all", "beginning", "any", "any"))
        state, upto = bytearray(self.sure), chance.randint(0, len(self.unsure))
        for number, entry in enumerate(self.unsure):
            if how == "none" or (how == "beginning" and number > upto):
                continue
            whole = how == "all" or (how == "beginning" and number < upto)
            for piece in [entry] if whole else sectors(entry):
                if whole or chance.random() < 0.5:
                    apply(state, piece)
        return bytes(state)


def sectors(entry: Entry) -> Iterator[Entry]:
    if entry.operation != WRITE:
        yield entry
        return
    at = 0
    while at < len(entry.data):
        end = at + SECTOR - (entry.offset + at) % SECTOR
        yield Entry(WRITE, entry.name, entry.offset + at, entry.data[at:end])
        at = end


def apply(state: bytearray, entry: Entry) -> None:
    if entry.operation == UNLINK:
        state.clear()
        return
    end = entry.offset + len(entry.data)
    if len(state) < end:
        state.extend(bytes(end - len(state)))
    if entry.operation == CUT:
        del state[entry.offset :]
    else:
        state[entry.offset : end] = entry.data


@pytest.mark.parametrize(
    ("synchronous", "may_lose"),
    [
        ("FULL", False),
        # what this proof would see, were a commit acknowledged before it is on the disk
        ("NORMAL", True),
    ],
)
def test_a_power_cut_takes_nothing_that_was_acknowledged(
    bench: Bench, full: bool, synchronous: str, may_lose: bool
) -> None:
    bench.begin()
    before = bench.disk.files.read_bytes()
    bench.disk.set(log=1)
    bench.play("work", rounds=ROUNDS, diary=True, synchronous=synchronous)
    log = bench.disk.taken_log()
    chance, cuts = random.Random(20260421), CONTROL if may_lose else CUTS if full else BOUNDED
    lost: Counter[int] = Counter()
    promised, torn = 0, 0
    for cut, acks, media in states(bench, log, before, sorted(chance.choices(range(len(log) + 1), k=cuts))):
        rebuild(bench, media, chance)
        [left] = bench.play("found").said
        assert left["problems"] == [], cut
        lost[cut] += len(acks - set(left["kept"]))
        promised += len(acks)
        torn += any(medium.unsure for medium in media.values())
    print(f"{synchronous}: {cuts} cut points in {len(log)} writes and syncs, {torn} with unsynced writes; {promised} acknowledged, {lost.total()} lost")  # fmt: skip
    assert torn > cuts // 10
    assert bool(lost.total()) is may_lose


def states(
    bench: Bench, log: Sequence[Entry], before: bytes, cuts: Sequence[int]
) -> Iterator[tuple[int, set[str], dict[str, Medium]]]:
    """At each cut what had been acknowledged, and the media."""
    media: dict[str, Medium] = defaultdict(Medium)
    media[bench.disk.files.name].sure.extend(before)
    diary, done = "", 0
    for cut in cuts:
        for entry in log[done:cut]:
            if entry.name.endswith(".acks"):
                diary += entry.data.decode()
            elif not entry.name.endswith("-shm"):
                media[entry.name].take(entry)
        done = max(done, cut)
        yield cut, set(diary.splitlines()), media


def rebuild(bench: Bench, media: dict[str, Medium], chance: random.Random) -> None:
    bench.begin()
    for name, medium in media.items():
        bench.disk.files.with_name(name).write_bytes(medium.after_cut(chance))
