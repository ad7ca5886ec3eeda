"""What any channel can show: foreign text made harmless and cut where a reader would cut it. Pure.

Called by deliver and review. Characters that steer a terminal, a header or the direction of neighbouring text
are taken out; everything else arrives as it was written.
"""

from __future__ import annotations

import regex  # type: ignore[import-untyped]

ELLIPSIS = "…"
NAME = 120  # characters shown of a name: a watchlist, an outlet, a recipient, a wording

# C0 and C1 controls, bidirectional overrides, embeddings and isolates, the byte order mark, what XML refuses. Marks (U+200E, U+200F)
# and joiners stay: Arabic, Persian and emoji need them, and they reach no further than their neighbours.
_STEERING = regex.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SPACES = regex.compile(r"\s+")
_GRAPHEME = regex.compile(r"\X")
_LONGEST_GRAPHEME = 64  # characters; beyond that it is an attack on the layout, cut anywhere
_FROM_THE_START = (
    2_000  # characters that are cheap to walk; only there can pairs of flag letters be told for sure
)


def clean(text: str) -> str:
    """One line without steering characters; runs of white space become one space. Edges keep theirs."""
    spaced = _SPACES.sub(" ", sound(text))
    return str(_STEERING.sub("", spaced))


def sound(text: str) -> str:
    """The same text, with lone surrogates (which no encoding can carry) replaced one for one."""
    return text.encode("utf-8", "replace").decode("utf-8")


def one_line(text: str, limit: int) -> str:
    return cut(clean(text).strip(), limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ending with an ellipsis and never inside a grapheme (an emoji, a letter with its marks)."""
    if len(text) <= limit:
        return text
    return text[: grapheme_border(text, limit - 1)].rstrip() + ELLIPSIS


def grapheme_border(text: str, at: int) -> int:
    """The last border of graphemes at or before `at`; `at` itself where a single one is absurdly long."""
    start = 0 if at <= _FROM_THE_START else at - 2 * _LONGEST_GRAPHEME
    borders = [m.end() for m in _GRAPHEME.finditer(text, start, at + _LONGEST_GRAPHEME) if m.end() <= at]
    return borders[-1] if borders else at


def split(text: str, limit: int, pieces: int) -> list[str]:
    """Cut into at most `pieces` parts of at most `limit` characters, at paragraphs, lines or words where possible."""
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > limit and len(parts) < pieces - 1:
        border = _border(rest, limit)
        parts.append(rest[:border].rstrip())
        rest = rest[border:].lstrip()
    return [part for part in (*parts, cut(rest, limit)) if part]


def _border(text: str, limit: int) -> int:
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, limit // 2, limit)
        if at > 0:
            return at
    return grapheme_border(text, limit)
