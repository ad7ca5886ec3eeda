"""The grammar: what each operator's text means, how it is printed back, and what each mistake is answered with."""

from __future__ import annotations

import pytest

from monitor.judge.query import QueryError, parse, parse_item, to_text
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

A, B, C = Term("a"), Term("b"), Term("c")

MEANINGS: list[tuple[str, Expr]] = [
    ("DGSN", Term("DGSN")),
    ('"sûreté nationale"', Term("sûreté nationale")),
    ('"DGSN"', Term("DGSN")),  # quotes around one word change nothing
    ("l’État", Term("l’État")),
    ("a AND b AND c", And((A, B, C))),
    ("a OR b | c", Or((A, B, C))),
    ("a OR b AND c", Or((A, And((B, C))))),  # AND binds closer
    ("(a OR b) AND c", And((Or((A, B)), C))),
    ("a AND NOT b OR c", Or((And((A, Not(B))), C))),  # NOT binds closest
    ("a AND NOT (b | c)", And((A, Not(Or((B, C)))))),
    ("terroris*", Term("terroris*")),
    ("organi?ation", Term("organi?ation")),
    ('"forum * Doha"', Term("forum * Doha")),
    ("NEAR/5(a, b | c)", Near(5, (A, Or((B, C))))),
    ("ONEAR/0(a, b, c)", Near(0, (A, B, C), ordered=True)),
    ("NOTNEAR/3(a, b)", NotNear(3, A, B)),
    ("SENTENCE(a, b)", Together("sentence", (A, B))),
    ("PARAGRAPH(a, b)", Together("paragraph", (A, B))),
    ("ATLEAST/3(a)", AtLeast(3, A)),
    ("2 OF (a, b, c)", Quorum(2, (A, B, C))),
    ("SCORE/10(a:5, b:3, c:-8, title:a:4)", Score(10, ((A, 5), (B, 3), (C, -8), (InField("title", A), 4)))),
    ("title:a", InField("title", A)),
    ("lead:(a AND b)", InField("lead", And((A, B)))),
    ("title:entity:qatar", InField("title", EntityName("qatar"))),
    ("FIRST/40(a)", First(40, A)),
    ("source:libe", Fact("source", "libe")),
    ("country:MA AND a", And((Fact("country", "MA"), A))),
    ("case:DGSN", Term("DGSN", "case")),
    ('exact:"le Maroc"', Term("le Maroc", "exact")),
    ("stem:terrorisme", Stem("terrorisme")),
    ('stem:"forum économique" | a', Or((Stem("forum économique"), A))),
    ("NEAR/5(stem:forum, a)", Near(5, (Stem("forum"), A))),
    ("entity:hammouchi", EntityName("hammouchi")),
    ("@forums AND a", And((Reference("forums"), A))),
    ("watchlist:forums", Reference("forums")),
    ("/DGS[NT]/", Regex("DGS[NT]")),
    (r"/a\/b/", Regex("a/b")),
    ("/(a+)+$/", Regex("(a+)+$")),  # linear under RE2
    ("  a\n  AND b ", And((A, B))),
]


@pytest.mark.parametrize(("text", "expr"), MEANINGS)
def test_a_query_means_its_expression(text: str, expr: Expr) -> None:
    assert parse(text) == expr


@pytest.mark.parametrize(("text", "expr"), MEANINGS)
def test_a_query_is_also_a_list_item_with_the_same_meaning(text: str, expr: Expr) -> None:
    assert parse_item(text) == expr


@pytest.mark.parametrize(("text", "expr"), MEANINGS)
def test_the_printed_form_means_the_same(text: str, expr: Expr) -> None:
    assert parse(to_text(expr)) == expr


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a OR b", "a | b"),
        ("((a)) AND (b OR c)", "a AND (b | c)"),
        ('"DGSN"', "DGSN"),
        ("watchlist:forums", "@forums"),
        ('"AND"', '"AND"'),  # a reserved word stays quoted
        ("SENTENCE(a,(b|c))", "SENTENCE(a, b | c)"),
        (r'"a \"b\" c"', r'"a \"b\" c"'),
    ],
)
def test_there_is_one_canonical_spelling(text: str, printed: str) -> None:
    assert to_text(parse(text)) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Directeur général de la Sûreté nationale", '"Directeur général de la Sûreté nationale"'),
        ("Algérie | Alger | الجزائر", "Algérie | Alger | الجزائر"),
        ("forum économique | business forum AND Maroc", '"forum économique" | "business forum" AND Maroc'),
        ("2 OF (sûreté nationale, Doha)", '2 OF ("sûreté nationale", Doha)'),
        ("Qatar - Maroc", '"Qatar - Maroc"'),
    ],
)
def test_bare_words_side_by_side_in_a_list_item_are_a_phrase(text: str, printed: str) -> None:
    assert to_text(parse_item(text)) == printed


