"""Bytes to text: which encoding a document is really in, whatever it declares. Pure; called by `parse`.

Detection itself is chardet's. Ours is only the order of trust: a byte order mark, UTF-8 that decodes, what is declared,
what chardet sees; and that the disagreement is told.
"""

from __future__ import annotations

import codecs
import re

SAMPLE = 200_000  # bytes that chardet sees; more makes it slower, not surer

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<", "{" or "[" and a second character, in wide characters without a mark
_WIDE = (
    (re.compile(rb"[<{\[]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{\[]"), "utf-32-be"),
    (re.compile(rb"[<{\[]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0[<{\[]\0[^\0]"), "utf-16-be"),
)
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
# Windows code pages are what these labels mean on the web: supersets that fill the control range
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}


def decode(body: bytes, charset: str | None = None) -> tuple[str, str | None]:
    """The text, and what was wrong with the declared encoding (None where it was right or nothing was declared).

    `charset` is the transport's. Bytes that no encoding explains become U+FFFD.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _marked(body[len(mark) :], encoding, charset)
    for pattern, encoding in _WIDE:
        if pattern.match(body):
            return _marked(body, encoding, charset)
    declared = charset or _declared(body)
    try:
        return body.decode("utf-8"), _complaint(declared, "utf-8") if not body.isascii() else None
    except UnicodeDecodeError:
        return _legacy(body, declared)


def _marked(body: bytes, encoding: str, charset: str | None) -> tuple[str, str | None]:
    """A document whose first bytes show its encoding; the labels may still say something else."""
    text, problem = _final(body, encoding, None)
    declared = charset or _declared(text[:400].encode("ascii", "replace"))
    if declared and not (encoding.startswith("utf-16") and _codec(declared) == "utf-16"):
        problem = _complaint(declared, encoding) or problem
    return text, problem


def _declared(body: bytes) -> str | None:
    match = _DECLARATION.match(body[:400])
    return match[1].decode("ascii") if match else None


def _legacy(body: bytes, declared: str | None) -> tuple[str, str | None]:
    """Text that is not UTF-8 as it stands."""
    for name in (declared, _declared(body)):
        encoding = _codec(name)
        # UTF-16 was ruled out by its zero bytes; as a guess it reads anything, as Chinese
        if encoding and not encoding.startswith(("utf-16", "utf-32", "utf-8")):
            try:
                return body.decode(encoding), _complaint(declared, encoding)
            except UnicodeDecodeError:
                pass
    if _mostly_utf8(body):
        return _final(body, "utf-8", None)
    import chardet  # and feedparser: 4 MB together, which the daemon's own process never needs

    detected = _codec(chardet.detect(body[:SAMPLE]).get("encoding")) or "cp1252"
    return _final(body, detected, _complaint(declared, detected))


def _mostly_utf8(body: bytes) -> bool:
    """A few bad bytes in a UTF-8 document are an accident in it, not another encoding."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return bad * 4 < sum(1 for char in text if not char.isascii())


def _final(body: bytes, encoding: str, problem: str | None) -> tuple[str, str | None]:
    try:
        return body.decode(encoding), problem
    except UnicodeDecodeError:
        text = body.decode(encoding, "replace")
        bad = f"not all of it is valid {encoding}: {text.count(chr(0xFFFD))} times U+FFFD"
        return text, f"{problem}; {bad}" if problem else bad


def _codec(name: str | None) -> str | None:
    """Python's name of a text encoding, or None for one that it does not know."""
    try:
        codec = codecs.lookup(name or "")
    except (LookupError, ValueError):
        return None
    if not codec._is_text_encoding:
        return None
    return _MEANT.get(codec.name, codec.name)


def _complaint(declared: str | None, used: str) -> str | None:
    if declared is None or _codec(declared) in (used, _MEANT.get(used, used)):
        return None
    return f"declared {declared[:40]}, read as {used}"
