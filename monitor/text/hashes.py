"""The words of a text as numbers, made all at once; equal words have equal numbers in every text.

Called by judge's index, which so asks for hundreds of words at the price of looking up a few. An Arabic word has the numbers of
all its `readings`. Different words have different numbers but for a chance of 2**-64 a pair.

The number of a word c0 c1 c2 ... is the sum of value(ci) * BASE**i modulo 2**64 (Karp and Rabin, "Efficient randomized
pattern-matching algorithms", 1987). So those of all words, and of their first letters, are differences of one running sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray

from monitor.text.arabic import CONJUNCTIONS, PREPOSITIONS, SHORTEST
from monitor.text.quick import ALPHABET, decoded
from monitor.text.tokens import Words

Hashes = NDArray[numpy.uint64]
Places = NDArray[numpy.intp]
Codes = NDArray[numpy.unsignedinteger[Any]]
Mask = NDArray[numpy.bool_]

_MODULUS = 1 << 64
_BASE = 0x9E3779B97F4A7C15
_UP_ONE = numpy.uint64(_BASE)
_IN_A_ROW = numpy.uint64(0xD6E8FEB86659FD93)
_SPACE = 0x20
_USUAL_LENGTH = 1 << 15  # characters of a text for which the powers are kept


def _values(points: NDArray[numpy.uint32]) -> Hashes:
    """Characters -> numbers without any order (the finaliser of splitmix64; Steele, Lea and Flood 2014)."""
    mixed = (points.astype(numpy.uint64) + numpy.uint64(1)) * numpy.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> numpy.uint64(31))


def _powers(base: int, count: int) -> Hashes:
    factors = numpy.full(count, base, numpy.uint64)
    factors[:1] = 1
    return numpy.multiply.accumulate(factors)


_POINTS = numpy.array(list(map(ord, ALPHABET)), numpy.uint32)
_VALUE_OF_BYTE = _values(_POINTS)
_INVERSE = pow(_BASE, -1, _MODULUS)
_UP, _DOWN = _powers(_BASE, _USUAL_LENGTH), _powers(_INVERSE, _USUAL_LENGTH)
_VALUE_OF_ALEF = _values(numpy.array([ord("ا")], numpy.uint32))[0]

# What a letter can be at the beginning of a word; of each character up to the last Arabic one, and of each byte
_CONJUNCTION, _PREPOSITION, _LAM, _ALEF = 1, 2, 4, 8  # an alef's bit is a lam's, moved by one
_ROLES = numpy.zeros(0x700, numpy.uint8)
for _letters, _role in (
    (CONJUNCTIONS, _CONJUNCTION), (PREPOSITIONS, _PREPOSITION), ("ل", _LAM), ("ا", _ALEF),
):  # fmt: skip
    _ROLES[list(map(ord, _letters))] |= _role
_ROLE_OF_BYTE = _ROLES[numpy.minimum(_POINTS, len(_ROLES) - 1)]


class Forms(NamedTuple):
    """Where forms in which words can be read begin, up to the end of their words; and the numbers of these words."""

    starts: Places
    places: Places

    def chosen(self, which: Mask, less: int = 0) -> Forms:
        """Some of them, without so many of their first letters."""
        some = which.nonzero()[0]
        return Forms(self.starts[some] + less, self.places[some])


class Hashed:
    """The words of a text, one after another, and what each can be read as."""

    __slots__ = (
        "_down",
        "_ends",
        "_inner",
        "_plain",
        "_restored",
        "_sums",
        "_text",
        "_words",
        "ascii",
        "hashes",
        "places",
    )

    def __init__(self, text: bytes | str, ascii: bool) -> None:
        """`text`: words with spaces between, one before and two behind, as characters or as bytes of the alphabet of
        `quick`."""
        self._text = text
        self._words: list[str] | None = None
        self.ascii = ascii
        codes, values = _read(text)
        size = len(codes)
        values *= _UP[:size] if size <= _USUAL_LENGTH else _powers(_BASE, size)
        self._down = _DOWN if size <= _USUAL_LENGTH else _powers(_INVERSE, size)
        self._sums = numpy.zeros(size + 1, numpy.uint64)
        numpy.cumsum(values, out=self._sums[1:])
        apart = codes == _SPACE
        edges = (apart[1:] != apart[:-1]).nonzero()[0]
        edges += 1
        self._ends = edges[1::2]
        words = Forms(edges[::2], numpy.arange(len(self._ends)))
        self._plain = words  # readings as they stand, those of whole words first
        self._restored: Forms | None = None  # behind an alef that is not written
        self._inner: Forms | None = None  # words without their article
        if not ascii:
            self._plain, self._restored, self._inner = _arabic(_roles(codes), words, self._ends)
        self.places = self._plain.places  # of words, first of all in their order, then of further readings
        self.hashes = self._up_to_end(self._plain)
        if self._restored is not None:
            self.places = numpy.concatenate((self.places, self._restored.places))
            self.hashes = numpy.concatenate((self.hashes, _behind_alef(self._up_to_end(self._restored))))

    @property
    def words(self) -> list[str]:
        if self._words is None:
            self._words = (self._text if isinstance(self._text, str) else decoded(self._text)).split()
        return self._words

    def rows(self) -> tuple[Places, Hashes]:
        """Each two words in a row as a phrase means them (the second behind no more than the article): the place of
        the first, and the number of both."""
        if self._inner is None:
            return self.places[:-1], in_a_row(self.hashes[:-1], self.hashes[1:])
        count = len(self._ends)
        nothing = numpy.zeros(1, numpy.uint64)  # follows the last word
        places, first = self.places, self.hashes
        second = numpy.concatenate((first[:count], nothing))
        articled = numpy.zeros(count + 1, numpy.uint64)
        articled[self._inner.places] = self._up_to_end(self._inner)
        behind = articled[places + 1]
        again = behind.nonzero()[0]
        return (
            numpy.concatenate((places, places[again])),
            numpy.concatenate((in_a_row(first, second[places + 1]), in_a_row(first[again], behind[again]))),
        )

    def heads(self, letters: int) -> tuple[Places, Hashes]:
        """As `places` and `hashes`, of the first letters alone of whatever has so many."""
        places, hashes = self._heads(self._plain, letters)
        if self._restored is None:
            return places, hashes
        others, behind_alef = self._heads(self._restored, letters - 1)
        return numpy.concatenate((places, others)), numpy.concatenate((hashes, _behind_alef(behind_alef)))

    def _heads(self, forms: Forms, letters: int) -> tuple[Places, Hashes]:
        long = (self._ends[forms.places] - forms.starts >= letters).nonzero()[0]
        starts = forms.starts[long]
        return forms.places[long], self._between(starts, starts + letters)

    def _up_to_end(self, forms: Forms) -> Hashes:
        return self._between(forms.starts, self._ends[forms.places])

    def _between(self, starts: Places, ends: Places) -> Hashes:
        sums = self._sums
        hashes: Hashes = (sums[ends] - sums[starts]) * self._down[starts]
        return hashes


def _behind_alef(hashes: Hashes) -> Hashes:
    """The numbers of the same letters with an alef before them."""
    behind: Hashes = hashes * _UP_ONE + _VALUE_OF_ALEF
    return behind


def hashed(text: str) -> Hashed:
    """The words of a text, with BORDER where a line ends."""
    words = Words(text)
    if words.encoded is None:
        return Hashed(f" {' '.join(words.lines)}  ", words.ascii)
    return Hashed(b" %b  " % words.encoded, words.ascii)


def hashes_of(words: Sequence[str]) -> Hashes:
    """Of folded words as they stand."""
    return Hashed(f" {' '.join(words)}  ", ascii=True).hashes


def in_a_row(first: Hashes, second: Hashes) -> Hashes:
    """The numbers of two words in a row."""
    return first * _IN_A_ROW + second


def _read(text: bytes | str) -> tuple[Codes, Hashes]:
    if isinstance(text, bytes):
        codes = numpy.frombuffer(text, numpy.uint8)
        return codes, _VALUE_OF_BYTE[codes]
    points = numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), numpy.uint32)
    return points, _values(points)


def _roles(codes: Codes) -> NDArray[numpy.uint8]:
    """Of each character, what it can be at the beginning of a word."""
    if codes.dtype == numpy.uint8:
        return _ROLE_OF_BYTE[codes]
    return _ROLES[numpy.minimum(codes, len(_ROLES) - 1)]


def _arabic(roles: NDArray[numpy.uint8], words: Forms, ends: Places) -> tuple[Forms, Forms | None, Forms]:
    """What `arabic.readings` says of each word: the readings that stand in the text, the words first; those that stand
    there but for the alef before them; and of `inner_readings` those that are not the word itself."""
    count = len(words.starts)
    stems = _joined(words, words.chosen(roles[words.starts] & _CONJUNCTION > 0, 1))
    first, second = roles[stems.starts], roles[stems.starts + 1]
    further = [stems, stems.chosen(first & _PREPOSITION > 0, 1)]
    doubled = first & second & _LAM > 0
    restored = None
    if doubled.any():
        further.append(stems.chosen(doubled, 2))
        restored = _long(_joined(stems.chosen(doubled, 1), stems.chosen(doubled)), ends, SHORTEST - 1)
    stems = _joined(*further)
    articled = (roles[stems.starts] & _ALEF) & (roles[stems.starts + 1] << 1) > 0
    rest = Forms(stems.starts[count:], stems.places[count:])
    readings = _long(_joined(rest, stems.chosen(articled, 2)), ends, SHORTEST)
    inner = words.chosen(articled[:count] & (ends - words.starts >= SHORTEST + 2), 2)
    return _joined(words, readings), restored, inner


def _long(forms: Forms, ends: Places, letters: int) -> Forms:
    """Those of so many letters or more."""
    return forms.chosen(ends[forms.places] - forms.starts >= letters)


def _joined(*forms: Forms) -> Forms:
    starts, places = zip(*forms, strict=True)
    return Forms(numpy.concatenate(starts), numpy.concatenate(places))
