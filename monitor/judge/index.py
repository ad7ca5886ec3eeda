"""Which watchlists an article can match at all, found from its words without looking at each: prospective search.

The invariant: a watchlist whose expression holds is among the candidates. `clauses` says what an expression needs:
at least one clue of each clause stands in the article. Every watchlist, or each argument of an OR, is filed under the
clues of one clause, the rarest; a clue is a word, the beginning of a word or two words in a row. What an article holds is looked up in dicts,
so time depends on the article's length and on what it has in common with the watchlists, not on their number. An
expression that needs nothing that could be looked up (a regular expression, a fact of the source) is always a candidate.

Built by `rules`, asked by `matching`, which then evaluates the candidates' expressions. Made of plain dicts: building
it never holds the interpreter's lock for long, so that a reload does not stall what runs meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from operator import itemgetter
from typing import Any

from monitor.judge.operators import logic, names, proximity, terms
from monitor.judge.operators.base import Operator
from monitor.judge.reading import EVERYWHERE, FIELD_ORDER, Reading
from monitor.text import without_proclitics

Clue = (
    str | tuple[str, str]
)  # a word, a beginning with * behind it, or two words in a row without their proclitics
Clause = frozenset[Clue]  # one of these at least
# a watchlist's number, its expression or an argument of its OR, and the clauses besides the one that it is filed under
_Entry = tuple[int, Operator, tuple[frozenset[int], ...]]


def clauses(operator: Operator, known: dict[int, tuple[Clause, ...]]) -> tuple[Clause, ...]:
    """What must be found in an article for `operator` to hold in it. `known` remembers shared operators."""
    key = id(operator)
    if key not in known:
        known[key] = _clauses(operator, known)
    return known[key]


def _clauses(operator: Operator, known: dict[int, tuple[Clause, ...]]) -> tuple[Clause, ...]:
    match operator:
        case terms.Phrase():
            return (frozenset((_clue(operator),)),)
        case names.AnyName():
            return (frozenset(map(_clue, operator.names)),)
        case logic.All() | proximity.Near() | proximity.Together():
            return tuple(chain.from_iterable(clauses(child, known) for child in operator.children))
        case logic.Either():
            return _some(operator.children, 1, known)
        case logic.Quorum():
            return _some(operator.children, operator.count, known)
        case logic.Weighed() if operator.threshold > 0:
            return _some([child for child, weight in operator.items if weight > 0], 1, known)
        case logic.Within() | proximity.NotNear() | proximity.AtLeast():
            return clauses(operator.children[0], known)
    return ()  # holds for other reasons than its words: NOT, facts, regular expressions


def _some(
    operators: Sequence[Operator], count: int, known: dict[int, tuple[Clause, ...]]
) -> tuple[Clause, ...]:
    """The clause of "`count` of these": without any count - 1 of them, one of the rest still holds."""
    best = [min(clauses(operator, known), key=_commonness, default=None) for operator in operators]
    found = sorted((clause for clause in best if clause is not None), key=_commonness)
    wanted = len(operators) - count + 1
    return (frozenset().union(*found[:wanted]),) if len(found) >= wanted else ()


def _commonness(clause: Clause) -> int:
    """A guess at how often a clause is met: pairs are rare, short words are common."""
    return sum(1 if isinstance(clue, tuple) else max(4, 20 - 2 * len(clue)) for clue in clause)


def _clue(phrase: terms.Phrase) -> Clue:
    plain = [word.pattern if word.glob is None else "" for word in phrase.words]
    pairs = [pair for pair in pairwise(plain) if all(pair)]
    if pairs:
        first, second = max(pairs, key=lambda pair: len(pair[0]) + len(pair[1]))
        return without_proclitics(first), without_proclitics(second)
    longest = max(plain, key=len)
    return longest or max((word.prefix for word in phrase.words), key=len) + "*"


def drain(memory: dict[Any, Any]) -> None:
    """Empties a dict entry by entry: freed at once, a million entries would stop every thread."""
    while memory:
        memory.popitem()


class Index:
    """Immutable once made."""

    def __init__(self, expressions: Iterable[Operator]) -> None:
        self._words: dict[Clue, int] = {}
        self._beginnings: dict[Clue, int] = {}
        self._pairs: dict[Clue, int] = {}
        self._filed: list[list[_Entry]] = []  # number of a clue -> what is filed under it
        self._always: list[tuple[int, Operator]] = []
        self.fields = EVERYWHERE.fields
        known: dict[int, tuple[Clause, ...]] = {}
        seen: set[int] = set()
        for number, expression in enumerate(expressions):
            self._file(number, expression, known)
            self._look_in(expression, seen)
        drain(known)
        self._head = min(map(len, self._beginnings), default=0)
        self._heads: dict[str, set[int]] = {}  # letters that some beginnings share -> the lengths of these
        for beginning in map(str, self._beginnings):
            self._heads.setdefault(beginning[: self._head], set()).add(len(beginning))

    def _file(self, watchlist: int, expression: Operator, known: dict[int, tuple[Clause, ...]]) -> None:
        # each argument of an OR by itself, so that those of which nothing was found need not be asked
        parts = expression.children if isinstance(expression, logic.Either) else (expression,)
        needed = [clauses(part, known) for part in parts]
        if not all(needed):
            self._always.append((watchlist, expression))
            return
        for part, own in zip(parts, needed, strict=True):
            rarest = min(own, key=_commonness)
            further = tuple(frozenset(map(self._number, clause)) for clause in own if clause is not rarest)
            entry = (watchlist, part, further)
            for clue in rarest:
                self._filed[self._number(clue)].append(entry)

    def _number(self, clue: Clue) -> int:
        numbers = self._words
        if isinstance(clue, tuple):
            numbers = self._pairs
        elif clue.endswith("*"):
            numbers, clue = self._beginnings, clue[:-1]
        number = numbers.setdefault(clue, len(self._filed))
        if number == len(self._filed):
            self._filed.append([])
        return number

    def _look_in(self, operator: Operator, seen: set[int]) -> None:
        """Fields besides title and body are read only where an expression asks for them."""
        if id(operator) in seen:
            return
        seen.add(id(operator))
        if isinstance(operator, logic.Within):
            asked = {*self.fields, *operator.scope.fields}
            self.fields = tuple(name for name in FIELD_ORDER if name in asked)
        for child in operator.children:
            self._look_in(child, seen)

    def candidates(self, reading: Reading) -> list[tuple[int, list[Operator]]]:
        """Numbers of the expressions that may hold, ascending, each with itself or those arguments of its OR that may."""
        found = self._found(reading)
        parts: dict[int, list[Operator]] = {number: [expression] for number, expression in self._always}
        for watchlist, part, further in chain.from_iterable(map(self._filed.__getitem__, found)):
            if not further or not any(clause.isdisjoint(found) for clause in further):
                parts.setdefault(watchlist, []).append(part)
        return sorted(parts.items(), key=itemgetter(0))

    def _found(self, reading: Reading) -> set[int]:
        """Numbers of the clues that stand in the article."""
        vocabulary = reading.vocabulary
        if self.fields != EVERYWHERE.fields:
            vocabulary = vocabulary.union(*(reading.field(name).vocabulary for name in self.fields))
        words, pairs = self._words, self._pairs
        found = set(map(words.__getitem__, filter(words.__contains__, vocabulary)))
        found.update(self._begun(vocabulary))
        if pairs:
            for name in self.fields:
                stems = reading.field(name).stems
                rows = pairwise(stems)
                found.update(map(pairs.__getitem__, filter(pairs.__contains__, rows)))
        return found

    def _begun(self, vocabulary: Iterable[str]) -> Iterator[int]:
        heads, head = self._heads, self._head
        for word in [word for word in vocabulary if word[:head] in heads]:
            for length in heads[word[:head]]:
                number = self._beginnings.get(word[:length])
                if number is not None:
                    yield number

    def dismantle(self) -> None:
        """Empties it, a little at a time."""
        for numbers in (self._words, self._pairs):
            drain(numbers)
        while self._filed:
            del self._filed[-1_000:]
