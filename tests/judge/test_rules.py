"""What only shows when watchlists and entities are compiled together."""

from __future__ import annotations

import pytest

from monitor.errors import QueryError
from monitor.judge import compile_rules
from monitor.model import Watchlist
from tests.build import make_entity, make_watchlist

QATAR = make_entity("qatar", "Qatar")


@pytest.mark.parametrize(
    ("watchlist", "column", "message"),
    [
        (make_watchlist(any=("entity:qatr",)), 1, "watchlist w: unknown entity qatr; did you mean qatar?"),
        (make_watchlist(query="Doha AND entity:rabat"), 10, "watchlist w: unknown entity rabat"),
        (make_watchlist(query="@forum"), 1, "watchlist w: unknown watchlist forum; did you mean forums?"),
        (
            make_watchlist(query="Doha Qatar"),
            6,
            "watchlist w: 'Doha Qatar', column 6: Doha and Qatar stand side by side",
        ),
        (make_watchlist(any=("te*",)), 1, "watchlist w: 'te*', column 1: te*: 3 letters"),
        (make_watchlist(none=("Doha",)), 1, "watchlist w has only none"),
        (make_watchlist(), 1, "watchlist w looks for nothing"),
        (make_watchlist(query="NEAR/3(@logic, Doha)"), 8, "@logic holds AND, NOT or the like"),
        (make_watchlist(query="@w OR Doha"), 1, "in a circle: w -> w"),
    ],
)
def test_a_mistake_names_its_watchlist_and_what_to_do(
    watchlist: Watchlist, column: int, message: str
) -> None:
    others = [make_watchlist("forums", any=("forum",)), make_watchlist("logic", query="a AND b")]
    with pytest.raises(QueryError) as caught:
        compile_rules([watchlist, *others], [QATAR], [], [])
    assert message in str(caught.value)
    assert caught.value.column == column


def test_a_circle_over_several_watchlists_is_named() -> None:
    lists = [
        make_watchlist("a", any=("@b",)),
        make_watchlist("b", any=("@c",)),
        make_watchlist("c", any=("@a",)),
    ]
    with pytest.raises(QueryError, match="a -> b -> c -> a"):
        compile_rules(lists, [], [], [])


@pytest.mark.parametrize("order", [1, -1])  # whichever is compiled first
def test_references_too_deep_are_refused_before_they_overflow(order: int) -> None:
    deep = "title:(" * 18 + "{}" + ")" * 18
    lists = [make_watchlist("w0", any=("forum",))]
    lists += [make_watchlist(f"w{n}", query=deep.format(f"@w{n - 1}")) for n in range(1, 60)]
    with pytest.raises(QueryError, match="150 levels"):
        compile_rules(lists[::order], [], [], [])


def test_a_reference_with_places_may_stand_where_distance_counts() -> None:
    lists = [make_watchlist("forums", any=("forum", "salon")), make_watchlist(query="NEAR/3(@forums, Doha)")]
    assert len(compile_rules(lists, [], [], []).watchlists) == 2
