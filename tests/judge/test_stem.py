"""stem: a word or phrase in any inflection, in the language of the article, with hits in the original characters."""

from __future__ import annotations

import pytest

from monitor.judge import compile_rules, explain, find_matches
from tests.build import make_article, make_watchlist


def found(query: str, text: str, language: str | None) -> list[str]:
    rules = compile_rules([make_watchlist(query=query)], [], [], [])
    matches = find_matches(make_article("", text, language=language), rules)
    return [hit.text for match in matches for hit in match.hits]


@pytest.mark.parametrize(
    ("query", "language", "text", "hits"),
    [
        (
            "stem:terrorisme",
            "fr",
            "Les terroristes, le terrorisme, une terreur.",
            ["terroristes", "terrorisme"],
        ),
        ("stem:arrêter", "fr", "Arrêtée hier, arrêtés demain", ["Arrêtée", "arrêtés"]),
        # accents are missing in capitals; the query's may be missing too
        ("stem:économique", "fr", "LES FORUMS ECONOMIQUES", ["ECONOMIQUES"]),
        ("stem:economique", "fr", "des forums économiques", ["économiques"]),
        # behind an elision, and only the word is marked
        ("stem:affaire", "fr", "un conseil d’affaires", ["affaires"]),
        ('stem:"forum économique"', "fr", "deux forums économiques à Doha", ["forums économiques"]),
        ('stem:"forum économique"', "fr", "un forum\néconomique", []),  # a phrase does not cross a paragraph
        ("stem:investment", "en", "They invest and keep investing", ["invest", "investing"]),
        ("stem:inversión", "es", "las inversiones del Golfo", ["inversiones"]),
        ("stem:إرهابي", "ar", "ضد الإرهابيين وبالإرهابية", ["الإرهابيين", "وبالإرهابية"]),
        ("stem:استثمار", "ar", "والاستثمارات القطرية", ["والاستثمارات"]),
        ('stem:"استثمار قطري"', "ar", "الاستثمارات القطرية", ["الاستثمارات القطرية"]),
        # a word inside a phrase stands behind the article alone
        ('stem:"لجنة أمن"', "ar", "اللجنة الأمنية", ["اللجنة الأمنية"]),
        ('stem:"لجنة أمن"', "ar", "لجنة بأمن", []),
        # the language is not known: one of the four
        ("stem:terroriste", None, "terroristes", ["terroristes"]),
        ("stem:inversión", None, "inversiones", ["inversiones"]),
        ("stem:إرهابي", None, "الإرهابية", ["الإرهابية"]),
        # a word keeps its own script's grammar in a text of another
        ("stem:إرهابي", "fr", "le mot الإرهابية", ["الإرهابية"]),
        ("stem:terroriste", "ar", "كلمة terroristes", ["terroristes"]),
        # a language without Snowball's help is read as unknown; one of another family by its own
        ("stem:investment", "zh", "investments", ["investments"]),
        ("stem:lopen", "nl", "wij hebben gelopen", ["gelopen"]),
        # wherever a term may stand
        ("title:stem:forum", "fr", "des forums", []),
        ("NEAR/2(stem:forum, Doha)", "fr", "des forums à Doha", ["forums", "Doha"]),
        ("ATLEAST/2(stem:forum)", "fr", "un forum, des forums", ["forum", "forums"]),
    ],
)
def test_any_inflection_is_found_in_the_articles_language(
    query: str, language: str | None, text: str, hits: list[str]
) -> None:
    assert found(query, text, language) == hits


def test_a_hit_says_what_was_looked_for_and_what_was_read() -> None:
    article = make_article("", "les FORUMS Économiques", language="fr")
    rules = compile_rules([make_watchlist(query='stem:"forum économique"')], [], [], [])
    (hit,) = find_matches(article, rules)[0].hits
    assert (hit.term, hit.read_as, hit.start, hit.end) == ("forum économique", "forums economiques", 4, 22)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("fr", "- stem:terrorisme: not found (stem terror, by french)"),
        (
            None,
            "(stem terror or terrorism, by french, english, spanish, the article's language being unknown)",
        ),
    ],
)
def test_the_explanation_names_the_stem_that_is_missing(language: str | None, line: str) -> None:
    rules = compile_rules([make_watchlist(query="stem:terrorisme")], [], [], [])
    assert line in explain(make_article("", "Doha", language=language), "w", rules).render()


def test_a_word_without_end_is_no_cost_and_no_error() -> None:
    assert found("stem:terrorisme", "t" * 100_000 + " terroristes", "fr") == ["terroristes"]
