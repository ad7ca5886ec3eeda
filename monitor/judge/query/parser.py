"""A query's text -> its expression. Recursive descent over the table of the query language, NOT > AND > OR.

Called by the door (`parse`, `parse_item`). Every refusal is a QueryError at a column that says what to write.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.errors import QueryError
from monitor.judge.query import mistakes
from monitor.judge.query.names import PREFIXES, UNITS, WORD_OPERATORS
from monitor.judge.query.scan import Symbol, scan
from monitor.judge.query.tree import (
    FIELDS,
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
    has_spans,
    holds_on_nothing,
)
from monitor.judge.query.words import check_regex, check_term

MAX_LENGTH = 200_000  # characters
MAX_DEPTH = 40  # brackets, operators and fields in one another
MAX_DISTANCE = 500  # words
MAX_NEAR = 8  # arguments
MAX_COUNT = 1_000


class Parser:
    """Reads one query. `loose`: several bare words side by side are a phrase (a list item), not a mistake."""

    def __init__(self, text: str, *, loose: bool) -> None:
        if len(text) > MAX_LENGTH:
            raise QueryError(f"the query has {len(text)} characters; {MAX_LENGTH} at most: split it", 1)
        self.symbols = scan(text)
        self.place = 0
        self.depth = 0
        self.loose = loose

    def parse(self) -> Expr:
        if self.next.kind == "end":
            raise QueryError("the query is empty: write what to look for", 1)
        expr = self.either()
        if self.next.kind != "end":
            raise self.unexpected()
        if holds_on_nothing(expr):
            raise QueryError(
                "only NOT: this would match every article in which nothing is found; "
                "say what to look for, then AND NOT",
                1,
            )
        return expr

    # --- symbols

    @property
    def next(self) -> Symbol:
        return self.symbols[self.place]

    def peek(self, ahead: int = 1) -> Symbol:
        return self.symbols[min(self.place + ahead, len(self.symbols) - 1)]

    def take(self) -> Symbol:
        symbol = self.symbols[self.place]
        if symbol.kind != "end":
            self.place += 1
        return symbol

    def accept(self, kind: str, *texts: str) -> bool:
        if self.next.kind == kind and self.next.text in texts:
            self.place += 1
            return True
        return False

    def expect(self, mark: str, why: str) -> None:
        if not self.accept("mark", mark):
            found = self.next.text or "the end"
            raise QueryError(f"{why}: expected {mark} but found {found}", self.next.column)

    def unexpected(self) -> QueryError:
        before = self.symbols[self.place - 1] if self.place else None
        return mistakes.unexpected(self.next, before)

    # --- NOT > AND > OR

    def either(self) -> Expr:
        items = [self.both()]
        while self.accept("word", "OR") or self.accept("mark", "|"):
            items.append(self.both())
        return items[0] if len(items) == 1 else Or(_flat(Or, items))

    def both(self) -> Expr:
        items = [self.negation()]
        while self.accept("word", "AND"):
            items.append(self.negation())
        return items[0] if len(items) == 1 else And(_flat(And, items))

    def negation(self) -> Expr:
        symbol = self.next
        if self.accept("word", "NOT"):
            return Not(self.deeper(self.negation, symbol))
        return self.primary()

    def deeper(self, rule: Callable[[], Expr], symbol: Symbol) -> Expr:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError(
                f"more than {MAX_DEPTH} levels in one another: split the query into watchlists and refer to them "
                "by @name",
                symbol.column,
            )
        expr = rule()
        self.depth -= 1
        return expr

    def primary(self) -> Expr:
        symbol = self.next
        match symbol.kind:
            case "mark" if symbol.text == "(":
                self.take()
                expr = self.deeper(self.either, symbol)
                self.expect(")", f"the ( at column {symbol.column} is never closed")
                return expr
            case "phrase":
                self.take()
                check_term(symbol.text, symbol.column)
                return Term(symbol.text)
            case "regex":
                self.take()
                check_regex(symbol.text, symbol.column)
                return Regex(symbol.text)
            case "number_op":
                return self.numbered()
            case "word":
                return self.word()
        raise self.unexpected()

    # --- words and what stands before a colon

    def word(self) -> Expr:
        symbol = self.next
        after = self.peek()
        if symbol.text in UNITS and after.text == "(" and after.kind == "mark":
            self.take()
            items = self.arguments(symbol, self.spans, least=2)
            return Together(UNITS[symbol.text], items)
        if symbol.text.isascii() and symbol.text.isdigit() and after.kind == "word" and after.text == "OF":
            return self.quorum()
        if after.kind == "mark" and after.text == ":" and after.glued and symbol.text in PREFIXES:
            return self.prefixed()
        if symbol.text.startswith("@"):
            self.take()
            return Reference(_identifier(symbol, symbol.text[1:]), symbol.column)
        mistakes.refuse_operator(symbol, after)
        return self.bare()

    def bare(self) -> Term:
        """One bare word; in a list item, all the bare words that follow too."""
        first = self.take()
        words = [first.text]
        while self.loose and self.next.kind == "word" and not self.begins_something(self.next):
            words.append(self.take().text)
        text = " ".join(words)
        check_term(text, first.column)
        return Term(text)

    def begins_something(self, symbol: Symbol) -> bool:
        after = self.peek()
        return symbol.text in WORD_OPERATORS or (after.kind == "mark" and after.text in ":(")

    def prefixed(self) -> Expr:
        prefix = self.take()
        self.take()  # the colon
        symbol = self.next
        if symbol.kind == "end" or (symbol.kind == "mark" and symbol.text != "("):
            raise QueryError(f"{prefix.text}: needs something behind it", symbol.column)
        if prefix.text in FIELDS:
            return InField(prefix.text, self.deeper(self.primary, prefix))
        if prefix.text in ("case", "exact", "stem"):
            return self.as_written(prefix)
        self.take()
        if symbol.kind not in ("word", "phrase"):
            raise QueryError(f"{prefix.text}: takes one name", symbol.column)
        if prefix.text == "entity":
            return EntityName(_identifier(symbol, symbol.text), prefix.column)
        if prefix.text == "watchlist":
            return Reference(_identifier(symbol, symbol.text), prefix.column)
        return Fact(prefix.text, symbol.text)

    def as_written(self, prefix: Symbol) -> Term | Stem:
        symbol = self.take()
        if symbol.kind not in ("word", "phrase"):
            raise QueryError(f'{prefix.text}: takes one word or "phrase"', symbol.column)
        check_term(symbol.text, symbol.column)
        if "*" in symbol.text or "?" in symbol.text:
            raise QueryError(f"{prefix.text}: takes no wildcards", symbol.column)
        return Stem(symbol.text) if prefix.text == "stem" else Term(symbol.text, prefix.text)

    # --- operators with arguments

    def quorum(self) -> Expr:
        number = self.take()
        of = self.take()
        if not (self.next.kind == "mark" and self.next.text == "("):
            raise QueryError(f"write {number.text} OF (a, b, c)", of.column)
        items = self.arguments(of, self.either, least=1)
        count = int(number.text)
        if not 1 <= count <= len(items):
            raise QueryError(
                f"{count} OF {len(items)}: a number from 1 to {len(items)} is needed", number.column
            )
        return Quorum(count, items)

    def numbered(self) -> Expr:
        symbol = self.take()
        name, _, digits = symbol.text.partition("/")
        if len(digits) > 6:
            raise QueryError(f"{symbol.text}: the number is too large", symbol.column)
        number = int(digits)
        match name:
            case "SCORE":
                return self.score(symbol, number)
            case "FIRST":
                self.bound(symbol, number, 1, MAX_COUNT)
                return First(number, self.arguments(symbol, self.either, least=1, most=1)[0])
            case "ATLEAST":
                self.bound(symbol, number, 1, MAX_COUNT)
                return AtLeast(number, self.arguments(symbol, self.spans, least=1, most=1)[0])
        self.bound(symbol, number, 0, MAX_DISTANCE)
        items = self.arguments(symbol, self.spans, least=2, most=2 if name == "NOTNEAR" else MAX_NEAR)
        if name == "NOTNEAR":
            return NotNear(number, items[0], items[1])
        return Near(number, items, ordered=name == "ONEAR")

    def bound(self, symbol: Symbol, number: int, low: int, high: int) -> None:
        if not low <= number <= high:
            raise QueryError(f"{symbol.text}: a number from {low} to {high} is needed", symbol.column)

    def arguments(
        self, operator: Symbol, rule: Callable[[], Expr], *, least: int, most: int = 10_000
    ) -> tuple[Expr, ...]:
        opening = self.next
        self.expect("(", operator.text)
        items = [self.deeper(rule, opening)]
        while self.accept("mark", ","):
            items.append(self.deeper(rule, opening))
        self.expect(")", f"the ( at column {opening.column} is never closed")
        if not least <= len(items) <= most:
            wanted = (
                f"{least}" if least == most else f"{least} to {most}" if most < 10_000 else f"{least} or more"
            )
            raise QueryError(f"{operator.text} takes {wanted} arguments, not {len(items)}", operator.column)
        return tuple(items)

    def spans(self) -> Expr:
        """An argument whose distance or number counts: words, phrases, names, OR groups of them."""
        symbol = self.next
        expr = self.either()
        if not has_spans(expr):
            raise QueryError(
                "here stand words, phrases, entities and OR groups of them, since their places count: "
                "move AND, NOT and the source's facts outside",
                symbol.column,
            )
        return expr

    def score(self, operator: Symbol, threshold: int) -> Expr:
        opening = self.next
        self.expect("(", operator.text)
        items = [self.weighed(opening)]
        while self.accept("mark", ","):
            items.append(self.weighed(opening))
        self.expect(")", f"the ( at column {opening.column} is never closed")
        if sum(weight for _, weight in items if weight > 0) < threshold:
            raise QueryError(
                f"{operator.text} can never be reached: the weights add up to less", operator.column
            )
        return Score(threshold, tuple(items))

    def weighed(self, opening: Symbol) -> tuple[Expr, int]:
        expr = self.deeper(self.either, opening)
        if not self.accept("mark", ":"):
            raise QueryError("each argument of SCORE has a weight: write a:5", self.next.column)
        symbol = self.take()
        digits = symbol.text.removeprefix("-").removeprefix("+")
        if symbol.kind != "word" or not digits.isascii() or not digits.isdigit() or len(digits) > 6:
            raise QueryError("a weight is a whole number such as 5 or -8", symbol.column)
        return expr, int(symbol.text)


def _identifier(symbol: Symbol, name: str) -> str:
    if not name:
        raise QueryError(f"{symbol.text} needs a name behind it", symbol.column)
    return name


def _flat(kind: type[And] | type[Or], items: list[Expr]) -> tuple[Expr, ...]:
    """a OR (b OR c) is a OR b OR c."""
    flat: list[Expr] = []
    for item in items:
        flat += item.items if isinstance(item, And | Or) and isinstance(item, kind) else (item,)
    return tuple(flat)