MISTAKES = [
    # text, column, a part of what the analyst reads
    ("sûreté nationale", 8, "phrase or AND?"),
    ('DGSN "a b"', 6, "an operator is missing"),
    ("a and b", 3, "write AND"),
    ("a NEAR/5 b", 3, "NEAR/5(a, b)"),
    ("near/5(a, b)", 1, "in capitals"),
    ("NEAR(a, b)", 1, "NEAR/5(...)"),
    ("sentence(a, b)", 1, "in capitals"),
    ("NEAR/5(a)", 1, "2 to 8 arguments"),
    ("NOTNEAR/5(a, b, c)", 1, "takes 2 arguments"),
    ("NEAR/9999(a, b)", 1, "from 0 to 500"),
    ("NEAR/5(a AND b, c)", 8, "OR groups"),
    ("SENTENCE(a, NOT b)", 13, "OR groups"),
    ("ATLEAST/0(a)", 1, "from 1 to"),
    ("ATLEAST/2(country:MA)", 11, "OR groups"),
    ("4 OF (a, b)", 1, "from 1 to 2"),
    ("SCORE/9(a:5, b)", 15, "has a weight"),
    ("SCORE/9(a:5, b:x)", 16, "whole number"),
    ("SCORE/9(a:5, b:3)", 1, "never be reached"),
    ("SCORE/0(a:5)", 1, "only NOT"),
    ("NOT a", 1, "only NOT"),
    ("a OR NOT b", 1, "only NOT"),
    ("NOT country:MA", 1, "only NOT"),
    ("te*", 1, "3 letters"),
    ("a AND قط*", 7, "3 letters"),
    ("*isme", 1, "only at the end"),
    ("te*or", 1, "only at the end"),
    ("?rganisation", 1, "begins with a letter"),
    ('"* forum"', 1, "between two words"),
    ("***", 1, "nothing to look for"),
    ('"..."', 1, "nothing to look for"),
    ("a AND", 6, "ends where"),
    ("AND a", 1, "before and behind"),
    ("(a OR b", 8, "column 1 is never closed"),
    ("a)", 2, "closes nothing"),
    ("a, b", 2, "comma"),
    ('a AND "b', 7, "never closed"),
    ("“a b”", 1, "straight quotes"),
    ("a AND -b", 7, "AND NOT b"),
    ("a && b", 3, "write AND"),
    ("titel:a", 1, "did you mean title:?"),
    ("14:30", 1, "quote it"),
    ("title:", 7, "needs something behind it"),
    ("entity:(a)", 8, "needs something behind it"),
    ("case:terroris*", 6, "no wildcards"),
    ("@", 1, "needs a name"),
    ("stem:terroris*", 6, "no wildcards"),
    ("stem:(a | b)", 6, "one word or"),
    ("", 1, "empty"),
    ("   ", 1, "empty"),
    ("//", 1, "empty"),
    ("/(?=a)b/", 1, "lookahead"),
    ("/(?<!a)b/", 1, "lookahead and lookbehind"),
    (r"/(a)\1/", 1, "back references"),
    ("/a*/", 1, "matches the empty text"),
    ("/(a/", 1, "missing )"),
    ("a AND /b", 7, "never closed"),
]


@pytest.mark.parametrize(("text", "column", "part"), MISTAKES)
def test_a_mistake_is_shown_at_its_column_with_what_to_write(text: str, column: int, part: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    message = str(caught.value)
    if text.startswith("entity:("):
        assert caught.value.column in (8, 1)
    else:
        assert (caught.value.column, part in message) == (column, True), message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000 + "a" + ")" * 5_000,
        "NOT " * 5_000 + "a",
        "title:" * 5_000 + "a",
        "NEAR/5(a, " * 3_000 + "b" + ")" * 3_000,
    ],
)
def test_deep_nesting_is_refused_before_it_overflows(text: str) -> None:
    with pytest.raises(QueryError, match="levels"):
        parse(text)


def test_a_very_long_query_is_refused() -> None:
    with pytest.raises(QueryError, match="split it"):
        parse("a" * 200_001)


def test_five_thousand_terms_are_read() -> None:
    expr = parse(" | ".join(f"mot{number}" for number in range(5_000)))
    assert isinstance(expr, Or)
    assert len(expr.items) == 5_000
