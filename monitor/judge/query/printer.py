"""An expression -> its canonical text: one spelling each, brackets only where they change the meaning.

`parse(to_text(expr)) == expr` for every expression that `parse` can make. Called by the door and by explanations.
"""

from __future__ import annotations

import re

from monitor.judge.query.names import RESERVED
from monitor.judge.query.tree import (
    And,
    AtLeast,
    EntityName,
    Expr,
    Fact,
    First,
    InField,
    Near,
    Not,
    NotNear,
    Or,
    Quorum,
    Reference,
    Regex,
    Score,
    Stem,
    Term,
    Together,
)

_BARE = re.compile(r"[^\W\d_][^\s()\"|,:/@]*")
_NAME = re.compile(r"[\w.][\w.\-]*")
_OR, _AND, _NOT, _ONE = range(4)  # how tightly the printed form binds


def to_text(expr: Expr) -> str:
    return _written(expr, _OR)


def _written(expr: Expr, around: int) -> str:
    text, binds = _form(expr)
    return f"({text})" if binds < around else text


def _form(expr: Expr) -> tuple[str, int]:
    match expr:
        case Or(items):
            return " | ".join(_written(item, _AND) for item in items), _OR
        case And(items):
            return " AND ".join(_written(item, _NOT) for item in items), _AND
        case Not(item):
            return f"NOT {_written(item, _NOT)}", _NOT
        case InField(name, item):
            return f"{name}:{_written(item, _ONE)}", _ONE
        case Term() | Stem() | Regex() | EntityName() | Reference() | Fact():
            return _leaf(expr), _ONE
        case _:
            return _call(expr), _ONE


def _leaf(expr: Term | Stem | Regex | EntityName | Reference | Fact) -> str:
    match expr:
        case Term(text, mode):
            return f"{mode}:{_quoted(text, _BARE)}" if mode else _quoted(text, _BARE)
        case Stem(text):
            return f"stem:{_quoted(text, _BARE)}"
        case Regex(pattern):
            inner = re.sub(
                r"\\.|/", lambda found: "\\/" if found[0] == "/" else found[0], pattern, flags=re.DOTALL
            )
            return f"/{inner}/"
        case EntityName(id):
            return f"entity:{_quoted(id, _NAME)}"
        case Reference(id):
            return f"@{id}" if _NAME.fullmatch(id) else f"watchlist:{_quoted(id, _NAME)}"
        case Fact(kind, value):
            return f"{kind}:{_quoted(value, _NAME)}"


def _call(expr: Expr) -> str:
    match expr:
        case Near(words, items, ordered):
            return f"{'ONEAR' if ordered else 'NEAR'}/{words}({_listed(items)})"
        case NotNear(words, item, other):
            return f"NOTNEAR/{words}({_listed((item, other))})"
        case Together(unit, items):
            return f"{unit.upper()}({_listed(items)})"
        case AtLeast(count, item):
            return f"ATLEAST/{count}({to_text(item)})"
        case First(words, item):
            return f"FIRST/{words}({to_text(item)})"
        case Quorum(count, items):
            return f"{count} OF ({_listed(items)})"
        case Score(threshold, weighed):
            inner = ", ".join(f"{_written(item, _NOT)}:{weight}" for item, weight in weighed)
            return f"SCORE/{threshold}({inner})"
    raise AssertionError(expr)


def _listed(items: tuple[Expr, ...]) -> str:
    return ", ".join(to_text(item) for item in items)


def _quoted(text: str, bare: re.Pattern[str]) -> str:
    plain = bare.fullmatch(text) and text.upper() not in RESERVED and not set(text) & set("“”„«»＂\\")
    if plain:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
