"""Which way a text is written. Pure; called by deliver and review where a layout cannot leave it to the reader's program."""

from __future__ import annotations

import unicodedata

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "ckb", "dv", "yi"})


def right_to_left(text: str, language: str | None = None) -> bool:
    """By its language (ISO 639-1), and where that is unknown by the first letter that has a direction."""
    if language:
        return language in _RIGHT_TO_LEFT
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((direction for direction in directions if direction in ("L", "R", "AL")), "L") != "L"


def isolated(name: str, among_right_to_left: bool) -> str:
    """A name for a list in one line. One of the other direction than its neighbours stands between two marks of theirs, else
    it would change places with them and their commas."""
    if right_to_left(name) is among_right_to_left:
        return name
    mark = "\N{RIGHT-TO-LEFT MARK}" if among_right_to_left else "\N{LEFT-TO-RIGHT MARK}"
    return f"{mark}{name}{mark}"
