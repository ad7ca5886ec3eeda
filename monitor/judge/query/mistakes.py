"""What an analyst reads when a query cannot go on at a symbol: what is wrong, and what to write instead."""

from __future__ import annotations

import difflib

from monitor.errors import QueryError
from monitor.judge.query.names import NUMBERED, PREFIXES, UNITS, WORD_OPERATORS
from monitor.judge.query.scan import Symbol


def unexpected(symbol: Symbol, before: Symbol | None) -> QueryError:
    """The error for a symbol that cannot stand behind `before` (None: at the beginning)."""
    if symbol.kind == "end":
        return QueryError("the query ends where a word, phrase or ( should follow", symbol.column)
    if before is None:
        return QueryError(f"{symbol.text} needs something before it", symbol.column)
    if symbol.kind == "mark" and symbol.text in "),:":
        return _stray_mark(symbol, before)
    if symbol.kind == "number_op":
        operator = symbol.text
        return QueryError(
            f"{operator} stands before its arguments: write {operator}(a, b); or is AND missing?",
            symbol.column,
        )
    return _side_by_side(symbol, before)


def _stray_mark(mark: Symbol, before: Symbol) -> QueryError:
    match mark.text:
        case ")":
            return QueryError("this ) closes nothing: take it out, or open a ( before", mark.column)
        case ",":
            return QueryError(
                "a comma stands only between the arguments of NEAR, SENTENCE, OF ...: write | for or, "
                'or quote the text: "Doha, Qatar"',
                mark.column,
            )
    near = difflib.get_close_matches(before.text.lower(), PREFIXES, 1)
    hint = f"did you mean {near[0]}:? " if near else f"known: {', '.join(f'{p}:' for p in PREFIXES)}. "
    return QueryError(
        f"{before.text}: is no field or prefix. {hint}To look for the text itself, quote it", before.column
    )


def _side_by_side(symbol: Symbol, before: Symbol) -> QueryError:
    if symbol.text.upper() in WORD_OPERATORS and symbol.text not in WORD_OPERATORS:
        wanted = symbol.text.upper()
        return QueryError(
            f"operators are written in capitals: write {wanted}, or quote the phrase", symbol.column
        )
    name, slash, _ = symbol.text.partition("/")
    if name in (*NUMBERED, *UNITS) and (slash or name in UNITS):
        return QueryError(
            f"{symbol.text} stands before its arguments: write {symbol.text}(a, b)", symbol.column
        )
    if before.kind == symbol.kind == "word":
        return QueryError(
            f'{before.text} and {symbol.text} stand side by side: phrase or AND? Write "{before.text} {symbol.text}" '
            f"or {before.text} AND {symbol.text}",
            symbol.column,
        )
    return QueryError(f"an operator is missing before {symbol.text}: write AND, OR or |", symbol.column)


def refuse_operator(symbol: Symbol, after: Symbol) -> None:
    """Raises QueryError where a word is an operator written wrongly, rather than something to look for."""
    name, slash, number = symbol.text.partition("/")
    if symbol.text in WORD_OPERATORS:
        raise QueryError(f"{symbol.text} needs something before and behind it", symbol.column)
    if name.upper() in NUMBERED and (slash or name in NUMBERED):
        raise QueryError(
            f"{symbol.text}: write {name.upper()}/{number if number.isdigit() else 5}(...), in capitals, with "
            "a number and its arguments in brackets",
            symbol.column,
        )
    if after.kind == "mark" and after.text == "(":
        if symbol.text.upper() in UNITS:
            raise QueryError(f"operators are written in capitals: {symbol.text.upper()}(a, b)", symbol.column)
        if after.glued:
            raise QueryError(f"{symbol.text}( is no operator", symbol.column)
