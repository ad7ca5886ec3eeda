"""Watchlists, entities, recipients and routes, compiled: what `judge` needs to know, swapped whole on reload.

Called by the pipeline at start and reload, and by the commands. Raises QueryError for what only shows when all is
seen together: unknown entities and watchlists, references in a circle.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from monitor.errors import QueryError
from monitor.judge.index import Index
from monitor.judge.lexicon import drain
from monitor.judge.operators import logic, names, proximity, stem, terms
from monitor.judge.operators.base import Operator
from monitor.judge.query import parse, parse_item, to_text
from monitor.judge.query.tree import (
    LEAD_WORDS,
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
    children,
    has_spans,
    holds_on_nothing,
)
from monitor.judge.reading import LEAD_FIELDS, Scope
from monitor.model import Entity, Recipient, Route, Source, Watchlist, Where

MAX_LEVELS = 150  # of operators in one another once references are followed
SHOWN_TEXT = 60  # characters of an expression in a sentence about it


@dataclass(frozen=True, slots=True)
class CompiledWatchlist:
    watchlist: Watchlist
    expression: Operator
    conditional: bool = True  # whether its `where` asks anything


@dataclass(frozen=True, slots=True)
class Rules:
    """Immutable. Watchlists in the order of the configuration."""

    watchlists: tuple[CompiledWatchlist, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    index: Index = field(default_factory=lambda: Index(()))  # numbers the watchlists
    ids: tuple[str, ...] = ()  # of the watchlists
    conditional: Set[int] = frozenset()  # numbers of the watchlists whose `where` asks anything
    entity_names: Mapping[str, frozenset[str]] = field(default_factory=dict)  # as hits quote them


def compile_rules(
    watchlists: Iterable[Watchlist],
    entities: Iterable[Entity],
    sources: Iterable[Source],
    recipients: Iterable[Recipient],
    routes: Sequence[Route] = (),
) -> Rules:
    """Raises QueryError; its message names the watchlist, its column counts in the item or query quoted there."""
    watchlists, entities = tuple(watchlists), tuple(entities)
    compiler = _Compiler({w.id: w for w in watchlists}, {e.id: e for e in entities})
    compiled = tuple(CompiledWatchlist(w, compiler.watchlist(w.id), w.where != Where()) for w in watchlists)
    index = Index(one.expression for one in compiled)
    compiler.dismantle()
    return Rules(
        compiled,
        {source.id: source for source in sources},
        {recipient.id: recipient for recipient in recipients},
        tuple(routes),
        index,
        tuple(watchlist.id for watchlist in watchlists),
        frozenset(number for number, one in enumerate(compiled) if one.conditional),
        {entity.id: frozenset((entity.name, *entity.names)) for entity in entities},
    )


def dismantle(rules: Rules) -> None:
    """Frees rules that nobody uses any more, a little at a time: all at once would stop every thread for a second."""
    rest = list(rules.watchlists)
    object.__setattr__(rules, "watchlists", ())
    while rest:
        del rest[-100:]
    rules.index.dismantle()


def expression_of(watchlist: Watchlist) -> Expr:
    """any, all, none and query as one expression. Raises QueryError where a part cannot be read, or all are missing."""
    parts: list[Expr] = []
    if watchlist.any:
        items = tuple(_read(watchlist, item) for item in watchlist.any)
        parts.append(items[0] if len(items) == 1 else Or(items))
    parts += [_read(watchlist, item) for item in watchlist.all]
    if watchlist.query is not None:
        parts.append(_read(watchlist, watchlist.query, query=True))
    parts += [Not(_read(watchlist, item)) for item in watchlist.none]
    if not parts:
        raise QueryError(f"watchlist {watchlist.id} looks for nothing: give it any, all or query")
    whole = parts[0] if len(parts) == 1 else And(tuple(parts))
    if holds_on_nothing(whole):
        raise QueryError(f"watchlist {watchlist.id} has only none: say in any, all or query what to look for")
    return whole


def shortened(expr: Expr) -> str:
    """The expression's text, cut where it grows long."""
    text = to_text(expr)
    if len(text) <= SHOWN_TEXT:
        return text
    return text[:SHOWN_TEXT].rpartition(" | " if isinstance(expr, Or) else " ")[0] + " ..."


def _read(watchlist: Watchlist, text: str, *, query: bool = False) -> Expr:
    try:
        return parse(text) if query else parse_item(text)
    except QueryError as error:
        raise QueryError(
            f"watchlist {watchlist.id}: {text!r}, column {error.column}: {error}", error.column
        ) from None


