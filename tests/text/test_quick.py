"""The quick reader beside the one for any script: the same words at the same places for every text."""

from __future__ import annotations

import gzip
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.text import BORDER, Words
from monitor.text.quick import quick
from monitor.text.scan import scan

# what press is made of, with all that folding, acronyms and invisible marks do to it
_SCRAPS = st.sampled_from(
    [
        "Sûreté", "cœur", "Æ", "ß", "l'", "d’", "qu‘", "D.G.S.N.", "U.S.", "a.m", "www.example.org", "É.-U.", ".b", "B.", ".",
        "12.5", "3,4", "الأمن", "مُحَمَّد", "ـ", "قـطر", "و.م.ع", "ل", "\u200f", "\u200b", "\u00ad", "\u0301", "\u064b", "e\u0301",
        "ş", "ḥ", "ʿ", "ﬁ", "½", "²", "İ", "ﻷ", "٣", "😀", "\ufe0f", "€", "_", "-", "'", "’", "\n", " ", "  ", "\t", "\x01",
        "\x02", "\u2028", "\u00a0", "क", "ि", "姬", "Ж", "\ud800", "x",
    ]
)  # fmt: skip
texts = st.one_of(
    st.lists(_SCRAPS, max_size=12).map("".join),
    st.lists(_SCRAPS, max_size=12).map(" ".join),
    st.text(max_size=30),
    st.text(st.characters(max_codepoint=0x700), max_size=30),
)


@settings(max_examples=1_500, deadline=None)
@given(texts)
@example("\u0640\u0640قطر\u0640 \u0640")
@example("U.S.based")
@example("a.\u200fb. \u0301c.d.")
def test_the_quick_reader_agrees_with_the_thorough_one(text: str) -> None:
    found = quick(text)
    if found is not None:
        assert found.words() == scan(text).words
        assert found.scanned() == scan(text)


@settings(max_examples=500, deadline=None)
@given(texts)
@example("a\nb\n\n c\r\nd\n")
def test_lines_are_the_words_with_a_border_where_a_paragraph_ends(text: str) -> None:
    words = Words(text)
    lines = words.lines
    assert [word for word in lines if word != BORDER] == words.words
    bordered = [one for one, following in itertools.pairwise(lines) if BORDER not in (one, following)]
    paragraphs = words.tokens.paragraphs
    assert len(bordered) == sum(one == other for one, other in itertools.pairwise(paragraphs))


@pytest.mark.parametrize(
    "text",
    [
        "À Doha, l’émir a reçu le chef de la D.G.S.N. « hier », dit-on…",
        "قال مُحَمَّد إنّ الأمن الوطنيّ، أيضاً، في الدوحة؟",
        "ğ, ḥ and ā of transliteration; an emoji 😀 and ² too",
    ],
)
def test_the_press_of_four_languages_is_read_quickly(text: str) -> None:
    assert quick(text) is not None


@pytest.mark.parametrize("text", ["Москва", "東京", "हिन्दी", "ʿAbd", "ﬁn", "½"])
def test_what_has_no_byte_is_left_to_the_thorough_reader(text: str) -> None:
    assert quick(text) is None


@pytest.mark.corpus
def test_the_real_press_reads_the_same_either_way(corpus_data: Path) -> None:
    slow = 0
    with gzip.open(corpus_data / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        bodies = [json.loads(line).get("body", "") for number, line in enumerate(lines) if number % 16 == 0]
    assert len(bodies) > 500
    for body in bodies:
        found = quick(body)
        if found is None:
            slow += 1
        else:
            assert found.scanned() == scan(body)
    assert slow <= len(bodies) // 50
