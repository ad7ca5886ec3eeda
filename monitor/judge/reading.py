"""An article made ready for looking things up: each field tokenised once, with an index from word to places.

Made once an article by `matching` and `explanation`; the operators ask it. Holds memory of what was found, so that an
entity shared by ten watchlists is searched once. Never outlives its article.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from monitor.model import Article, Source
from monitor.text import BORDER, Tokens, Words, as_written, inner_readings, readings, without_proclitics
from monitor.text.hashes import Hashed, hashed

_WORTH_AN_INDEX = 8  # questions about wildcards in a text with proclitics, after which an index costs less than to try all words
_WORTH_PLACES = 16  # stems looked for in the list of words, after which noting the places of all costs less
_FEW = 4  # words; the places of more are found by one walk through the text
FIELD_ORDER = ("title", "body", "url", "author")


class Span(NamedTuple):
    """A run of words in one field. `first` and `last` number its words; `start` and `end` count characters."""

    field: str
    first: int
    last: int
    start: int
    end: int
    term: str = ""  # what was looked for, as the analyst wrote it
    read_as: str = ""
    parts: tuple[Span, ...] = ()  # of a window: the spans that make it

    @property
    def leaves(self) -> tuple[Span, ...]:
        return self.parts or (self,)


class Scope(NamedTuple):
    """Where to look: these fields, of the body only the first `words` words (None: all)."""

    fields: tuple[str, ...] = ("title", "body")
    words: int | None = None

    def inside(self, other: Scope) -> Scope:
        limits = [limit for limit in (self.words, other.words) if limit is not None]
        return Scope(tuple(name for name in self.fields if name in other.fields), min(limits, default=None))

    def covers(self, span: Span) -> bool:
        if span.field not in self.fields:
            return False
        return self.words is None or span.field != "body" or span.last < self.words


EVERYWHERE = Scope()
LEAD_FIELDS = ("title", "body")


@dataclass(frozen=True, slots=True)
class Found:
    """What an operator found. `spans`: places that distance counts; `hits`: what a reader is shown."""

    held: bool
    spans: tuple[Span, ...] = ()
    hits: tuple[Span, ...] = ()


NOT_FOUND = Found(False)


def found(spans: Sequence[Span]) -> Found:
    """The result of an operator that holds wherever it has a span."""
    if not spans:
        return NOT_FOUND
    if len(spans) == 1:
        return Found(True, (spans[0],), spans[0].leaves)
    ordered = tuple(sorted(set(spans)))
    return Found(True, ordered, tuple(dict.fromkeys(leaf for span in ordered for leaf in span.leaves)))


def mentions(spans: Iterable[Span]) -> int:
    """How many spans there are when overlapping ones count once: the most that fit side by side."""
    count = 0
    free: dict[str, int] = {}
    for span in sorted(spans, key=lambda span: span.last):
        if span.first >= free.get(span.field, 0):
            count += 1
            free[span.field] = span.last + 1
    return count


class Neighbours:
    """Spans, asked whether one of them stands near another place. Each question costs a binary search."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._firsts: dict[str, list[int]] = {}
        self._lasts: dict[str, list[int]] = {}  # the furthest end of the spans up to each
        for span in sorted(spans):
            lasts = self._lasts.setdefault(span.field, [])
            self._firsts.setdefault(span.field, []).append(span.first)
            lasts.append(max(span.last, lasts[-1] if lasts else span.last))

    def near(self, span: Span, words: int) -> bool:
        """Whether one overlaps `span` or stands in its field with at most `words` words between."""
        count = bisect_right(self._firsts.get(span.field, ()), span.last + words + 1)
        return count > 0 and self._lasts[span.field][count - 1] >= span.first - words - 1

    def begins(self, field: str) -> int | None:
        """The number of the word with which the first of them in `field` begins; None where there is none."""
        firsts = self._firsts.get(field)
        return firsts[0] if firsts else None


def _places_of(word: str, words: Sequence[str]) -> Iterator[int]:
    place = -1
    while True:
        try:
            place = words.index(word, place + 1)
        except ValueError:
            return
        yield place


class PlainPhrase(NamedTuple):
    """Folded words in a row without wildcards, and the one by which they are looked up."""

    words: tuple[str, ...]
    row: str  # the words with a space around each
    anchor: int  # number of the word with the longest stem
    stem: str  # of that word, without what may be proclitics

    @classmethod
    def of(cls, words: Sequence[str]) -> PlainPhrase:
        stems = list(map(without_proclitics, words))
        anchor = max(range(len(stems)), key=lambda number: len(stems[number]))
        return cls(tuple(words), f" {' '.join(words)} ", anchor, stems[anchor])


