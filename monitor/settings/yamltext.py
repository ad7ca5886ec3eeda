"""The bytes of a YAML file -> a Document, or the mistakes in it. Called by `load`; opens nothing, never raises.

Built from ruamel.yaml's event stream, without its composer: the stream stops at the first level too deep, so that
neither nesting nor an alias bomb costs time or stack. What makes YAML ambiguous is refused: anchors, aliases, tags,
directives, merge keys, duplicate keys, a second document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from monitor.errors import Problem
from monitor.settings.document import DIGITS, NUMBER, Document, Lines, Mark, Path, Scalar, Tree

DEPTH = 50
SHOWN = 100  # mistakes of one file; who has more has one cause
UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
CONFLICT = re.compile(r"<<<<<<<|=======|>>>>>>>")
MERGE = "a conflict that a merge left behind: keep one side, and remove the three marked lines"
DIRECTIVE = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*%")


def decode(data: bytes, file: str) -> str | Problem:
    """A file's text, or what is wrong with its bytes."""
    if not data:
        return Problem(file, 0, 0, "is empty: half written? Remove the file if nothing is meant")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem(file, 1, 1, "is UTF-16: save it as UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = Lines(before).position(len(before))
        byte = f"byte 0x{data[error.start]:02X} is not UTF-8"
        return Problem(file, line, column, f"{byte} (Latin-1 or Windows-1252?): save the file as UTF-8")
    text = text.removeprefix("\ufeff")
    if bad := UNWANTED.search(text):
        name = "NUL" if bad.group() == "\0" else f"control character U+{ord(bad.group()):04X}"
        return Problem(file, *Lines(text).position(bad.start()), f"a {name} cannot stand in YAML: remove it")
    return text


def read(text: str, file: str) -> Document:
    """The document of a file's text. Never raises: mistakes are in `problems`, the first unreadable one ends it."""
    builder = _Builder(file, text)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except _Stop:
        pass
    except MarkedYAMLError as error:
        builder.syntax(error)
    except (
        Exception
    ) as error:  # ruamel's wall: odd escapes and directives leave it as ValueError and the like
        builder.broken(error)
    return builder.document()


class _Stop(Exception):
    """Nothing behind this place can be understood."""


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come; `key` waits for its value."""

    path: Path
    node: list[Tree] | dict[str, Tree]
    key: str | None = None


class _Builder:
    """Takes the events of one stream, in order."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.lines = Lines(text)
        self.root: Tree | None = None
        self.open: list[_Open] = []
        self.marks: dict[Path, Mark] = {}
        self.keys: dict[Path, Mark] = {}
        self.problems: list[Problem] = []
        self.anchors: set[str] = set()
        self.documents = 0
        self.last = 0  # where the present event began
        self.whole = True

    def document(self) -> Document:
        if self.root is None and not self.problems:
            self.note(0, "holds nothing but comments: remove the file if nothing is meant")
        tree = self.root if self.whole else None
        return Document(
            self.file, self.text, tree, self.lines, self.marks, self.keys, tuple(self.problems), self.whole
        )

    def note(self, index: int, message: str) -> None:
        self.problems.append(Problem(self.file, *self.lines.position(index), message))
        if len(self.problems) >= SHOWN - 1:
            self.stop(index, f"{SHOWN} mistakes: the rest of the file was not read")

    def stop(self, index: int, message: str) -> None:
        self.problems.append(Problem(self.file, *self.lines.position(index), message))
        self.whole = False
        raise _Stop

    def syntax(self, error: MarkedYAMLError) -> None:
        mark = _to_blame(error)
        index = mark.index if mark else 0
        self.whole = False
        conflict = CONFLICT.match(self.text, self.text.rfind("\n", 0, index) + 1)
        message = MERGE if conflict else _syntax_message(error)
        self.problems.append(Problem(self.file, *self.lines.position(index), message))

    def broken(self, error: Exception) -> None:
        self.whole = False
        message = f"cannot be read as YAML from here on: {str(error) or type(error).__name__}"
        self.problems.append(Problem(self.file, *self.lines.position(self.last), message))

    def take(self, event: Any) -> None:
        index = self.last = event.start_mark.index if event.start_mark else 0
        if isinstance(event, DocumentStartEvent):
            self._begin_document(event, index)
        elif isinstance(event, AliasEvent):
            self.whole = False
            known = event.anchor in self.anchors
            remedy = "write the value again" if known else "put text that begins with * in quotes"
            self.note(index, f"alias *{event.anchor}: aliases are not accepted; {remedy}")
            self._put(Scalar("", "", index, index), index)
        elif isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent):
            self._refuse_decoration(event, index)
            self._node(event, index)
        elif isinstance(event, SequenceEndEvent | MappingEndEvent):
            self.open.pop()

    def _begin_document(self, event: Any, index: int) -> None:
        self.documents += 1
        if self.documents == 1 and (found := DIRECTIVE.match(self.text)):
            self.note(found.end() - 1, "YAML directives (%YAML, %TAG) are not accepted; remove the line")
        if self.documents > 1:
            self.stop(index, "a second document: one document a file; remove the --- or split the file")

    def _refuse_decoration(self, event: Any, index: int) -> None:
        if event.anchor:
            self.anchors.add(event.anchor)
            self.note(index, f"anchor &{event.anchor}: anchors are not accepted; remove it")
        if event.tag is not None:
            self.note(index, f"tag {_short(str(event.tag))}: tags are not accepted; remove it")

    def _node(self, event: Any, index: int) -> None:
        if isinstance(event, ScalarEvent):
            scalar = Scalar(event.value, event.style or "", index, event.end_mark.index)
            if self._awaits_key():
                self._key(scalar)
            else:
                self._check(scalar)
                self._put(scalar, index)
            return
        if self._awaits_key():
            self.stop(index, "a list or mapping cannot be a key: a key is a word followed by ': '")
        if len(self.open) >= DEPTH:
            self.stop(index, f"nested deeper than {DEPTH} levels")
        node: list[Tree] | dict[str, Tree] = [] if isinstance(event, SequenceStartEvent) else {}
        self.open.append(_Open(self._put(node, index), node))

    def _awaits_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].node, dict) and self.open[-1].key is None

    def _key(self, scalar: Scalar) -> None:
        frame, key = self.open[-1], scalar.text
        path = (*frame.path, key)
        if key == "<<" and not scalar.style:
            self.note(scalar.start, "merge key <<: merge keys are not accepted; write the keys out")
        if path in self.keys:
            line, column = self.keys[path]
            self.note(scalar.start, f"{_short(key)}: duplicate key; first at {line}:{column}")
        self.keys[path] = self.lines.position(scalar.start)
        frame.key = key

    def _check(self, scalar: Scalar) -> None:
        if bad := UNWANTED.search(scalar.text):
            self.note(scalar.start, f"an escape stands for U+{ord(bad.group()):04X}, which no text may hold")
        if not scalar.style and len(scalar.text) > DIGITS + 1 and NUMBER.fullmatch(scalar.text):
            self.note(scalar.start, f"a number of more than {DIGITS} digits; put it in quotes if it is text")

    def _put(self, node: Tree, index: int) -> Path:
        path: Path = ()
        if not self.open:
            self.root = node
        else:
            frame = self.open[-1]
            if isinstance(frame.node, list):
                path = (*frame.path, len(frame.node))
                frame.node.append(node)
            else:
                path = (*frame.path, frame.key or "")
                frame.node[frame.key or ""], frame.key = node, None
        self.marks[path] = self.lines.position(index)
        return path


