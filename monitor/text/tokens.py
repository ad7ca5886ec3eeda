"""Where words, sentences and paragraphs begin and end, with exact positions in the original text.

One function reads articles and queries alike, so that both mean the same by a word. Called by judge (index, queries)
and by whoever compares texts. Never changes a text: a token points into it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from monitor.text.fold import DELETED, INVISIBLE, fold_word

APOSTROPHES = "'’‘‛`´′＇ʹʻʼ"
_ELIDED = frozenset("l d j m t s n c qu jusqu lorsqu puisqu quoiqu presqu quelqu entr".split())

_ABBREVIATIONS = frozenset(
    "m mm mme mmes mlle me dr pr prof st ste mr mrs ms gen gal col cdt cap lt sgt sr sra dra don gral rev hon "
    "art al no nr vs av bd fig ed vol cf env approx jan feb fev mar apr avr jun jul aug sep sept oct nov dec".split()
)


def _marks() -> str:
    return "".join(chr(code) for code in range(0x10000) if unicodedata.category(chr(code)).startswith("M"))


# One token a character where writing has no spaces: kana and ideographs
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U000323af"
_TAIL = f"[{re.escape(_marks())}{INVISIBLE}]"
_LETTER = f"[^\\W_{APOSTROPHES}{_IDEOGRAPH}]"
_INITIAL = f"[^\\W\\d_{APOSTROPHES}{_IDEOGRAPH}\u0600-\u06ff]"
_ACRONYM = rf"(?<!{_LETTER}){_INITIAL}{_TAIL}*(?:\.[{INVISIBLE}]*{_INITIAL}{_TAIL}*)+(?!{_LETTER})\.?"
_WORDS = re.compile(rf"(?P<acronym>{_ACRONYM})|(?:{_LETTER}+{_TAIL}*)+|[{_IDEOGRAPH}]{_TAIL}*")
_PATTERNS = re.compile(rf"(?P<acronym>{_ACRONYM})|(?:(?:{_LETTER}|[*?])+{_TAIL}*)+|[{_IDEOGRAPH}]{_TAIL}*")
_INVISIBLE_CHARS = "".join(
    chr(code) for code in DELETED if not unicodedata.category(chr(code)).startswith("M")
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
        """The word as written, composed (NFC), without invisible marks and an acronym's dots."""
        written = self.text[self.starts[index] : self.ends[index]]
        kept = "".join(char for char in written if char != "." and char not in _INVISIBLE_CHARS)
        return unicodedata.normalize("NFC", kept)


def tokenise(text: str, *, wildcards: bool = False) -> Tokens:
    """The words of `text`. With `wildcards`, * and ? count as letters (for queries)."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[int] = []
    paragraphs: list[int] = []
    elided: set[int] = set()
    sentence = paragraph = 0
    acronym = False
    for found in (_PATTERNS if wildcards else _WORDS).finditer(text):
        start, end = found.span()
        word = fold_word(found[0].replace(".", "") if found.lastgroup else found[0])
        if not word:
            continue
        if words and (gap := text[ends[-1] : start]) != " ":
            border = _border(gap, words[-1], text[start], acronym)
            sentence += border > 0
            paragraph += border == _PARAGRAPH
            if not border and words[-1] in _ELIDED and gap.strip(_INVISIBLE_CHARS) in _APOSTROPHE_SET:
                elided.add(len(words))
        words.append(word)
        starts.append(start)
        ends.append(_visible_end(text, end))
        sentences.append(sentence)
        paragraphs.append(paragraph)
        acronym = found.lastgroup is not None
    return Tokens(
        text, tuple(words), tuple(starts), tuple(ends), tuple(sentences), tuple(paragraphs), frozenset(elided)
    )


def _visible_end(text: str, end: int) -> int:
    while text[end - 1] in _INVISIBLE_CHARS:
        end -= 1
    return end


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
    return " ".join(tokenise(text).words)
