"""A YAML file as a tree in which everything knows its line and column. Made by `yamltext`, used by all of settings.

Leaves stay as written until `plain` gives them their type, so that an interpolation can change them before. Types
follow YAML 1.2's core rules in their narrowest form: `no`, `12:30:00`, `017`, `0x1f` and `2026-01-01` are text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Union

from monitor.errors import Problem

DIGITS = 18

Path = tuple[str | int, ...]
Mark = tuple[int, int]
Tree = Union["Scalar", list["Tree"], dict[str, "Tree"]]

NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
EMPTY = ("", "~", "null", "Null", "NULL")
BREAK = re.compile(r"\r\n|\r|\n")
ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|\r\n|.)", re.DOTALL)


class Lines:
    """Finds the line and column, from 1, of a character of a text."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in BREAK.finditer(text))]

    def position(self, index: int) -> Mark:
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf: its text after quotes and folding, and where it stands. `start` and `end` index the file's text."""

    text: str
    style: str  # "" (plain) ' " | >
    start: int
    end: int
    substituted: bool = False  # holds what an interpolation brought: never to be shown
    unset: bool = False  # ... which brought nothing: told already, nothing more to say of it


@dataclass(frozen=True, slots=True)
class Document:
    """One file. `tree` is None when the text cannot be read at all; `whole` is False when a part had to be left out."""

    file: str
    text: str = field(repr=False)
    tree: Tree | None = field(repr=False)
    lines: Lines = field(repr=False)
    marks: dict[Path, Mark] = field(repr=False, default_factory=dict)
    keys: dict[Path, Mark] = field(repr=False, default_factory=dict)
    problems: tuple[Problem, ...] = ()
    whole: bool = True

    @classmethod
    def unreadable(cls, file: str) -> Document:
        """The document of a file that gave no text."""
        return cls(file, "", None, Lines(""), whole=False)

    def place(self, path: Path, *, key: bool = False) -> Mark:
        """Where a value (or its key) stands; for what is absent, where its nearest parent does."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (1, 1))

    def at(self, path: Path) -> Tree | None:
        """The node at a path, or None."""
        node: Any = self.tree
        for part in path:
            if isinstance(node, dict):
                node = node.get(str(part))
            elif isinstance(node, list) and isinstance(part, int) and part < len(node):
                node = node[part]
            else:
                return None
        return node  # type: ignore[no-any-return]

    def place_in(self, scalar: Scalar, offset: int) -> Mark:
        """Where the character `offset` of a scalar's text stands in the file, through quotes, folds and indents."""
        if scalar.substituted:
            return self.lines.position(scalar.start)
        origins = list(_origins(self.text, scalar))
        if offset < len(origins):
            return self.lines.position(origins[offset])
        return self.lines.position(origins[-1] + 1 if origins else scalar.start)


def plain(tree: Tree) -> Any:
    """The tree as dicts, lists, text, numbers, booleans and None."""
    if isinstance(tree, dict):
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    return _value(tree)


def scalars(tree: Tree | None, path: Path = ()) -> Iterator[tuple[Path, Scalar]]:
    """Every leaf with its path, in the order of the file."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from scalars(value, (*path, key))
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from scalars(item, (*path, index))
    elif tree is not None:
        yield path, tree


def rewrite(tree: Tree, leaves: dict[Path, Scalar], path: Path = ()) -> Tree:
    """The tree with other leaves at some places."""
    if isinstance(tree, dict):
        return {key: rewrite(value, leaves, (*path, key)) for key, value in tree.items()}
    if isinstance(tree, list):
        return [rewrite(value, leaves, (*path, index)) for index, value in enumerate(tree)]
    return leaves.get(path, tree)


def _value(scalar: Scalar) -> str | int | float | bool | None:
    if scalar.style:
        return scalar.text
    if scalar.text in EMPTY:
        return None
    if scalar.text in WORDS:
        return WORDS[scalar.text]
    number = NUMBER.fullmatch(scalar.text)
    if number is None or len(scalar.text) > DIGITS + 1:
        return scalar.text
    return float(scalar.text) if number.group(2) or number.group(3) else int(scalar.text)


def _origins(text: str, scalar: Scalar) -> Iterator[int]:
    """For each character of the scalar's text, the index in the file's text that it came from."""
    place = scalar.start + (1 if scalar.style in ("'", '"') else 0)
    if scalar.style in ("|", ">"):
        place = text.find("\n", scalar.start) + 1
    for character in scalar.text:
        place = _seek(text, place, scalar, character)
        yield min(place, max(scalar.end - 1, scalar.start))
        place += _width(text, place, scalar.style)


def _seek(text: str, place: int, scalar: Scalar, character: str) -> int:
    """The next place that can have become `character`: blanks and line continuations between are skipped."""
    while place < scalar.end:
        here = text[place]
        if here == character or (character.isspace() and here.isspace()):
            return place
        if here == "\\" and scalar.style == '"':
            if text[place + 1 : place + 2] not in ("\n", "\r"):
                return place
            place += _width(text, place, scalar.style)
        else:
            place += 1
    return place


def _width(text: str, place: int, style: str) -> int:
    if style == '"' and (escape := ESCAPE.match(text, place)):
        return len(escape.group())
    return 2 if style == "'" and text.startswith("''", place) else 1
