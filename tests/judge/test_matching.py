"""What each operator finds in a text, in four languages, with hits in the original characters."""

from __future__ import annotations

import pytest

from monitor.judge import compile_rules, find_matches
from monitor.model import Article, Hit, Source, Where
from monitor.text import fold
from tests.build import make_article, make_entity, make_source, make_watchlist

HAMMOUCHI = make_entity("hammouchi", "Abdellatif Hammouchi", "Hammouchi", "Hamouchi", "عبد اللطيف الحموشي")


def hits(query: str, article: Article, *sources: Source) -> tuple[Hit, ...] | None:
    """The hits of one query; None where it does not match."""
    matches = find_matches(article, compile_rules([make_watchlist(query=query)], [HAMMOUCHI], sources, []))
    return matches[0].hits if matches else None


def found(query: str, text: str) -> list[str] | None:
    """The texts hit in an article's body."""
    result = hits(query, make_article("", text))
    return None if result is None else [hit.text for hit in result]


MEASURED = [
    # what word-boundary regexes, SQL LIKE and FTS5 miss
    ('"الأمن الوطني"', "وقع اتفاقا للأمن الوطني أمس", "للأمن الوطني"),
    ("الأمن", "خطة جديدة للامن في المدن", "للامن"),
    ("المديرية", "الوزارة والمديرية معا", "والمديرية"),
    ("قطر", "اجتماع عقد بقطر", "بقطر"),
    ("الأمن", "مجلس الامن", "الامن"),
    ("محمد", "السيد مُحَمَّد وصل", "مُحَمَّد"),
    ("coopération", "une cooperation utile", "cooperation"),
    ("Sûreté", "la Surete du port", "Surete"),
    ("l'Etat", "au nom de l’État central", "l’État"),
    ('"forum d\'affaires"', "un forum d'affaires à Rabat", "forum d'affaires"),
    ('"forum d\'affaires"', "un Forum d’affaires à Rabat", "Forum d’affaires"),
    ("DGSN", "la D.G.S.N. recrute", "D.G.S.N."),
    ("entity:hammouchi", "selon M. Hamouchi hier", "Hamouchi"),
]


@pytest.mark.parametrize(("query", "text", "hit"), MEASURED)
def test_what_common_tools_miss_is_found(query: str, text: str, hit: str) -> None:
    assert found(query, text) == [hit]


@pytest.mark.parametrize(
    ("query", "text", "hit"),
    [
        ("exact:الأمن", "خطة للامن", None),  # no clitics
        ("exact:الأمن", "مجلس الامن", ["الامن"]),  # folded all the same
        ("exact:État", "au nom de l’État", None),  # no elision
        ("exact:Etat", "un État fort", ["État"]),
        ("exact:قطر", "في قطر وبقطر", ["قطر"]),
        ("case:DGSN", "dgsn, Dgsn, DGSN", ["DGSN"]),
        ("case:DGSN", "la D.G.S.N. dit", ["D.G.S.N."]),
        ("case:Sûreté", "Surete et Sûreté", ["Sûreté"]),  # accents as written
        ("case:Maroc", "MAROC Telecom, Maroc", ["Maroc"]),
        ('case:"Al Thani"', "al Thani et Al Thani", ["Al Thani"]),
    ],
)
def test_a_term_can_refuse_what_folding_allows(query: str, text: str, hit: list[str] | None) -> None:
    assert found(query, text) == hit


