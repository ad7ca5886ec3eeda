"""Characters -> words with their places, for any script, by one regular expression. Called by `tokens` and `quick`.

Knows where a word begins and ends; never what follows from the gap between two words (that is `tokens`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from monitor.text.fold import DELETED, INVISIBLE, fold_word

APOSTROPHES = "'’‘‛`´′＇ʹʻʼ"


def _marks() -> str:
    return "".join(chr(code) for code in range(0x10000) if unicodedata.category(chr(code)).startswith("M"))


# One token a character where writing has no spaces: kana and ideographs
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U000323af"
_TAIL = f"[{re.escape(_marks())}{INVISIBLE}]"
_LETTER = f"[^\\W_{APOSTROPHES}{_IDEOGRAPH}]"
INITIAL = f"[^\\W\\d_{APOSTROPHES}{_IDEOGRAPH}\u0600-\u06ff]"
_ACRONYM = rf"(?<!{_LETTER}){INITIAL}{_TAIL}*(?:\.[{INVISIBLE}]*{INITIAL}{_TAIL}*)+(?!{_LETTER})\.?"
WORDS = re.compile(rf"(?P<acronym>{_ACRONYM})|(?:{_LETTER}+{_TAIL}*)+|[{_IDEOGRAPH}]{_TAIL}*")
PATTERNS = re.compile(rf"(?P<acronym>{_ACRONYM})|(?:(?:{_LETTER}|[*?])+{_TAIL}*)+|[{_IDEOGRAPH}]{_TAIL}*")
INVISIBLE_CHARS = "".join(
    chr(code) for code in DELETED if not unicodedata.category(chr(code)).startswith("M")
)


BORDER = "\x07"  # stands between words where a line ends; no text holds it as a word


class Scanned(NamedTuple):
    """Folded words with the characters that each spans; `acronyms` numbers the dotted ones."""

    words: list[str]
    starts: Sequence[int]
    ends: Sequence[int]
    acronyms: set[int]


def scan(text: str, pattern: re.Pattern[str] = WORDS) -> Scanned:
    """Every word in turn. `pattern` is WORDS, or PATTERNS where * and ? count as letters."""
    words: list[str] = []
    starts, ends = [], []
    acronyms = set()
    for match in pattern.finditer(text):
        word = fold_word(match[0].replace(".", "") if match.lastgroup else match[0])
        if not word:
            continue
        if match.lastgroup:
            acronyms.add(len(words))
        words.append(word)
        starts.append(match.start())
        ends.append(_visible_end(text, match.end()))
    return Scanned(words, tuple(starts), tuple(ends), acronyms)


def _visible_end(text: str, end: int) -> int:
    while text[end - 1] in INVISIBLE_CHARS:
        end -= 1
    return end
