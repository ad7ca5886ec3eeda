"""Which way a text is written, and names of one direction among those of the other."""

from __future__ import annotations

import pytest

from monitor.text.direction import isolated, right_to_left

RLM, LRM = "\N{RIGHT-TO-LEFT MARK}", "\N{LEFT-TO-RIGHT MARK}"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Le Phare", None, False),
        ("أخبار المرفأ", None, True),
        # the first letter that has a direction tells, digits and signs have none
        ("24 ساعة", None, True),
        ("", None, False),
        # a language that is known tells more than a headline that begins with a foreign name
        ("DGSN: بلاغ", "ar", True),
    ],
)
def test_a_text_has_the_direction_of_its_language_or_first_letter(
    text: str, language: str | None, expected: bool
) -> None:
    assert right_to_left(text, language) is expected


@pytest.mark.parametrize(
    ("name", "among", "expected"),
    [
        ("Le Phare", False, "Le Phare"),
        ("صوت الساحل", True, "صوت الساحل"),
        ("صوت الساحل", False, f"{LRM}صوت الساحل{LRM}"),
        ("Le Phare", True, f"{RLM}Le Phare{RLM}"),
    ],
)
def test_a_foreign_name_keeps_its_place_in_a_list(name: str, among: bool, expected: str) -> None:
    assert isolated(name, among) == expected
