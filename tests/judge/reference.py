"""The query language once more, slow and obvious: every selection is tried. Shares only the tokeniser with the judge.

`evaluate(expr, article, world)` -> (held, {(field, start, end)}).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise, product

import snowballstemmer

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
from monitor.model import Article, Entity, Source, Where
from monitor.text import Tokens, fold, tokenise

Place = tuple[str, int, int]  # field, first word, last word
Mark = tuple[str, int, int]  # field, start, end in characters


@dataclass(frozen=True)
class World:
    """What the rules know beside the query: entities, other watchlists' expressions, the article's source."""

    entities: Mapping[str, Entity] = field(default_factory=dict)
    watchlists: Mapping[str, Expr] = field(default_factory=dict)
    source: Source | None = None


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


SNOWBALL = {"fr": "french", "en": "english", "es": "spanish", "ar": "arabic"}


@cache
def stems_of(written: str, folded: str, algorithm: str, *, first: bool) -> frozenset[str]:
    """Every stem that a word may have: as written, as folded and, first of an Arabic term, behind each proclitic."""
    snowball = snowballstemmer.stemmer(algorithm)
    tails = [folded[cut:] for cut in range(len(folded))]
    candidates = [*tails, *("ا" + tail for tail in tails)] if first else []
    forms = [folded, *(c for c in candidates if behind_proclitics(folded, c) and len(c) > 1)]
    results = [snowball.stemWord(written.lower()), *map(snowball.stemWord, forms)]
    if algorithm == "arabic":
        results += map(snowball.stemWord, list(map(snowball.stemWord, forms)))
    return frozenset(map(fold, results))


def alike(term: Tokens, number: int, text: Tokens, place: int, language: str | None) -> bool:
    """Whether a word of the text is an inflection of a word of the term."""
    word = term.words[number]
    known = SNOWBALL.get(language or "", "")
    if "ء" <= word[0] <= "ي":
        algorithms = ["arabic"]
    else:
        algorithms = [known] if known not in ("", "arabic") else ["french", "english", "spanish"]
    if word == text.words[place]:
        return True
    return any(
        stems_of(term.raw(number), word, one, first=False)
        & stems_of(text.raw(place), text.words[place], one, first=number == 0)
        for one in algorithms
    )


FIELDS = ("title", "body", "url", "author")
ENDLESS = float("inf")
EVERYWHERE = {"title": ENDLESS, "body": ENDLESS}


class Evaluator:
    def __init__(self, article: Article, world: World) -> None:
        self.article = article
        self.world = world
        texts = (article.title, article.body, article.url or "", "\n".join(article.authors))
        self.fields: dict[str, Tokens] = dict(zip(FIELDS, map(tokenise, texts), strict=True))

    # --- runs

    def runs(self, expr: Expr, scope: dict[str, float]) -> set[Run]:
        match expr:
            case Term() | Regex() | Stem():
                return {run for run in self.leaf(expr) if inside(run.place, scope)}
            case EntityName(id):
                return self.mentions_of(self.world.entities[id], scope)
            case Reference(id):
                return self.runs(self.world.watchlists[id], scope)
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

    def mentions_of(self, entity: Entity, scope: dict[str, float]) -> set[Run]:
        """The entity's names that count, without those inside longer ones."""
        looked_at = set(FIELDS) if set(scope) - set(EVERYWHERE) else set(EVERYWHERE)
        theirs = [run.place for name in entity.not_names for run in self.leaf(Term(name))]
        named = [
            (run, name == entity.name or len(tokenise(name)) > 1)
            for name in (entity.name, *entity.names)
            for run in self.leaf(Term(name))
            if run.place[0] in looked_at and not any(within(run.place, place) for place in theirs)
        ]
        fulls = [run.place for run, full in named if full]
        company = [
            run.place for word in entity.within for run in self.leaf(Term(word)) if run.place[0] in EVERYWHERE
        ]
        counting = {
            run
            for run, full in named
            if full
            or not company_needed(entity)
            or introduced(run.place, fulls)
            or accompanied(run.place, company)
        }
        longest = {
            run
            for run in counting
            if not any(other != run and within(run.place, other.place) for other in counting)
        }
        return {run for run in longest if inside(run.place, scope)}

    def leaf(self, expr: Term | Regex | Stem) -> Iterable[Run]:
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

    def term_at(self, term: Term | Stem, patterns: Tokens, tokens: Tokens, first: int) -> bool:
        places = range(first, first + len(patterns))
        if len({tokens.paragraphs[place] for place in places}) > 1:
            return False
        if isinstance(term, Stem):
            return all(
                alike(patterns, number, tokens, place, self.article.language)
                for number, place in enumerate(places)
            )
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
            case Fact(kind, value):
                return value.lower() in {fact.lower() for fact in self.stated(kind)}, nothing
            case Reference(id):
                return self.truth(self.world.watchlists[id], scope)
            case Together(unit, items):
                return self.together(unit, [self.runs(item, scope) for item in items])
            case AtLeast(count, item):
                runs = self.runs(item, scope)
                return (True, marks_of(runs)) if side_by_side(runs) >= count else (False, nothing)
        runs = self.runs(expr, scope)
        return bool(runs), marks_of(runs)

    def stated(self, kind: str) -> set[str]:
        source = self.world.source
        known: dict[str, Iterable[str | None]] = {
            "lang": [self.article.language],
            "source": [self.article.source_id],
            "country": [source.country] if source else [],
            "tag": source.tags if source else [],
        }
        return {fact for fact in known[kind] if fact}

    def met(self, where: Where) -> bool:
        """Whether every condition that the article says anything about holds."""
        asked = {
            "lang": where.languages,
            "country": where.countries,
            "source": where.sources,
            "tag": where.tags,
        }
        return all(
            not wanted or not self.stated(kind) or self.stated(kind) & set(wanted)
            for kind, wanted in asked.items()
        )

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
    """A field replaces the default, and narrows the fields around it."""
    if isinstance(expr, First):
        own = {"title": ENDLESS, "body": float(expr.words)}
    elif expr.field == "lead":
        own = {"title": ENDLESS, "body": 60.0}
    else:
        own = {expr.field: ENDLESS}
    if scope == EVERYWHERE:
        return own
    return {name: min(limit, scope[name]) for name, limit in own.items() if name in scope}


