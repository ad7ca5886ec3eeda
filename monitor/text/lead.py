"""Where an article's own text begins: behind the section's name, the date, the counters and the headline once more.

`own_text` is called for the story profile of each article (judge), `without_code` for every text (refine). What stands at a page's head is the same for all articles
of an outlet, and it took up most of the sixty words that tell one event from another. Never shortens a text's end.
"""

from __future__ import annotations

import re

FURNITURE_WORDS = 6  # a line of fewer words before the text is none of its sentences
SENTENCE_WORDS = 12  # a line of so many is
HEAD_LINES = 120  # that are looked at: some outlets put a style sheet there
HEAD_CHARACTERS = 6_000
CODE_LINES = 5  # from so many on it is no prose that quotes code
REPEATS = 0.6  # share of a line's words that the headline has
NUMERALS = 0.4  # share of a line's words that have digits: a date, a time, a counter
# a style sheet's or a script's lines: "margin-top: 20px;", ".more {", "}", "/* ... */", "loop: true,"
_CODE = re.compile(
    r"""[{}] | ^\s*[\w-]+\s*:[^:]*;\s*$ | ^\s*(?:/\*|\*/|//|<!--) | \bfunction\s*\( | ^\s*@(?:media|import)\b
      | ^\s*[\w$-]+\s*:\s*(?:"[^"]*"|'[^']*'|[\d.]+|true|false|null)\s*,?\s*$ """,
    re.VERBOSE,
)


def own_text(title: str, body: str) -> str:
    """The body from its first line of text on, without the headline; all of it where no line is long enough to tell."""
    head, rest = body[:HEAD_CHARACTERS], body[HEAD_CHARACTERS:]
    lines = head.removeprefix(title).lstrip().split("\n")
    words = frozenset(title.casefold().split())
    for at, line in enumerate(lines[:HEAD_LINES]):
        if len(line.split()) >= SENTENCE_WORDS and not _repeats(line, words) and not is_code(line):
            kept = [each for each in lines[:at] if not _furniture(each, words)]
            return "\n".join((*kept, *lines[at:])) + rest
    kept = [each for each in lines if not _furniture(each, words)]
    return "\n".join(kept or (each for each in lines if not is_code(each))) + rest


def is_code(line: str) -> bool:
    """Whether a line is a style sheet's or a script's."""
    return _CODE.search(line) is not None


def without_code(lines: list[str]) -> list[str]:
    """The lines without a style sheet or script among them; a brace or two in prose stay."""
    prose = [line for line in lines if not is_code(line)]
    return prose if len(lines) - len(prose) >= CODE_LINES else lines


def _furniture(line: str, title: frozenset[str]) -> bool:
    words = line.split()
    sentence = line.rstrip().rstrip("\"'»”)").endswith((".", "!", "?", "؟"))
    short = len(words) < FURNITURE_WORDS and not sentence
    return short or _counted(words) or is_code(line) or _repeats(line, title)


def _counted(words: list[str]) -> bool:
    return sum(any(map(str.isdigit, word)) for word in words) >= NUMERALS * len(words)


def _repeats(line: str, title: frozenset[str]) -> bool:
    """Whether the line says little more than the headline: the same words, some with other marks around them."""
    words = [word.strip("«»\"'“”():.،,!؟?").casefold() for word in line.split()]
    return bool(title) and sum(word in title for word in words) >= REPEATS * max(len(words), len(title) / 2)
