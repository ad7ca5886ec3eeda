"""By what an item is recognised whose id changes."""

from __future__ import annotations

import pytest

from monitor.text.naming import name_of

LINK = "https://example.org/a?token=1#top"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Le roi à Doha", LINK), ("Le  roi <b>à</b>\nDOHA", None), True),  # markup, spaces, capitals
        (("L&#39;avis", None), ("L'avis", LINK), True),
        (("Le roi à Doha", LINK), ("Le roi à Rabat", LINK), False),  # the title, where there is one
        (("", LINK), ("<br>", "https://example.org/a?token=2"), True),  # else the address without parameters
        (("", LINK), ("", "https://example.org/b"), False),
    ],
)
def test_a_name_is_the_title_or_the_bare_address(
    one: tuple[str, str | None], other: tuple[str, str | None], same: bool
) -> None:
    assert (name_of(*one) == name_of(*other)) is same


def test_what_has_neither_has_no_name() -> None:
    assert name_of(" <br> ", None) == name_of("", "") == ""
    assert len(name_of("x" * 1_000_000, None)) == len(name_of("x", None))
