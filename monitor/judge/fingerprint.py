"""Copies of a text: what is stored to find them (`sketch`), and whether one is a copy of another (`copied`).

Called by `traits` for each article and by `copies` for the few that share parts of a sketch. Never looks at who published
when; and never decides by the headline alone.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import xxhash

from monitor.model import Article
from monitor.text import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")

SHINGLE = 3  # words of a sketch's shingle; 2 where two texts are compared
KEPT = 8  # one shingle in so many ...
KEPT_EARLY = 2  # ... and of the first EARLY ones, which a cut copy keeps, one in so many
EARLY = 78
MOST = 512  # hashes of one sketch: a transcript of hours does not fill the index
COMPARED_WORDS = 4_000
_TURN = np.uint64(0x9E3779B97F4A7C15)  # odd and without a pattern: 2**64 over the golden ratio


def text_of(article: Article) -> str:
    """Title and body as one text; the title once, where the body repeats it."""
    return together(article.title, article.body or article.summary)


def together(title: str, body: str) -> str:
    if not title or body.startswith(title):
        return body or title
    return f"{title}\n{body}" if body else title


def moment(article: Article) -> datetime:
    """When it was published, as far as anybody knows. A date ahead of its sighting is a time zone's mistake."""
    return min(article.published or article.first_seen, article.first_seen)


@lru_cache(maxsize=64)
def words_of(text: str) -> tuple[str, ...]:
    return tuple(islice(Words(text).words, COMPARED_WORDS))


def sketch(words: Sequence[str]) -> tuple[int, ...]:
    """Signed 64-bit hashes, distinct and in the order of the text."""
    hashes = _hashes(words, SHINGLE)
    kept = hashes % np.uint64(KEPT) == 0
    kept[:EARLY] |= hashes[:EARLY] % np.uint64(KEPT_EARLY) == 0
    return tuple(islice(dict.fromkeys(hashes[kept].view(np.int64).tolist()), MOST))


def containment(one: Set[T], other: Set[T]) -> float:
    """The share of the smaller set that is in the larger one."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


@lru_cache(
    maxsize=128
)  # up to a quarter of a megabyte each: 14 misses in a hundred more than with room for all
def shingles(text: str) -> frozenset[int]:
    """The pairs of neighbouring words, as hashes. A word alone is its own shingle."""
    words = words_of(text)
    return frozenset(_hashes(words, 2 if len(words) > 1 else 1).tolist())


def signed(value: int) -> int:
    """What a database's BIGINT takes."""
    return value - (1 << 64) if value >= 1 << 63 else value


def _hashes(words: Sequence[str], size: int) -> NDArray[np.uint64]:
    """Of each run of `size` words; of all words together, where there are fewer."""
    if not words:
        return np.zeros(0, dtype=np.uint64)
    each = np.fromiter(map(_word_hash, words), dtype=np.uint64, count=len(words))
    size = min(size, len(words))
    mixed = np.zeros(len(words) - size + 1, dtype=np.uint64)
    for place in range(size):
        # the order of the words counts: what is there is turned by a multiplication before the next is added
        mixed = mixed * _TURN + each[place : place + len(mixed)]
    mixed ^= mixed >> np.uint64(32)
    mixed *= _TURN
    mixed ^= mixed >> np.uint64(29)
    return mixed


@lru_cache(maxsize=1 << 14)
def _word_hash(word: str) -> int:
    # xxh3 and not hash(): Python's own differs from run to run
    return xxhash.xxh3_64_intdigest(word.encode("utf-8", "replace"))
