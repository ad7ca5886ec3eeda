"""A name's consonants, the same whether it is written in Latin or in Arabic letters: Hammouchi and الحموشي are both mX.

`skeleton` is called for the story profile of each article (judge): evidence among other evidence, never a proof. Vowels,
doubling and the letters that transcriptions drop (h, ʿayn) go; what they confuse is one letter.
"""

from __future__ import annotations

import re
from functools import lru_cache

_GROUPS = (("tch", "X"), ("sch", "X"), ("ch", "X"), ("sh", "X"), ("kh", "k"), ("gh", "k"), ("ph", "f"))
_SOFT = re.compile(r"c(?=[eiy])")
_OPENING = re.compile(r"(?:ou|u)(?=[aeiy])")
_LATIN = dict(zip("bpvftdjgzsrlmnkqcx", "bbfftdkkzsrlmnkkks", strict=True))
_ARABIC = dict(
    zip("بپتطثدذضظجغخزسصشرلمنكقفڤ", "bbtttddddkkkzssXrlmnkkff", strict=True),
)
_KEPT = {**_LATIN, **_ARABIC, "X": "X"}
_DOUBLED = re.compile(r"(.)\1+")
_ARTICLE = ("وال", "بال", "لل", "ال")


@lru_cache(maxsize=1 << 15)
def skeleton(word: str) -> str:
    """`word` is folded. "" where no consonant is left."""
    for article in _ARTICLE:
        if word.startswith(article) and len(word) > len(article) + 2:
            word = word[len(article) :]
            break
    opening = _opening(word)
    for letters, one in _GROUPS:
        word = word.replace(letters, one)
    word = _SOFT.sub("s", word)
    return opening + _DOUBLED.sub(r"\1", "".join(_KEPT.get(letter, "") for letter in word))


def _opening(word: str) -> str:
    """What is heard at a word's beginning and dropped elsewhere."""
    if word[:1] in ("w", "و") or _OPENING.match(word):
        return "w"
    return "h" if word[:1] in ("h", "ح", "ه") else ""


def sounds(word: str) -> tuple[str, ...]:
    """The skeletons that a word may have: where an Arabic one begins with waw, that may be "and"."""
    whole = skeleton(word)
    return (whole, whole[1:]) if word[:1] == "و" else (whole,)
