"""An article made ready for looking things up: each field tokenised once, with an index from word to places.

Made once an article by `matching` and `explanation`; the operators ask it. Holds memory of what was found, so that an
entity shared by ten watchlists is searched once. Never outlives its article.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from monitor.model import Article, Source
from monitor.text import Tokens, Words, readings, without_proclitics

_WORTH_AN_INDEX, _WORTH_AN_INDEX_OF_READINGS = (
    40,
    6,
)  # questions after which a whole index is cheaper than looking through the words for each
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


class FieldText:
    """One field's words with an index over every reading of each word."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.words = Words(text)
        self._asked = 0

    @property
    def tokens(self) -> Tokens:
        return self.words.tokens

    @cached_property
    def vocabulary(self) -> Set[str]:
        """Every reading of every word."""
        distinct = self._last.keys()
        return distinct if self.words.ascii else frozenset(chain.from_iterable(map(readings, distinct)))

    def places(self, form: str) -> Sequence[int]:
        """Numbers of the words that can be read so, ascending."""
        if form not in self.vocabulary:
            return ()
        self._asked += 1
        if self._asked > (_WORTH_AN_INDEX if self.words.ascii else _WORTH_AN_INDEX_OF_READINGS):
            return self._index.get(form, ())
        if self.words.ascii:
            return self._standing_as(form)
        # the article that writing shortens (للامن is also الامن) stands before the tail that all readings share
        tail = form[1:] if form.startswith("ال") else form
        words = [word for word in self._last if word.endswith(tail) and form in readings(word)]
        return sorted(chain.from_iterable(map(self._standing_as, words)))

    @cached_property
    def _last(self) -> dict[str, int]:
        """Word -> the number of its last occurrence."""
        words = self.words.words
        return dict(zip(words, range(len(words)), strict=True))

    def _standing_as(self, word: str) -> Sequence[int]:
        last = self._last.get(word)
        if last is None:
            return ()
        words = self.words.words
        first = words.index(word)
        if first == last:
            return (first,)
        return [place for place, other in enumerate(words[first : last + 1], first) if other == word]

    @cached_property
    def _index(self) -> dict[str, list[int]]:
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(self.words.words):
            for form in readings(word):
                places[form].append(place)
        return places

    @cached_property
    def stems(self) -> Sequence[str]:
        """Each word without what may be proclitics."""
        words = self.words.words
        return words if self.words.ascii else list(map(without_proclitics, words))

    @cached_property
    def forms(self) -> list[str]:
        return sorted(self.vocabulary)

    def beginning_with(self, prefix: str) -> Iterator[str]:
        """The readings that begin so, in order."""
        forms = self.forms
        for place in range(bisect_left(forms, prefix), len(forms)):
            if not forms[place].startswith(prefix):
                return
            yield forms[place]

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
    _vocabulary: frozenset[str] | None = None

    def field(self, name: str) -> FieldText:
        if name not in self._fields:
            self._fields[name] = FieldText(name, field_text(self.article, name))
        return self._fields[name]

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every reading of every word of the title and the body: most terms are known not to be there by this alone."""
        if self._vocabulary is None:
            self._vocabulary = frozenset().union(*(self.field(name).vocabulary for name in EVERYWHERE.fields))
        return self._vocabulary


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
