"""What must stand in an article for an expression to hold in it: clues, as conditions of the expression.

A clue is a word, the beginning of a word (with * behind it), or several words in a row, each meant as a phrase of the
query language means it: behind proclitics, within one paragraph; or a stem. Asked by `index` while it is built. Looks at compiled
expressions only, never at an article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from monitor.judge.operators import logic, names, proximity, stem, terms
from monitor.judge.operators.base import Operator
from monitor.text.stems import possible_languages, stems


@dataclass(frozen=True, slots=True)
class Stem:
    """That some word, behind proclitics or not, has this stem by one of Snowball's algorithms."""

    algorithm: str
    stem: str


Clue = str | tuple[str, ...] | Stem
Clause = frozenset[Clue]  # one of these at least
Known = dict[int, tuple[Clause, ...]]


class Plain(NamedTuple):
    """An expression that is known to hold by clues alone: one of each of `needed` stands in the title or the body, and
    none of `refused`."""

    needed: tuple[Clause, ...]
    refused: Clause = frozenset()


def plain(operator: Operator) -> Plain | None:
    """None where an expression asks for more than what its clues tell: distances, fields, company, spelling."""
    match operator:
        case terms.Phrase() | names.AnyName() | logic.Either():
            clause = _clause(operator)
            return None if clause is None else Plain((clause,))
        case logic.All():
            return _conjunction(operator.children)
    return None


def _conjunction(operators: Sequence[Operator]) -> Plain | None:
    needed: list[Clause] = []
    refused: set[Clue] = set()
    for operator in operators:
        without = isinstance(operator, logic.Without)
        part = plain(operator.children[0] if without else operator)
        if part is None or (without and (len(part.needed) > 1 or part.refused)):
            return None
        refused |= part.needed[0] if without else part.refused
        needed += () if without else part.needed
    return Plain(tuple(needed), frozenset(refused)) if needed else None


def _clause(operator: Operator) -> Clause | None:
    """The clues of which any one alone makes the operator hold."""
    match operator:
        case terms.Phrase():
            clue = _exact(operator)
            return None if clue is None else frozenset((clue,))
        case names.AnyName() if not operator.excluded and not operator.company:
            own = list(map(_exact, operator.names))
        case logic.Either():
            clauses = list(map(_clause, operator.children))
            own = [clue for clause in clauses for clue in (clause or (None,))]
        case _:
            return None
    return None if None in own else frozenset(clue for clue in own if clue is not None)


def _exact(phrase: terms.Phrase) -> Clue | None:
    """The clue that says just what the phrase does."""
    if phrase.mode:
        return None
    if phrase.plain is not None:
        return _of_words(phrase.plain.words)
    alone = phrase.words[0]
    return alone.pattern if phrase.length == 1 and alone.pattern == f"{alone.prefix}*" else None


def _of_words(words: tuple[str, ...]) -> Clue:
    return words if len(words) > 1 else words[0]


def clauses(operator: Operator, known: Known) -> tuple[Clause, ...]:
    """What `operator` needs: one clue of each clause at least. `known` remembers shared operators."""
    key = id(operator)
    if key not in known:
        known[key] = _clauses(operator, known)
    return known[key]


def _clauses(operator: Operator, known: Known) -> tuple[Clause, ...]:
    match operator:
        case terms.Phrase():
            return (frozenset((_needed(operator),)),)
        case names.AnyName():
            return (frozenset(map(_needed, operator.names)),)
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
        case stem.Inflected():
            return (_inflections(operator),)
    return ()  # holds for other reasons than its words: NOT, facts, regular expressions


def _some(operators: Sequence[Operator], count: int, known: Known) -> tuple[Clause, ...]:
    """The clause of "`count` of these": without any count - 1 of them, one of the rest still holds."""
    best = [min(clauses(operator, known), key=commonness, default=None) for operator in operators]
    found = sorted((clause for clause in best if clause is not None), key=commonness)
    wanted = len(operators) - count + 1
    return (frozenset().union(*found[:wanted]),) if len(found) >= wanted else ()


def _inflections(operator: stem.Inflected) -> Clause:
    """Of its longest word, the stems in any language that an article may have; or the word itself."""
    number = max(range(len(operator.folded)), key=lambda number: len(operator.folded[number]))
    folded, written = operator.folded[number], operator.written[number]
    return frozenset(
        (
            folded,
            *(
                Stem(algorithm, one)
                for algorithm in possible_languages(folded)
                for one in stems(written, algorithm, False)
            ),
        )
    )


def _needed(phrase: terms.Phrase) -> Clue:
    """Its words; with wildcards, its longest run of plain words, or else its longest beginning."""
    if phrase.plain is not None:
        return _of_words(phrase.plain.words)
    run: list[str] = []
    best: list[str] = []
    for word in phrase.words:
        run = [*run, word.pattern] if word.glob is None else []
        best = max(best, run, key=lambda words: len("".join(words)))
    return _of_words(tuple(best)) if best else max((word.prefix for word in phrase.words), key=len) + "*"


def commonness(clause: Clause) -> int:
    """A guess at how often a clause is met: several words in a row are rare, short words are common."""
    return sum(max(4, 20 - 2 * len(clue)) if isinstance(clue, str) else 1 for clue in clause)
