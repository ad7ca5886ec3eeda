"""The measure that every parser of this room keeps: how many items, how long a text, which characters, which links.

Pure. Turns what a parser found into a Feed that the rest of the program can trust to be bounded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, urljoin, urlsplit

from monitor.model import Feed, Item

MAX_ITEMS = 500
MAX_TITLE = 10_000  # characters
MAX_TEXT = 1_000_000  # characters of a summary or a content
MAX_ID = 2_000
MAX_LINK = 8_192
MAX_AUTHORS = 20
MAX_PROBLEMS = 20

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# UTF-8 that was taken for Windows-1252 and encoded again, in the letters that French, Spanish and Arabic turn into. No
# more than these: "marché »" with its hard space would decode too, and end in a Chinese character.
_MOJIBAKE = re.compile(
    "[\u00c2\u00c3\u00d8\u00d9][\u0080-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u2122]|\u00e2(?:\u20ac|\u0080)"
)
_CONTROLS = re.compile("[\u0080-\u009f]")
_C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def clean(text: object) -> str:
    """The text without NUL and other control characters, lone surrogates as U+FFFD, double encoding undone."""
    if not isinstance(text, str):
        return ""
    text = _FORBIDDEN.sub(lambda match: "�" if "\ud800" <= match[0] <= "\udfff" else "", text)
    text = _repaired(text)
    return (text.translate(_C1) if _CONTROLS.search(text) else text).strip()


def _repaired(text: str) -> str:
    if not _MOJIBAKE.search(text):
        return text
    try:
        return b"".join(map(_byte, text)).decode("utf-8")
    except UnicodeError:
        return text  # only a text that is double-encoded throughout is taken for one


def _byte(char: str) -> bytes:
    return char.encode("latin-1") if char <= "\xff" else char.encode("cp1252")


def link(base: str, reference: object) -> str | None:
    """The absolute http(s) URL that a document at `base` means, or None: javascript:, data:, tag: link nowhere."""
    if not isinstance(reference, str):
        return None
    reference = re.sub(r"[\t\r\n]", "", clean(reference))
    if not reference or len(reference) > MAX_LINK:
        return None
    try:
        absolute = urljoin(base, reference)
        parts = urlsplit(absolute)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or any(map(_odd, parts.netloc)):
        return None
    whole = parts.scheme + absolute[len(parts.scheme) :]  # in small letters: others ask what it begins with
    return re.sub(
        r"\s", lambda found: quote(found[0]), _FORBIDDEN.sub("�", whole)
    )  # the base may hold such, too


def _odd(char: str) -> bool:
    return char in "\\@ <>\"'`{}|^" or unicodedata.category(char) in ("Cc", "Cf")


def authors(names: Iterable[object]) -> tuple[str, ...]:
    """Each name once, in order, without the empty ones."""
    found = dict.fromkeys(clean(name)[:200] for name in names)
    return tuple(name for name in found if name)[:MAX_AUTHORS]


def feed(
    kind: str, title: object, items: Sequence[Item], problems: Iterable[str | None] = (), **more: object
) -> Feed:
    """A Feed within bounds. What had to be cut is told among the problems. `more`: language, links, hints."""
    told = [problem for problem in problems if problem]
    if len(items) > MAX_ITEMS:
        told.append(too_many(len(items)))
        items = [items[at] for at in newest([item.published for item in items])]
    if any(len(item.title) > MAX_TITLE for item in items):
        told.append(f"a title is longer than {MAX_TITLE:,} characters: it was cut")
    kept = tuple(_bounded(item) for item in items)
    return Feed(kind, clean(title)[:MAX_TITLE], kept, tuple(told[:MAX_PROBLEMS]), **more)  # type: ignore[arg-type]


def newest(dates: Sequence[datetime | None]) -> list[int]:
    """Where the newest `MAX_ITEMS` stand, in the document's order. Those without a date come after the dated ones."""
    order = sorted(range(len(dates)), key=lambda at: (dates[at] or _LONG_AGO, -at), reverse=True)
    return sorted(order[:MAX_ITEMS])


def too_many(count: int) -> str:
    return f"too many items: the newest {MAX_ITEMS} of {count:,} were read"


def _bounded(item: Item) -> Item:
    return replace(
        item,
        id=(clean(item.id) or None) and clean(item.id)[:MAX_ID],
        title=clean(item.title)[:MAX_TITLE],
        summary=clean(item.summary)[:MAX_TEXT],
        content=clean(item.content)[:MAX_TEXT],
        authors=authors(item.authors),
        language=clean(item.language)[:35] or None,
    )
