"""The words that `scan` finds, some twenty times faster, for texts in Latin and Arabic letters. Called by `tokens`.

The text is encoded into an alphabet of our own with one byte a character (`codecs.charmap_encode` does this in C), and
one `bytes.translate` folds it: letters to their folded letters, what is no word to a space. So a byte's place is its
character's place. Letters of other scripts, and letters that fold to what no byte stands for, are refused (None): then
`scan` reads the text. Both must give the same words at the same places for every text; tests hold it.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache

import numpy

from monitor.text.fold import DELETED, INVISIBLE, fold_word
from monitor.text.scan import BORDER, INITIAL, INVISIBLE_CHARS, WORDS, Scanned

# What is deleted when words are made: marks and acronyms' dots belong to a word wherever they stand in or behind it,
# invisible characters do not belong to its end, and tatweel is invisible but can begin a word.
_MARK, _TATWEEL, _UNSEEN = b"\x01\x02\x03"
_GONE = bytes((_MARK, _TATWEEL, _UNSEEN))
_SPACE = 0x20
_NEWLINE = 0x0A  # no word either, but where a paragraph ends
_TWO_LETTERS = {"œ": b"\x04", "æ": b"\x05", "ß": b"\x06"}

# The characters that the press uses; all others go through `_code`, one by one. The first 128 are ASCII itself.
_USUAL = (
    "àâäáãåçéèêëíìîïñóòôöõúùûüÿœæßÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕÚÙÛÜŒÆ"
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيٱ\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0640"
    "’‘“”«»…–—،؛؟¿¡\u00a0€°\u200f\u200e\u200c\u200b\u00ad\u2060"
)
ALPHABET = ("".join(map(chr, range(128))) + _USUAL).ljust(256, "\ufffe")
_ENCODING = codecs.charmap_build(ALPHABET)
_CODES = {char: code for code, char in enumerate(ALPHABET) if char != "\ufffe"}

_ACRONYM_DOT = re.compile(rf"\.[{INVISIBLE}]*{INITIAL}")
_PLACES = re.compile(rb"(?:\x02[\x01-\x03]*)?[^ \n\x01-\x03](?:[^ \n]*[^ \n\x02\x03])?")
ENCODED_BORDER = f" {BORDER} ".encode()
_LONGEST_CHUNK = 1_000  # characters without a space that are searched for acronyms
_MOST_TATWEEL = 1_000


def _folded(char: str) -> int:
    """The byte that a character becomes when folded. Raises ValueError for what has none."""
    if char == "\n":
        return _NEWLINE
    if ord(char) in DELETED:
        return _TATWEEL if char == "\u0640" else _UNSEEN if char in INVISIBLE_CHARS else _MARK
    if WORDS.fullmatch(char) is None:
        if unicodedata.category(char).startswith("M"):
            raise ValueError(char)  # a vowel sign that is part of its word
        return _SPACE
    folded = fold_word(char)
    for letter, byte in _TWO_LETTERS.items():
        if folded == fold_word(letter):
            return byte[0]
    if folded not in _CODES:
        raise ValueError(char)
    return _CODES[folded]


_FOLDING = bytes(_folded(char) if char != "\ufffe" else _SPACE for char in ALPHABET)
_IS_WORD = numpy.array([byte not in (_SPACE, _NEWLINE) for byte in range(256)])
_USUAL_OF = {folded: code for code, folded in reversed(list(enumerate(_FOLDING)))}


@lru_cache(maxsize=1 << 12)
def _code(char: str) -> int:
    """The byte of a usual character that folds as this one does."""
    return _USUAL_OF[_folded(char)]


def _encode_unusual(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    try:
        return bytes(map(_code, error.object[error.start : error.end])), error.end
    except ValueError:
        raise error from None


codecs.register_error("monitor.unusual", _encode_unusual)


class Quick:
    """The words of one text; their places when asked."""

    __slots__ = ("_acronyms", "_gone", "_narrow", "_wide", "ascii")

    def __init__(self, wide: bytes, acronyms: frozenset[int]) -> None:
        self._wide = wide
        self._acronyms = acronyms
        narrow = wide.translate(None, _GONE)
        self._gone = len(narrow) < len(wide)
        for letter, byte in _TWO_LETTERS.items():
            if byte in narrow:
                narrow = narrow.replace(byte, fold_word(letter).encode())
        self._narrow = narrow
        self.ascii = narrow.isascii()

    def words(self) -> list[str]:
        return decoded(self._narrow).split()

    def lines(self) -> list[str]:
        """The words with BORDER wherever a line ends."""
        return decoded(self.encoded()).split()

    def encoded(self) -> bytes:
        """`lines` with spaces between, each character a byte: its number in ALPHABET."""
        return self._narrow.replace(b"\n", ENCODED_BORDER)

    def scanned(self) -> Scanned:
        words = self.words()
        starts, ends = self._marked_places() if self._gone else self._places()
        return Scanned(words, starts, ends, {starts.index(start) for start in self._acronyms})

    def _places(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Where each word begins and ends: wherever what is a word and what is none meet."""
        is_word = _IS_WORD[numpy.frombuffer(self._wide, numpy.uint8)]
        borders = (numpy.flatnonzero(is_word[1:] != is_word[:-1]) + 1).tolist()
        if is_word[:1].any():
            borders.insert(0, 0)
        if len(borders) % 2:
            borders.append(len(self._wide))
        return tuple(borders[::2]), tuple(borders[1::2])

    def _marked_places(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The same where some characters are deleted, which belong to a word only within it."""
        spans = list(map(re.Match.span, _PLACES.finditer(self._wide)))
        return tuple(start for start, _ in spans), tuple(end for _, end in spans)


def decoded(folded: bytes) -> str:
    """Bytes that are numbers in ALPHABET -> their characters."""
    return codecs.charmap_decode(folded, "strict", ALPHABET)[0]


def quick(text: str) -> Quick | None:
    """None where the text holds what only `scan` can read."""
    try:
        encoded: bytes = codecs.charmap_encode(text, "monitor.unusual", _ENCODING)[0]
    except UnicodeEncodeError:
        return None
    wide = encoded.translate(_FOLDING)
    if wide.count(_TATWEEL) > _MOST_TATWEEL:
        return None
    if _ACRONYM_DOT.search(text) is None:
        return Quick(wide, frozenset())
    return _with_acronyms(text, wide)


def _with_acronyms(text: str, wide: bytes) -> Quick | None:
    """The dots within acronyms count as marks, so that the letters around them are one word."""
    joined = bytearray(wide)
    acronyms = set()
    done = 0
    for dot in _ACRONYM_DOT.finditer(text):
        if dot.start() < done:
            continue
        start, done = _chunk(text, dot.start())
        if done - start > _LONGEST_CHUNK:
            return None
        for match in WORDS.finditer(text, start, done):
            if match.lastgroup is None:
                continue
            if _glued(text[match.end() : match.end() + 1]):
                return None  # a border without a character of its own
            acronyms.add(match.start())
            for place in range(*match.span()):
                if text[place] == ".":
                    joined[place] = _MARK
    return Quick(bytes(joined), frozenset(acronyms))


def _glued(following: str) -> bool:
    return following != "" and (ord(following) in DELETED or WORDS.fullmatch(following) is not None)


def _chunk(text: str, place: int) -> tuple[int, int]:
    """The run of characters around `place` that holds no space: no word reaches over its ends. Of one that is too long,
    a part that is too long."""
    before = text[max(place - _LONGEST_CHUNK, 0) : place].rsplit(None, 1)
    behind = text[place : place + _LONGEST_CHUNK + 1].split(None, 1)
    joined = place > 0 and not text[place - 1].isspace()
    return place - (len(before[-1]) if joined else 0), place + len(behind[0])
