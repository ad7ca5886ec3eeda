"""AND, OR, NOT, n OF, SCORE, and what narrows where to look: fields, the first words, the source's facts."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from monitor.judge.operators.base import Operator, Run
from monitor.judge.operators.terms import Phrase
from monitor.judge.reading import EVERYWHERE, NOT_FOUND, FieldText, Found, Reading, Scope, Span


def _together(results: Iterable[Found]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(hit for result in results for hit in result.hits))


class All(Operator):
    label = "AND"

    def __init__(self, children: Iterable[Operator]) -> None:
        self.children = tuple(children)

    def holds(self, reading: Reading, scope: Scope) -> bool:
        return all(child.holds(reading, scope) for child in self.children)

    def search(self, reading: Reading, scope: Scope) -> Found:
        results = []
        for child in self.children:
            result = child.find(reading, scope)
            if not result.held:
                return NOT_FOUND
            results.append(result)
        return Found(True, (), _together(results))

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        held = sum(child.find(reading, scope).held for child in self.children)
        return f"{held} of {len(self.children)} hold"


class Either(Operator):
    label = "OR"

    def __init__(self, children: Iterable[Operator]) -> None:
        self.children = tuple(children)
        # stem of a word that a child needs -> numbers of these children
        self._stems: dict[str, list[int]] = {}
        self._others = []
        for number, child in enumerate(self.children):
            if isinstance(child, Phrase) and child.plain is not None:
                self._stems.setdefault(child.plain.stem, []).append(number)
            else:
                self._others.append(number)

    def holds(self, reading: Reading, scope: Scope) -> bool:
        return any(child.holds(reading, scope) for child in self.likely(reading, scope))

    def runs(self, text: FieldText) -> list[Run] | None:
        runs: list[Run] = []
        for child in self._of(text.distinct):
            own = child.runs(text)
            if own is None:
                return None
            runs += own
        return runs

    def search(self, reading: Reading, scope: Scope) -> Found:
        results = [
            result for child in self.likely(reading, scope) if (result := child.find(reading, scope)).held
        ]
        if not results:
            return NOT_FOUND
        if len(results) == 1:
            return results[0]
        spans = sorted({span for result in results for span in result.spans})
        return Found(True, tuple(spans), _together(results))

    def likely(self, reading: Reading, scope: Scope) -> Iterable[Operator]:
        """The children of which a word stands somewhere, in their order: most of a long list do not."""
        if scope.fields != EVERYWHERE.fields:
            return self.children
        return self._of(reading.stems)

    def _of(self, stems: frozenset[str]) -> Iterable[Operator]:
        there = chain.from_iterable(map(self._stems.__getitem__, stems.intersection(self._stems)))
        return map(self.children.__getitem__, sorted((*there, *self._others)))

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        held = sum(child.find(reading, scope).held for child in self.children)
        return f"{held} of {len(self.children)} hold"


class Without(Operator):
    label = "NOT"

    def __init__(self, child: Operator) -> None:
        self.children = (child,)

    def search(self, reading: Reading, scope: Scope) -> Found:
        return Found(self.holds(reading, scope))

    def holds(self, reading: Reading, scope: Scope) -> bool:
        return not self.children[0].holds(reading, scope)

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        return "" if result.held else "excluded by what follows"


class Quorum(Operator):
    def __init__(self, count: int, children: Iterable[Operator]) -> None:
        self.count = count
        self.children = tuple(children)
        self.label = f"{count} OF"

    def search(self, reading: Reading, scope: Scope) -> Found:
        results = [result for child in self.children if (result := child.find(reading, scope)).held]
        return Found(True, (), _together(results)) if len(results) >= self.count else NOT_FOUND

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        held = sum(child.find(reading, scope).held for child in self.children)
        return f"{held} of {len(self.children)} hold, {self.count} needed"


class Weighed(Operator):
    def __init__(self, threshold: int, items: Iterable[tuple[Operator, int]]) -> None:
        self.threshold = threshold
        self.items = tuple(items)
        self.children = tuple(child for child, _ in self.items)
        self.label = f"SCORE/{threshold}"

    def total(self, reading: Reading, scope: Scope) -> int:
        return sum(weight for child, weight in self.items if child.find(reading, scope).held)

    def search(self, reading: Reading, scope: Scope) -> Found:
        if self.total(reading, scope) < self.threshold:
            return NOT_FOUND
        return Found(True, (), _together(c.find(reading, scope) for c, weight in self.items if weight > 0))

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        held = [
            f"{child.text} {weight:+d}" for child, weight in self.items if child.find(reading, scope).held
        ]
        return (
            f"scored {self.total(reading, scope)}, {self.threshold} needed: {', '.join(held) or 'none holds'}"
        )


class Within(Operator):
    """Looks for its child in a narrower scope: title:, lead:, FIRST/n ..."""

    def __init__(self, label: str, scope: Scope, child: Operator) -> None:
        self.label = label
        self.scope = scope
        self.children = (child,)

    def holds(self, reading: Reading, scope: Scope) -> bool:
        return self.children[0].holds(reading, self.scope_of_children(scope))

    def search(self, reading: Reading, scope: Scope) -> Found:
        return self.children[0].find(reading, self.scope_of_children(scope))

    def scope_of_children(self, scope: Scope) -> Scope:
        # url: and author: lie outside the default scope, so a field replaces it and narrows any field around it
        return self.scope if scope == Scope() else self.scope.inside(scope)

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        if result.held:
            return super().detail(reading, scope, result)
        outside = self.children[0].find(reading, scope)
        if not outside.held:
            return ""
        if not outside.spans:
            return "holds only outside it"
        span = outside.spans[0]
        if self.scope.words is not None and span.field == "body":
            return f"found first at word {span.first + 1} of the body, {self.scope.words} looked at"
        return f"found only in the {' and '.join(dict.fromkeys(span.field for span in outside.spans))}"


class SourceFact(Operator):
    """source:, country:, lang:, tag:. What is not stated does not hold."""

    def __init__(self, kind: str, value: str) -> None:
        self.kind = kind
        self.value = value.casefold()
        self.label = f"{kind}:{value}"

    def stated(self, reading: Reading) -> tuple[str, ...]:
        source = reading.source
        match self.kind:
            case "source":
                facts: tuple[str | None, ...] = (reading.article.source_id,)
            case "country":
                facts = (source.country if source else None,)
            case "lang":
                facts = (reading.article.language,)
            case _:
                facts = source.tags if source else ()
        return tuple(fact for fact in facts if fact)

    def search(self, reading: Reading, scope: Scope) -> Found:
        return Found(self.value in (fact.casefold() for fact in self.stated(reading)))

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        return "" if result.held else f"it is {', '.join(self.stated(reading)) or 'not stated'}"
