"""Passages that show where an article matched."""

from __future__ import annotations

import pytest

from monitor.model import Hit
from monitor.text.snippets import LENGTH, Passage, marked, passages, spans
from tests.build import make_article
from tests.deliver.samples import hits_of


def shown(passage: Passage) -> str:
    return "".join(f"[{part.text}]" if part.hit else part.text for part in passage)


def hit(start: int, end: int, field: str = "body") -> Hit:
    return Hit("t", "t", field, start, end, "x" * (end - start))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], []),
        ([(5, 8), (0, 3)], [(0, 3), (5, 8)]),
        # overlapping, nested and touching ones are one
        ([(0, 5), (3, 8)], [(0, 8)]),
        ([(0, 9), (3, 5)], [(0, 9)]),
        ([(0, 3), (3, 5)], [(0, 5)]),
        # what does not lie in the text is left out: the article changed since
        ([(-1, 3), (4, 4), (6, 5), (9, 11)], []),
    ],
)
def test_hits_become_disjoint_spans(found: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    assert spans([hit(*span) for span in found], "body", 10) == expected


def test_hits_of_another_field_are_not_shown_here() -> None:
    assert spans([hit(0, 3, "title")], "body", 10) == []


def test_a_title_shows_its_hits() -> None:
    article = make_article("Hammouchi à Doha", "")
    assert (
        shown(marked(article.title, hits_of(article, "Doha", "Hammouchi"), "title", 100))
        == "[Hammouchi] à [Doha]"
    )


def test_a_title_that_is_too_long_is_cut() -> None:
    article = make_article("Doha " + "a" * 10_000, "")
    assert shown(marked(article.title, hits_of(article, "Doha"), "title", 20)) == "[Doha] " + "a" * 14 + "…"


def test_a_passage_is_cut_between_words_and_says_so() -> None:
    body = "mot " * 100 + "Hammouchi " + "autre " * 100
    (passage,) = passages(body, hits_of(make_article("", body), "Hammouchi"))
    text = shown(passage)
    assert text.startswith("… mot mot")
    assert text.endswith("autre autre …")
    assert "[Hammouchi]" in text
    assert LENGTH - 20 <= len(text) <= LENGTH + 20


def test_a_passage_stays_in_its_paragraph() -> None:
    body = "Avant.\nM. Hammouchi est à Doha.\nAprès."
    (passage,) = passages(body, hits_of(make_article("", body), "Hammouchi"))
    assert shown(passage) == "M. [Hammouchi] est à Doha."


def test_neighbouring_hits_share_a_passage() -> None:
    body = "La DGSN et la DGST sont à Doha."
    found = passages(body, hits_of(make_article("", body), "DGSN", "DGST"))
    assert [shown(passage) for passage in found] == ["La [DGSN] et la [DGST] sont à Doha."]


def test_at_most_three_passages_show_different_words() -> None:
    far = " " + "mot " * 100
    body = far.join(("Doha", "Doha", "Doha", "DGSN", "DGST", "Rabat"))
    found = passages(body, hits_of(make_article("", body), "Doha", "DGSN", "DGST", "Rabat"))
    assert len(found) == 3
    assert [next(part.text for part in passage if part.hit) for passage in found] == ["Doha", "DGSN", "DGST"]


def test_a_word_of_ten_thousand_letters_makes_a_short_passage() -> None:
    body = "x" * 10_000 + "Doha" + "y" * 10_000
    (passage,) = passages(body, hits_of(make_article("", body), "Doha"))
    assert len(shown(passage)) < 40


def test_passages_are_cleaned_after_they_are_found() -> None:
    body = "Le \x1b[31mchef\u202e de la DGSN\tà Doha"
    (passage,) = passages(body, hits_of(make_article("", body), "DGSN"))
    assert shown(passage) == "Le [31mchef de la [DGSN] à Doha"