def _to_blame(error: MarkedYAMLError) -> Any:
    """Where the mistake was made, as far as that can be told: often long before it was noticed."""
    begun_there = str(error.problem).startswith(
        ("could not find expected ':'", "found unexpected end of stream")
    )
    return (
        error.context_mark if begun_there and error.context_mark else error.problem_mark or error.context_mark
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


PLAINER = {
    "mapping values are not allowed here": "': ' cannot stand here: check the indentation, or put the text in quotes",
    "could not find expected ':'": "a line that is neither 'key: value' nor '- item'",
    "expected <block end>, but found '<block mapping start>'": "indented differently from the lines above it",
    "expected <block end>, but found '<block sequence start>'": "indented differently from the lines above it",
    "expected <block end>, but found '-'": "a list item that is indented differently from the lines above it",
    "expected <block end>, but found '?'": "indented differently from the lines above it",
    "expected <block end>, but found '<scalar>'": "text behind a closing quote or bracket, or indented differently",
    "found unexpected end of stream": "the quoted text that begins here has no end: half written, or a quotation mark left out?",
    "expected <block end>, but found": "text behind a closing quote or bracket, or indented differently",
    "expected '<document start>'": "the document ended above: check the indentation",
    "expected a comment or a line break": "text behind | or >: it begins on the next line; in quotes they are signs like others",
    "expected chomping or indentation": "text behind | or >: it begins on the next line; in quotes they are signs like others",
    "mapping keys are not allowed here": "'? ' cannot stand here: put text that begins with ? in quotes",
    "expected alphabetic or numeric character": "text that begins with * or & needs quotes",
    "expected the node content": "a comma or bracket where a value is expected",
    "sequence entries are not allowed here": "'- ' cannot stand here: a list begins on a line of its own; or put the text in quotes",
}


def _syntax_message(error: MarkedYAMLError) -> str:
    opened = error.context_mark
    problem = str(error.problem or error.context or "not YAML").strip().splitlines()[0]
    if r"'\t'" in problem or "tab" in problem.lower():
        return "a tab: YAML is indented with spaces"
    if problem.startswith("expected ',' or") and opened:
        return f"the bracket of {opened.line + 1}:{opened.column + 1} is not closed, or a comma is missing"
    if found := re.match(r"found character '(.)' that cannot start", problem):
        return f"text that begins with {found[1]} needs quotes"
    if "<stream end>" in problem:
        return "the file ends inside a list or mapping: half written, or a bracket that is not closed?"
    for known, said in PLAINER.items():
        if problem.startswith(known):
            return said
    return _short(f"not YAML: {problem}" if len(problem) <= 60 else problem)
