"""Foreign text made harmless and readable: markup off, entities unescaped once, nothing invisible, nothing double-encoded.

Called by the rest of refine on everything that a source states. Templates, shell and format strings stay as written:
they are text here. Escaping for HTML, CSV or chat is done where those are made, never here.
"""

from __future__ import annotations

import html
import re
from functools import cache

from monitor.refine.markup import is_markup, text_of

TITLE_LIMIT = 10_000  # characters
BODY_LIMIT = 1_000_000
MARKUP_LIMIT = 3_000_000  # of markup that is looked at: the rest of a longer one is cut off unread

# Escape sequences of terminals, the ones with a string argument first
_ANSI = re.compile(
    r"\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]?|\x9b[0-?]*[ -/]*[@-~]"
)
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Controls, bidi marks and overrides, zero width characters, soft hyphens, tags, annotations
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Joiners shape Persian, Indic and emoji; beside a Latin letter, or alone, they only hide
_STRAY_JOINER = re.compile(r"(?<![^\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u024f])")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")


def clean(text: str) -> str:
    """Plain text from what may be markup: paragraphs are lines, single spaces, nothing invisible."""
    text = text[:MARKUP_LIMIT]
    if is_markup(text):
        text = text_of(text)
    elif "&" in text:
        text = html.unescape(text)
    return tidy(text)


def clean_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """The same in one line, at most `limit` characters: titles and names."""
    return cut(clean(text[: limit * 10]).replace("\n", " "), limit)


def tidy(text: str) -> str:
    """Plain text without invisible characters, with single spaces and without empty lines."""
    text = _SURROGATE.sub("\ufffd", text)
    text = _LINE_ENDS.sub("\n", repair(_ANSI.sub("", text)))
    text = _STRAY_JOINER.sub("", _INVISIBLE.sub("", text))
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip(" \n")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ended at a word where one ends near."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = max(head.rfind(" "), head.rfind("\n"))
    return (head[:space] if space > max(0, limit - 100) else head) + "…"


# --- mojibake: UTF-8 that was read as windows-1252 and encoded again ---------------------------------------------------

# What two and three bytes of UTF-8 become: accented Latin (Ã©), Arabic (Ø§), typographic signs (â€™). É, À and such are
# left out as first letters on purpose: «LIBERTÉ» holds É» rightly.
_RUN = re.compile(r"[ÂÃÄÅØÙÚÛ][{0}]|â[{0}][{0}]".format("\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"))
# A small accented letter after capitals: the line was a quotation in capitals, IRMÃ», and not double-encoded
_SHOUTED = re.compile(r"[A-Z]{2}[ß-ÿ]")


@cache
def _bytes_of() -> dict[int, int]:
    """Character -> byte of windows-1252, with the five bytes that it leaves out as themselves."""
    table = {code: code for code in range(0x100)}
    for byte in range(0x80, 0xA0):
        char = bytes([byte]).decode("cp1252", "ignore")
        table |= {ord(char): byte} if char else {}
    return table


def _undone(text: str) -> str | None:
    """The text one encoding back; None where that is not UTF-8."""
    table = _bytes_of()
    try:
        return bytes(table[ord(char)] for char in text).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None


def repair(text: str) -> str:
    """Undo double encoding where it is beyond doubt: a whole line turns into valid UTF-8, or several different signs do."""
    if text.isascii() or not _RUN.search(text):
        return text
    several = len(set(_RUN.findall(text))) >= 2
    return "\n".join(_repaired(line, several) for line in text.split("\n"))


def _repaired(line: str, several: bool) -> str:
    if not _RUN.search(line):
        return line
    whole = _undone(line)
    if whole is not None and not _SHOUTED.search(whole):
        return whole
    return _RUN.sub(lambda run: _undone(run.group()) or run.group(), line) if several else line
