"""What files say of one another exists, and goes in no circle."""

from __future__ import annotations

import pytest

from monitor.settings.references import circle
from tests.settings.conftest import Folder

SOURCES = 'sources: [{id: gazette, url: "https://gazette.example.org/"}]\n'
ENTITIES = "entities: [{id: dgsn, name: DGSN}]\n"

# query -> column in it, message; None where it is sound
QUERIES: dict[str, tuple[int, str] | None] = {
    "entity:dgsn AND paix": None,
    "paix AND entity:dgns": (10, "no entity is called dgns; did you mean dgsn?"),
    "title:(entity:dgsn | entity:x)": (22, "no entity is called x"),
    "paix AND @other": None,
    "paix AND @othr": (10, "no watchlist is called othr; did you mean other?"),
    "watchlist:other": None,
    "NEAR/3(entity:dgsn, entity:none)": (21, "no entity is called none"),
    # what is said of the source
    "paix AND source:gazette": None,
    "paix AND source:gazete": (10, "no source is called gazete; did you mean gazette?"),
    "paix AND country:MA": None,
    "paix AND country:Maroc": (10, "country:Maroc is no country's two letters (ISO 3166: MA, QA, FR ...)"),
    "paix AND lang:ar": None,
    "paix AND lang:arabe": (10, "lang:arabe is no language's two letters (ISO 639-1: fr, ar, en, es ...)"),
    # tags are free, and a quoted text is only a text
    "paix AND tag:anything": None,
    '"source:gazete"': None,
    # the first mistake of two
    "source:x AND entity:y": (1, "no source is called x"),
}


@pytest.mark.parametrize("query", QUERIES)
def test_what_a_query_names_exists(query: str, folder: Folder) -> None:
    folder.write("sources/s.yaml", SOURCES)
    folder.write("entities/e.yaml", ENTITIES)
    folder.write(
        "watchlists/w.yaml",
        f"watchlists:\n  - {{id: other, any: [guerre]}}\n  - id: w\n    query: |\n      {query}\n",
    )
    expected = QUERIES[query]
    if expected is None:
        assert len(folder.load().watchlists) == 2
    else:
        column, message = expected
        assert folder.mistakes() == [f"watchlists/w.yaml:5:{6 + column}: query: {message}"]


def test_a_kind_of_file_that_cannot_be_read_is_blamed_alone(folder: Folder) -> None:
    folder.write("entities/e.yaml", "entities: [\n")
    folder.write("watchlists/w.yaml", "watchlists: [{id: w, any: [{entity: somebody}]}]\n")
    assert [mistake.split(":")[0] for mistake in folder.mistakes()] == ["entities/e.yaml"]


def test_an_entry_with_another_mistake_still_counts_as_defined(folder: Folder) -> None:
    folder.write("entities/e.yaml", "entities: [{id: dgsn, nam: DGSN}]\n")
    folder.write("watchlists/w.yaml", "watchlists: [{id: w, any: [{entity: dgsn}]}]\n")
    assert folder.mistakes() == ["entities/e.yaml:1:23: nam: unknown key; did you mean name?"]


# references -> the circle
GRAPHS: list[tuple[dict[str, set[str]], tuple[str, ...]]] = [
    ({}, ()),
    ({"a": {"b"}, "b": {"c"}, "c": set()}, ()),
    ({"a": {"a"}}, ("a", "a")),
    ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, ("b", "c", "b")),
    # two ways to one place are no circle
    ({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}, ()),
    # what does not exist is another mistake
    ({"a": {"gone"}}, ()),
]


@pytest.mark.parametrize(("graph", "found"), GRAPHS)
def test_a_circle_of_references_is_found(graph: dict[str, set[str]], found: tuple[str, ...]) -> None:
    assert circle(graph) == found


def test_a_long_chain_is_no_circle_and_no_recursion() -> None:
    assert circle({str(n): {str(n + 1)} for n in range(5_000)}) == ()
