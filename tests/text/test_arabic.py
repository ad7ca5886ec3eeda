"""Arabic proclitics: what a word may be once they are taken off."""

from __future__ import annotations

import pytest

from monitor.text import fold, inner_readings, readings


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("بقطر", "قطر"),  # in Qatar
        ("وقطر", "قطر"),
        ("لقطر", "قطر"),
        ("كقطر", "قطر"),
        ("وبقطر", "قطر"),  # two
        ("والمديرية", "المديرية"),
        ("والمديرية", "مديرية"),
        ("فالأمن", "أمن"),
        ("للأمن", "الأمن"),  # the article's alef is not written behind ل
        ("للأمن", "أمن"),
        ("وللأمن", "الأمن"),
        ("بالأمن", "الأمن"),
        ("للجنة", "لجنة"),  # a word with its own ل behind لل
        ("للجنة", "اللجنة"),
        ("سيزور", "يزور"),
        ("كالمغرب", "المغرب"),
    ],
)
def test_a_term_is_found_behind_its_proclitics(written: str, meant: str) -> None:
    assert fold(meant) in readings(fold(written))


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("قطري", "قطر"),  # an ending is no proclitic
        ("أمن", "الأمن"),  # the term has the article, the text has not
        ("مقطر", "قطر"),
        ("بوقطر", "قطر"),  # ب before و is no order of proclitics
        ("ول", "ل"),  # one letter is no word
        ("qatar", "atar"),
    ],
)
def test_no_letter_of_the_term_itself_is_cut(written: str, other: str) -> None:
    assert fold(other) not in readings(fold(written))


def test_the_word_itself_is_the_first_reading() -> None:
    assert readings("والامن")[0] == "والامن"


def test_inside_a_phrase_only_the_article_may_precede() -> None:
    assert inner_readings("الوطني") == ("الوطني", "وطني")
    assert inner_readings("والمغرب") == ("والمغرب",)
