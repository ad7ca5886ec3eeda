"""A name's consonants, the same whether it is written in Latin or in Arabic letters: Hammouchi and الحموشي are both mX.

`skeleton` is called for the story profile of each article (judge): evidence among other evidence, never a proof. Vowels,
doubling and the letters that transcriptions drop (h, ʿayn) go; what they confuse is one letter.
"""

from __future__ import annotations

import re
from functools import lru_cache

_GROUPS = (("tch", "X"), ("sch", "X"), ("ch", "X"), ("sh", "X"), ("kh", "K"), ("gh", "K"), ("ph", "f"))
_LATIN = dict(zip("bpvftdjgzsrlmnkqcx", "bbfftdkkzsrlmnkkks", strict=True))
_ARABIC = dict(
    zip("بپتطثدذضظجغخزسصشرلمنكقفڤ", "bbtttddddkKKzssXrlmnkkff", strict=True),
)
_KEPT = {**_LATIN, **_ARABIC, "X": "X", "K": "K"}
_DOUBLED = re.compile(r"(.)\1+")
_ARTICLE = ("وال", "بال", "لل", "ال")


@lru_cache(maxsize=1 << 15)
def skeleton(word: str) -> str:
    """`word` is folded. "" where no consonant is left."""
    for article in _ARTICLE:
        if word.startswith(article) and len(word) > len(article) + 2:
            word = word[len(article) :]
            break
    for letters, one in _GROUPS:
        word = word.replace(letters, one)
    return _DOUBLED.sub(r"\1", "".join(_KEPT.get(letter, "") for letter in word))
