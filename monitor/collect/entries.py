"""Which entries of a feed its last reading has shown already, told by their bytes, so that only the others are parsed. Pure.

Called by the worker's task around `parse`. It only leaves entries out of a document; what an entry means is the parsers'
business. Where leaving out could change how the others read, it says so by answering None: then all is parsed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

from monitor.collect.charset import decode
from monitor.collect.inflate import GZIP_MAGIC
from monitor.collect.xmltext import root_of

_TAG = re.compile(r"<(?:((?:rss:)?item|(?:atom:)?entry)[\s>]|/((?:rss:)?item|(?:atom:)?entry)\s*>)")
_ROOTS = ("rss", "feed", "rdf")
LONGEST_HEAD = (
    20_000  # characters before the first entry, unless the entries are longer: it is parsed with each new one
)
_CONTEXT = re.compile(r"<[^<>]*\bxml[^<>]*>")  # namespaces, base and language hold for what is inside


@dataclass(frozen=True, slots=True)
class Document:
    """A feed's text, cut at its entries. `context` names all outside of an entry that decides how it reads."""

    text: str
    places: tuple[tuple[int, int], ...]
    names: tuple[bytes, ...]  # of the entries, by their bytes
    context: bytes

    def without(self, left_out: Collection[bytes]) -> str:
        """The text without the entries of these names."""
        kept, end = [], 0
        for (start, stop), name in zip(self.places, self.names, strict=True):
            if name in left_out:
                kept.append(self.text[end:start])
                end = stop
        return "".join((*kept, self.text[end:]))


def cut(body: bytes, charset: str | None) -> Document | None:
    """The document's entries; None where it is no feed in XML, or one with entities of its own."""
    if body.startswith(GZIP_MAGIC):
        return None
    text, wrong_charset = decode(body, charset)
    if wrong_charset or root_of(text) not in _ROOTS:
        return None
    places = _places(text)
    if not places or places[0][0] > max(LONGEST_HEAD, len(text) // 2):
        return None
    outside = text[: places[0][0]]
    if "<!DOCTYPE" in outside or "<!ENTITY" in outside:
        return None
    names = tuple(_name(text[start:stop]) for start, stop in places)
    return Document(text, places, names, _name("\0".join(_CONTEXT.findall(outside))))


def _places(text: str) -> tuple[tuple[int, int], ...]:
    """From each entry's start tag to the next end tag of its name. One look at each tag: linear, whatever is unclosed."""
    found: list[tuple[int, int]] = []
    opened: re.Match[str] | None = None
    for tag in _TAG.finditer(text):
        if opened is None and tag[1]:
            opened = tag
        elif opened is not None and tag[2] == opened[1]:
            found.append((opened.start(), tag.end()))
            opened = None
    return tuple(found)


def _name(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
