"""What a word or phrase of a query looks for, word by word, and what is refused in it. Called by `parser` and `judge`."""

from __future__ import annotations

import re
from functools import lru_cache

import re2

from monitor.errors import QueryError
from monitor.text import tokenise

MIN_PREFIX = 3  # letters before *


@lru_cache(maxsize=1 << 14)
def pattern_words(text: str) -> tuple[str, ...]:
    """The folded words of a term; * and ? stay in them as wildcards, and * alone is any word.

    A ? or * that touches no letter is punctuation, except * as a word of its own.
    """
    return tuple(word for word in tokenise(text, wildcards=True).words if word.strip("?"))


def check_term(text: str, column: int) -> None:
    """Raises QueryError where nothing can be looked for, or too much would be found."""
    words = pattern_words(text)
    if not any(word.strip("*?") for word in words):
        raise QueryError(f"nothing to look for in {text!r}: it holds no letter or digit", column)
    if words[0] == "*" or words[-1] == "*":
        raise QueryError("* as a word of its own stands between two words of a phrase: leave it out", column)
    for word in words:
        if word != "*":
            _check_wildcards(word, column)


def _check_wildcards(word: str, column: int) -> None:
    stem = word.removesuffix("*")
    letters = stem.replace("?", "")
    if "*" in stem:
        raise QueryError(f"{word}: * stands only at the end of a word (terroris*)", column)
    if word.endswith("*") and len(letters) < MIN_PREFIX:
        raise QueryError(f"{word}: {MIN_PREFIX} letters at least must stand before *", column)
    if "?" in stem and (len(letters) < 2 or stem.startswith("?")):
        raise QueryError(f"{word}: a word with ? begins with a letter and has 2 letters at least", column)


_LOOKAROUND = re.compile(r"(?<!\\)\(\?(?:=|!|<=|<!)")
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]|\(\?P=")


def check_regex(pattern: str, column: int) -> None:
    """Raises QueryError for what RE2 refuses, with the reason, and for what would match every article."""
    if not pattern.strip():
        raise QueryError("the regular expression is empty", column)
    compiled = _compiled(pattern, column)
    if compiled.search("") is not None:
        raise QueryError(
            f"/{pattern}/ matches the empty text, so every article: make a part of it needed", column
        )


def _compiled(pattern: str, column: int) -> re2._Regexp:
    try:
        return compile_regex(pattern)
    except re2.error as error:
        if _LOOKAROUND.search(pattern):
            reason = "lookahead and lookbehind are refused: they cannot be matched in linear time"
        elif _BACK_REFERENCE.search(pattern):
            reason = "back references are refused: they cannot be matched in linear time"
        else:
            cause = error.args[0] if error.args else error
            reason = cause.decode(errors="replace") if isinstance(cause, bytes) else str(cause)
        raise QueryError(f"/{pattern}/ cannot be used: {reason}", column) from None


@lru_cache(maxsize=1 << 10)
def compile_regex(pattern: str) -> re2._Regexp:
    """Raises re2.error. Cached, since the same rules are compiled again at each reload."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)
