"""A text as a service must be given it to show it literally. Pure; called by chat, in its child process.

Most services show plain text as it is, or Apprise escapes it for them. Some are given plain text by it though they read
Markdown (Discord, Mattermost, Guilded, Revolt), and Teams' cards have a dialect in which a title is not escaped, a single
line break is none, and an address is a link only where it is written as one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from monitor.text.plain import cut, split

MARKDOWN = frozenset(("discord", "mmost", "mmosts", "guilded", "revolt"))
CARDS = frozenset(("workflow", "workflows"))
HEADED = frozenset(("matrix", "matrixs"))  # where Apprise would begin a plain title with a #

# Where bytes count beside characters: beyond them ntfy makes a file of the message, and Matrix refuses the event.
WEIGHTS = {"ntfy": 4_800, "ntfys": 4_800, "matrix": 40_000, "matrixs": 40_000}

# An address keeps its letters: an escaped one is no link any more.
_ADDRESS = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?()\[\]«»“”’*_~`|])")
_INLINE = re.compile(r"([\\`*_~|\[\]<>])")
_AT_LINE_START = re.compile(r"(?m)^(\s*)([#>+\-=]|\d+(?=[.)]))")
_UNSAFE_IN_LINK = str.maketrans({"(": "%28", ")": "%29", "\\": "%5C"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a service is spoken to. `markdown`: Apprise must be told that the text is Markdown already."""

    title: Callable[[str], str]
    body: Callable[[str], str]
    markdown: bool = False
    inline: bool = False  # the title is better sent as the body's first line


def dialect_of(schemes: frozenset[str]) -> Dialect:
    """`schemes`: what Apprise calls the service in an address."""
    if schemes & CARDS:
        return Dialect(escaped, card, markdown=True, inline=True)
    if schemes & MARKDOWN:
        return Dialect(escaped, escaped)
    return Dialect(str, str, inline=bool(schemes & HEADED))


def escaped(text: str) -> str:
    """What Markdown shows as `text`: a backslash before each sign that means something to it."""
    return "".join(part if n % 2 else _escape(part) for n, part in enumerate(_ADDRESS.split(text)))


def card(text: str) -> str:
    """The same for an adaptive card: each line a paragraph, addresses written as links."""
    parts = _ADDRESS.split(text.replace("\n", "\n\n"))
    return re.sub(
        r"\n{3,}", "\n\n", "".join(_link(part) if n % 2 else _escape(part) for n, part in enumerate(parts))
    )


def _escape(text: str) -> str:
    inline = _INLINE.sub(r"\\\1", text)
    return _AT_LINE_START.sub(lambda found: f"{found[1]}{_start(found[2])}", inline)


def _start(sign: str) -> str:
    """A number at a line's beginning keeps its digits; the full stop behind it would begin a list."""
    return f"{sign}\N{WORD JOINER}" if sign.isdigit() else f"\\{sign}"


def _link(url: str) -> str:
    shown = _INLINE.sub(r"\\\1", url)
    return f"[{shown}]({url.translate(_UNSAFE_IN_LINK)})"


def headed(title: str, body: str, spoken: Dialect) -> str:
    """The title as the first line of the body."""
    return f"**{title}**\n\n{body}" if spoken.markdown else f"{title}\n\n{body}"


def pieces(text: str, limit: int, count: int, weight: int = 0) -> list[str]:
    """As `plain.split`, a backslash never parted from what it escapes; of at most three quarters of the `weight`, where
    one is given."""
    while True:
        parts = split(text, limit - 1, count)
        whole = [_whole(before, part) for before, part in pairwise(["", *parts])]
        if not weight or all(_weight(piece) <= weight * 3 // 4 for piece in whole):
            return whole
        limit = limit * 4 // 5


def lighter(title: str, weight: int) -> str:
    """A title of at most a quarter of the `weight`, where one is given."""
    while weight and _weight(title) > weight // 4:
        title = cut(title, len(title) * 3 // 4)
    return title


def weight_of(schemes: frozenset[str]) -> int:
    return min((WEIGHTS[each] for each in schemes & WEIGHTS.keys()), default=0)


def _weight(text: str) -> int:
    """Bytes as the service counts them; what Apprise's own JSON makes of them counts five eighths, so that 4,800 for text
    and title stay below the 8,000 at which it would send ntfy a file."""
    return max(len(text.encode()), len(json.dumps(text)) * 5 // 8)


def _whole(before: str, part: str) -> str:
    lent = "\\" if _hangs(before) else ""
    return lent + (part[:-1] if _hangs(part) else part)


def _hangs(part: str) -> bool:
    return (len(part) - len(part.rstrip("\\"))) % 2 == 1
