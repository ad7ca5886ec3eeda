"""JSON Feed 1.0 and 1.1, and the strict reading of JSON that the WordPress module shares. Pure; called by `parse`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from monitor.collect import bounds
from monitor.collect.dates import read_date
from monitor.collect.xmltext import TOO_COMPLEX
from monitor.errors import NotAFeed, ParseError
from monitor.model import Feed, Item

MAX_DIGITS = 30


def load(text: str) -> Any:
    """The JSON value. Raises ParseError, also for NaN, infinities and numbers that no feed needs."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_int=_integer, parse_float=_real, strict=False)
    except RecursionError:
        raise ParseError(f"refused, {TOO_COMPLEX}: nested too deep") from None
    except json.JSONDecodeError as error:
        raise ParseError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None


def _refuse(constant: str) -> None:
    raise ParseError(f"not JSON: {constant} is no number")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ParseError(f"refused: a number of {len(digits):,} digits")
    return int(digits)


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ParseError(f"refused: {digits[:20]} is beyond every number")
    return number


def read(value: object, url: str) -> Feed:
    """The feed in a JSON document at `url`. Raises NotAFeed for any other JSON."""
    if not isinstance(value, dict):
        raise NotAFeed(f"not a feed: JSON {_noun(value)}")
    entries = value.get("items")
    if not isinstance(entries, list):
        raise NotAFeed("not a feed: a JSON object without a list of items")
    items = [_item(entry, url) for entry in entries if isinstance(entry, dict)]
    version = value.get("version")
    problems = [
        None if isinstance(version, str) and "jsonfeed.org" in version else "states no JSON Feed version",
        _strangers(len(entries) - len(items)),
    ]
    language = bounds.clean(value.get("language"))[:35] or None
    return bounds.feed("json-feed", value.get("title"), items, problems, language=language)


def _noun(value: object) -> str:
    names = {
        list: "array",
        type(None): "null",
        bool: "true or false",
        str: "text",
        int: "number",
        float: "number",
    }
    return names.get(type(value), "value")


def _strangers(count: int) -> str | None:
    return f"{count} of its items are no objects" if count else None


def _item(entry: Mapping[str, Any], url: str) -> Item:
    return Item(
        id=_id(entry.get("id")),
        url=bounds.link(url, entry.get("url")) or bounds.link(url, entry.get("external_url")),
        title=bounds.clean(entry.get("title")),
        summary=bounds.clean(entry.get("summary")),
        content=bounds.clean(entry.get("content_html")) or bounds.clean(entry.get("content_text")),
        published=read_date(entry.get("date_published")) or read_date(entry.get("date_modified")),
        authors=bounds.authors(_authors(entry)),
        language=bounds.clean(entry.get("language")) or None,
    )


def _id(value: object) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return bounds.clean(value) or None


def _authors(entry: Mapping[str, Any]) -> list[object]:
    listed = entry.get("authors")
    people = listed if isinstance(listed, list) else [entry.get("author")]
    return [person.get("name") if isinstance(person, dict) else person for person in people]
