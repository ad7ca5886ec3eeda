"""Where words, sentences and paragraphs begin and end, and that tokens point exactly into the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import fold, tokenise
from monitor.text.fold import fold_word


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("l'État d’affaires qu`il", ["l", "etat", "d", "affaires", "qu", "il"]),  # elision
        ("Qatar's forum-débat", ["qatar", "s", "forum", "debat"]),
        ("la D.G.S.N. (Rabat)", ["la", "dgsn", "rabat"]),
        ("#الأمن_الوطني", ["الامن", "الوطني"]),  # a hashtag's words
        ("COVID-19, 3,5 %", ["covid", "19", "3", "5"]),
        ("قطر،المغرب", ["قطر", "المغرب"]),  # Arabic comma without a space
        ("ـــ", []),  # tatweel alone is no word
        ("中国 にほん", ["中", "国", "に", "ほ", "ん"]),  # no spaces in writing: a word a character
        ("한국 뉴스", ["한국", "뉴스"]),
        ("", []),
    ],
)
def test_words_are_found(text: str, words: list[str]) -> None:
    assert list(tokenise(text).words) == [fold_word(word) for word in words]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Il parle. Elle part.", [0, 0, 1, 1]),
        ("M. Hammouchi est à Doha.", [0, 0, 0, 0, 0]),  # an abbreviation
        ("La D.G.S.N. Rabat", [0, 0, 0]),  # an acronym's dot: where in doubt, no border
        ("à 1.5 million", [0, 0, 0, 0]),
        ("le 19.30 Le", [0, 0, 0, 0]),
        ("oui ! dit-il. Non ?", [0, 0, 0, 1]),  # a small letter goes on
        ("هل وصل؟ نعم. قال", [0, 0, 1, 2]),
        ("الوطني.وقال", [0, 1]),  # no space behind the dot
        ("fin.Le roi", [0, 1, 1]),
        ("voir gulf-times.com demain", [0, 0, 0, 0, 0]),
        ("Titre\nCorps", [0, 1]),
        ("Un… Deux", [0, 1]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[int]) -> None:
    assert list(tokenise(text).sentences) == sentences


def test_paragraphs_are_lines() -> None:
    assert tokenise("Un deux\ntrois\n\nquatre").paragraphs == (0, 0, 1, 2)


def test_elided_words_are_known() -> None:
    tokens = tokenise("l’État et l État, aujourd'hui, Qa'ida")
    assert [tokens.words[place] for place in sorted(tokens.elided)] == ["etat"]


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("D.G.S.N.", "DGSN"),
        ("Su\u0302rete\u0301", "Sûreté"),
        ("\u200fقط\u0640ر\u200f", "قطر"),
        ("ÉTAT", "ÉTAT"),
    ],
)
def test_the_raw_word_is_as_written_without_invisible_marks(text: str, raw: str) -> None:
    assert tokenise(text).raw(0) == raw


SCRAPS = st.sampled_from(
    [
        "l’",
        "État",
        "D.G.S.N.",
        "للأمن",
        "مُحَمَّد",
        "ﻷ",
        "\u200f",
        "\u00ad",
        " ",
        "\n",
        ". ",
        "ـ",
        "İ",
        "ﬁn",
        "_",
        "中",
        "e\u0301",
        "½",
        "2",
    ]
)


@given(st.lists(st.one_of(SCRAPS, st.text(max_size=4)), max_size=12).map("".join))
def test_every_token_points_at_its_own_characters(text: str) -> None:
    tokens = tokenise(text)
    place = 0
    for word, start, end in zip(tokens.words, tokens.starts, tokens.ends, strict=True):
        assert place <= start < end <= len(text)
        assert fold_word(text[start:end].replace(".", "")) == word
        place = end
    assert list(tokens.sentences) == sorted(tokens.sentences)
    assert len(tokens.sentences) == len(tokens.paragraphs) == len(tokens)


def test_fold_is_the_words_with_spaces() -> None:
    assert fold("L’État,  de\nDroit!") == "l etat de droit"
