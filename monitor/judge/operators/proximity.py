"""NEAR, ONEAR, NOTNEAR, SENTENCE, PARAGRAPH, ATLEAST: operators on the places of what their arguments find."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import product

from monitor.judge.operators.base import Operator, Run
from monitor.judge.operators.chains import Place, chain_ends, whole_chains
from monitor.judge.reading import (
    NOT_FOUND,
    FieldText,
    Found,
    Neighbours,
    Reading,
    Scope,
    Span,
    found,
    mentions,
)

_FEW_PAIRS = 64  # of runs, above which trying them all costs more than a chain


def _in_field(spans: Iterable[Span], name: str) -> list[Span]:
    return [span for span in spans if span.field == name]


class Near(Operator):
    def __init__(self, words: int, children: Iterable[Operator], ordered: bool) -> None:
        self.words = words
        self.children = tuple(children)
        self.ordered = ordered
        self.label = f"{'ONEAR' if ordered else 'NEAR'}/{words}"

    def holds(self, reading: Reading, scope: Scope) -> bool:
        if scope.words is None:
            told = [self.stands_in(reading.field(name)) for name in scope.fields]
            if None not in told:
                return any(told)
        return self.find(reading, scope).held

    def stands_in(self, text: FieldText) -> bool | None:
        """Whether it holds in this field; None where only `find` can tell."""
        runs = []
        for child in self.children:
            own = child.runs(text)
            if not own:
                return None if own is None else False
            runs.append(own)
        return self.chained(runs)

    def chained(self, runs: Sequence[Sequence[Run]]) -> bool:
        """Whether one run of each argument form a chain."""
        if len(runs) == 2 and len(runs[0]) * len(runs[1]) <= _FEW_PAIRS:
            return any(self.follows(*pair) for pair in product(*runs))
        places = sorted(Place(*run, argument) for argument, own in enumerate(runs) for run in own)
        every = (1 << len(runs)) - 1
        return any(every in reached for reached in chain_ends(places, self.words, self.ordered))

    def follows(self, first: Run, second: Run) -> bool:
        """Whether one run stands behind the other, near enough; with ONEAR the second behind the first."""
        if 0 <= second[0] - first[1] - 1 <= self.words:
            return True
        return not self.ordered and 0 <= first[0] - second[1] - 1 <= self.words

    def search(self, reading: Reading, scope: Scope) -> Found:
        results = []
        for child in self.children:
            results.append(child.find(reading, scope))
            if not results[-1].held:
                return NOT_FOUND
        windows: list[Span] = []
        for name in scope.fields:
            windows += self.windows(
                reading.field(name), [_in_field(result.spans, name) for result in results]
            )
        return found(windows)

    def windows(self, text: FieldText, spans: Sequence[Sequence[Span]]) -> list[Span]:
        """The tightest window for each last span, with the spans in it that take part in some chain."""
        if not all(spans):
            return []
        labelled = _labelled(spans)
        chains = whole_chains([place for place, _ in labelled], len(spans), self.words, self.ordered)
        members = [labelled[index][1] for index in chains.members]
        firsts = [span.first for span in members]
        windows = []
        for first, last in chains.windows:
            candidates = members[bisect_left(firsts, first) : bisect_right(firsts, last)]
            inside = (span for span in candidates if span.last <= last)
            parts = tuple(sorted({leaf for span in inside for leaf in span.leaves}))
            windows.append(text.span(first, last)._replace(parts=parts))
        return windows

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        if result.held:
            return super().detail(reading, scope, result)
        found_by = [child.find(reading, scope) for child in self.children]
        missing = [child.text for child, one in zip(self.children, found_by, strict=True) if not one.held]
        if missing:
            return f"{self.label} failed: not found: {', '.join(missing)}"
        distances = []
        shared = False
        for name in scope.fields:
            spans = [_in_field(one.spans, name) for one in found_by]
            shared = shared or all(spans)
            if all(spans) and (apart := self.apart(spans, len(reading.field(name).tokens))) is not None:
                distances.append(apart)
        if distances:
            return f"{self.label} failed: {min(distances)} words apart"
        if not shared:
            return f"{self.label} failed: never in one field: {_whereabouts(self.children, found_by)}"
        if self.ordered:
            return f"{self.label} failed: never in this order"
        return f"{self.label} failed: the same words cannot stand for two of them"

    def apart(self, spans: Sequence[Sequence[Span]], longest: int) -> int | None:
        """The smallest distance with which it would hold in this field; None if none would do."""
        places = [place for place, _ in _labelled(spans)]

        def holds(gap: int) -> bool:
            return bool(whole_chains(places, len(spans), gap, self.ordered).windows)

        if not holds(longest):
            return None
        low, high = self.words, longest
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(middle) else (middle, high)
        return high


def _labelled(spans: Sequence[Sequence[Span]]) -> list[tuple[Place, Span]]:
    return sorted(
        (Place(span.first, span.last, argument), span) for argument, own in enumerate(spans) for span in own
    )


def _whereabouts(children: Iterable[Operator], found_by: Iterable[Found]) -> str:
    """In which fields each argument stands."""
    return ", ".join(
        f"{child.text} in the {' and '.join(dict.fromkeys(span.field for span in one.spans))}"
        for child, one in zip(children, found_by, strict=True)
    )


class NotNear(Operator):
    def __init__(self, words: int, child: Operator, other: Operator) -> None:
        self.words = words
        self.children = (child, other)
        self.label = f"NOTNEAR/{words}"

    def search(self, reading: Reading, scope: Scope) -> Found:
        wanted = self.children[0].find(reading, scope)
        if not wanted.held:
            return NOT_FOUND
        others = self.children[1].find(reading, scope)
        near = Neighbours(others.spans).near
        return found([span for span in wanted.spans if not near(span, self.words)])

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        if result.held:
            return super().detail(reading, scope, result)
        wanted = self.children[0].find(reading, scope)
        if not wanted.held:
            return f"{self.label} failed: not found: {self.children[0].text}"
        others = self.children[1].find(reading, scope).spans
        furthest = max(min(gap for gap in _gaps(span, others)) for span in wanted.spans)
        return (
            f"{self.label} failed: each of the {len(wanted.spans)} found has the other within {self.words} words, "
            f"the furthest {furthest} away"
        )


def _gaps(span: Span, others: Iterable[Span]) -> Iterable[int]:
    """The words between a span and each other one in its field; 0 where they overlap."""
    for other in others:
        if other.field == span.field:
            yield max(other.first - span.last - 1, span.first - other.last - 1, 0)


class Together(Operator):
    def __init__(self, unit: str, children: Iterable[Operator]) -> None:
        self.unit = unit
        self.children = tuple(children)
        self.label = unit.upper()

    def search(self, reading: Reading, scope: Scope) -> Found:
        results = []
        for child in self.children:
            results.append(child.find(reading, scope))
            if not results[-1].held:
                return NOT_FOUND
        placed = [self.by_unit(reading, result.spans) for result in results]
        common = set(placed[0]).intersection(*placed[1:])
        hits = {leaf for units in placed for key in common for span in units[key] for leaf in span.leaves}
        return Found(True, (), tuple(sorted(hits))) if common else NOT_FOUND

    def by_unit(self, reading: Reading, spans: Iterable[Span]) -> dict[tuple[str, int], list[Span]]:
        units: dict[tuple[str, int], list[Span]] = {}
        for span in spans:
            tokens = reading.field(span.field).tokens
            numbers = tokens.sentences if self.unit == "sentence" else tokens.paragraphs
            if span.last < len(numbers) and numbers[span.first] == numbers[span.last]:
                units.setdefault((span.field, numbers[span.first]), []).append(span)
        return units

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        if result.held:
            return f"in one {self.unit}"
        found_by = [child.find(reading, scope) for child in self.children]
        missing = [child.text for child, one in zip(self.children, found_by, strict=True) if not one.held]
        if missing:
            return f"{self.label} failed: not found: {', '.join(missing)}"
        return f"{self.label} failed: never in one {self.unit}: {self.apart(reading, found_by)}"

    def apart(self, reading: Reading, found_by: Sequence[Found]) -> str:
        """How nearly: the arguments that do share a unit, or the least distance between two."""
        placed = [set(self.by_unit(reading, one.spans)) for one in found_by]
        most = max((sum(unit in units for units in placed) for unit in set().union(*placed)), default=0)
        if len(placed) > 2 and most > 1:
            return f"{most} of {len(placed)} at most"
        gaps = [
            abs(one[1] - other[1])
            for one in placed[0]
            for units in placed[1:]
            for other in units
            if one[0] == other[0]
        ]
        if gaps:
            return f"{min(gaps)} {self.unit}{'s' if min(gaps) > 1 else ''} apart"
        return _whereabouts(self.children, found_by)


class AtLeast(Operator):
    def __init__(self, count: int, child: Operator) -> None:
        self.count = count
        self.children = (child,)
        self.label = f"ATLEAST/{count}"

    def search(self, reading: Reading, scope: Scope) -> Found:
        result = self.children[0].find(reading, scope)
        return Found(True, (), result.hits) if mentions(result.spans) >= self.count else NOT_FOUND

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        count = mentions(self.children[0].find(reading, scope).spans)
        return f"{count} {'mention' if count == 1 else 'mentions'}, {self.count} needed"
