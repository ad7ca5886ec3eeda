"""Articles as JSON, for the commands that are filters: JSON Lines in, model.Article out; a bad line hurts only itself."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from monitor.errors import UsageError
from monitor.model import Article

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can say them, UTF-8 cannot


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no article: where it stands and why, in a sentence."""

    message: str


@dataclass(frozen=True, slots=True)
class GivenArticle:
    id: str | int
    article: Article


def read_lines(files: tuple[str, ...]) -> Iterator[GivenArticle | BadLine]:
    """The articles of these JSON Lines files, - (or none) being stdin. Raises UsageError for a file that is not there."""
    for name in files or ("-",):
        if name == "-":
            yield from _articles(sys.stdin.buffer, "stdin")
        else:
            with _opened(name) as stream:
                yield from _articles(stream, name)


def read_document(name: str) -> GivenArticle:
    """The one article in a file (or - for stdin), as a JSON document or a single JSON line. Raises UsageError."""
    if name == "-":
        written = sys.stdin.buffer.read()
    else:
        with _opened(name) as stream:
            written = stream.read()
    given = _read(written, "stdin" if name == "-" else name)
    if isinstance(given, BadLine):
        raise UsageError(f"{given.message}; one article as a JSON object is expected")
    return given


def _opened(name: str) -> BinaryIO:
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from None


def _articles(stream: BinaryIO, name: str) -> Iterator[GivenArticle | BadLine]:
    for number, line in enumerate(stream, 1):
        if line.strip():
            yield _read(line, f"{name}:{number}")


def _read(written: bytes, place: str) -> GivenArticle | BadLine:
    try:
        fields = json.loads(written.decode("utf-8-sig"))
        return _given(fields)
    except UnicodeDecodeError as error:
        return BadLine(f"{place}: not UTF-8 at byte {error.start + 1}")
    except json.JSONDecodeError as error:
        return BadLine(f"{place}: not JSON at column {error.colno}: {error.msg}")
    except (ValueError, RecursionError) as error:
        return BadLine(f"{place}: {error}")


def _given(fields: Any) -> GivenArticle:
    """Raises ValueError, saying which field is off."""
    if not isinstance(fields, dict):
        raise ValueError("a JSON object is needed, one article a line")
    id = fields.get("id")
    if isinstance(id, bool) or not isinstance(id, str | int):
        raise ValueError('"id" is missing: a string or a number is needed')
    id = _sound(id) if isinstance(id, str) else id
    title, body = _text(fields, "title"), _text(fields, "body") or _text(fields, "summary")
    article = Article(
        key=str(id),
        source_id=_text(fields, "source"),
        title=title,
        body=body,
        url=_text(fields, "url") or None,
        language=_text(fields, "lang") or detected(title, body),
        published=_moment(fields),
        authors=_authors(fields.get("authors")),
    )
    return GivenArticle(id, article)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f'"{name}" is not a string')
    return _sound(value)


def _authors(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError('"authors" is not a list of strings')
    return tuple(_sound(name) for name in value)


def _sound(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)


def _moment(fields: dict[str, Any]) -> datetime | None:
    """`published`, UTC where it names no zone. What cannot be read is left out: it decides nothing here."""
    try:
        moment = datetime.fromisoformat(_text(fields, "published"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def detected(title: str, body: str) -> str | None:
    """The language of an article that states none."""
    from monitor.text.language import detect

    return detect(f"{title}\n{body}")