@pytest.mark.parametrize(
    ("query", "text", "hit"),
    [
        # logic
        ("Doha AND Rabat", "de Rabat à Doha", ["Rabat", "Doha"]),
        ("Doha AND Rabat", "de Rabat", None),
        ("Doha | Rabat", "de Rabat", ["Rabat"]),
        ("Doha AND NOT Rabat", "à Doha", ["Doha"]),
        ("Doha AND NOT Rabat", "de Rabat à Doha", None),
        ("2 OF (Doha, Rabat, Alger)", "Rabat et Alger", ["Rabat", "Alger"]),
        ("2 OF (Doha, Rabat, Alger)", "Rabat", None),
        ("SCORE/5(forum:3, Doha:2, parti:-4)", "forum à Doha", ["forum", "Doha"]),
        ("SCORE/5(forum:3, Doha:2, parti:-4)", "forum du parti à Doha", None),
        # phrases and wildcards
        ('"forum de Doha"', "le forum, de Doha", ["forum, de Doha"]),  # signs do not part a phrase
        ('"forum de Doha"', "le forum\nde Doha", None),  # a paragraph's end does
        ('"forum de Doha"', "le forum à Doha", None),
        ('"forum * Doha"', "le forum à Doha", ["forum à Doha"]),
        ('"forum * Doha"', "le forum Doha", None),
        ("foro", "un semáforo", None),  # inside a word is not the word
        ("terroris*", "le terrorisme, terroriste", ["terrorisme", "terroriste"]),
        ("إرهاب*", "خلية للإرهابيين", ["للإرهابيين"]),  # a prefix behind proclitics
        ("organi?ation", "organisation, organization", ["organisation", "organization"]),
        ("organi?ation", "organiation", None),
        ('"coopérati* sécuritaire"', "la coopération sécuritaire", ["coopération sécuritaire"]),
        ('"مدير عام"', "المدير العام", ["المدير العام"]),  # the article agrees inside a phrase
        ('"قطر المغرب"', "قطر والمغرب", None),  # a conjunction inside is no phrase
        # distance
        ("NEAR/2(forum, Doha)", "Doha accueille ce forum", ["Doha", "forum"]),
        ("NEAR/1(forum, Doha)", "Doha accueille ce forum", None),
        ("NEAR/0(forum, Doha)", "forum Doha", ["forum", "Doha"]),
        ("NEAR/2(forum, Doha, 2026)", "forum annuel Doha mai 2026", ["forum", "Doha", "2026"]),
        ("NEAR/5(Doha, Doha)", "Doha seul", None),  # one mention is not two
        ("NEAR/5(Doha, Doha)", "Doha et Doha", ["Doha", "Doha"]),
        (
            "NEAR/3(forum, Doha)",
            "forum. Un deux trois quatre cinq forum Doha",
            ["forum", "Doha"],
        ),  # only those near
        ("ONEAR/2(forum, Doha)", "Doha accueille ce forum", None),
        ("ONEAR/2(Doha, forum)", "Doha accueille ce forum", ["Doha", "forum"]),
        ("NOTNEAR/2(DGSN, Alger)", "DGSN et DGSN un deux trois Alger DGSN", ["DGSN", "DGSN"]),
        ('NOTNEAR/2(forum, "forum social")', "le forum social", None),  # overlapping counts as near
        ("NEAR/2(NEAR/1(a, b), c)", "a x b y z c", ["a", "b", "c"]),
        ("SENTENCE(Qatar, accord)", "Un accord. Le Qatar parle.", None),
        ("SENTENCE(Qatar, accord)", "Un accord avec le Qatar. Rien.", ["accord", "Qatar"]),
        ("SENTENCE(قطر, تعاون)", "هل هناك تعاون؟ زار قطر.", None),
        ("PARAGRAPH(Qatar, accord)", "Un accord. Le Qatar parle.", ["accord", "Qatar"]),
        ("PARAGRAPH(Qatar, accord)", "Un accord.\nLe Qatar parle.", None),
        ("ATLEAST/2(DGSN)", "DGSN puis DGSN", ["DGSN", "DGSN"]),
        ('ATLEAST/2(DGSN | "la DGSN")', "voici la DGSN", None),  # overlapping mentions are one
        # regular expressions, on the text as written
        ("/DGS[NT]/", "la DGST et dgsn", ["DGST"]),
        ("/(?i)dgs[nt]/", "la DGST et dgsn", ["DGST", "dgsn"]),
        (r"/\d+ personnes/", "près de 42 personnes", ["42 personnes"]),
        ("/قطر/", "بقطر", ["قطر"]),  # inside a word, exactly there
        ("NEAR/1(/DGS./, Doha)", "DGST à Doha", ["DGST", "Doha"]),
    ],
)
def test_an_operator_finds(query: str, text: str, hit: list[str] | None) -> None:
    assert found(query, text) == hit


ARTICLE = make_article(
    "Forum à Doha",
    " ".join(["mot"] * 50) + " Rabat " + " ".join(["mot"] * 20) + " Alger",
    url="https://gazette.example.org/economie/forum-rabat",
    authors=("Leïla Alami", "A. Benani"),
    language="fr",
)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("title:Doha", ["title"]),
        ("title:Rabat", None),
        ("body:Doha", None),
        ("lead:Rabat", ["body"]),
        ("lead:Doha", ["title"]),  # the lead has the title in it
        ("lead:Alger", None),  # the 72nd word
        ("FIRST/73(Alger)", ["body"]),
        ("FIRST/50(Rabat)", None),
        ("FIRST/51(Rabat)", ["body"]),
        ("title:(forum AND Doha)", ["title", "title"]),
        ("title:(forum AND Rabat)", None),
        ("url:economie", ["url"]),
        ("url:Doha", None),
        ("author:Alami", ["author"]),
        ('author:"Alami A"', None),  # one author's end, another's beginning
        ("economie", None),  # addresses and authors are not looked at unless asked
        ("title:lead:Doha", ["title"]),
        ("title:body:Doha", None),
        ("NEAR/3(title:forum, Doha)", ["title", "title"]),
        ("NEAR/99(Doha, Rabat)", None),  # distance does not cross fields
    ],
)
def test_a_field_narrows_where_to_look(query: str, fields: list[str] | None) -> None:
    result = hits(query, ARTICLE)
    assert (result and [hit.field for hit in result]) == fields


GAZETTE = make_source("gazette", country="MA", tags=("wire", "national"))


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("Doha AND source:gazette", True),
        ("Doha AND source:other", False),
        ("Doha AND country:ma", True),
        ("Doha AND NOT country:MA", False),
        ("Doha AND lang:fr", True),
        ("Doha AND lang:ar", False),
        ("Doha AND tag:wire", True),
        ("Doha AND tag:sport", False),
        ("source:gazette", True),  # all that a source writes
    ],
)
def test_facts_of_the_source_are_conditions(query: str, matches: bool) -> None:
    assert (hits(query, ARTICLE, GAZETTE) is not None) == matches


