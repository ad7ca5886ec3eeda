"""What the press writes every day: how rare a word is in its language, and which directions of a vector say little.

`rarity` and `sharpened` are called for the profile of each article (judge). The tables beside this module are counts and
means over 12,000 articles, made by `python -m benchmarks.background`; they hold no sentence of them. Never learns.
"""

from __future__ import annotations

import gzip
import math
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LETTERS = 6  # of a word that tell it: what follows is mostly inflection
ARABIC_LETTERS = 5  # behind the proclitics
_ARTICLES = ("وال", "بال", "فال", "كال", "لل", "ال")
_SHARPNESS = 0.7  # 0: vectors as they come; 1: all directions count the same
TABLES = ("ar", "en", "es", "fr")


@lru_cache(maxsize=1 << 14)
def term(word: str) -> str:
    """What a folded word is compared by: its beginning, an Arabic one without what is written in front of it."""
    if not ("\u0621" <= word[:1] <= "\u064a"):
        return word if word.isdigit() else word[:LETTERS]
    for article in _ARTICLES:
        if word.startswith(article) and len(word) >= len(article) + 3:
            return word[len(article) :][:ARABIC_LETTERS]
    return (word[1:] if word[0] in "وبلف" and len(word) >= 5 else word)[:ARABIC_LETTERS]


@lru_cache(maxsize=1 << 14)
def rarity(term: str, language: str) -> float:
    """0 for a word of every article to 1 for one of none: log((n+1)/(df+1)) / log(n+1)."""
    # a language that has no table takes all others together: names are the same there
    tables = [_counts(each) for each in ((language,) if language in TABLES else TABLES)]
    size = sum(articles for articles, _ in tables)
    count = sum(counts.get(term, 0) for _, counts in tables)
    return math.log((size + 1) / (count + 1)) / math.log(size + 1)


def sharpened(vector: NDArray[np.float32], language: str) -> NDArray[np.float32]:
    """The vector without what all of its language have in common, its loudest directions damped; of length 1.

    Of two thousand articles about one country all are near one another; what sets events apart is in the rest.
    """
    means, directions, damping = _directions()
    moved = vector - means.get(language, means[""])
    along = directions @ moved
    moved = moved + (damping * along) @ directions
    length = float(np.linalg.norm(moved))
    return (moved / length if length > 0 else moved).astype(np.float32)


def cells(sharp: NDArray[np.float32], strongest: int) -> list[int]:
    """The directions that a sharpened vector points along most, the strongest first; negative numbers count against."""
    _, directions, damping = _directions()
    along = (directions @ sharp)[: len(damping)]
    order = np.argsort(-np.abs(along))[:strongest]
    return [int(place) + 1 if along[place] > 0 else -int(place) - 1 for place in order]


@cache
def _counts(language: str) -> tuple[int, dict[str, int]]:
    """Articles counted, and in how many of them each term stands (terms of fewer than 3 are left out)."""
    stored = files("monitor.text").joinpath(f"tables/{language}.txt.gz").read_bytes()
    size, *lines = gzip.decompress(stored).decode().splitlines()
    counts = {word: int(count) for line in lines for count, *words in [line.split(" ")] for word in words}
    return int(size), counts


@cache
def _directions() -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32], NDArray[np.float32]]:
    """Means by language ("" for any other), the directions as rows, and what is added of each."""
    with files("monitor.text").joinpath("tables/directions.npz").open("rb") as stream:
        stored = np.load(stream)
        names, means = stored["languages"].tolist(), stored["means"].astype(np.float32)
        directions = stored["directions"].astype(np.float32) / 127.0
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        spread = stored["spread"].astype(np.float32)  # of each direction, in those of the rest
    return dict(zip(names, means, strict=True)), directions, spread ** (-_SHARPNESS / 2) - 1
