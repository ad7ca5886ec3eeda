"""A press stream of any length as numbers only: which article copies which, and the hashes each is found by.

Called by `benchmarks.candidates`. Drawn so that the index looks as real press makes it: most hashes belong to one text, some
to everything (an outlet's boilerplate, common phrases, the cells of sentence vectors), and 40 % of the articles are copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

COPIED = 0.4  # of the articles are copies of one of the RECENT
SAME_EVENT = 0.5  # of the other texts tell an event that one of the RECENT told
RECENT = 3_000
OUTLETS = 300
OWN, COMMON, BOILERPLATE = 62, 10, 3  # hashes of a sketch: 75, as designed
EVENT, NAMES, CELLS = 12, 20, 8  # handles
PHRASES, WORDS, CELL_COUNT = 200_000, 100_000, 1_024


def mixed(*parts: Numbers | int) -> Numbers:
    """Hashes of numbers: splitmix64 over their parts, signed."""
    total = np.zeros((), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            total = (
                total * np.uint64(0x100000001B3)
                + np.asarray(part).astype(np.uint64)
                + np.uint64(0x9E3779B97F4A7C15)
            )
            total = (total ^ (total >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            total = (total ^ (total >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            total = total ^ (total >> np.uint64(31))
    return np.asarray(total, dtype=np.uint64).view(np.int64)


def zipf(chance: np.random.Generator, size: tuple[int, int], count: int) -> Numbers:
    """Numbers below `count`, the n-th about 1/n as frequent as the first."""
    return np.asarray(np.exp(chance.random(size) * np.log(count + 1)) - 1, dtype=np.int64)


@dataclass(frozen=True)
class Stream:
    """`length` articles, numbered from 0 in the order they come."""

    length: int
    seed: int = 1

    @cached_property
    def origins(self) -> tuple[Numbers, Numbers]:
        """Of each article, the first one with its text and the first one of its event."""
        chance = np.random.default_rng(self.seed)
        back = chance.integers(1, RECENT + 1, self.length)
        draw = chance.random((2, self.length))
        text, event = np.arange(self.length), np.arange(self.length)
        for n in range(1, self.length):
            before = max(0, n - int(back[n]))
            if draw[0, n] < COPIED:
                text[n], event[n] = text[before], event[before]
            elif draw[1, n] < SAME_EVENT:
                event[n] = event[before]
        return text, event

    def hashes(self, start: int, end: int) -> tuple[Numbers, Numbers]:
        """Sketches and handles of the articles from `start` to `end`, a row each."""
        chance = np.random.default_rng((self.seed, start))
        size = end - start
        number = np.arange(start, end)[:, None]
        text, event = (each[start:end, None] for each in self.origins)
        own = np.arange(OWN)[None, :]
        # a copy keeps 85 % of the text's hashes, the others are its own
        changed = (chance.random((size, OWN)) < 0.15) & (text != number)
        sketch = [
            np.where(changed, mixed(1, number, own), mixed(1, text, own)),
            mixed(2, zipf(chance, (size, COMMON), PHRASES)),
            mixed(3, number % OUTLETS, np.arange(BOILERPLATE)[None, :]),
        ]
        handles = [
            mixed(4, event, np.arange(EVENT)[None, :]),
            mixed(5, zipf(chance, (size, NAMES), WORDS)),
            mixed(6, np.arange(CELLS)[None, :], chance.integers(0, CELL_COUNT, (size, CELLS))),
        ]
        return np.hstack(sketch), np.hstack(handles)

    def postings(self, start: int, end: int) -> tuple[Numbers, Numbers]:
        """Hash and article number of all rows of the index, sorted by hash, without repetitions."""
        both = np.hstack(self.hashes(start, end))
        hashes, numbers = both.ravel(), np.repeat(np.arange(start, end), both.shape[1])
        order = np.lexsort((numbers, hashes))
        hashes, numbers = hashes[order], numbers[order]
        first: Any = np.ones(len(hashes), dtype=bool)
        first[1:] = (hashes[1:] != hashes[:-1]) | (numbers[1:] != numbers[:-1])
        return hashes[first], numbers[first]
