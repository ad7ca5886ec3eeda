"""Numbers of words: equal where `readings` says that the words are, whatever the text around them and its letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import Words, inner_readings, readings
from monitor.text.hashes import Hashed, hashed, hashes_of, in_a_row

# letters that can be proclitics, and few others, so that every kind of reading is drawn
ARABIC = st.text("وفبكلسامن", min_size=1, max_size=7)
LATIN = st.text("abcé", min_size=1, max_size=7)
CYRILLIC = st.text("абв", min_size=1, max_size=7)  # a letter outside the alphabet of one byte
TEXTS = st.lists(st.lists(st.one_of(ARABIC, LATIN), max_size=6).map(" ".join), max_size=3).map("\n".join)
MIXED = st.lists(st.one_of(ARABIC, LATIN, CYRILLIC), max_size=12).map(" ".join)


def numbers(words: tuple[str, ...]) -> set[int]:
    return set(hashes_of(words).tolist())


def by_word(text: Hashed) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for place, number in zip(text.places.tolist(), text.hashes.tolist(), strict=True):
        found.setdefault(place, set()).add(number)
    return found


@given(st.one_of(TEXTS, MIXED))
def test_a_word_has_the_numbers_of_all_that_it_can_be_read_as(text: str) -> None:
    words = Words(text).lines
    assert hashed(text).words == words
    assert by_word(hashed(text)) == {place: numbers(readings(word)) for place, word in enumerate(words)}


@given(st.one_of(TEXTS, MIXED))
def test_two_words_in_a_row_have_the_numbers_of_their_readings_as_a_phrase(text: str) -> None:
    words = Words(text).lines
    places, rows = hashed(text).rows()
    found = {
        (place, row)
        for place, row in zip(places.tolist(), rows.tolist(), strict=True)
        if place + 1 < len(words)
    }
    expected = {
        (place, int(in_a_row(hashes_of([first]), hashes_of([second]))[0]))
        for place in range(len(words) - 1)
        for first in readings(words[place])
        for second in inner_readings(words[place + 1])
    }
    assert found == expected


@given(st.one_of(TEXTS, MIXED), st.integers(1, 6))
def test_the_first_letters_of_every_reading_are_found(text: str, letters: int) -> None:
    places, heads = hashed(text).heads(letters)
    expected = {
        (place, int(hashes_of([form[:letters]])[0]))
        for place, word in enumerate(Words(text).lines)
        for form in readings(word)
        if len(form) >= letters
    }
    assert set(zip(places.tolist(), heads.tolist(), strict=True)) == expected


def test_a_text_longer_than_the_powers_that_are_kept_has_the_same_numbers() -> None:
    long = " ".join(f"mot{number % 700} والامن" for number in range(6_000))
    assert len(long) > 1 << 16
    assert {number for own in by_word(hashed(long)).values() for number in own} == numbers(
        (*(f"mot{number}" for number in range(700)), *readings("والامن"))
    )


@pytest.mark.parametrize("text", ["", " \n ", "...", "و", "ل", "لل", "ولل", "\n\n"])
def test_a_text_with_hardly_a_word_has_hardly_a_number(text: str) -> None:
    assert by_word(hashed(text)) == {
        place: numbers(readings(word)) for place, word in enumerate(Words(text).lines)
    }
