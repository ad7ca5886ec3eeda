"""Foreign text made harmless, and cut where a reader would."""

from __future__ import annotations

import pytest
import regex  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.plain import clean, cut, one_line, split

FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("one\r\nBcc: two@example.org", "one Bcc: two@example.org"),
        ("a\tb\x00c\x1b[31md", "a bc[31md"),
        # a right-to-left override turns "exe.txt" around
        ("report\u202etxt.exe", "reporttxt.exe"),
        ("\u2066hidden\u2069", "hidden"),
        # half of a pair, which UTF-8 cannot carry
        ("a\ud800b", "a?b"),
        # joiners and marks are part of words and emoji
        (FAMILY, FAMILY),
        ("می‌خواهم", "می‌خواهم"),
        ("{{7*7}} <b>${x} %s", "{{7*7}} <b>${x} %s"),
    ],
)
def test_steering_characters_go_and_the_rest_stays(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, "short"),
        ("0123456789", 10, "0123456789"),
        ("0123456789x", 10, "012345678…"),
        # an emoji of several characters stays whole or goes whole
        ("ab" + FAMILY * 3, 10, "ab" + FAMILY + "…"),
        ("ab" + FAMILY * 3, 9, "ab…"),
        # flags are pairs of letters
        ("🇲🇦" * 9, 6, "🇲🇦🇲🇦…"),
        # a letter keeps its accent
        ("e\u0301" * 5, 6, "e\u0301e\u0301…"),
    ],
)
def test_text_is_cut_between_graphemes(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


def test_a_letter_under_thousands_of_marks_is_cut_all_the_same() -> None:
    assert len(cut("a" + "\u0301" * 5000, 100)) == 100


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_no_text_grows_beyond_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert not regex.search(r"[\p{Cc}\u202a-\u202e\u2066-\u2069]", line)


@given(st.text(alphabet="ab \n" + FAMILY, max_size=300), st.integers(min_value=60, max_value=100))
def test_pieces_hold_the_whole_text_in_order(text: str, limit: int) -> None:
    pieces = split(text, limit, pieces=20)
    assert all(len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_pieces_end_at_paragraphs_before_lines_before_words() -> None:
    assert split("a" * 30 + "\n\n" + "b c" * 10 + "\n" + "d" * 10, 45, 4) == [
        "a" * 30,
        "b c" * 10 + "\n" + "d" * 10,
    ]
    assert split("word " * 20, 52, 9) == ["word " * 9 + "word", "word " * 9 + "word"]


def test_what_does_not_fit_into_the_last_piece_ends_with_an_ellipsis() -> None:
    assert split("x" * 100, 30, 2) == ["x" * 30, "x" * 29 + "…"]
