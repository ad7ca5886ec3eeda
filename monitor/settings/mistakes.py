"""pydantic's errors -> Problems with file, line, column and a suggestion. Called by `load`; pure.

A value is quoted in a message only when it stands in the file as written and no secret belongs there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from monitor.errors import Problem
from monitor.settings.document import Document, Path, Scalar, plain
from monitor.settings.fields import nearest
from monitor.settings.schema import Entry
from monitor.settings.secrets import secret_place

Loc = tuple[str | int, ...]

EXPECTED = {
    "string_type": "text is expected",
    "int_type": "a whole number is expected",
    "bool_type": "true or false is expected",
    "tuple_type": "a list is expected",
    "model_type": "keys and values are expected (key: value)",
    "model_attributes_type": "keys and values are expected (key: value)",
}
TRUTHS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def explain(error: ValidationError, document: Document, kind: str, root: type[Entry]) -> list[Problem]:
    """One Problem for each mistake that pydantic found in the document."""
    found = [(_in_document(one), one) for one in error.errors(include_url=False, include_input=False)]
    misspelt = {
        (*path[:-1], close)
        for path, one in found
        if one["type"] == "extra_forbidden"
        for close in _suggested(str(path[-1]), _keys(root, one["loc"][:-1]))
    }
    told = {(problem.line, problem.column) for problem in document.problems}
    problems = [
        _problem(document, kind, root, path, one)
        for path, one in found
        if not (one["type"] == "missing" and path in misspelt) and not _follows(document, path, one)
    ]
    return [problem for problem in problems if (problem.line, problem.column) not in told]


def _follows(document: Document, path: Path, error: Any) -> bool:
    """Whether a mistake only follows from another: a placeholder without a value, a list short of its wrong items."""
    node = document.at(path)
    if isinstance(node, Scalar):
        return node.unset
    return isinstance(node, list) and error["type"] == "too_short" and len(node) >= error["ctx"]["min_length"]


def _problem(document: Document, kind: str, root: type[Entry], path: Path, error: Any) -> Problem:
    match error["type"]:
        case "extra_forbidden":
            place = document.place(path, key=True)
            message = _unknown_key(str(path[-1]), _model(root, error["loc"][:-1]))
        case "missing":
            place, message = document.place(path), f"{path[-1]} is missing"
        case _:
            place = _place(document, path, error.get("ctx", {}))
            message = _named(document, path) + _value_message(document, kind, path, error)
    return Problem(document.file, *place, message)


def _place(document: Document, path: Path, context: dict[str, Any]) -> tuple[int, int]:
    node, offset = document.at(path), context.get("offset")
    if isinstance(node, Scalar) and offset is not None:
        return document.place_in(node, offset)
    return document.place(path)


def _named(document: Document, path: Path) -> str:
    """The key that a value belongs to, before the sentence about it; an entry of a list speaks for itself."""
    if isinstance(document.at(path), dict) and isinstance(path[-1], int):
        return ""
    keys = [part for part in path if isinstance(part, str)]
    return f"{keys[-1]}: " if keys else ""


def _value_message(document: Document, kind: str, path: Path, error: Any) -> str:
    context = error.get("ctx", {})
    shown = _shown(document, kind, path)
    match error["type"]:
        case "mistake":
            return _mistake(context, shown, document.at(path))
        case "enum" | "literal_error":
            choices = re.findall(r"'([^']*)'|(True)", context["expected"])
            words = [word or "true" for word, _ in choices]
            return f"{shown} is not {_either(words)}{nearest(shown, words)}"
        case "too_short":
            return f"at least {context['min_length']} wanted, here {'is' if context['actual_length'] == 1 else 'are'} {context['actual_length']}"
        case "string_too_long":
            return f"longer than {context['max_length']} characters"
        case "string_too_short":
            return "empty"
        case "greater_than_equal":
            return f"{shown} is less than {context['ge']}"
        case "less_than_equal":
            return f"{shown} is more than {context['le']}"
        case known if known in EXPECTED:
            return _expected(document, path, EXPECTED[known], shown)
        case _:
            return str(error["msg"])


def _mistake(context: dict[str, Any], shown: str, node: object) -> str:
    message = str(context["message"])
    if isinstance(node, Scalar) and node.substituted:
        message = context["veiled"] or message.partition("; ")[0]
    return message.replace("{value}", shown, 1)


def _expected(document: Document, path: Path, what: str, shown: str) -> str:
    node = document.at(path)
    value = plain(node) if isinstance(node, Scalar) else node
    if value is None:
        return f"{what}, and nothing is here; remove the key if nothing is meant"
    if isinstance(value, dict | list):
        quotes = "; text that holds ': ' needs quotes" if what == EXPECTED["string_type"] else ""
        return f"{what}, not {'a list' if isinstance(value, list) else 'a mapping (key: value)' + quotes}"
    if what == EXPECTED["string_type"]:
        return f"{what}; put {shown} in quotes"
    if what == EXPECTED["tuple_type"]:
        return f"{what}: write [{shown}]"
    meant = TRUTHS.get(str(value).lower()) if what == EXPECTED["bool_type"] else None
    return f"{what}, not {shown}" + (f"; did you mean {meant}?" if meant else "")


def _shown(document: Document, kind: str, path: Path) -> str:
    node = document.at(path)
    if not isinstance(node, Scalar):
        return "a list" if isinstance(node, list) else "a mapping (key: value)"
    if node.substituted or secret_place(kind, path):
        return "the value"
    return _readable(node.text)


def _readable(text: str) -> str:
    """Cut short; with what cannot be seen spelt out."""
    text = text if len(text) <= 60 else text[:57] + "..."
    return text if text.isprintable() and text.strip() else repr(text)


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _unknown_key(key: str, model: type[BaseModel] | None) -> str:
    shown = _readable(key)
    later = model.later.get(key) if model is not None and issubclass(model, Entry) else None
    if later:
        return f"{shown}: not supported by this version: {later}"
    known = list(_names(model)) if model else []
    hint = nearest(key, known) or (f"; known are {', '.join(known)}" if known else "")
    return f"{shown}: unknown key{hint}"


def _suggested(key: str, known: Iterable[str]) -> list[str]:
    hint = nearest(key, known)
    return [hint.removeprefix("; did you mean ").removesuffix("?")] if hint else []


def _in_document(error: Any) -> Path:
    """pydantic's place as a path of the document: without the names of a union's members, such as <entity>."""
    loc: Loc = error["loc"]
    if error["type"] in ("extra_forbidden", "missing"):
        return (*(part for part in loc[:-1] if not _is_tag(part)), loc[-1])
    return tuple(part for part in loc if not _is_tag(part))


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


def _keys(root: type[Entry], loc: Loc) -> list[str]:
    model = _model(root, loc)
    return list(_names(model)) if model else []


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield info.alias or name


def _model(root: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """The model whose keys stand at a place of pydantic's."""
    choices = [root]
    for part in loc:
        if _is_tag(part):
            choices = [choice for choice in choices if str(part).strip("<>") in _names(choice)]
        elif isinstance(part, str):
            choices = list(_models_in(_field(choices[0], part))) if choices else []
    return choices[0] if choices else None


def _field(model: type[BaseModel], key: str) -> Any:
    for name, info in model.model_fields.items():
        if key in (info.alias, name):
            return info.annotation
    return None


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
