"""The index says of each watchlist what its expression says: the judge with its index beside the judge without."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from monitor.judge import Rules, compile_rules, find_matches, matching_watchlists
from monitor.judge.matching import match_one, read
from monitor.judge.query import to_text
from monitor.judge.query.tree import Expr, holds_on_nothing
from monitor.model import Article, Match
from monitor.text import inner_readings, readings, without_proclitics
from tests.build import make_article, make_entity, make_source, make_watchlist
from tests.judge.drawn import ENTITIES as DRAWN_ENTITIES
from tests.judge.drawn import queries, texts
from tests.judge.oracle import OTHERS

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
ENTITIES = [
    make_entity("dgsn", "Sûreté nationale", "DGSN", "الأمن الوطني", not_names=("forum DGSN",)),
    make_entity("doha", "Doha", "قطر", within=("forum", "الوطني")),
]
QUERIES = [
    "entity:dgsn", "entity:doha AND NOT entity:dgsn", "country:MA", "title:entity:doha", "@q0 AND NOT DGSN",
    "url:forum", "author:Doha OR url:quotidien", "2 OF (Doha, DGSN, NOT forum)", "SCORE/2(NOT forum:1, Doha:1)",
    "Doha AND (forum OR NOT DGSN)", "/[Dd]oh/ AND forum", '"forum * d?ha"', "ف?ل OR ال?من", "d?ha", "exact:الوطني",
    '"أمن ال?طني"', "الب*", "lang:fr AND (Doha | DGSN)", "case:Doha", "stem:forums", 'stem:"forum quotidien" OR stem:الوطنية', '"de la sûreté nationale"',
]  # fmt: skip
_LETTERS = st.text(st.sampled_from("والفبكلسمنقطd1"), min_size=1, max_size=7)


def one_by_one(article: Article, rules: Rules) -> tuple[Match, ...]:
    reading = read(article, rules)
    return tuple(match for one in rules.watchlists if (match := match_one(reading, one)))


def ids(matches: tuple[Match, ...]) -> tuple[str, ...]:
    return tuple(match.watchlist for match in matches)


@settings(max_examples=1_000, deadline=None, suppress_health_check=SLOW)
@given(st.lists(queries, min_size=2, max_size=3), texts, texts, st.sampled_from([None, "fr"]))
def test_drawn_watchlists_match_with_the_index_as_without(
    drawn: list[Expr], title: str, body: str, language: str | None
) -> None:
    wanted = [to_text(expr) for expr in drawn if not holds_on_nothing(expr)]
    assume(wanted)
    lists = [make_watchlist(f"w{n}", query=text) for n, text in enumerate(wanted)]
    rules = compile_rules([*lists, *OTHERS], DRAWN_ENTITIES.values(), [make_source(country="MA")], [])
    article = make_article(title, body, language=language)
    assert find_matches(article, rules) == one_by_one(article, rules)
    assert matching_watchlists(article, rules) == ids(one_by_one(article, rules))


MANY = compile_rules(
    [make_watchlist(f"q{n}", query=text) for n, text in enumerate(QUERIES)],
    ENTITIES,
    [make_source(country="MA")],
    [],
)


@settings(max_examples=500, deadline=None, suppress_health_check=SLOW)
@given(texts, texts, st.sampled_from(["https://example.org/a-forum", "", "https://quotidien.example.org"]))
def test_watchlists_of_every_shape_match_with_the_index_as_without(title: str, body: str, url: str) -> None:
    article = make_article(title, body, url=url, authors=("Doha Forum",))
    assert find_matches(article, MANY) == one_by_one(article, MANY)
    assert matching_watchlists(article, MANY) == ids(one_by_one(article, MANY))


@settings(max_examples=500, deadline=None, suppress_health_check=SLOW)
@given(_LETTERS, _LETTERS, st.data())
def test_words_behind_proclitics_are_found_with_the_index_as_without(
    first: str, second: str, data: st.DataObject
) -> None:
    """Terms are drawn from what the words of a text, of letters that can be proclitics, may be read as."""
    terms = [
        data.draw(st.sampled_from(form(word))) for form, word in ((readings, first), (inner_readings, second))
    ]
    wanted = [
        *terms,
        " ".join(terms),
        *(f"{term[:3]}*" for term in terms if len(term) > 2 and term[0] != "*"),
    ]
    rules = compile_rules([make_watchlist(f"w{n}", any=(term,)) for n, term in enumerate(wanted)], [], [], [])
    article = make_article("", f"{first} {second}")
    assert find_matches(article, rules) == one_by_one(article, rules)
    assert "w0" in {match.watchlist for match in find_matches(article, rules)}


@given(_LETTERS)
def test_a_word_and_its_readings_share_one_form(word: str) -> None:
    assert {without_proclitics(form) for form in readings(word)} == {without_proclitics(word)}