@pytest.mark.parametrize(
    ("where", "source", "language", "matches"),
    [
        (Where(languages=("fr", "ar")), GAZETTE, "fr", True),
        (Where(languages=("ar",)), GAZETTE, "fr", False),
        (Where(languages=("ar",)), GAZETTE, None, True),  # not stated counts as met
        (Where(countries=("MA",)), GAZETTE, "fr", True),
        (Where(countries=("QA",)), GAZETTE, "fr", False),
        (Where(countries=("QA",)), make_source("gazette"), "fr", True),  # not stated
        (Where(countries=("QA",)), make_source("another"), "fr", True),  # a source that is not configured
        (Where(sources=("gazette",)), GAZETTE, "fr", True),
        (Where(sources=("herald",)), GAZETTE, "fr", False),
        (Where(tags=("wire",)), GAZETTE, "fr", True),
        (Where(tags=("sport",)), GAZETTE, "fr", False),
        (Where(tags=("sport",)), make_source("gazette"), "fr", True),
    ],
)
def test_where_asks_for_what_is_stated(
    where: Where, source: Source, language: str | None, matches: bool
) -> None:
    rules = compile_rules([make_watchlist(any=("Doha",), where=where)], [], [source], [])
    assert bool(find_matches(make_article("Doha", language=language), rules)) == matches


@pytest.mark.parametrize(
    ("title", "matches"),
    [
        ("Forum à Doha", True),  # any and all
        ("Forum à Paris", False),  # all fails
        ("Salon à Doha", True),
        ("Réunion à Doha", False),  # any fails
        ("Forum du parti à Doha", False),  # none fails
        ("Forum à Doha reporté", False),  # query fails
    ],
)
def test_any_all_none_and_query_hold_together(title: str, matches: bool) -> None:
    watchlist = make_watchlist(
        any=("forum", "salon"), all=("Doha",), none=("parti politique | parti",), query="Doha AND NOT report*"
    )
    assert bool(find_matches(make_article(title), compile_rules([watchlist], [], [], []))) == matches


def test_a_watchlist_may_refer_to_another() -> None:
    lists = [
        make_watchlist("forums", any=("forum", "salon")),
        make_watchlist("qatar", query="@forums AND Doha"),
    ]
    matches = find_matches(make_article("Salon de Doha"), compile_rules(lists, [], [], []))
    assert [match.watchlist for match in matches] == ["forums", "qatar"]
    assert [hit.text for hit in matches[1].hits] == ["Salon", "Doha"]


def test_a_hit_says_what_was_looked_for_and_how_it_was_read() -> None:
    (hit,) = hits('"الأمن الوطني"', make_article("", "خطة للأمن الوطني")) or ()
    assert (hit.term, hit.read_as, hit.field) == ("الأمن الوطني", "الامن الوطني", "body")
    assert (hit.start, hit.end, hit.text) == (4, 16, "للأمن الوطني")


def test_a_wildcard_is_read_as_the_word_that_it_found() -> None:
    (hit,) = hits("terroris*", make_article("", "le Terrorisme")) or ()
    assert (hit.term, hit.read_as) == ("terroris*", "terrorisme")


def test_a_hit_inside_a_longer_hit_is_left_out() -> None:
    assert found('DGSN OR "la DGSN"', "voici la DGSN") == ["la DGSN"]


def test_the_folded_hit_is_the_term() -> None:
    text = "L’É\u00adtat et \u200fالأمن\u200f الوطني, QAṬAR"
    for term in ("l'état", "الأمن الوطني", "Qatar"):
        (hit,) = hits(f'"{term}"', make_article("", text)) or ()
        assert fold(hit.text) == fold(term)
        assert text[hit.start : hit.end] == hit.text


def test_every_word_of_a_dense_article_takes_part_in_a_wide_near() -> None:
    # 900 words, each in thousands of selections: counting them one by one would never end
    result = hits("NEAR/50(DGSN, Doha, DGSN | Doha, Doha)", make_article("", "DGSN Doha " * 450))
    assert len(result or ()) == 900


def test_a_term_repeated_without_end_is_shown_a_thousand_times() -> None:
    result = hits("DGSN", make_article("", "DGSN " * 5_000)) or ()
    assert len(result) == 1_000
    assert result[-1].start == 999 * 5


def test_half_a_surrogate_pair_hurts_no_operator() -> None:
    article = make_article("", "avant \ud800 la DGSN")
    assert [hit.start for hit in hits("/DGS./ AND DGSN", article) or ()] == [11]


def test_of_two_spellings_found_at_one_place_the_same_one_is_always_named() -> None:
    # eight spellings of one word: by chance, two orders would agree once in eight
    spellings = ("africa", "Africa", "AFRICA", "África", "áfrica", "afriça", "Afrîca", "Africä")
    for order in (spellings, spellings[::-1]):
        (hit,) = hits(" | ".join(order), make_article("", "Africa")) or ()
        assert hit.term == min(spellings)
