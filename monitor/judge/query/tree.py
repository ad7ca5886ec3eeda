"""The expression that a query's text means. Immutable; equal when the meaning as written is equal (columns aside).

Made by `parser`, printed by `printer`, compiled by `judge.plan`. Spans are runs of words in one field; the operators
that count distance or number take only expressions that have spans (`has_spans`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

FIELDS = ("title", "lead", "body", "url", "author")
SOURCE_FACTS = ("source", "country", "lang", "tag")
LEAD_WORDS = 60


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase. In `text`, * at a word's end and ? in it are wildcards; * alone is any one word."""

    text: str
    mode: str = ""  # "", "exact" or "case"


@dataclass(frozen=True, slots=True)
class Stem:
    """A word or phrase in any inflection."""

    text: str


@dataclass(frozen=True, slots=True)
class Regex:
    pattern: str  # RE2, on the text as written


@dataclass(frozen=True, slots=True)
class EntityName:
    """Any accepted name of the entity."""

    id: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """Another watchlist's expression."""

    id: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the article's source states: kind is one of SOURCE_FACTS."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class InField:
    field: str
    item: Expr


@dataclass(frozen=True, slots=True)
class First:
    """In the title or the first `words` words of the body."""

    words: int
    item: Expr


@dataclass(frozen=True, slots=True)
class And:
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not:
    item: Expr


@dataclass(frozen=True, slots=True)
class Near:
    """One span of each item, none overlapping, neighbours at most `words` words apart."""

    words: int
    items: tuple[Expr, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class NotNear:
    """Spans of `item` with no span of `other` overlapping or within `words` words."""

    words: int
    item: Expr
    other: Expr


@dataclass(frozen=True, slots=True)
class Together:
    """A span of each item in one `unit`: sentence or paragraph."""

    unit: str
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    count: int
    item: Expr


@dataclass(frozen=True, slots=True)
class Quorum:
    count: int
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The weights of the items that hold add up to `threshold` or more."""

    threshold: int
    items: tuple[tuple[Expr, int], ...]


Expr = (
    Term
    | Stem
    | Regex
    | EntityName
    | Reference
    | Fact
    | InField
    | First
    | And
    | Or
    | Not
    | Near
    | NotNear
    | Together
    | AtLeast
    | Quorum
    | Score
)


def children(expr: Expr) -> tuple[Expr, ...]:
    match expr:
        case And(items) | Or(items) | Near(_, items) | Together(_, items) | Quorum(_, items):
            return items
        case Score(_, weighed):
            return tuple(item for item, _ in weighed)
        case InField(_, item) | First(_, item) | Not(item) | AtLeast(_, item):
            return (item,)
        case NotNear(_, item, other):
            return (item, other)
        case _:
            return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all its parts, each before its own parts."""
    waiting = [expr]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += reversed(children(part))


def has_spans(expr: Expr) -> bool:
    """Whether the expression stands for runs of words, so that distance and number mean something."""
    match expr:
        case Term() | Stem() | Regex() | EntityName() | Reference() | Near():
            return True
        case Or(items):
            return all(has_spans(item) for item in items)
        case InField(_, item) | First(_, item) | NotNear(_, item, _):
            return has_spans(item)
        case _:
            return False


def holds_on_nothing(expr: Expr) -> bool:
    """Whether an article in which nothing at all is found would match: then the query has no positive anchor."""
    match expr:
        case Not(item):
            return not holds_on_nothing(item)
        case And(items):
            return all(holds_on_nothing(item) for item in items)
        case Or(items):
            return any(holds_on_nothing(item) for item in items)
        case InField(_, item) | First(_, item):
            return holds_on_nothing(item)
        case Quorum(count, items):
            return sum(holds_on_nothing(item) for item in items) >= count
        case Score(threshold, weighed):
            return sum(weight for item, weight in weighed if holds_on_nothing(item)) >= threshold
        case _:
            return False
