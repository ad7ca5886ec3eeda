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

EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list, such as [a, b]",
    "model_type": "keys and values (key: value)",
    "model_attributes_type": "keys and values (key: value)",
    "dict_type": "keys and values (key: value)",
    "date_type": "a date",
}


def explain(error: ValidationError, document: Document, kind: str, root: type[Entry]) -> list[Problem]:
    """One Problem for each mistake that pydantic found in the document."""
    found = [
        (_in_document(document, one["loc"]), one)
        for one in error.errors(include_url=False, include_input=False)
    ]
    misspelt = {
        (*path[:-1], close)
        for path, one in found
        if one["type"] == "extra_forbidden"
        for close in _suggested(str(path[-1]), _keys(root, one["loc"][:-1]))
    }
    return [
        _problem(document, kind, root, path, one)
        for path, one in found
        if not (one["type"] == "missing" and (*path, one["loc"][-1]) in misspelt)
    ]


def _problem(document: Document, kind: str, root: type[Entry], path: Path, error: Any) -> Problem:
    match error["type"]:
        case "extra_forbidden":
            place = document.place(path, key=True)
            message = _unknown_key(str(path[-1]), _model(root, error["loc"][:-1]))
        case "missing":
            place, message = document.place(path), f"{error['loc'][-1]} is missing"
        case _:
            place = _place(document, path, error.get("ctx", {}))
            message = _named(path) + _value_message(document, kind, path, error)
    return Problem(document.file, *place, message)


def _place(document: Document, path: Path, context: dict[str, Any]) -> tuple[int, int]:
    node, offset = document.at(path), context.get("offset")
    if isinstance(node, Scalar) and offset is not None:
        return document.place_in(node, offset)
    return document.place(path)


def _named(path: Path) -> str:
    """The key that a value belongs to, before the sentence about it."""
    keys = [part for part in path if isinstance(part, str)]
    return f"{keys[-1]}: " if keys else ""


def _value_message(document: Document, kind: str, path: Path, error: Any) -> str:
    context = error.get("ctx", {})
    shown = _shown(document, kind, path)
    match error["type"]:
        case "mistake":
            return str(context["message"]).replace("{value}", shown, 1)
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


def _expected(document: Document, path: Path, what: str, shown: str) -> str:
    node = document.at(path)
    value = plain(node) if isinstance(node, Scalar) else node
    if value is None:
        return f"{what} is expected, and nothing is here; remove the key if nothing is meant"
    if isinstance(value, dict | list):
        found = "a list" if isinstance(value, list) else "a mapping (key: value)"
        return f"{what} is expected, not {found}"
    if what == "text":
        return f"text is expected; put {shown} in quotes"
    return f"{what} is expected, not {shown}"


def _shown(document: Document, kind: str, path: Path) -> str:
    node = document.at(path)
    if not isinstance(node, Scalar):
        return "this"
    if node.substituted or secret_place(kind, path):
        return "the value"
    text = node.text if len(node.text) <= 60 else node.text[:57] + "..."
    return text if text.isprintable() and text.strip() else repr(text)


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _unknown_key(key: str, model: type[BaseModel] | None) -> str:
    shown = key if len(key) <= 60 else key[:57] + "..."
    later = model.later.get(key) if model is not None and issubclass(model, Entry) else None
    if later:
        return f"{shown}: not supported by this version: {later}"
    known = list(_names(model)) if model else []
    hint = nearest(key, known) or (f"; known are {', '.join(known)}" if known else "")
    return f"{shown}: unknown key{hint}"


def _suggested(key: str, known: Iterable[str]) -> list[str]:
    hint = nearest(key, known)
    return [hint.removeprefix("; did you mean ").removesuffix("?")] if hint else []


def _in_document(document: Document, loc: tuple[str | int, ...]) -> Path:
    """pydantic's place in the document: its own names of union members are no part of the path."""
    path: Path = ()
    for index, part in enumerate(loc):
        node = document.at(path)
        inside = (isinstance(node, dict) and part in node) or (
            isinstance(node, list) and isinstance(part, int) and part < len(node)
        )
        if inside:
            path = (*path, part)
        elif index < len(loc) - 1 and not isinstance(node, dict):
            continue
    return path


def _keys(root: type[Entry], loc: tuple[str | int, ...]) -> list[str]:
    model = _model(root, loc)
    return list(_names(model)) if model else []


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield info.alias or name


def _model(root: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    """The model whose keys stand at a place of pydantic's."""
    model: type[BaseModel] | None = root
    choices: list[type[BaseModel]] = []
    for part in loc:
        if isinstance(part, int):
            continue
        field = _field(model, part) if model else None
        if field is not None:
            choices = list(_models_in(field))
        # a union's member is named by its tag, which is the name of its own first key
        named = [choice for choice in choices if part in _names(choice)]
        model = (
            named[0] if len(choices) > 1 and named and field is None else (choices[0] if choices else None)
        )
    return model


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
