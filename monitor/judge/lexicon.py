"""All clues of a set of watchlists, numbered, and which of them stand in a text. Filled and asked by `index`.

Words, two words in a row and first letters are looked up as numbers (`monitor.text.hashes`), all of a text at once: in a Bloom
filter of one bit, and what passes it in a dict. Never evaluates an expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import numpy
from numpy.typing import NDArray

from monitor.judge.clues import Clue, Stem
from monitor.text import inner_readings, readings, without_proclitics
from monitor.text.hashes import Hashed, Hashes, hashes_of, in_a_row
from monitor.text.stems import stems

_WIDTH = 32  # bits for each clue: some 3 of 100 other words get as far as the dict
_HEAD = 6  # letters of a beginning that are looked up
_OF_HEADS = 1 << 63  # changes the numbers of first letters, which are no words
_WORDS_REMEMBERED = 1 << 14  # of those that share their first letters with a beginning
_AT_ONCE = 4_096  # clues that are entered in one go: some milliseconds of the interpreter's lock
_ONE, _SEVEN, _THREE = numpy.uint8(1), numpy.uint8(7), numpy.uint64(3)

T = TypeVar("T")


class _Row(NamedTuple):
    """Three words in a row or more, to be compared where two of them stand."""

    number: int
    words: list[str]
    hashes: list[int]  # of the words
    at: int  # number of the first of the two


class _More(NamedTuple):
    """What a number of a text may mean beside a word or two."""

    numbers: tuple[int, ...] = ()  # of clues that stand by this alone
    rows: tuple[_Row, ...] = ()
    begins: bool = False  # whether it is of the first letters of longer beginnings


def drain(memory: dict[Any, Any] | list[Any]) -> None:
    """Empties it entry by entry: freed at once, a million entries would stop every thread."""
    take: Callable[[], object] = memory.popitem if isinstance(memory, dict) else memory.pop
    while memory:
        take()


class Lexicon:
    """`number` until it is `sealed`, then `standing`."""

    def __init__(self) -> None:
        self._numbers: dict[Clue, int] = {}
        self._count = 0
        self._stems: dict[Stem, int] = {}
        self._long: dict[str, int] = {}  # beginnings of more letters than are looked up
        self._lengths_of: dict[
            str, set[int]
        ] = {}  # first letters that some of them share -> the lengths of these
        self._remembered: dict[int, tuple[int, ...]] = {}  # of words, the long beginnings that begin them
        # by how many of its first letters a beginning is looked up: in any text, and in one of ASCII letters
        self._letters: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
        self._under: dict[
            int, int | _More
        ] = {}  # a number of a text -> that of the one clue that it means, or more
        # whether any number of `_under` has these leading bits: what keeps nearly all of a text out of the dict
        self._bits: NDArray[numpy.uint8] = numpy.zeros(1, numpy.uint8)
        self._shift = numpy.uint64(61)

    # --- filling

    def __len__(self) -> int:
        """Clues, once it is sealed."""
        return self._count

    def number(self, clue: Clue) -> int:
        return self._numbers.setdefault(clue, len(self._numbers))

    def seal(self) -> None:
        """No clue comes after this."""
        words: list[tuple[str, int]] = []
        beginnings: list[tuple[str, int]] = []
        rows: list[_Row] = []
        for clue, number in self._numbers.items():
            if isinstance(clue, Stem):
                self._stems[clue] = number
            elif isinstance(clue, tuple):
                rows.append(_Row(number, list(clue), [], _most_telling(clue)))
            elif clue.endswith("*"):
                beginnings.append((clue[:-1], number))
            else:
                words.append((clue, number))
        self._count = len(self._numbers)
        drain(self._numbers)
        self._algorithms = frozenset(stem.algorithm for stem in self._stems)
        self._enter_words(words)
        self._enter_rows(rows)
        self._enter_beginnings(beginnings)
        self._mark()
        for memory in (words, beginnings, rows):
            drain(memory)

    def _enter_words(self, words: list[tuple[str, int]]) -> None:
        for some in _by(_AT_ONCE, words):
            for hash, (_, number) in zip(hashes_of([word for word, _ in some]).tolist(), some, strict=True):
                self._enter(hash, number)

    def _enter_rows(self, rows: list[_Row]) -> None:
        for some in _by(_AT_ONCE, rows):
            hashes = iter(hashes_of([word for row in some for word in row.words]).tolist())
            for row in some:
                row.hashes.extend(islice(hashes, len(row.words)))
            first = numpy.array([row.hashes[row.at] for row in some], numpy.uint64)
            second = numpy.array([row.hashes[row.at + 1] for row in some], numpy.uint64)
            for hash, row in zip(in_a_row(first, second).tolist(), some, strict=True):
                if len(row.words) > 2:
                    known = self._more(hash)
                    self._under[hash] = known._replace(rows=(*known.rows, row))
                else:
                    self._enter(hash, row.number)

    def _enter_beginnings(self, beginnings: list[tuple[str, int]]) -> None:
        heads = {beginning[:_HEAD] for beginning, _ in beginnings}
        self._letters = (_lengths(heads), _lengths(filter(str.isascii, heads)))
        for some in _by(_AT_ONCE, beginnings):
            hashes = hashes_of([beginning[:_HEAD] for beginning, _ in some]).tolist()
            for hash, (beginning, number) in zip(hashes, some, strict=True):
                if len(beginning) > _HEAD:
                    self._under[hash ^ _OF_HEADS] = self._more(hash ^ _OF_HEADS)._replace(begins=True)
                    self._long[beginning] = number
                    self._lengths_of.setdefault(beginning[:_HEAD], set()).add(len(beginning))
                else:
                    self._enter(hash ^ _OF_HEADS, number)

    def _enter(self, hash: int, number: int) -> None:
        if hash in self._under:
            known = self._more(hash)
            self._under[hash] = known._replace(numbers=(*known.numbers, number))
        else:
            self._under[hash] = number

    def _more(self, hash: int) -> _More:
        known = self._under.get(hash)
        return known if isinstance(known, _More) else _More(() if known is None else (known,))

    def _mark(self) -> None:
        width = max(3, (_WIDTH * len(self._under)).bit_length())
        self._shift = numpy.uint64(64 - width)
        self._bits = numpy.zeros(1 << (width - 3), numpy.uint8)
        for some in _by(_AT_ONCE, self._under):
            rows = numpy.array(some, numpy.uint64) >> self._shift
            numpy.bitwise_or.at(self._bits, _byte(rows), _bit(rows))

    # --- asking

    def standing(self, text: Hashed) -> set[int]:
        """Numbers of the words, beginnings and words in a row that stand in it."""
        standing: set[int] = set()
        hashes, places = self._likely(text)
        for known, place in zip(map(self._under.get, hashes), places, strict=True):
            if known is None:
                continue
            if isinstance(known, int):
                standing.add(known)
                continue
            numbers, rows, begins = known
            standing.update(numbers)
            if rows:
                standing.update([row.number for row in rows if _stands(row, text, place - row.at)])
            if begins:
                standing.update(self._begun_by(text, place))
        return standing

    def _likely(self, text: Hashed) -> tuple[list[int], list[int]]:
        """The numbers of a text that may be in `_under`, and the words from which they come."""
        parts = [(text.places, text.hashes), text.rows()]
        for letters in self._letters[text.ascii]:
            places, hashes = text.heads(letters)
            parts.append((places, hashes ^ numpy.uint64(_OF_HEADS)))
        hashes = numpy.concatenate([hashes for _, hashes in parts])
        bits = hashes >> self._shift
        likely = (self._bits[_byte(bits)] & _bit(bits)).nonzero()[0]
        places = numpy.concatenate([places for places, _ in parts])
        return hashes[likely].tolist(), places[likely].tolist()

    @property
    def stemmed(self) -> bool:
        """Whether any clue is a stem."""
        return bool(self._stems)

    def inflected(self, written: Iterable[str], algorithms: Sequence[str]) -> set[int]:
        """Numbers of the stems that words have by these algorithms."""
        found = (
            self._stems.get(Stem(algorithm, stem))
            for algorithm in algorithms
            if algorithm in self._algorithms
            for word in written
            for stem in stems(word, algorithm, True)
        )
        return {number for number in found if number is not None}

    def _begun_by(self, text: Hashed, place: int) -> tuple[int, ...]:
        """Numbers of the long beginnings with which the word, or what it can be read as, begins."""
        hash = int(text.hashes[place])
        known = self._remembered.get(hash)
        if known is None:
            if len(self._remembered) >= _WORDS_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[hash] = tuple(self._begun(readings(text.words[place])))
        return known

    def _begun(self, forms: Iterable[str]) -> Iterator[int]:
        for form in forms:
            for length in self._lengths_of.get(form[:_HEAD], ()):
                number = self._long.get(form[:length])
                if number is not None:
                    yield number

    def dismantle(self) -> None:
        """Empties it, a little at a time."""
        for memory in (self._stems, self._long, self._lengths_of, self._remembered, self._under):
            drain(memory)


def _most_telling(words: Sequence[str]) -> int:
    """The number of the first of the two words in a row that are longest."""
    lengths = [len(without_proclitics(word)) for word in words]
    return max(range(len(words) - 1), key=lambda number: lengths[number] + lengths[number + 1])


def _lengths(words: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted(set(map(len, words))))


def _stands(row: _Row, text: Hashed, first: int) -> bool:
    """Whether its words stand from there on: the first behind any proclitic, the others behind the article."""
    count = len(row.words)
    if first < 0:
        return False
    if text.ascii:
        numbers: list[int] = text.hashes[first : first + count].tolist()
        return numbers == row.hashes
    there = text.words[first : first + count]
    return (
        len(there) == count
        and row.words[0] in readings(there[0])
        and all(word in inner_readings(found) for word, found in zip(row.words[1:], there[1:], strict=True))
    )


def _byte(rows: Hashes) -> NDArray[numpy.int64]:
    return (rows >> _THREE).view(numpy.int64)


def _bit(rows: Hashes) -> NDArray[numpy.uint8]:
    bit: NDArray[numpy.uint8] = _ONE << (rows.astype(numpy.uint8) & _SEVEN)
    return bit


def _by(count: int, things: Iterable[T]) -> Iterator[list[T]]:
    """In lists of so many."""
    rest = iter(things)
    while some := list(islice(rest, count)):
        yield some
