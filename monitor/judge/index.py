"""Which watchlists hold in an article, found from its words without looking at each watchlist: prospective search.

Clues (`clues`: words, beginnings of words, words in a row) are numbered; what of them stands in an article is looked
up in dicts, so time depends on the article's length and on what it has in common with the watchlists, not on their
number. Every watchlist, or each argument of an OR by itself, is filed in one of four places:
    direct      holds as soon as its clue stands
    anchored    under its rarest clause; holds if the others are met and nothing refused stands: sets of numbers tell
    possible    under its rarest clause; once the others are met its expression is evaluated
    always      needs nothing that could be looked up (a regular expression, a fact of the source): evaluated each time

Built by `rules`, asked by `matching`. Made of plain dicts: building it never holds the interpreter's lock for long, so
that a reload does not stall what runs meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice, pairwise
from typing import Any, NamedTuple, TypeVar

from monitor.judge.clues import Clause, Clue, Known, Plain, Stem, clauses, commonness, plain
from monitor.judge.operators import logic
from monitor.judge.operators.base import Operator
from monitor.judge.reading import EVERYWHERE, FIELD_ORDER, FieldText, PlainPhrase, Reading
from monitor.text import readings, without_proclitics
from monitor.text.stems import stem_languages, stems

_WORDS_REMEMBERED = 1 << 16  # a season's vocabulary in four languages

Numbers = frozenset[int]  # of clues
E = TypeVar("E")


class _Anchored(NamedTuple):
    watchlist: int
    needed: tuple[Numbers, ...]  # beside the clause that it is filed under
    refused: Numbers


class _Possible(NamedTuple):
    watchlist: int
    needed: tuple[Numbers, ...]
    operator: Operator


class _Remembered(dict[str, tuple[int, ...]]):
    """What is asked of each word, asked once."""

    def __init__(self, ask: Callable[[str], tuple[int, ...]]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, word: str) -> tuple[int, ...]:
        if len(self) >= _WORDS_REMEMBERED:
            self.clear()
        answer = self[word] = self._ask(word)
        return answer


def drain(memory: dict[Any, Any]) -> None:
    """Empties a dict entry by entry: freed at once, a million entries would stop every thread."""
    while memory:
        memory.popitem()


class Index:
    """Immutable once made, but for what it remembers of words."""

    def __init__(self, expressions: Iterable[Operator]) -> None:
        self._words: dict[str, int] = {}
        self._beginnings: dict[str, int] = {}
        self._sequences: dict[tuple[str, ...], int] = {}
        self._stems: dict[Stem, int] = {}
        # two stems in a row -> the sequences that they are part of
        self._pairs: dict[tuple[str, str], list[tuple[int, PlainPhrase]]] = {}
        self._direct: dict[int, list[int]] = {}
        self._anchored: dict[int, list[_Anchored]] = {}
        self._possible: dict[int, list[_Possible]] = {}
        self._always: list[tuple[int, Operator]] = []
        self._further: tuple[str, ...] = ()  # fields besides title and body that some expression asks for
        known: Known = {}
        seen: set[int] = set()
        for number, expression in enumerate(expressions):
            self._file(number, expression, known)
            self._look_in(expression, seen)
        drain(known)
        self._head = min(map(len, self._beginnings), default=0)
        self._heads: dict[str, set[int]] = {}  # letters that some beginnings share -> the lengths of these
        for beginning in self._beginnings:
            self._heads.setdefault(beginning[: self._head], set()).add(len(beginning))
        self._algorithms = {clue.algorithm for clue in self._stems}
        self._of_word = _Remembered(self._clues_of)

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
            entry = _Anchored(watchlist, further, frozenset(map(self._number, own.refused)))
            self._under(rarest, self._anchored, entry)
        else:
            self._under(rarest, self._direct, watchlist)

    def _split(self, needed: tuple[Clause, ...]) -> tuple[Clause, tuple[Numbers, ...]]:
        rarest = min(needed, key=commonness)
        return rarest, tuple(
            frozenset(map(self._number, clause)) for clause in needed if clause is not rarest
        )

    def _under(self, clause: Clause, files: dict[int, list[Any]], entry: object) -> None:
        for clue in clause:
            files.setdefault(self._number(clue), []).append(entry)

    def _number(self, clue: Clue) -> int:
        following = len(self._words) + len(self._sequences) + len(self._beginnings) + len(self._stems)
        if isinstance(clue, Stem):
            return self._stems.setdefault(clue, following)
        if isinstance(clue, tuple):
            number = self._sequences.setdefault(clue, following)
            if number == following:
                self._look_up(number, clue)
            return number
        if clue.endswith("*"):
            return self._beginnings.setdefault(clue[:-1], following)
        return self._words.setdefault(clue, following)

    def _look_up(self, number: int, words: tuple[str, ...]) -> None:
        stems = map(without_proclitics, words)
        pair = max(pairwise(stems), key=lambda pair: len(pair[0]) + len(pair[1]))
        self._pairs.setdefault(pair, []).append((number, PlainPhrase.of(words)))

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
        here = set().union(*(self._standing(reading.field(name)) for name in EVERYWHERE.fields))
        held = set(
            chain.from_iterable(map(self._direct.__getitem__, filter(self._direct.__contains__, here)))
        )
        for entry in _under_any(self._anchored, here):
            if entry.watchlist not in held and entry.refused.isdisjoint(here) and _met(entry.needed, here):
                held.add(entry.watchlist)
        there = here.union(*(self._standing(reading.field(name)) for name in self._further))
        there |= self._inflected(reading)
        for possible in _under_any(self._possible, there):
            if possible.watchlist in held or not _met(possible.needed, there):
                continue
            if possible.operator.holds(reading, EVERYWHERE):
                held.add(possible.watchlist)
        held.update(number for number, operator in self._always if operator.holds(reading, EVERYWHERE))
        return sorted(held)

    def _standing(self, text: FieldText) -> set[int]:
        """Numbers of the clues that stand in a text."""
        stems = text.stems
        pairs = zip(stems, islice(stems, 1, None), strict=False)
        sequences = chain.from_iterable(map(self._pairs.__getitem__, filter(self._pairs.__contains__, pairs)))
        if text.words.ascii:
            standing = set(map(self._words.__getitem__, self._words.keys() & text.distinct))
            standing.update(self._begun(text.distinct))
            standing.update([number for number, phrase in sequences if phrase.row in text.row])
        else:
            standing = set(chain.from_iterable(map(self._of_word.__getitem__, set(text.words.lines))))
            standing.update([number for number, phrase in sequences if text.holds(phrase)])
        return standing

    def _inflected(self, reading: Reading) -> set[int]:
        """Numbers of the stems that stand in the article: by its language for Latin letters, by Arabic's too."""
        if not self._stems:
            return set()
        algorithms = (*stem_languages("", reading.article.language), *stem_languages("ا", None))
        texts = map(reading.field, (*EVERYWHERE.fields, *self._further))
        written = frozenset().union(*(text.written for text in texts))
        found = (
            self._stems.get(Stem(algorithm, stem))
            for algorithm in algorithms
            if algorithm in self._algorithms
            for word in written
            for stem in stems(word, algorithm, True)
        )
        return {number for number in found if number is not None}

    def _begun(self, forms: Iterable[str]) -> Iterator[int]:
        """Numbers of the beginnings with which one of these begins."""
        heads, head = self._heads, self._head
        for form in [form for form in forms if form[:head] in heads]:
            for length in heads[form[:head]]:
                number = self._beginnings.get(form[:length])
                if number is not None:
                    yield number

    def _clues_of(self, word: str) -> tuple[int, ...]:
        """The words and beginnings among the clues that a word behind proclitics can be."""
        forms = readings(word)
        return (*(self._words[form] for form in forms if form in self._words), *self._begun(forms))

    def dismantle(self) -> None:
        """Empties it, a little at a time."""
        files = (self._direct, self._anchored, self._possible)
        for memory in (
            self._words,
            self._beginnings,
            self._sequences,
            self._stems,
            self._pairs,
            *files,
            self._of_word,
        ):
            drain(memory)


def _under_any(files: Mapping[int, list[E]], standing: set[int]) -> Iterator[E]:
    return chain.from_iterable(map(files.__getitem__, filter(files.__contains__, standing)))


def _met(needed: tuple[Numbers, ...], standing: set[int]) -> bool:
    return not any(map(standing.isdisjoint, needed))
