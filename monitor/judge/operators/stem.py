"""stem: a word or phrase in any inflection, by Snowball for the article's language."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.judge.operators.base import MISSING, Operator
from monitor.judge.reading import FieldText, Found, Reading, Scope, Span, found
from monitor.text import tokenise
from monitor.text.stems import CUT_BEGINNINGS, UNKNOWN, stem_languages, stems


class Inflected(Operator):
    """Each word agrees with one of the text when they share a stem. The first may stand behind any proclitic."""

    def __init__(self, text: str) -> None:
        self.term = text
        self.label = f"stem:{text}"
        tokens = tokenise(text)
        self.written = tuple(tokens.raw(place) for place in range(len(tokens)))
        self.folded = tokens.words

    def search(self, reading: Reading, scope: Scope) -> Found:
        language = reading.article.language
        spans = (span for name in scope.fields for span in self.spans(reading.field(name), language))
        return found([span for span in spans if scope.covers(span)])

    def spans(self, text: FieldText, language: str | None) -> Iterator[Span]:
        tokens, length = text.tokens, len(self.written)
        initial = self.folded[0][0]
        anywhere = not CUT_BEGINNINGS.isdisjoint(stem_languages(self.folded[0], language))
        for first in range(len(tokens) - length + 1):
            if not anywhere and tokens.words[first][0] != initial:
                continue
            last = first + length - 1
            if tokens.paragraphs[first] == tokens.paragraphs[last] and all(
                self.agrees(number, text, first + number, language) for number in range(length)
            ):
                yield text.span(first, last, self.term, " ".join(tokens.words[first : last + 1]))

    def agrees(self, number: int, text: FieldText, place: int, language: str | None) -> bool:
        if self.folded[number] == text.tokens.words[place]:
            return True
        raw = text.tokens.raw(place)
        return any(
            not stems(self.written[number], algorithm, False).isdisjoint(stems(raw, algorithm, number == 0))
            for algorithm in stem_languages(self.folded[number], language)
        )

    def detail(self, reading: Reading, scope: Scope, result: Found) -> str:
        if result.held:
            return super().detail(reading, scope, result)
        algorithms = stem_languages(self.folded[0], reading.article.language)
        looked_for = " or ".join(
            dict.fromkeys(
                " ".join(min(stems(word, algorithm, False)) for word in self.written)
                for algorithm in algorithms
            )
        )
        unknown = ", the article's language being unknown" if algorithms == UNKNOWN else ""
        return f"{MISSING} (stem {looked_for}, by {', '.join(algorithms)}{unknown})"
