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

_ENTRY = re.compile(r"<((?:rss:)?item|(?:atom:)?entry)[\s>].*?</\1\s*>", re.DOTALL)
_ROOT = re.compile(
    r"\s*(?:<\?xml[^<>]*\?>\s*|<\?xml-stylesheet[^<>]*\?>\s*|<!--.*?-->\s*)*<(?:rss|feed|rdf:RDF)[\s>]",
    re.DOTALL,
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
    if wrong_charset or not _ROOT.match(text):
        return None
    found = list(_ENTRY.finditer(text))
    if not found:
        return None
    outside = text[: found[0].start()]
    if "<!DOCTYPE" in outside or "<!ENTITY" in outside:
        return None
    names = tuple(_name(each.group()) for each in found)
    return Document(
        text, tuple(each.span() for each in found), names, _name("\0".join(_CONTEXT.findall(outside)))
    )


def _name(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