class FieldText:
    """One field's words, looked up by what they can be read as."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.words = Words(text)
        self._asked = 0  # about wildcards
        self._looked = 0  # for stems

    @property
    def tokens(self) -> Tokens:
        return self.words.tokens

    @cached_property
    def stems(self) -> Sequence[str]:
        """Each word without what may be proclitics, with BORDER where a paragraph ends."""
        lines = self.words.lines
        return lines if self.words.ascii else list(map(without_proclitics, lines))

    @cached_property
    def distinct(self) -> frozenset[str]:
        return frozenset(self.stems)

    @cached_property
    def written(self) -> frozenset[str]:
        """The different words as `Tokens.raw` has them."""
        text, scanned = self.words.text, self.words.scanned
        return frozenset(
            map(
                as_written, {text[start:end] for start, end in zip(scanned.starts, scanned.ends, strict=True)}
            )
        )

    @cached_property
    def row(self) -> str:
        """All words and borders with a space around each: what phrases without proclitics are looked up in."""
        return f" {' '.join(self.words.lines)} "

    @cached_property
    def _borders(self) -> list[int]:
        return [place for place, word in enumerate(self.words.lines) if word == BORDER]

    def holds(self, phrase: PlainPhrase) -> bool:
        """Whether the phrase stands anywhere."""
        if self.words.ascii:
            return phrase.row in self.row
        return phrase.stem in self.distinct and any(True for _ in self._places(phrase))

    def runs(self, phrase: PlainPhrase) -> Iterator[int]:
        """The number of each word with which the phrase begins, ascending."""
        if phrase.stem in self.distinct:
            borders = self._borders
            for place in self._places(phrase):
                yield place - bisect_left(borders, place)

    def _places(self, phrase: PlainPhrase) -> Iterator[int]:
        """As `runs`, but borders are counted too. Time grows with how often the anchor's stem stands."""
        anchor, fits = phrase.anchor, self._fits
        for place in self._places_of_stem(phrase.stem):
            if place >= anchor and fits(phrase.words, place - anchor):
                yield place - anchor

    def _places_of_stem(self, stem: str) -> Iterable[int]:
        self._looked += 1
        if self._looked <= _WORTH_PLACES:
            return _places_of(stem, self.stems)
        return self._all_places.get(stem, ())

    @cached_property
    def _all_places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, stem in enumerate(self.stems):
            places.setdefault(stem, []).append(place)
        return places

    def _fits(self, words: tuple[str, ...], first: int) -> bool:
        """Whether these words stand there: the first behind any proclitic, the others behind the article."""
        lines = self.words.lines
        if self.words.ascii:
            return len(words) == 1 or tuple(lines[first : first + len(words)]) == words
        if len(lines) < first + len(words) or words[0] not in readings(lines[first]):
            return False
        further = lines[first + 1 : first + len(words)]
        return all(word in inner_readings(found) for word, found in zip(words[1:], further, strict=True))

    def read_as(self, beginning: str, fits: Callable[[str], bool]) -> list[int]:
        """Numbers of the words with a reading that begins so and fits, ascending."""
        self._asked += 1
        indexed = self.words.ascii or self._asked > _WORTH_AN_INDEX
        found = set(self._sought(beginning, fits) if indexed else self._tried(beginning, fits))
        words = self.words.words
        if len(found) > _FEW:
            return [place for place, word in enumerate(words) if word in found]
        return sorted(place for word in found for place in _places_of(word, words))

    def _tried(self, beginning: str, fits: Callable[[str], bool]) -> Iterator[str]:
        """The words that fit, each different word tried."""
        # the article that writing shortens (للامن is also الامن) stands before the tail that all readings share
        tail = beginning.removeprefix("ال")
        for word in self._different:
            if tail in word and any(form.startswith(beginning) and fits(form) for form in readings(word)):
                yield word

    def _sought(self, beginning: str, fits: Callable[[str], bool]) -> Iterator[str]:
        """The same by a sorted list, which is worth its making when much is asked of one text."""
        forms = self._forms
        for place in range(bisect_left(forms, beginning), len(forms)):
            form = forms[place]
            if not form.startswith(beginning):
                return
            if fits(form):
                yield from self._words_of.get(form, (form,))

    @cached_property
    def _different(self) -> set[str]:
        return set(self.words.words)

    @cached_property
    def _forms(self) -> list[str]:
        """What the words can be read as, in order."""
        return sorted(self._different) if self.words.ascii else sorted(self._words_of)

    @cached_property
    def _words_of(self) -> dict[str, list[str]]:
        """A reading -> the words that have it; empty where words are read as they stand."""
        words: dict[str, list[str]] = {}
        for word in () if self.words.ascii else self._different:
            for form in readings(word):
                words.setdefault(form, []).append(word)
        return words

    def in_one_paragraph(self, first: int, last: int) -> bool:
        scanned = self.words.scanned
        return "\n" not in self.words.text[scanned.starts[first] : scanned.ends[last]]

    def span(self, first: int, last: int, term: str = "", read_as: str = "") -> Span:
        scanned = self.words.scanned
        return Span(self.name, first, last, scanned.starts[first], scanned.ends[last], term, read_as)


@dataclass(slots=True)
class Reading:
    article: Article
    source: Source | None = None
    memory: dict[tuple[int, Scope], Found] = field(default_factory=dict)
    _fields: dict[str, FieldText] = field(default_factory=dict)

    _stems: frozenset[str] | None = None

    def field(self, name: str) -> FieldText:
        if name not in self._fields:
            self._fields[name] = FieldText(name, field_text(self.article, name))
        return self._fields[name]

    def hashed(self, names: Iterable[str]) -> Hashed:
        return hashed("\n".join(field_text(self.article, name) for name in names))

    @property
    def stems(self) -> frozenset[str]:
        """Those of the title and the body: most terms are known not to be there by this alone."""
        if self._stems is None:
            self._stems = frozenset().union(*(self.field(name).distinct for name in EVERYWHERE.fields))
        return self._stems


def field_text(article: Article, name: str) -> str:
    """The text that a hit's `start` and `end` count in; several authors stand on a line each."""
    match name:
        case "title":
            return article.title
        case "body":
            return article.body
        case "url":
            return article.url or ""
        case _:
            return "\n".join(article.authors)
