"""Where words, sentences and paragraphs begin and end, with exact positions in the original text.

One function reads articles and queries alike, so that both mean the same by a word. Called by judge (index, queries)
and by whoever compares texts. Never changes a text: a token points into it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from monitor.text.quick import quick
from monitor.text.scan import APOSTROPHES, BORDER, INVISIBLE_CHARS, PATTERNS, Scanned, scan

_ELIDED = frozenset("l d j m t s n c qu jusqu lorsqu puisqu quoiqu presqu quelqu entr".split())

_ABBREVIATIONS = frozenset(
    "m mm mme mmes mlle me dr pr prof st ste mr mrs ms gen gal col cdt cap lt sgt sr sra dra don gral rev hon "
    "art al no nr vs av bd fig ed vol cf env approx jan feb fev mar apr avr jun jul aug sep sept oct nov dec".split()
)


_APOSTROPHE_SET = frozenset(APOSTROPHES)
_SENTENCE, _PARAGRAPH = 1, 2  # what a border ends
_ENDS_SENTENCE = re.compile("[.!?…؟۔。！？]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of one text. All sequences have one entry a word; `starts` and `ends` count characters of `text`."""

    text: str
    words: tuple[str, ...]  # folded
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    sentences: tuple[int, ...]  # number of the sentence, from 0
    paragraphs: tuple[int, ...]
    elided: frozenset[int] = frozenset()  # words behind l', d', qu' ...

    def __len__(self) -> int:
        return len(self.words)

    def raw(self, index: int) -> str:
        return as_written(self.text[self.starts[index] : self.ends[index]])


def as_written(word: str) -> str:
    """The word of a text, not folded: composed (NFC), without invisible marks and an acronym's dots."""
    kept = "".join(char for char in word if char != "." and char not in INVISIBLE_CHARS)
    return unicodedata.normalize("NFC", kept)


class Words:
    """The words of one text, folded; where they stand and what borders lie between them, when asked."""

    __slots__ = ("_lines", "_scanned", "_source", "_tokens", "_words", "ascii", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens: Tokens | None = None
        self._words: list[str] | None = None
        self._lines: list[str] | None = None
        self._source = quick(text)
        self._scanned: Scanned | None = None if self._source else scan(text)
        self.ascii = self._source.ascii if self._source else all(map(str.isascii, self.words))

    @property
    def words(self) -> list[str]:
        if self._words is None:
            self._words = self._source.words() if self._source else self.scanned.words
        return self._words

    @property
    def lines(self) -> list[str]:
        """The words with BORDER between two that lie in different paragraphs, perhaps more than once and at the ends."""
        if self._lines is None:
            self._lines = self._source.lines() if self._source else _with_borders(self.text, self.scanned)
        return self._lines

    @property
    def encoded(self) -> bytes | None:
        """The `lines` with spaces between as bytes of the alphabet of `quick`; None where that lacks a letter."""
        return self._source.encoded() if self._source else None

    @property
    def scanned(self) -> Scanned:
        if self._scanned is None:
            assert self._source is not None
            self._scanned = self._source.scanned()
        return self._scanned

    @property
    def tokens(self) -> Tokens:
        if self._tokens is None:
            self._tokens = _bordered(self.text, self.scanned)
        return self._tokens


def _with_borders(text: str, scanned: Scanned) -> list[str]:
    lines: list[str] = []
    last = 0
    for word, start, end in zip(scanned.words, scanned.starts, scanned.ends, strict=True):
        if "\n" in text[last:start]:
            lines.append(BORDER)
        lines.append(word)
        last = end
    return lines


def tokenise(text: str, *, wildcards: bool = False) -> Tokens:
    """The words of `text`. With `wildcards`, * and ? count as letters (for queries)."""
    return _bordered(text, scan(text, PATTERNS)) if wildcards else Words(text).tokens


def _bordered(text: str, scanned: Scanned) -> Tokens:
    words, starts, ends, acronyms = scanned
    sentences: list[int] = []
    paragraphs: list[int] = []
    elided: set[int] = set()
    sentence = paragraph = last = 0
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if place and (gap := text[last:start]) != " ":
            before = words[place - 1]
            border = _border(gap, before, text[start], place - 1 in acronyms)
            sentence += border > 0
            paragraph += border == _PARAGRAPH
            if not border and before in _ELIDED and gap.strip(INVISIBLE_CHARS) in _APOSTROPHE_SET:
                elided.add(place)
        sentences.append(sentence)
        paragraphs.append(paragraph)
        last = end
    return Tokens(
        text,
        tuple(words),
        tuple(starts),
        tuple(ends),
        tuple(sentences),
        tuple(paragraphs),
        frozenset(elided),
    )


def _border(gap: str, before: str, after: str, acronym: bool) -> int:
    """What ends between two words: 0 nothing."""
    if "\n" in gap:
        return _PARAGRAPH
    return _SENTENCE if _ends_sentence(gap, before, after, acronym) else 0


def _ends_sentence(gap: str, before: str, after: str, acronym: bool) -> bool:
    """Whether the characters between two words end a sentence. Where in doubt they do not: a border can hide a match."""
    mark = _ENDS_SENTENCE.search(gap)
    if mark is None or after.islower():
        return False
    if mark[0] != ".":
        return True
    if acronym or len(before) == 1 or before in _ABBREVIATIONS:
        return False
    return gap != "." or not (before[-1].isdigit() or after.isdigit())


def fold(text: str) -> str:
    """The text's words, folded, with one space between: equal for texts that differ only in what folding erases."""
    return " ".join(Words(text).words)
