"""Words, phrases, wildcards and regular expressions: what is looked up in the text itself."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from monitor.judge.operators.base import MISSING, Operator, Run
from monitor.judge.query.words import compile_regex, pattern_words
from monitor.judge.reading import (
    EVERYWHERE,
    NOT_FOUND,
    FieldText,
    Found,
    PlainPhrase,
    Reading,
    Scope,
    Span,
    found,
)
from monitor.text import inner_readings, tokenise

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Word:
    """One word of a term with wildcards: folded letters, * and ?."""

    __slots__ = ("glob", "pattern", "prefix")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.prefix = re.split(r"[*?]", pattern)[0]
        self.glob: re.Pattern[str] | None = None
        if self.prefix != pattern:
            inner = re.escape(pattern).replace(r"\?", ".").replace(r"\*", ".*")
            self.glob = re.compile(inner, re.DOTALL)

    def fits(self, form: str) -> bool:
        return form == self.pattern if self.glob is None else self.glob.fullmatch(form) is not None

    def places(self, text: FieldText) -> Sequence[int]:
        """Numbers of the words in `text` that can be read as this one, behind any proclitic."""
        return text.read_as(self.prefix, self.fits)


class Phrase(Operator):
    """One word or several in a row. The first may stand behind any proclitic, the others behind the article."""

    def __init__(self, text: str, mode: str = "", label: str = "") -> None:
        self.term = text
        self.mode = mode
        self.label = label or text
        patterns = pattern_words(text)
        self.length = len(patterns)
        # without wildcards it is looked up by one of its words; else the first word leads
        wild = any("*" in pattern or "?" in pattern for pattern in patterns)
        self.plain = None if wild else PlainPhrase.of(patterns)
        self.words = tuple(map(Word, patterns)) if wild else ()
        self.written = _as_written(text) if mode == "case" else ()

    def holds(self, reading: Reading, scope: Scope) -> bool:
        if self.plain is None or self.mode or scope.words is not None:
            return self.find(reading, scope).held
        return any(reading.field(name).holds(self.plain) for name in scope.fields)

    def runs(self, text: FieldText) -> list[Run]:
        return [(first, first + self.length - 1) for first in self.firsts(text)]

    def find(self, reading: Reading, scope: Scope) -> Found:
        if self.plain and scope.fields == EVERYWHERE.fields and self.plain.stem not in reading.stems:
            return NOT_FOUND
        return super().find(reading, scope)

    def search(self, reading: Reading, scope: Scope) -> Found:
        spans: list[Span] = []
        for name in scope.fields:
            spans += self.spans(reading.field(name))
        return found(spans if scope == EVERYWHERE else [span for span in spans if scope.covers(span)])

    def spans(self, text: FieldText) -> list[Span]:
        return [
            text.span(first, last, self.term, self.read_as(text, first)) for first, last in self.runs(text)
        ]

    def firsts(self, text: FieldText) -> Iterable[int]:
        """Numbers of the words with which it begins."""
        if self.plain is None:
            places = self.words[0].places(text)
            return (first for first in places if self.goes_on(text, first, first + self.length - 1))
        if not self.mode:
            return text.runs(self.plain)
        return (first for first in text.runs(self.plain) if self.as_written(text, first))

    def as_written(self, text: FieldText, first: int) -> bool:
        """Whether a run is what `exact:` or `case:` asks for."""
        tokens = text.tokens
        if self.mode == "case":
            return all(tokens.raw(first + offset) == word for offset, word in enumerate(self.written))
        found = tokens.words[first : first + self.length]
        return self.plain is not None and found == self.plain.words and first not in tokens.elided

    def goes_on(self, text: FieldText, first: int, last: int) -> bool:
        """Whether the words behind the first are there, in its paragraph."""
        written = text.words.words[first + 1 : last + 1]
        if len(written) < self.length - 1:
            return False
        if not all(
            any(map(word.fits, inner_readings(found_word)))
            for word, found_word in zip(self.words[1:], written, strict=True)
        ):
            return False
        return text.in_one_paragraph(first, last)

    def read_as(self, text: FieldText, first: int) -> str:
        """The folded words found: the term's own where it says them, the text's where a wildcard stands."""
        if self.plain is not None:
            return self.plain.row.strip()
        return " ".join(
            word.pattern if word.glob is None else text.words.words[first + offset]
            for offset, word in enumerate(self.words)
        )

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        """Of what is missing, how nearly it is there: written otherwise, or its words apart."""
        if result.held:
            return super().detail(reading, scope, result)
        if self.mode:
            found = Phrase(self.term).find(reading, scope)
            texts = dict.fromkeys(
                reading.field(span.field).tokens.text[span.start : span.end] for span in found.spans
            )
            why = "written otherwise" if self.mode == "case" else "behind an elision or a particle"
            return f"{MISSING}, only {why}: {', '.join(texts)}" if texts else MISSING
        if self.length == 1:
            return MISSING
        alone = [written for written in self.term.split() if _is_missing(written, reading, scope)]
        return f"{MISSING}: no {', '.join(alone)}" if alone else f"{MISSING}: its words stand apart"


def _as_written(text: str) -> tuple[str, ...]:
    tokens = tokenise(text)
    return tuple(tokens.raw(place) for place in range(len(tokens)))


def _is_missing(written: str, reading: Reading, scope: Scope) -> bool:
    """Whether one word of a phrase stands nowhere; a wildcard or sign alone never does."""
    if not any(word.strip("*?") for word in pattern_words(written)):
        return False
    return not Phrase(written).find(reading, scope).held


class Expression(Operator):
    """A regular expression on the text as written."""

    def __init__(self, pattern: str) -> None:
        self.label = f"/{pattern}/"
        self.compiled = compile_regex(pattern)

    def search(self, reading: Reading, scope: Scope) -> Found:
        spans = (span for name in scope.fields for span in self.spans(reading.field(name)))
        return found([span for span in spans if scope.covers(span)])

    def spans(self, text: FieldText) -> Iterator[Span]:
        # half a surrogate pair, which broken documents hold, is no character that RE2 could read
        written = text.words.text
        for match in self.compiled.finditer(_LONE_SURROGATE.sub("\ufffd", written)):
            start, end = match.span()
            if start < end:
                # a match within one word, or of signs alone, counts as that word, or the one before
                scanned = text.words.scanned
                first = bisect_right(scanned.ends, start)
                last = max(first, bisect_left(scanned.starts, end) - 1)
                yield Span(text.name, first, last, start, end, self.label, written[start:end])
