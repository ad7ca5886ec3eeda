"""What an item is known by."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.refine import item_hash, item_key
from tests.build import make_item

MOMENT = datetime(2026, 4, 21, tzinfo=UTC)


def test_the_link_is_the_key_whoever_shows_it() -> None:
    item = make_item(url="https://www.gazette.example.org/a?utm_source=rss", id="other")
    assert item_key(item, "one") == item_key(item, "two") == "gazette.example.org/a"


def test_an_id_that_is_an_address_serves_where_there_is_no_link() -> None:
    assert item_key(make_item(url=None, id="https://gazette.example.org/a"), "one") == "gazette.example.org/a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # the id, within its source
        ({"id": "1"}, {"id": "2"}),
        # the title and the moment, where there is no id
        ({"id": None, "title": "Marché du jour"}, {"id": None, "title": "Autre marché"}),
        ({"id": None, "published": MOMENT}, {"id": None, "published": MOMENT.replace(day=22)}),
        # the text, where there is no title either
        ({"id": None, "title": "", "summary": "a"}, {"id": None, "title": "", "summary": "b"}),
    ],
)
def test_items_without_a_link_are_told_apart(one: dict[str, object], other: dict[str, object]) -> None:
    first, second = make_item(url=None, **one), make_item(url=None, **other)
    assert item_key(first, "gazette") != item_key(second, "gazette")
    assert item_key(first, "gazette") != item_key(first, "courrier")
    assert item_key(first, "gazette").startswith("gazette:")


def test_items_that_all_link_to_the_front_page_are_told_apart() -> None:
    front = [make_item(url="https://www.gazette.example.org/", id=None, title=title) for title in "ab"]
    assert item_key(front[0], "gazette") != item_key(front[1], "gazette")


def test_a_link_that_is_no_address_is_no_key() -> None:
    assert item_key(make_item(url="javascript:x", id="7"), "gazette") == item_key(
        make_item(url=None, id="7"), "gazette"
    )


@pytest.mark.parametrize("field", ["title", "summary", "content"])
def test_another_text_is_another_hash(field: str) -> None:
    assert item_hash(make_item(**{field: "before"})) != item_hash(make_item(**{field: "after"}))


def test_what_only_the_markup_says_changes_no_hash() -> None:
    one = make_item(summary="<p>Texte <img src='https://ads.example.org/1'> fin</p>")
    other = make_item(summary="<p>Texte  <img src='https://ads.example.org/2'>\nfin</p>")
    assert item_hash(one) == item_hash(other)


def test_text_between_fields_is_not_mixed_up() -> None:
    assert item_hash(make_item(title="a b", summary="")) != item_hash(make_item(title="a", summary="b"))


def test_keys_and_hashes_survive_lone_surrogates() -> None:
    item = make_item(url=None, id="\ud800", title="\udfff")
    assert item_key(item, "gazette").isascii()
    assert item_hash(item).isascii()