def company_needed(entity: Entity) -> bool:
    return bool(entity.within)


def introduced(place: Place, fulls: list[Place]) -> bool:
    """After a full name; a title is read together with the whole body."""
    if place[0] == "title":
        return any(full[0] in ("title", "body") for full in fulls)
    return any(full[0] == "title" or (full[0] == "body" and full[1] < place[1]) for full in fulls)


def accompanied(place: Place, company: list[Place]) -> bool:
    """A word of `within` at most 30 words away; title and opening are read together."""
    if place[0] in ("url", "author"):
        return True
    for other in company:
        if other[0] == place[0] and other[1] - place[2] - 1 <= 30 and place[1] - other[2] - 1 <= 30:
            return True
        if place[0] == "title" and other[0] == "body" and other[1] < 60:
            return True
        if place[0] == "body" and other[0] == "title" and place[2] < 60:
            return True
    return False


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

    return sum(most(name, 0) for name in FIELDS)


def shown(marks: Iterable[Mark]) -> set[Mark]:
    """Without the marks that lie inside others."""
    every = set(marks)
    return {
        m for m in every if not any(o != m and o[0] == m[0] and o[1] <= m[1] and m[2] <= o[2] for o in every)
    }


def evaluate(
    expr: Expr, article: Article, world: World, where: Where | None = None
) -> tuple[bool, set[Mark]]:
    evaluator = Evaluator(article, world)
    if not evaluator.met(where or Where()):
        return False, set()
    held, marks = evaluator.truth(expr, EVERYWHERE)
    return held, shown(marks) if held else set()
