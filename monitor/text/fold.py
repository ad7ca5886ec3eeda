"""What makes two spellings the same word: `fold` erases what readers of the press do not mean by a difference.

NFKC, upper and lower case, accents, Arabic letter variants, Arabic-Indic digits, invisible marks. Called by `tokens`
(and through it by everything that compares words). Never decides where a word begins or ends.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise

# Deleted, not turned into spaces: soft hyphen, zero-width and bidi marks, variation selectors, tatweel.
INVISIBLE = (
    "\u00ad\u034f\u061c\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
)

# Accents and vowel signs that are not part of a word's identity. Indic and Thai signs are, and stay.
_ACCENT_RANGES = (
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x08CA, 0x08FF),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
)

# Latin letters whose stroke or ligature Unicode does not decompose; the half rings of transliterated Arabic go
_LATIN = "ø=o ł=l đ=d ħ=h ı=i ĸ=k ŋ=n ŧ=t œ=oe æ=ae ð=d þ=th ʿ= ʾ= ˀ= ˁ="
# Alef wasla, and the Persian and Urdu shapes; a hamza on its seat is split off by decomposition
_ARABIC = "ٱ=ا ى=ي ی=ي ې=ي ے=ي ة=ه ۃ=ه ہ=ه ە=ه ھ=ه ک=ك ڪ=ك"
_LETTERS = dict(pair.split("=") for pair in f"{_LATIN} {_ARABIC}".split())


def _deleted() -> set[int]:
    gone = {code for low, high in _ACCENT_RANGES for code in range(low, high + 1)}
    accents = {code for code in gone if unicodedata.category(chr(code)).startswith("M")}
    parts = INVISIBLE.split("-")
    ranges = {code for left, right in pairwise(parts) for code in range(ord(left[-1]), ord(right[0]) + 1)}
    return accents | ranges | {ord(char) for char in INVISIBLE if char != "-"}


DELETED = _deleted()
_TABLE: dict[int, str | None] = {
    **dict.fromkeys(DELETED),
    **{ord(char): to for char, to in _LETTERS.items()},
}


@lru_cache(maxsize=1 << 16)
def fold_word(word: str) -> str:
    """The folded form of one word as it stands in a text; "" where nothing of it is a letter or digit."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFKD", word).translate(_TABLE).casefold()
    letters = unicodedata.normalize("NFKD", letters).translate(_TABLE)
    return unicodedata.normalize("NFC", "".join(map(_kept, letters)))


def _kept(char: str) -> str:
    """A letter, mark or wildcard as it is, any digit as its ASCII one, all else (of a compatibility form) as nothing."""
    digit = unicodedata.decimal(char, -1)
    if digit >= 0:
        return str(digit)
    return char if char.isalnum() or char in "*?" or unicodedata.category(char).startswith("M") else ""
