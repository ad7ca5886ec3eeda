"""What a watchlist or an entity says and can hardly mean, as findings with a reason. Pure; called by `monitor lint`.

Judges by what the rules find, never by how they are compiled: each suspicion is put to `find_matches` as a small text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from monitor.judge.matching import find_matches
from monitor.judge.query import parse_item, to_text
from monitor.judge.query.tree import (
    And,
    EntityName,
    Expr,
    InField,
    Not,
    NotNear,
    Reference,
    Score,
    Stem,
    Term,
    children,
    holds_on_nothing,
    walk,
)
from monitor.judge.query.words import pattern_words
from monitor.judge.routing import recipients_of
from monitor.judge.rules import Rules, compile_rules, expression_of, shortened
from monitor.model import Article, Entity, Match, Route, Watchlist
from monitor.text import fold, readings, tokenise

SHORTEST = 3  # letters of a term
SHORTEST_PREFIX = 4  # letters before *
EVERY = 0.8  # share of a language's articles, from which on a word stands in "every" one
FEWEST = 20  # articles of a language, below which nothing is measured
COMMON_SPELLING = 0.5  # share of a name's mentions in small letters, from which on it is a common word
FEWEST_MENTIONS = 4

# Words that join others: what stands in every text of its language, an archive or not
FUNCTION_WORDS = frozenset(
    fold("""a au aux avec ce ces cette dans de des du elle en est et il ils la le les leur lui mais ne nous ou par pas plus pour que
    qui sa sans se ses son sont sur un une
    about after and are as at be been but by for from had has have he her his in is it its of on or said she that the their they
    this to was were which who will with
    al como con del desde dos el ella entre era es esta este fue ha han hasta las lo los mas no para pero por porque segun ser si
    sin sobre su sus tambien tras una uno y
    ان او الى التي الذي الذين انه انها بعد بين ثم حول حيث خلال ذلك عام عبر عدد على عليه عن عند غير في قال قبل قد كان كانت كل كما
    لا لم ما مع من منذ نحو هذا هذه هو هي وقد يوم""").split()
)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One warning. `kind` and `id` name the watchlist or entity; `text` is what to look for in its YAML under `part`."""

    rule: str
    kind: str  # watchlists or entities
    id: str
    message: str
    part: str = ""  # any, all, none, query, names ...; "" for the whole
    text: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """How words are used in a body of articles."""

    everywhere: Set[str] = frozenset()  # folded: in most articles of a language
    small: Mapping[str, float] = field(default_factory=dict)  # folded -> share of mentions in small letters

    def is_common(self, word: str) -> bool:
        return word in FUNCTION_WORDS or word in self.everywhere


def usage(articles: Iterable[Article]) -> Usage:
    """What is common in these articles. An article whose language is not known counts as one of its own language."""
    totals: Counter[str] = Counter()
    holding: dict[str, Counter[str]] = {}
    mentions: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for article in articles:
        language = article.language or ""
        totals[language] += 1
        tokens = tokenise(f"{article.title}\n{article.body}")
        holding.setdefault(language, Counter()).update(
            {form for word in set(tokens.words) for form in readings(word)}
        )
        mentions.update(tokens.words)
        # in a script without capitals, nothing tells a name from a word
        small.update(
            word
            for word, start in zip(tokens.words, tokens.starts, strict=True)
            if tokens.text[start].islower()
        )
    everywhere = {
        word
        for language, counts in holding.items()
        if totals[language] >= FEWEST
        for word, count in counts.items()
        if count >= EVERY * totals[language]
    }
    shares = {word: small[word] / mentions[word] for word in small if mentions[word] >= FEWEST_MENTIONS}
    return Usage(frozenset(everywhere), shares)


def lint(
    watchlists: Sequence[Watchlist], entities: Sequence[Entity], routes: Sequence[Route], used: Usage
) -> list[Suspicion]:
    """Every suspicion, watchlists first, in the order of the configuration."""
    found: list[Suspicion] = []
    by_id = {one.id: one for one in watchlists}
    people = {one.id: one for one in entities}
    for watchlist in watchlists:
        found += _unheard(watchlist, routes)
        for part, text in _texts(watchlist):
            found += _terms(watchlist, part, text, used)
        found += _excluded(watchlist, by_id, people)
    for entity in entities:
        found += _names(entity, used)
        found += _own_exclusions(entity)
    return list(dict.fromkeys(found))


