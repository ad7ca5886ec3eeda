"""The words of the pages, complete in every language."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest

from monitor.model import ReplyKind
from monitor.web.linkwords import ARABIC, ENGLISH, FRENCH, SPANISH, PageWords, page_words

ALL = [ENGLISH, FRENCH, SPANISH, ARABIC]
PLACES = re.compile(r"\{\w+\}")


def sentences(words: PageWords) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, asked in words.kinds.items():
        found |= {f"{kind}.{each.name}": getattr(asked, each.name) for each in fields(asked)}
    for each in fields(words):
        value: Any = getattr(words, each.name)
        found |= {each.name: " ".join(value)} if isinstance(value, tuple) else {}
    return found | {"undo": words.undo, "undone": words.undone, "since": words.since}


@pytest.mark.parametrize("words", ALL, ids=lambda words: words.language)
def test_each_sentence_is_there_in_each_language_with_the_same_places_to_fill(words: PageWords) -> None:
    mine, english = sentences(words), sentences(ENGLISH)
    assert set(words.kinds) == set(ReplyKind)
    assert mine.keys() == english.keys()
    assert all(mine.values())
    assert {n: sorted(PLACES.findall(t)) for n, t in mine.items()} == {
        n: sorted(PLACES.findall(t)) for n, t in english.items()
    }
    if words is not ENGLISH:
        assert [name for name in mine if mine[name] == english[name]] == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("fr", FRENCH),
        ("ar-MA", ARABIC),
        ("es_ES", SPANISH),
        ("fr-FR,fr;q=0.9,en;q=0.8", FRENCH),
        ("de", ENGLISH),
        ("", ENGLISH),
        (";;,,", ENGLISH),
    ],
)
def test_the_language_is_found_by_code_or_by_what_a_browser_sends(asked: str, expected: PageWords) -> None:
    assert page_words(asked) is expected
