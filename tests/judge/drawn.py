"""Hypothesis strategies: queries over the whole grammar, and articles in four languages that they can match.

The entities and the watchlists that queries may refer to are few and always the same.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from monitor.judge.query import parse
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
from monitor.model import Article, Source, Where
from tests.build import make_article, make_entity, make_source

ENTITIES = {
    entity.id: entity
    for entity in (
        # short names that need company, one of them another's, in two scripts
        make_entity(
            "chief", "Ali Hammouchi", "Hammouchi", "Hamouchi", "حموشي", "علي حموشي",
            not_names=("Leila Hammouchi", "ليلى حموشي"), within=("police", "DGSN", "أمن"),
        ),
        make_entity("qatar", "Qatar", "قطر", "Doha", "Catar", not_names=("Qatar 2022", "forum de Doha")),
        make_entity("forum", "forum économique", "forum", "منتدى"),
    )
}  # fmt: skip
WATCHLISTS: dict[str, Expr] = {
    "cities": parse("Doha | Rabat | قطر"),
    "chiefs": parse("entity:chief | title:DGSN | NEAR/3(entity:qatar, forum)"),
    "mixed": parse("(entity:qatar AND NOT parti) | lang:ar AND قطر"),
}
PLACED_WATCHLISTS = ("cities", "chiefs")

TERMS = [
    "sûreté", "Sûreté nationale", "l’État", "DGSN", "Doha", "qatar", "terroris*", "organi?ation", "forum * Doha",
    "الأمن", "الأمن الوطني", "قطر", "أمن وطني", "اللجنة", "إرهاب*", "security", "cumbre", "police", "parti", "Rabat",
]  # fmt: skip

SCRAPS = [
    "Sûreté", "surete", "nationale", "l'État", "l’Etat", "D.G.S.N.", "DGSN", "dgsn", "Doha", "à", "Qatar", "QATAR",
    "terrorisme", "terroriste", "organisation", "organization", "forum", "de", "للأمن", "والأمن", "الأمن", "الوطني",
    "وطني", "بقطر", "قَطَر", "وقطر", "للجنة", "الإرهابية", "security", "cumbre", "Ali", "Hammouchi", "Hamouchi", "Leila",
    "حموشي", "لحموشي", "علي", "ليلى", "police", "Catar", "2022", "Rabat", "parti", "économique", "منتدى", "forums", "ÉCONOMIQUES",
    "economica", "cumbres", "securities", "الإرهابيين", "والإرهاب", "أمنية", "terrorismo", "Doha's",
]  # fmt: skip
STEMS = ["terrorisme", "forum économique", "cumbre", "إرهابي", "الأمن", "أمن وطني", "économie", "security"]

terms = st.sampled_from(TERMS).map(Term) | st.builds(
    Term, st.sampled_from(["DGSN", "Doha", "État", "الأمن", "sûreté"]), st.sampled_from(["exact", "case"])
)
entities = st.sampled_from(sorted(ENTITIES)).map(EntityName)
stemmed = st.sampled_from(STEMS).map(Stem)
placed_references = st.sampled_from(PLACED_WATCHLISTS).map(Reference)
leaves = (
    terms
    | entities
    | stemmed
    | placed_references
    | st.sampled_from([Regex("[Dd]oh"), Regex("DGSN|قطر"), Regex("é n")])
)
numbers = st.integers(0, 4)


def _several(items: st.SearchStrategy[Expr], most: int = 3) -> st.SearchStrategy[tuple[Expr, ...]]:
    return st.lists(items, min_size=2, max_size=most).map(tuple)


def _flat_or(items: tuple[Expr, ...]) -> Expr:
    return Or(tuple(part for item in items for part in (item.items if isinstance(item, Or) else (item,))))


def _flat_and(items: tuple[Expr, ...]) -> Expr:
    return And(tuple(part for item in items for part in (item.items if isinstance(item, And) else (item,))))


fields = st.sampled_from(["title", "lead", "body", "url", "author"])


def _placed(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    several = _several(inner)
    return st.one_of(
        several.map(_flat_or),
        st.builds(Near, numbers, several, st.booleans()),
        st.builds(NotNear, numbers, inner, inner),
        st.builds(InField, fields, inner),
        st.builds(First, st.integers(1, 6), inner),
    )


placed: st.SearchStrategy[Expr] = st.recursive(leaves, _placed, max_leaves=5)


def _boolean(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    several = _several(inner)
    return st.one_of(
        several.map(_flat_or),
        several.map(_flat_and),
        inner.map(Not),
        st.builds(InField, fields, inner),
        several.flatmap(lambda items: st.integers(1, len(items)).map(lambda count: Quorum(count, items))),
        st.lists(st.tuples(inner, st.integers(-3, 5)), min_size=1, max_size=3).map(_score),
    )


def _score(items: list[tuple[Expr, int]]) -> Expr:
    reachable = sum(weight for _, weight in items if weight > 0)
    return Score(reachable - reachable // 3, tuple(items))


_wholes = st.one_of(
    placed,
    st.builds(Together, st.sampled_from(["sentence", "paragraph"]), _several(placed)),
    st.builds(AtLeast, st.integers(1, 3), placed),
    st.sampled_from(
        [Fact("lang", "fr"), Fact("country", "MA"), Fact("source", "gazette"), Fact("tag", "wire")]
    ),
    st.just(Reference("mixed")),
)
# few words and many of them, so that distances are met as often as missed
_common: st.SearchStrategy[Expr] = st.sampled_from(
    [
        *map(Term, ["DGSN", "Doha", "قطر", "sûreté", "forum de", "forum"]),
        EntityName("chief"),
        EntityName("qatar"),
        Stem("forum"),
    ]
)
_group = _common | _several(_common).map(_flat_or)
_near = st.builds(Near, numbers, _several(_group), st.booleans())
close_together: st.SearchStrategy[Expr] = st.one_of(
    _near,
    st.builds(Near, numbers, _several(_group | _near), st.booleans()),
    st.builds(NotNear, numbers, _group, _group | _near),
    st.builds(Together, st.sampled_from(["sentence", "paragraph"]), _several(_group | _near)),
    st.builds(AtLeast, st.integers(1, 4), _group | _near),
    st.builds(First, st.integers(1, 6), _near),
)
_any_shape: st.SearchStrategy[Expr] = st.recursive(_wholes, _boolean, max_leaves=4)
# not `|`, which would give each member of close_together the weight of all the rest
queries: st.SearchStrategy[Expr] = st.booleans().flatmap(lambda near: close_together if near else _any_shape)

_gaps = st.sampled_from([" ", " ", " ", ". ", "\n", "، "])
_crowded = st.sampled_from(
    [
        "DGSN",
        "D.G.S.N.",
        "Doha",
        "بقطر",
        "Sûreté",
        "forum",
        "forums",
        "de",
        "à",
        "الأمن",
        "Hammouchi",
        "Leila",
    ]
)


def _joined(pairs: list[tuple[str, str]]) -> str:
    return "".join(word + gap for word, gap in pairs)


texts = st.one_of(
    [
        st.lists(st.tuples(words, _gaps), max_size=14).map(_joined)
        for words in (st.sampled_from(SCRAPS), _crowded)
    ]
)

_urls = st.sampled_from(
    [None, "https://example.org/doha-forum/dgsn?a=qatar", "https://example.org/hammouchi/1"]
)
_authors = st.sampled_from([(), ("Leila Hammouchi", "La DGSN"), ("Hamouchi",), ("قطر", "Ali Doha")])
_languages = st.sampled_from([None, "fr", "ar", "en", "es"])
# an entity's company may stand 30 words away, and an opening has 60
_distance = st.sampled_from(["", "", "", "mot " * 29, "mot " * 31, "mot " * 59])
articles: st.SearchStrategy[Article] = st.builds(
    lambda title, before, between, after, url, authors, language: make_article(
        title, before + between + after, url=url, authors=authors, language=language
    ),
    texts, texts, _distance, texts, _urls, _authors, _languages,
)  # fmt: skip
sources: st.SearchStrategy[Source | None] = st.none() | st.builds(
    lambda country, tags: make_source(country=country, tags=tags),
    st.sampled_from([None, "MA", "QA"]),
    st.sampled_from([(), ("wire",), ("wire", "national")]),
)


def _some(*values: str) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(values), max_size=1).map(tuple)


wheres: st.SearchStrategy[Where] = st.just(Where()) | st.builds(
    Where, _some("fr", "ar"), _some("MA"), _some("gazette"), _some("wire", "national")
)
