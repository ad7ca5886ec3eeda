"""Places in four languages, and words that only look like one."""

from __future__ import annotations

import pytest

from monitor.text import Words
from monitor.text.places import is_country, places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le ministre marocain à Beni Mellal", {"MA", "benimellal"}),
        ("Marruecos y la ciudad de Tánger", {"MA", "tanger"}),
        ("وصل الوزير القطري إلى الدوحة قادما من المغرب", {"QA", "doha", "MA"}),
        ("بالدوحة وقطر", {"doha", "QA"}),
        ("Saisie au port de Tanger Med", {"tangermed"}),
        ("Les Etats-Unis et les Emirats", {"US", "AE"}),
        ("A romantic story at home", set()),
        ("", set()),
    ],
)
def test_places_are_one_in_every_language(text: str, expected: set[str]) -> None:
    assert set(places(Words(text).words)) == expected


def test_countries_are_told_from_cities() -> None:
    assert is_country("MA")
    assert not is_country("rabat")
