"""The weights of `monitor.judge.likeness` from labelled examples. Called by `benchmarks.stories`; reads and writes nothing.

Logistic regression in all regimes at once: what a regime's few examples do not tell is taken from the others. A regime's
weights are drawn towards weights that are common to all (TIES), as in a hierarchical model with a normal prior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.judge.likeness import Regime

Numbers = NDArray[np.float64]

PENALTY = 0.1  # of the squared common weights
# of the squared distance of a regime's weights from the common ones: the more, the fewer examples it has; little for another
# language, where all cosines are smaller
TIES = {Regime.FULL: 3.0, Regime.BRIEF: 3.0, Regime.SHORT: 1.0, Regime.ACROSS: 0.3}
A_SET = 1500.0  # the examples of a set weigh this much together, however many there are ...
A_CUT_SET = 250.0  # ... and those of a cut one, which are the same events again
SCARCE = 60  # ... unless its positive ones are fewer than so many times less
NEGATIVE = 300.0  # ... or there is none
ROUNDS = 3  # in which the near misses gain weight
HARDNESS = 0.7
# what is added to the constants: the threshold, one for each regime, chosen on the scores of the groups
SHIFT = {Regime.FULL: 0.5, Regime.BRIEF: 1.7, Regime.SHORT: 1.4, Regime.ACROSS: 1.7}
SIGN = {"days": -1, "own": -1, "size": 0, "brevity": 0, "other script": 0}  # 0: either way
# what decides in which regime: where a thing cannot be there, or says nothing, it has no weight
WORDS = ("words", "nearest words", "names", "telling names", "headline words")
CROWD = ("crowd vector", "crowd words", "crowd headline")
VECTORS = (
    "vector",
    "nearest vector",
    "sharp",
    "nearest sharp",
    "headline",
    "nearest headline",
    "told by headline",
)
FACTS = (
    "telling numbers",
    "other numbers",
    "other form",
    "cities",
    "other cities",
    "countries",
    "other countries",
    "other headline numbers",
    "headline places",
    "other headline places",
)
ABROAD = ("crowd vector", "telling names", "telling sounds", "other script", "size", "brevity")
USED: dict[Regime, tuple[str, ...]] = {
    Regime.FULL: (*VECTORS, *WORDS, *FACTS, *CROWD, "days", "own", "size", "brevity"),
    Regime.BRIEF: (*VECTORS, *WORDS, *FACTS, *CROWD, "days", "own", "size", "brevity"),
    Regime.SHORT: (*VECTORS, *WORDS, *FACTS, "own", "size", "brevity"),
    Regime.ACROSS: (*VECTORS, *FACTS, *ABROAD),
}
COMMON = tuple(dict.fromkeys(name for names in USED.values() for name in names))


@dataclass(frozen=True, slots=True)
class Example:
    """An article beside a story that was open when it came: the evidence, and whether they tell one event."""

    kind: Regime
    evidence: Mapping[str, float]
    holds: bool
    half: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A regime's examples, and where its weights stand among all: its own names', then its constant."""

    kind: Regime
    names: tuple[str, ...]
    inputs: Numbers
    outputs: Numbers
    importance: Numbers
    place: slice

    def odds(self, weights: Numbers) -> Numbers:
        return np.asarray(1 / (1 + np.exp(-np.clip(self.inputs @ weights[self.place], -30, 30))))

    def harder(self, given: Numbers, weights: Numbers) -> _Part:
        """What holds weighs as it is `given`; the rest the less, the surer it is apart. An article is taken by the likest
        story alone, so only the near ones matter, and they are few among the many."""
        near = np.minimum(1.0, (self.odds(weights) * 5) ** HARDNESS + 0.02)
        return replace(self, importance=given * np.where(self.outputs > 0, 1.0, near))


def fit(found: Mapping[str, Sequence[Example]], left_out: int | None = None) -> dict[str, dict[str, float]]:
    """Weights by regime, from examples by set; a name with a comma is a cut set's. Without those of the half `left_out`."""
    parts = list(_parts(found, left_out))
    given = [part.importance for part in parts]
    solved = _signed(parts)
    for _ in range(ROUNDS):
        parts = [part.harder(each, solved) for part, each in zip(parts, given, strict=True)]
        solved = _signed(parts)
    fitted = {}
    for part in parts:
        *weights, constant = solved[part.place].tolist()
        fitted[str(part.kind)] = {
            **dict(zip(part.names, weights, strict=True)),
            "bias": constant + SHIFT[part.kind],
        }
    return fitted


