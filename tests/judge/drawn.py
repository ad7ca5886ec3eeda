"""Hypothesis strategies: queries over the whole grammar, and texts in four languages that they can match."""

from __future__ import annotations

from hypothesis import strategies as st

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

TERMS = [
    "sûreté", "Sûreté nationale", "l’État", "DGSN", "Doha", "qatar", "terroris*", "organi?ation", "forum * Doha",
    "الأمن", "الأمن الوطني", "قطر", "أمن وطني", "اللجنة", "إرهاب*", "security", "cumbre",
]  # fmt: skip

SCRAPS = [
    "Sûreté", "surete", "nationale", "l'État", "l’Etat", "D.G.S.N.", "DGSN", "dgsn", "Doha", "à", "Qatar", "QATAR",
    "terrorisme", "terroriste", "organisation", "organization", "forum", "de", "للأمن", "والأمن", "الأمن", "الوطني",
    "وطني", "بقطر", "قَطَر", "وقطر", "للجنة", "الإرهابية", "security", "cumbre",
]  # fmt: skip

terms = st.sampled_from(TERMS).map(Term) | st.builds(
    Term, st.sampled_from(["DGSN", "Doha", "État", "الأمن", "sûreté"]), st.sampled_from(["exact", "case"])
)
leaves = terms | st.sampled_from([Regex("[Dd]oh"), Regex("DGSN|قطر"), Regex("é n")])
numbers = st.integers(0, 4)


def _several(items: st.SearchStrategy[Expr], most: int = 3) -> st.SearchStrategy[tuple[Expr, ...]]:
    return st.lists(items, min_size=2, max_size=most).map(tuple)


def _flat_or(items: tuple[Expr, ...]) -> Expr:
    return Or(tuple(part for item in items for part in (item.items if isinstance(item, Or) else (item,))))


def _flat_and(items: tuple[Expr, ...]) -> Expr:
    return And(tuple(part for item in items for part in (item.items if isinstance(item, And) else (item,))))


fields = st.sampled_from(["title", "lead", "body"])


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
    st.sampled_from([Fact("lang", "fr"), Fact("country", "MA"), Fact("source", "gazette")]),
)
# few words and many of them, so that distances are met as often as missed
_common = st.sampled_from(
    [Term("DGSN"), Term("Doha"), Term("قطر"), Term("sûreté"), Term("forum de"), Term("forum")]
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
_crowded = st.sampled_from(["DGSN", "D.G.S.N.", "Doha", "بقطر", "Sûreté", "forum", "de", "à", "الأمن"])


def _joined(pairs: list[tuple[str, str]]) -> str:
    return "".join(word + gap for word, gap in pairs)


texts = st.one_of(
    [
        st.lists(st.tuples(words, _gaps), max_size=14).map(_joined)
        for words in (st.sampled_from(SCRAPS), _crowded)
    ]
)
