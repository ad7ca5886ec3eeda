"""The arithmetic of NEAR: which spans form a chain with one span of each argument and short gaps.

Pure counting on word numbers, of one field at a time; `proximity` gives it meaning. Time grows with the number of
spans times 2 ** arguments, never with the product of the arguments' spans.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """A span as the chain sees it: its words, and which argument it belongs to."""

    first: int
    last: int
    argument: int


def chain_ends(places: Sequence[Place], gap: int, ordered: bool) -> list[dict[int, int]]:
    """For each place: set of arguments (as bits) -> latest beginning of a chain of them that ends there.

    `places` ascend by `first`. Neighbours in a chain do not overlap and have at most `gap` words between. With
    `ordered`, arguments appear in their own order.
    """
    by_end = sorted(range(len(places)), key=lambda index: places[index].last)
    ends: list[dict[int, int]] = []
    windows: dict[
        int, deque[tuple[int, int]]
    ] = {}  # arguments -> (last, beginning), latest beginnings in front
    ready = 0
    for first, _, argument in places:
        while ready < len(by_end) and places[by_end[ready]].last < first:
            for used, beginning in ends[by_end[ready]].items():
                _push(windows.setdefault(used, deque()), places[by_end[ready]].last, beginning)
            ready += 1
        bit = 1 << argument
        reached = {bit: first} if not ordered or argument == 0 else {}
        for used, window in windows.items():
            while window and window[0][0] < first - gap - 1:
                window.popleft()
            if window and (used == bit - 1 if ordered else not used & bit):
                reached[used | bit] = max(window[0][1], reached.get(used | bit, -1))
        ends.append(reached)
    return ends


def _push(window: deque[tuple[int, int]], last: int, beginning: int) -> None:
    """Sliding maximum: an entry that begins no later and ends no later than the new one can never win again."""
    while window and window[-1][1] <= beginning:
        window.pop()
    window.append((last, beginning))


class Chains(NamedTuple):
    """Whole chains: which places take part in one, and for each place that ends one its latest beginning."""

    members: list[int]
    windows: list[tuple[int, int]]  # (first, last) words


def whole_chains(places: Sequence[Place], arguments: int, gap: int, ordered: bool) -> Chains:
    """The chains that use every argument once. `places` ascend by `first`."""
    full = (1 << arguments) - 1
    forward = chain_ends(places, gap, ordered)
    if not any(full in reached for reached in forward):
        return Chains([], [])
    backward = _backward(places, arguments, gap, ordered)
    members = []
    for index, place in enumerate(places):
        bit = 1 << place.argument
        if any((full ^ used) | bit in backward[index] for used in forward[index]):
            members.append(index)
    windows = {
        (reached[full], place.last) for place, reached in zip(places, forward, strict=True) if full in reached
    }
    return Chains(members, sorted(windows))


def _backward(places: Sequence[Place], arguments: int, gap: int, ordered: bool) -> list[set[int]]:
    """For each place: the sets of arguments of the chains that begin there. The forward question, mirrored."""
    # read backwards, an ordered chain has its arguments in reverse
    numbers = range(arguments)[::-1] if ordered else range(arguments)
    mirrored = [(Place(-p.last, -p.first, numbers[p.argument]), index) for index, p in enumerate(places)]
    mirrored.sort()
    # beginnings may be negative here; shift all so that -1 stays "none"
    shift = max((p.last for p in places), default=0)
    shifted = [Place(p.first + shift, p.last + shift, p.argument) for p, _ in mirrored]
    result: list[set[int]] = [set() for _ in places]
    for (_, index), reached in zip(mirrored, chain_ends(shifted, gap, ordered), strict=True):
        result[index] = {_mirror(used, arguments) for used in reached} if ordered else set(reached)
    return result


def _mirror(used: int, arguments: int) -> int:
    return sum(1 << (arguments - 1 - bit) for bit in range(arguments) if used >> bit & 1)
