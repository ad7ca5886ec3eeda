"""The language model of py3langid in a fifth of its memory: which of some languages a text is most likely in. Called by `language`.

py3langid walks an automaton over the bytes of a text, whose table of moves holds 39 MB; its states are the beginnings of the
some hundred thousand byte sequences (six bytes at most) that the model counts. Here the sequences themselves are kept, and the
longest that ends at each byte is looked up, all of a text at once. Counts the same and answers the same. Never learns.
"""

from __future__ import annotations

import lzma
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 6  # bytes of a sequence
_SLOTS = (
    19  # bits of the first table of sequences; what finds its slot taken is in the next, a quarter as large
)
_TURN = np.uint64(0x9E3779B97F4A7C15)  # odd and without a pattern: 2**64 over the golden ratio
_BYTE, _LENGTH = np.uint64(8), np.uint64(56)
_NOWHERE = np.uint64(1)  # no sequence has this key: its length is written above its bytes


STATES_AT_ONCE = 1_024  # whose moves are followed: all of one length at once would be 37 MB


def read_model(file: Path, languages: Sequence[str]) -> NGrams:
    """From py3langid's own file: arrays of numpy's in an archive, compressed as a whole."""
    # on the disk and one array after the other: py3langid's own reading has all of it in memory twice
    with tempfile.TemporaryFile(suffix=".npz") as unpacked:
        with lzma.open(file) as packed:
            shutil.copyfileobj(packed, unpacked, 1 << 20)
        unpacked.seek(0)
        with np.load(unpacked, allow_pickle=False) as arrays:
            return NGrams(arrays, languages)


class NGrams:
    """`arrays` are py3langid's, by the names of its file; only the columns of `languages` are kept."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], languages: Sequence[str]) -> None:
        states, self._keys = _states(
            arrays["nextmove"].reshape(-1, 256), arrays["nextmove_row"].astype(np.intp)
        )
        self._feature_of = arrays["out_feat"].astype(np.int32)[states]  # -1: none
        self._tables = _tables(self._keys)
        names = arrays["classes"].tolist()
        columns = [at for at, each in enumerate(names) if each in languages]
        self._languages = [str(names[at]) for at in columns]
        self._weights = np.ascontiguousarray(arrays["ptc"][:, columns])  # feature x language, logarithms
        self._before = arrays["pc"][columns].astype(np.float32)

    def likeliest(self, text: str) -> str | None:
        """One of the languages; None for a text that has nothing the model knows."""
        seen, counts = np.unique(self._features(_encoded(text)), return_counts=True)
        if not len(seen):
            return None
        likely = np.log1p(counts.astype(np.float32)) @ self._weights[seen] + self._before
        return self._languages[int(likely.argmax())]

    def _features(self, text: bytes) -> NDArray[np.int32]:
        """What the text counts, in its order: of the longest sequence that ends at each byte."""
        features: NDArray[np.int32] = self._feature_of[self._found(_sequences(text)).max(axis=0, initial=0)]
        return features[features >= 0]

    def _found(self, sequences: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The places of these keys; 0 for one that is no sequence of the model."""
        left: Any = ...
        found = np.zeros(sequences.shape, dtype=np.int32)
        for shift, table in self._tables:
            wanted = sequences[left]
            held = table[wanted * _TURN >> shift]
            places = np.abs(held)
            right = self._keys[places] == wanted
            found[left] = places * right
            (others,) = np.nonzero((held < 0).ravel() & ~right.ravel())
            if not len(others):
                break
            left = (
                np.unravel_index(others, sequences.shape) if left is ... else tuple(at[others] for at in left)
            )
        return found


def _encoded(text: str) -> bytes:
    """As the model was made with."""
    lowered = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", lowered).encode("utf-8", "surrogatepass")


def _sequences(text: bytes) -> NDArray[np.uint64]:
    """The keys of the sequences that end at each byte (columns), the longest first."""
    letters = np.frombuffer(text, dtype=np.uint8).astype(np.uint64)
    found = np.full((LONGEST, len(letters)), _NOWHERE)
    ending = letters
    for length in range(1, min(LONGEST, len(letters)) + 1):
        if length > 1:
            ending = ending[:-1] << _BYTE | letters[length - 1 :]
        found[LONGEST - length, length - 1 :] = ending | np.uint64(length) << _LENGTH
    return found


def _states(moves: NDArray[Any], row_of: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """The automaton's states, the shortest first, and of each as a number the sequence that leads to it from the
    beginning: its bytes, and above them its length.

    A state is as deep as the shortest way to it, and that way is the only one of its length.
    """
    reached = np.zeros(len(row_of), dtype=bool)
    reached[0] = True
    states, keys = [np.zeros(1, dtype=np.intp)], [np.zeros(1, dtype=np.uint64)]
    while len(front := states[-1]):
        found, written = [], []
        for start in range(0, len(front), STATES_AT_ONCE):
            targets = moves[row_of[front[start : start + STATES_AT_ONCE]]].ravel()
            (new,) = np.nonzero(~reached[targets])
            before = keys[-1][start + (new >> 8)] & (np.uint64(1) << _LENGTH) - np.uint64(1)
            written.append(
                before << _BYTE | (new & 255).astype(np.uint64) | np.uint64(len(states)) << _LENGTH
            )
            found.append(targets[new].astype(np.intp))
            reached[found[-1]] = True
        states.append(np.concatenate(found))
        keys.append(np.concatenate(written))
    return np.concatenate(states), np.concatenate(keys)


def _tables(keys: NDArray[np.uint64]) -> list[tuple[np.uint64, NDArray[np.int32]]]:
    """For each table how far a hash is shifted to be a slot of it, and which key has each slot: negative where another one
    wanted it too, and is in the next table."""
    tables, left, bits = [], np.arange(1, len(keys), dtype=np.int32), _SLOTS
    while len(left):
        shift = np.uint64(64 - bits)
        slots = keys[left] * _TURN >> shift
        table = np.zeros(1 << bits, dtype=np.int32)
        table[slots] = left
        lost = table[slots] != left
        table[slots[lost]] *= -1
        tables.append((shift, table))
        left, bits = left[lost], max(bits - 2, 8)
    return tables