class _Compiler:
    """One compilation: each entity and watchlist is built once and shared."""

    def __init__(self, watchlists: Mapping[str, Watchlist], entities: Mapping[str, Entity]) -> None:
        self.watchlists = watchlists
        self.entities = entities
        self.names: dict[str, names.AnyName] = {}
        self.done: dict[str, Operator] = {}
        self.expressions: dict[str, Expr] = {}
        self.phrases: dict[Term, terms.Phrase] = {}
        self.open: list[str] = []  # watchlists being compiled, outermost first
        self.level = 0

    def dismantle(self) -> None:
        """Frees what only compiling needed, a little at a time."""
        for memory in (self.expressions, self.phrases, self.done):
            drain(memory)

    def watchlist(self, id: str) -> Operator:
        if id not in self.done:
            if id in self.open:
                circle = " -> ".join((*self.open[self.open.index(id) :], id))
                raise QueryError(f"watchlists refer to one another in a circle: {circle}")
            self.open.append(id)
            self.expressions[id] = expression_of(self.watchlists[id])
            self.done[id] = self.operator(self.expressions[id])
            self.open.pop()
        return self.done[id]

    def operator(self, expr: Expr) -> Operator:
        self.level += 1
        self.bounded(self.level)
        built = self.leaf(expr) if not children(expr) else self.branch(expr)
        built.text = built.text or shortened(expr)
        built.height = 1 + max((child.height for child in built.children), default=0)
        self.bounded(built.height)
        self.level -= 1
        return built

    def bounded(self, levels: int) -> None:
        """Refuses what would overflow the stack, while compiling or later while matching."""
        if levels > MAX_LEVELS:
            raise QueryError(
                f"watchlist {self.open[0]}: more than {MAX_LEVELS} levels once references are followed"
            )

    def leaf(self, expr: Expr) -> Operator:
        match expr:
            case Term(text, mode):
                if expr not in self.phrases:
                    self.phrases[expr] = terms.Phrase(text, mode, f"{mode}:{text}" if mode else text)
                return self.phrases[expr]
            case Stem(text):
                return stem.Inflected(text)
            case Regex(pattern):
                return terms.Expression(pattern)
            case EntityName(id, column):
                return self.entity(id, column)
            case Reference(id, column):
                self.known("watchlist", id, self.watchlists, column)
                return self.watchlist(id)
            case Fact(kind, value):
                return logic.SourceFact(kind, value)
        raise AssertionError(expr)

    def entity(self, id: str, column: int) -> Operator:
        self.known("entity", id, self.entities, column)
        if id not in self.names:
            self.names[id] = names.AnyName(self.entities[id])
        return self.names[id]

    def known(self, kind: str, id: str, among: Mapping[str, object], column: int) -> None:
        if id not in among:
            near = difflib.get_close_matches(id, among, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise QueryError(f"watchlist {self.open[-1]}: unknown {kind} {id}{hint}", column)

    def branch(self, expr: Expr) -> Operator:
        match expr:
            case And(items):
                return logic.All(map(self.operator, items))
            case Or(items):
                return logic.Either(map(self.operator, items))
            case Not(item):
                return logic.Without(self.operator(item))
            case InField(name, item):
                scope = Scope(LEAD_FIELDS, LEAD_WORDS) if name == "lead" else Scope((name,))
                return logic.Within(name, scope, self.operator(item))
            case First(words, item):
                return logic.Within(f"FIRST/{words}", Scope(LEAD_FIELDS, words), self.operator(item))
            case Quorum(count, items):
                return logic.Quorum(count, map(self.operator, items))
            case Score(threshold, weighed):
                return logic.Weighed(threshold, [(self.operator(item), weight) for item, weight in weighed])
        return self.distance(expr)

    def distance(self, expr: Expr) -> Operator:
        for item in children(expr):
            self.placed(item)
        match expr:
            case Near(words, items, ordered):
                return proximity.Near(words, map(self.operator, items), ordered)
            case NotNear(words, item, other):
                return proximity.NotNear(words, self.operator(item), self.operator(other))
            case Together(unit, items):
                return proximity.Together(unit, map(self.operator, items))
            case AtLeast(count, item):
                return proximity.AtLeast(count, self.operator(item))
        raise AssertionError(expr)

    def placed(self, expr: Expr) -> None:
        """Refuses a reference to a watchlist whose finds have no places, where distance or number counts."""
        if isinstance(expr, Reference):
            self.operator(expr)
            if not has_spans(self.expressions[expr.id]):
                raise QueryError(
                    f"watchlist {self.open[-1]}: @{expr.id} holds AND, NOT or the like, so it has no place: "
                    "use it outside NEAR, SENTENCE, ATLEAST",
                    expr.column,
                )
            self.placed(self.expressions[expr.id])
        else:
            for item in children(expr):
                self.placed(item)
