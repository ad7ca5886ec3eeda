"""Which watchlists hold in an article, found from its words without looking at each watchlist: prospective search.

What stands in an article of the watchlists' clues (words, beginnings of words, words in a row) is looked up in a `lexicon`,
so time depends on the article's length and on what it has in common with the watchlists, not on their number. Every watchlist, or
each argument of an OR by itself, is filed in one of four places:
    direct      holds as soon as its clue stands
    anchored    under its rarest clause; holds if the others are met and nothing refused stands: sets of numbers tell
    possible    under its rarest clause; once the others are met its expression is evaluated
    always      needs nothing that could be looked up (a regular expression, a fact of the source): evaluated each time

Built by `rules`, asked by `matching`. Built step by step, it never holds the interpreter's lock for long, so that a
reload does not stall what runs meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple, TypeVar

from monitor.judge.clues import Clause, Known, Plain, clauses, commonness, plain
from monitor.judge.lexicon import Lexicon, drain
from monitor.judge.operators import logic
from monitor.judge.operators.base import Operator
from monitor.judge.reading import EVERYWHERE, FIELD_ORDER, Reading
from monitor.text.stems import stem_languages

Numbers = frozenset[int]  # of clues
E = TypeVar("E")
Files = list[list[E] | None]


class _Anchored(NamedTuple):
    watchlist: int
    needed: tuple[Numbers, ...]  # beside the clause that it is filed under
    refused: Numbers


class _Possible(NamedTuple):
    watchlist: int
    needed: tuple[Numbers, ...]
    operator: Operator


class Index:
    """Immutable once made."""

    def __init__(self, expressions: Iterable[Operator]) -> None:
        self._lexicon = Lexicon()
        # what is filed under each clue, at the place of the clue's number
        self._direct: Files[int] = []
        self._anchored: Files[_Anchored] = []
        self._possible: Files[_Possible] = []
        self._always: list[tuple[int, Operator]] = []
        self._further: tuple[str, ...] = ()  # fields besides title and body that some expression asks for
        known: Known = {}
        seen: set[int] = set()
        for number, expression in enumerate(expressions):
            self._file(number, expression, known)
            self._look_in(expression, seen)
        drain(known)
        self._lexicon.seal()
        _reach(self._direct, len(self._lexicon))
        _reach(self._anchored, len(self._lexicon))
        _reach(self._possible, len(self._lexicon))

    # --- filing

    def _file(self, watchlist: int, expression: Operator, known: Known) -> None:
        # each argument of an OR by itself, so that those of which nothing was found need not be asked
        parts = expression.children if isinstance(expression, logic.Either) else (expression,)
        told = [plain(part) for part in parts]
        needed = [() if own else clauses(part, known) for part, own in zip(parts, told, strict=True)]
        if not all(own or clause for own, clause in zip(told, needed, strict=True)):
            self._always.append((watchlist, expression))
            return
        for part, own, clause in zip(parts, told, needed, strict=True):
            if own is not None:
                self._file_plain(watchlist, own)
            else:
                rarest, further = self._split(clause)
                self._under(rarest, self._possible, _Possible(watchlist, further, part))

    def _file_plain(self, watchlist: int, own: Plain) -> None:
        rarest, further = self._split(own.needed)
        if further or own.refused:
            entry = _Anchored(watchlist, further, frozenset(map(self._lexicon.number, own.refused)))
            self._under(rarest, self._anchored, entry)
        else:
            self._under(rarest, self._direct, watchlist)

    def _split(self, needed: tuple[Clause, ...]) -> tuple[Clause, tuple[Numbers, ...]]:
        rarest = min(needed, key=commonness)
        return rarest, tuple(
            frozenset(map(self._lexicon.number, clause)) for clause in needed if clause is not rarest
        )

    def _under(self, clause: Clause, files: Files[E], entry: E) -> None:
        for number in map(self._lexicon.number, clause):
            _reach(files, number + 1)
            files[number] = own = files[number] or []
            own.append(entry)

    def _look_in(self, operator: Operator, seen: set[int]) -> None:
        """Fields besides title and body are read only where an expression asks for them."""
        if id(operator) in seen:
            return
        seen.add(id(operator))
        if isinstance(operator, logic.Within):
            asked = {*self._further, *operator.scope.fields}.difference(EVERYWHERE.fields)
            self._further = tuple(name for name in FIELD_ORDER if name in asked)
        for child in operator.children:
            self._look_in(child, seen)

    # --- asking

    def holding(self, reading: Reading) -> list[int]:
        """Numbers of the expressions that hold, ascending."""
        here = self._lexicon.standing(reading.hashed(EVERYWHERE.fields))
        held = set(_filed(self._direct, here))
        for entry in _filed(self._anchored, here):
            if entry.watchlist not in held and entry.refused.isdisjoint(here) and _met(entry.needed, here):
                held.add(entry.watchlist)
        there = self._elsewhere(reading, here)
        for possible in _filed(self._possible, there):
            if possible.watchlist in held or not _met(possible.needed, there):
                continue
            if possible.operator.holds(reading, EVERYWHERE):
                held.add(possible.watchlist)
        held.update(number for number, operator in self._always if operator.holds(reading, EVERYWHERE))
        return sorted(held)

    def _elsewhere(self, reading: Reading, here: set[int]) -> set[int]:
        """With what stands in further fields, and the stems."""
        if self._further:
            here = here | self._lexicon.standing(reading.hashed(self._further))
        if not self._lexicon.stemmed:
            return here
        # by the article's language for Latin letters, by Arabic's too
        algorithms = (*stem_languages("", reading.article.language), *stem_languages("ا", None))
        texts = map(reading.field, (*EVERYWHERE.fields, *self._further))
        written = frozenset().union(*(text.written for text in texts))
        return here | self._lexicon.inflected(written, algorithms)

    def dismantle(self) -> None:
        """Empties it, a little at a time."""
        self._lexicon.dismantle()
        for memory in (self._direct, self._anchored, self._possible):
            drain(memory)


def _reach(files: Files[E], length: int) -> None:
    files += [None] * (length - len(files))


def _filed(files: Files[E], standing: set[int]) -> Iterator[E]:
    """What is filed under any of these clues."""
    return chain.from_iterable(filter(None, map(files.__getitem__, standing)))


def _met(needed: tuple[Numbers, ...], standing: set[int]) -> bool:
    return not any(map(standing.isdisjoint, needed))
