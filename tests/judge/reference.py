"""The query language once more, slow and obvious: every selection is tried. Shares only the tokeniser with the judge.

`evaluate(expr, article, country)` -> (held, {(field, start, end)}).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise, product

from monitor.judge.query.tree import (
    And,
    AtLeast,
    Expr,
    Fact,
    First,
    InField,
    Near,
    Not,
    NotNear,
    Or,
    Quorum,
    Regex,
    Score,
    Term,
    Together,
)
from monitor.model import Article
from monitor.text import Tokens, tokenise

Place = tuple[str, int, int]  # field, first word, last word
Mark = tuple[str, int, int]  # field, start, end in characters


@dataclass(frozen=True)
class Run:
    place: Place
    marks: frozenset[Mark]


def behind_proclitics(written: str, term: str) -> bool:
    """Whether `written` is `term` with any proclitics before it, by composing them all."""
    if written == term:
        return True
    if len(term) < 2 or not "\u0621" <= written[0] <= "\u064a":
        return False
    for conjunction, preposition, article in product(["", "و", "ف"], ["", "ب", "ك", "ل", "س"], ["", "ال"]):
        noun = article + term
        forms = [conjunction + preposition + noun]
        if preposition == "ل" and noun.startswith("ال"):
            rest = noun[2:]
            forms += [
                f"{conjunction}لل{rest}",
                f"{conjunction}ل{rest}" if rest.startswith("ل") else written + "-",
            ]
        if written in forms:
            return True
    return False


def fits(pattern: str, written: str, *, inner: bool) -> bool:
    if pattern == "*":
        return True
    candidates = (
        [written[cut:] for cut in range(len(written) - 1)]
        if not inner
        else [written, written.removeprefix("ال")]
    )
    if "*" in pattern or "?" in pattern:
        shape = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))
        readable = (c for c in candidates if inner or behind_proclitics(written, c))
        return any(shape.fullmatch(candidate) for candidate in readable)
    if inner:
        return pattern == written or ("ال" + pattern == written and len(pattern) > 1)
    return behind_proclitics(written, pattern)


class Reference:
    def __init__(self, article: Article, country: str | None) -> None:
        self.article = article
        self.country = country
        self.fields: dict[str, Tokens] = {"title": tokenise(article.title), "body": tokenise(article.body)}

    # --- runs

    def runs(self, expr: Expr, scope: dict[str, float]) -> set[Run]:
        match expr:
            case Term() | Regex():
                return {run for run in self.leaf(expr) if inside(run.place, scope)}
            case Or(items):
                return set().union(*(self.runs(item, scope) for item in items))
            case InField() | First():
                return self.runs(expr.item, narrowed(expr, scope))
            case NotNear(words, item, other):
                others = self.runs(other, scope)
                return {
                    run for run in self.runs(item, scope) if not any(close(run, o, words) for o in others)
                }
            case Near(words, items, ordered):
                return self.near(words, [self.runs(item, scope) for item in items], ordered)
        raise AssertionError(expr)

    def leaf(self, expr: Term | Regex) -> Iterable[Run]:
        for name, tokens in self.fields.items():
            if isinstance(expr, Regex):
                for found in re.finditer(expr.pattern, tokens.text):
                    touched = [
                        place
                        for place in range(len(tokens))
                        if tokens.starts[place] < found.end() and tokens.ends[place] > found.start()
                    ]
                    yield Run((name, touched[0], touched[-1]), frozenset({(name, *found.span())}))
                continue
            patterns = tokenise(expr.text, wildcards=True)
            for first in range(len(tokens) - len(patterns) + 1):
                if self.term_at(expr, patterns, tokens, first):
                    last = first + len(patterns) - 1
                    yield Run(
                        (name, first, last), frozenset({(name, tokens.starts[first], tokens.ends[last])})
                    )

    def term_at(self, term: Term, patterns: Tokens, tokens: Tokens, first: int) -> bool:
        places = range(first, first + len(patterns))
        if len({tokens.paragraphs[place] for place in places}) > 1:
            return False
        if term.mode == "exact":
            elided = first in tokens.elided
            return not elided and all(
                tokens.words[p] == w for p, w in zip(places, patterns.words, strict=True)
            )
        if term.mode == "case":
            return all(tokens.raw(p) == patterns.raw(i) for i, p in enumerate(places))
        return all(
            fits(pattern, tokens.words[place], inner=place > first)
            for pattern, place in zip(patterns.words, places, strict=True)
        )

    def near(self, words: int, found: list[set[Run]], ordered: bool) -> set[Run]:
        chains: list[list[tuple[int, Run]]] = []
        for selection in product(*found):
            chain = sorted(enumerate(selection), key=lambda pair: pair[1].place)
            in_order = not ordered or [number for number, _ in chain] == list(range(len(found)))
            if in_order and all(
                one.place[0] == two.place[0] and 0 <= two.place[1] - one.place[2] - 1 <= words
                for (_, one), (_, two) in pairwise(chain)
            ):
                chains.append(chain)
        members = {run for chain in chains for _, run in chain}
        windows = set()
        for number, end in {chain[-1] for chain in chains}:
            first = max(chain[0][1].place[1] for chain in chains if chain[-1] == (number, end))
            window = (end.place[0], first, end.place[2])
            marks = (run.marks for run in members if within(run.place, window))
            windows.add(Run(window, frozenset[Mark]().union(*marks)))
        return windows

    # --- truth

    def truth(self, expr: Expr, scope: dict[str, float]) -> tuple[bool, frozenset[Mark]]:
        nothing: frozenset[Mark] = frozenset()
        match expr:
            case And(items):
                results = [self.truth(item, scope) for item in items]
                return (
                    (True, nothing.union(*(m for _, m in results)))
                    if all(h for h, _ in results)
                    else (False, nothing)
                )
            case Not(item):
                return not self.truth(item, scope)[0], nothing
            case InField(_, item):
                return self.truth(item, narrowed(expr, scope))
            case Or(items):
                return self.enough([self.truth(item, scope) for item in items], 1)
            case Quorum(count, items):
                return self.enough([self.truth(item, scope) for item in items], count)
            case Score(threshold, weighed):
                held = [(self.truth(item, scope), weight) for item, weight in weighed]
                if sum(weight for (holds, _), weight in held if holds) < threshold:
                    return False, nothing
                return True, nothing.union(*(m for (holds, m), weight in held if holds and weight > 0))
            case Fact("lang", value):
                return self.article.language == value, nothing
            case Fact("country", value):
                return self.country == value, nothing
            case Fact(_, value):
                return self.article.source_id == value, nothing
            case Together(unit, items):
                return self.together(unit, [self.runs(item, scope) for item in items])
            case AtLeast(count, item):
                runs = self.runs(item, scope)
                return (True, marks_of(runs)) if side_by_side(runs) >= count else (False, nothing)
        runs = self.runs(expr, scope)
        return bool(runs), marks_of(runs)

    def enough(self, results: list[tuple[bool, frozenset[Mark]]], count: int) -> tuple[bool, frozenset[Mark]]:
        held = [marks for holds, marks in results if holds]
        return (True, frozenset[Mark]().union(*held)) if len(held) >= count else (False, frozenset())

    def together(self, unit: str, found: list[set[Run]]) -> tuple[bool, frozenset[Mark]]:
        marks: set[Mark] = set()
        for name, tokens in self.fields.items():
            numbers = tokens.sentences if unit == "sentence" else tokens.paragraphs
            for number in set(numbers):
                here = [
                    {
                        r
                        for r in runs
                        if r.place[0] == name and {numbers[r.place[1]], numbers[r.place[2]]} == {number}
                    }
                    for runs in found
                ]
                if all(here):
                    marks |= marks_of(set().union(*here))
        return bool(marks), frozenset(marks)


def marks_of(runs: Iterable[Run]) -> frozenset[Mark]:
    return frozenset(mark for run in runs for mark in run.marks)


def within(inner: Place, outer: Place) -> bool:
    return inner[0] == outer[0] and outer[1] <= inner[1] and inner[2] <= outer[2]


def inside(place: Place, scope: dict[str, float]) -> bool:
    return place[0] in scope and place[2] < scope[place[0]]


def narrowed(expr: InField | First, scope: dict[str, float]) -> dict[str, float]:
    endless = float("inf")
    if isinstance(expr, First):
        own = {"title": endless, "body": expr.words}
    else:
        own = {
            "title": {"title": endless},
            "body": {"body": endless},
            "lead": {"title": endless, "body": 60},
        }[expr.field]
    return {name: min(limit, scope[name]) for name, limit in own.items() if name in scope}


def close(run: Run, other: Run, words: int) -> bool:
    if run.place[0] != other.place[0]:
        return False
    return other.place[1] - run.place[2] - 1 <= words and run.place[1] - other.place[2] - 1 <= words


def side_by_side(runs: Iterable[Run]) -> int:
    """The most runs that do not overlap, by trying: at each word, skip it or take a run that begins there."""
    places = {run.place for run in runs}

    def most(name: str, at: int) -> int:
        later = [place for place in places if place[0] == name and place[1] >= at]
        if not later:
            return 0
        first = min(place[1] for place in later)
        taken = [1 + most(name, place[2] + 1) for place in later if place[1] == first]
        return max(most(name, first + 1), *taken)

    return most("title", 0) + most("body", 0)


def shown(marks: Iterable[Mark]) -> set[Mark]:
    """Without the marks that lie inside others."""
    every = set(marks)
    return {
        m for m in every if not any(o != m and o[0] == m[0] and o[1] <= m[1] and m[2] <= o[2] for o in every)
    }


def evaluate(expr: Expr, article: Article, country: str | None) -> tuple[bool, set[Mark]]:
    held, marks = Reference(article, country).truth(expr, {"title": float("inf"), "body": float("inf")})
    return held, shown(marks) if held else set()