def _texts(watchlist: Watchlist) -> Iterator[tuple[str, str]]:
    for part in ("any", "all", "none"):
        for item in getattr(watchlist, part):
            yield part, item
    if watchlist.query is not None:
        yield "query", watchlist.query


def _unheard(watchlist: Watchlist, routes: Sequence[Route]) -> Iterator[Suspicion]:
    if not recipients_of(watchlist, routes):
        yield Suspicion(
            "unheard", "watchlists", watchlist.id, "nobody hears of this watchlist: write notify, or a route"
        )


# --- one term at a time ----------------------------------------------------------------------------------------------


def _terms(watchlist: Watchlist, part: str, text: str, used: Usage) -> Iterator[Suspicion]:
    for leaf in _leaves(parse_item(text)):
        if isinstance(leaf, Term | Stem):
            for rule, message in _of_term(leaf, used):
                yield Suspicion(rule, "watchlists", watchlist.id, message, part, leaf.text)


def _of_term(leaf: Term | Stem, used: Usage) -> Iterator[tuple[str, str]]:
    words = pattern_words(leaf.text)
    letters = "".join(words).replace("*", "").replace("?", "")
    written_out = isinstance(leaf, Term) and leaf.mode != ""
    if len(letters) < SHORTEST and not written_out:
        yield (
            "short",
            f"{leaf.text}: a term of {len(letters)} letters is found in many places: "
            f"write case:{leaf.text} or exact:{leaf.text}, or more of it",
        )
    elif not written_out and all(used.is_common(word) for word in words):
        yield "common", f"{leaf.text}: stands in nearly every article of its language"
    for word in words:
        prefix = word.removesuffix("*").replace("?", "")
        if word.endswith("*") and word != "*" and len(prefix) < SHORTEST_PREFIX:
            yield (
                "wildcard",
                f"{word}: {len(prefix)} letters before * begin many other words: write {SHORTEST_PREFIX} or more",
            )


def _leaves(expr: Expr) -> Iterator[Expr]:
    parts = children(expr)
    if not parts:
        yield expr
    for part in parts:
        yield from _leaves(part)


# --- what excludes itself --------------------------------------------------------------------------------------------

_FAR = " ".join(["autre"] * 80)  # words that no watchlist looks for, as long as an opening and more
Frame = Callable[[str], Article]


def _article(title: str, body: str) -> Article:
    return Article(key="lint", source_id="", title=title, body=body)


def _far_in_the_body(text: str) -> Article:
    return _article("", f"{_FAR}\n{text}")


def _in_the_title(text: str) -> Article:
    return _article(text, "")


def _in_the_lead(text: str) -> Article:
    return _article("", text)


FRAMES: Mapping[str, Frame] = {"title": _in_the_title, "lead": _in_the_lead}


def _excluded(
    watchlist: Watchlist, watchlists: Mapping[str, Watchlist], entities: Mapping[str, Entity]
) -> Iterator[Suspicion]:
    """Terms that an exclusion of their own watchlist covers: put alone into a text, the exclusion holds."""
    wholes = tuple(parse_item(text) for text in watchlist.none)
    asked = [
        (part, one)
        for part, text in _texts(watchlist)
        if part != "none"
        for one in _positive(parse_item(text), _far_in_the_body, wholes)
    ]
    every = tuple(dict.fromkeys(exclusion for _, (_, _, own) in asked for exclusion in own))
    if not every:
        return
    rules = _exclusions(every, watchlists, entities)
    for part, (leaf, frame, own) in asked:
        shown = entities[leaf.id].name if isinstance(leaf, EntityName) else leaf.text
        held = {match.watchlist for match in find_matches(frame(shown), rules)}
        by = next((one for one in own if f"{_EXCLUSION}{every.index(one)}" in held), None)
        if by is not None:
            message = f"{to_text(leaf)}: excluded by its own watchlist, so it never counts: {shortened(by)}"
            text = leaf.id if isinstance(leaf, EntityName) else shown
            yield Suspicion("excluded", "watchlists", watchlist.id, message, part, text)


