"""Everything in a YAML file knows its line and column, and keeps the type that its author meant."""

from __future__ import annotations

import pytest

from monitor.settings.document import Scalar, plain, scalars
from monitor.settings.yamltext import read

# what stands behind `a: ` -> the value
VALUES = {
    # YAML 1.1's traps are text
    "no": "no",
    "NO": "NO",
    "on": "on",
    "y": "y",
    "12:30:00": "12:30:00",
    "1:30": "1:30",
    "017": "017",
    "0o17": "0o17",
    "0x1F": "0x1F",
    "1_000": "1_000",
    "2026-01-01": "2026-01-01",
    "=": "=",
    ".inf": ".inf",
    ".5": ".5",
    "1.": "1.",
    "+": "+",
    # the core schema's numbers, booleans and nulls
    "0": 0,
    "-5": -5,
    "+12": 12,
    "1.5": 1.5,
    "1e3": 1000.0,
    "true": True,
    "False": False,
    "~": None,
    "null": None,
    "": None,
    # quotes make text of anything
    "'5'": "5",
    '"true"': "true",
    "''": "",
    "|\n  5": "5",
}


@pytest.mark.parametrize("written", VALUES)
def test_a_scalar_has_the_type_its_author_meant(written: str) -> None:
    document = read(f"a: {written}\n", "f.yaml")
    assert document.tree is not None
    value = plain(document.tree)["a"]
    assert value == VALUES[written] or (written.startswith("|") and value == "5\n")
    assert type(value) in (type(VALUES[written]), str)


# text of the file, with ^ before the character of the scalar's text that is looked for, -> its line and column
PLACES = {
    "plain": "a: one ^two\n",
    "plain over two lines": "a: one\n   two\n   ^three\n",
    "in single quotes, behind an escaped quote": "a: 'l''état ^two'\n",
    "in double quotes, behind escapes": 'a: "\\u00e9\\t\\"\\x41 ^two"\n',
    "in double quotes, behind a continued line": 'a: "one \\\n   ^two"\n',
    "in a block": "a: |\n  one\n  ^two\n",
    "in a block with deeper lines": "a:\n  - |\n    one\n      ^two\n",
    "in a block with an indicator and a comment": "a: |2- # why\n  one\n  ^two\n",
    "folded": "a: >\n  one\n  two\n\n  ^three\n",
    "with Windows line ends": "b: 1\r\na: |\r\n  one\r\n  ^two\r\n",
    "behind Arabic": "a: الأمن ^الوطني\n",
    "in a list of a list": "a: [x, [one ^two]]\n",
}


@pytest.mark.parametrize("name", PLACES)
def test_a_character_of_a_text_is_found_in_the_file(name: str) -> None:
    marked = PLACES[name]
    index = marked.index("^")
    text = marked.replace("^", "")
    before = text[:index].replace("\r\n", "\n")
    expected = before.count("\n") + 1, len(before) - before.rfind("\n")
    wanted = text[index:].split()[0].strip("]\"'")
    document = read(text, "f.yaml")
    scalar = next(leaf for _, leaf in scalars(document.tree) if wanted in leaf.text)
    assert document.place_in(scalar, scalar.text.index(wanted)) == expected


def test_the_place_behind_a_texts_end_is_its_end() -> None:
    document = read("a: one two\n", "f.yaml")
    scalar = document.at(("a",))
    assert isinstance(scalar, Scalar)
    assert document.place_in(scalar, 99) == (1, 11)


def test_what_an_interpolation_brought_is_placed_at_its_beginning() -> None:
    document = read("a: ${LONG}\n", "f.yaml")
    assert document.place_in(Scalar("a long text", "", 3, 10, substituted=True), 7) == (1, 4)


def test_a_value_that_is_absent_is_placed_at_its_nearest_parent() -> None:
    document = read("a:\n  - b: 1\n    c: 2\n", "f.yaml")
    assert document.place(("a", 0, "missing")) == (2, 5)
    assert document.place(("a", 0, "c"), key=True) == (3, 5)
    assert document.place(("a", 0, "c")) == (3, 8)
    assert document.place(("nothing", "at", "all")) == (1, 1)
