"""What makes two spellings the same word."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.text import fold

ALIKE = [
    ("Sûreté", "surete"),  # accents
    ("SU\u0302RETE\u0301", "sûreté"),  # accents as marks of their own
    ("Qaṭar", "Qatar"),
    ("ʿAbd al-Laṭīf", "abd al latif"),  # half rings of transliterated Arabic
    ("cœur", "coeur"),
    ("Straße", "STRASSE"),
    ("İstanbul", "istanbul"),
    ("ｆｏｒｕｍ", "forum"),  # full width
    ("coopé\u00adration", "coopération"),  # a soft hyphen is deleted, not a space
    ("DG\u200bSN", "DGSN"),  # zero-width space
    ("\u200fقطر\u200f", "قطر"),  # bidi marks
    ("l’État", "l'Etat"),  # apostrophes
    ("d`affaires", "dʼaffaires"),
    ("D.G.S.N.", "DGSN"),
    ("D.G.S.N", "dgsn"),
    ("É.-U.", "e u"),  # not an acronym: a hyphen stands in it
    ("مُحَمَّد", "محمد"),  # tashkeel
    ("محمـــد", "محمد"),  # tatweel
    ("الأمن", "الامن"),  # hamza on alef
    ("إدارة", "اداره"),
    ("آسفي", "اسفي"),
    ("ٱلملك", "الملك"),
    ("مستشفى", "مستشفي"),
    ("مسؤول", "مسوول"),
    ("رئيس", "رييس"),
    ("ﻷمن", "لأمن"),  # lam-alef ligature
    ("ﻗﻄﺮ", "قطر"),  # presentation forms
    ("٢٠٢٦", "2026"),
    ("۲۰۲۶", "2026"),  # Persian digits
    ("کشور", "كشور"),  # Persian kaf
    ("Москва́", "москва"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_spellings_that_readers_do_not_tell_apart_are_one_word(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("قطر", "قطري"),
        ("كي", "की"),
        ("हिन्दी", "हनद"),  # vowel signs of Indic scripts are letters, not accents
        ("و.م.ع", "ومع"),  # dotted Arabic letters would collide with everyday words
        ("A. B. Hammouchi", "AB Hammouchi"),  # initials of a name are no acronym
    ],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


# compatibility forms that stand for several characters (㌀) are one word as written and several as spelled out
spelled_out = st.text(max_size=60).map(lambda text: unicodedata.normalize("NFKC", text))


@given(spelled_out)
@example("0姬")
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