_EXCLUSION = "exclusion/"  # no watchlist's id holds a slash
Asked = tuple[Term | Stem | EntityName, Frame, tuple[Expr, ...]]


def _positive(expr: Expr, frame: Frame, exclusions: tuple[Expr, ...]) -> Iterator[Asked]:
    """The leaves that are looked for, each with where it is looked for and what excludes it."""
    match expr:
        case Not():
            return
        case And(items):
            own = tuple(
                item.item for item in items if isinstance(item, Not) and not holds_on_nothing(item.item)
            )
            for item in items:
                yield from _positive(item, frame, (*exclusions, *own))
        case InField(name, item):
            if name not in ("url", "author"):
                yield from _positive(item, FRAMES.get(name, frame), exclusions)
        case NotNear(_, item, _):
            yield from _positive(item, frame, exclusions)
        case Score(_, weighed):
            for item, weight in weighed:
                if weight > 0:
                    yield from _positive(item, frame, exclusions)
        case Term() | Stem() | EntityName():
            if not (isinstance(expr, Term) and set(expr.text) & set("*?")):
                yield expr, frame, exclusions
        case _:
            for item in children(expr):
                yield from _positive(item, frame, exclusions)


def _exclusions(
    every: tuple[Expr, ...], watchlists: Mapping[str, Watchlist], entities: Mapping[str, Entity]
) -> Rules:
    """The exclusions as watchlists of their own, with all that they refer to."""
    waiting = list(every)
    referred: dict[str, Watchlist] = {}
    named: dict[str, Entity] = {}
    while waiting:
        for part in walk(waiting.pop()):
            if isinstance(part, EntityName):
                named[part.id] = entities[part.id]
            elif isinstance(part, Reference) and part.id not in referred:
                referred[part.id] = watchlists[part.id]
                waiting.append(expression_of(watchlists[part.id]))
    alone = [Watchlist(id=f"{_EXCLUSION}{n}", all=(to_text(one),)) for n, one in enumerate(every)]
    return compile_rules([*alone, *referred.values()], named.values(), [], [])


# --- names of entities -----------------------------------------------------------------------------------------------


def _names(entity: Entity, used: Usage) -> Iterator[Suspicion]:
    for name in dict.fromkeys((entity.name, *entity.names)):
        words = pattern_words(name)
        if len(words) != 1:
            continue
        word = words[0]
        share = used.small.get(word, 0.0)
        common = used.is_common(word)
        # a demonym is written small, and a name that needs company is safe already
        if common or (share > COMMON_SPELLING and entity.kind == "person" and not entity.within):
            why = "a common word" if common else f"written in small letters in {share:.0%} of its mentions"
            yield Suspicion(
                "collides",
                "entities",
                entity.id,
                f"{name}: {why}: take it out, or say in `within` what stands near when it is meant",
                "name" if name == entity.name else "names",
                name,
            )
        elif len(word) < SHORTEST:
            yield Suspicion(
                "short",
                "entities",
                entity.id,
                f"{name}: a name of {len(word)} letters is found in many places: write more of it",
                "name" if name == entity.name else "names",
                name,
            )


def _own_exclusions(entity: Entity) -> Iterator[Suspicion]:
    """Names that the entity's own `not` covers."""
    if not entity.not_names:
        return
    query = Watchlist(id=entity.id, all=(f'entity:"{entity.id}"',))
    rules = compile_rules([query], [replace(entity, within=())], [], [])
    for name in dict.fromkeys((entity.name, *entity.names)):
        matches: tuple[Match, ...] = find_matches(_article("", name), rules)
        if not matches:
            message = f"{name}: excluded by the entity's own `not`, so it never counts"
            yield Suspicion(
                "excluded",
                "entities",
                entity.id,
                message,
                "name" if name == entity.name else "names",
                name,
            )
