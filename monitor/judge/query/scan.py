"""Characters -> symbols, each with its column. Called by `parser` only; knows no grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.errors import QueryError

_SYMBOL = re.compile(
    r"""(?P<space>\s+)
      | (?P<phrase>"(?:[^"\\]|\\.)*")
      | (?P<regex>/(?:[^/\\\n]|\\.)*/)
      | (?P<number_op>(?:NEAR|ONEAR|NOTNEAR|ATLEAST|FIRST|SCORE)/\d+(?=\s*\())
      | (?P<mark>[()|,:])
      | (?P<word>[^\s()"|,:]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_WEIGHT = re.compile(r"[+-]\d+")
_CURLY = "“”„«»＂"


@dataclass(frozen=True, slots=True)
class Symbol:
    kind: str  # word, phrase, regex, number_op, mark, end
    text: str  # of a phrase and a regex: without its quotes or slashes
    column: int
    glued: bool = False  # no space between this and the symbol before


def scan(text: str) -> list[Symbol]:
    """The symbols of a query, ending with one of kind `end`. Raises QueryError at the column of what cannot be read."""
    symbols: list[Symbol] = []
    place = 0
    glued = False
    while place < len(text):
        found = _SYMBOL.match(text, place)
        if found is None:  # only a quote without its pair is left over
            raise QueryError('the quote " is never closed: write "several words"', place + 1)
        kind = found.lastgroup or ""
        if kind != "space":
            if kind == "word" and not (symbols and symbols[-1].text == ":" and _WEIGHT.fullmatch(found[0])):
                _refuse_lookalikes(found[0], place + 1)
            symbols.append(_symbol(kind, found[0], place + 1, glued))
        glued = kind != "space"
        place = found.end()
    symbols.append(Symbol("end", "", len(text) + 1))
    return symbols


def _symbol(kind: str, written: str, column: int, glued: bool) -> Symbol:
    if kind == "phrase":
        return Symbol(kind, re.sub(r"\\(.)", r"\1", written[1:-1], flags=re.DOTALL), column, glued)
    if kind == "regex":
        pattern = re.sub(
            r"\\.", lambda found: "/" if found[0] == "\\/" else found[0], written[1:-1], flags=re.DOTALL
        )
        return Symbol(kind, pattern, column, glued)
    return Symbol(kind, written, column, glued)


def _refuse_lookalikes(word: str, column: int) -> None:
    for index, char in enumerate(word):
        if char in _CURLY:
            raise QueryError(
                f'{char} is no quote here: write straight quotes, "several words"', column + index
            )
    if word.startswith("/"):
        raise QueryError("the regular expression is never closed: write /pattern/", column)
    if word[0] in "-+" and len(word) > 1:
        wanted = f"AND NOT {word[1:]}" if word[0] == "-" else f"AND {word[1:]}"
        raise QueryError(f"{word[0]} before a word is not an operator here: write {wanted}", column)
    if word in ("&&", "&", "||", "!"):
        meant = {"&&": "AND", "&": "AND", "||": "OR", "!": "NOT"}[word]
        raise QueryError(f"{word} is not an operator here: write {meant}", column)