def _parts(found: Mapping[str, Sequence[Example]], left_out: int | None) -> list[_Part]:
    parts: list[_Part] = []
    start = len(COMMON)
    for kind, names in USED.items():
        weighed = []
        for name, each in found.items():
            chosen = [one for one in each if one.kind == kind and one.half != left_out]
            if chosen:
                weighed.append(_weighed(chosen, names, A_CUT_SET if "," in name else A_SET))
        inputs, outputs, importance = (np.concatenate(part) for part in zip(*weighed, strict=True))
        end = start + len(names) + 1
        parts.append(_Part(kind, names, inputs, outputs, importance, slice(start, end)))
        start = end
    return parts


def _weighed(
    chosen: Sequence[Example], names: Sequence[str], most: float
) -> tuple[Numbers, Numbers, Numbers]:
    inputs = np.array([[*(one.evidence[name] for name in names), 1.0] for one in chosen])
    outputs = np.array([one.holds for one in chosen], dtype=float)
    total = min(A_SET, max(outputs.sum() * SCARCE, NEGATIVE)) * most / A_SET
    return inputs, outputs, np.full(len(chosen), total / len(chosen))


def _signed(parts: Sequence[_Part]) -> Numbers:
    """The weights, but what speaks for one event never counts against it, nor the other way: the sign of a weight that rests
    on few examples is chance. A weight of the wrong sign is 0."""
    penalty = _penalty(parts)
    kept = np.ones(len(penalty), dtype=bool)
    signs = np.zeros(len(penalty))
    for part in parts:
        signs[part.place] = [*map(_sign, part.names), 0]
    solved = np.zeros(len(penalty))
    while True:
        solved = _newton(parts, penalty, kept, np.where(kept, solved, 0.0))
        wrong = kept & (solved * signs < 0)
        if not wrong.any():
            return solved
        kept &= ~wrong


def _sign(name: str) -> int:
    return SIGN.get(name, -1 if name.startswith(("other ", "crowd ")) else 1)


def _penalty(parts: Sequence[_Part]) -> Numbers:
    penalty = np.zeros((parts[-1].place.stop,) * 2)
    common = np.arange(len(COMMON))
    penalty[common, common] = PENALTY
    for part in parts:
        tie = TIES[part.kind]
        for own, name in enumerate(part.names, part.place.start):
            shared = COMMON.index(name)
            penalty[own, own] += tie
            penalty[shared, shared] += tie
            penalty[own, shared] -= tie
            penalty[shared, own] -= tie
        penalty[part.place.stop - 1, part.place.stop - 1] = 1e-6  # a constant is free
    return penalty


def _newton(parts: Sequence[_Part], penalty: Numbers, kept: NDArray[np.bool_], solved: Numbers) -> Numbers:
    """Newton's method over the weights that are kept, each step halved until it leads down."""
    chosen = np.flatnonzero(kept)
    for _ in range(50):
        slope, bend = penalty @ solved, penalty.copy()
        for part in parts:
            odds = part.odds(solved)
            slope[part.place] += part.inputs.T @ (part.importance * (odds - part.outputs))
            spread = (part.importance * odds * (1 - odds))[:, None]
            bend[part.place, part.place] += (part.inputs * spread).T @ part.inputs
        step = np.zeros(len(solved))
        step[chosen] = np.linalg.solve(bend[np.ix_(chosen, chosen)], slope[chosen])
        before = _loss(parts, penalty, solved)
        while _loss(parts, penalty, solved - step) > before + 1e-9 and np.abs(step).max() > 1e-9:
            step /= 2
        solved = solved - step
        if np.abs(step).max() < 1e-6:
            break
    return solved


def _loss(parts: Sequence[_Part], penalty: Numbers, weights: Numbers) -> float:
    total = float(weights @ penalty @ weights) / 2
    for part in parts:
        told = part.inputs @ weights[part.place]
        total += float((part.importance * (np.logaddexp(0, told) - part.outputs * told)).sum())
    return total
