"""Whether a page is another thing than an article: a player, a podcast, a match sheet. Called by extract, for its note.

Its type (og:type) says article on all of them, so what is asked is where the text was found. A note only: the text stays.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.refine.markup import Element, letters, named

LONG = 200  # characters of a paragraph
FEW = 2  # of those
HALF = 0.5
NOTE = "not an article page: its text is a %s's"
_KINDS = {
    "match sheet": named("live[-_]?match|match[-_]?live|scoreboard|score[-_]?board|match[-_]?sheet"),
    "player": named("player|podcasts?|playlist|current[-_]podcast"),
}


def other_than_article(tree: Element, body: str) -> str:
    """A note, or "" for an article: whole paragraphs make one, wherever they stand."""
    lines = body.split("\n")
    if not body or sum(len(line) >= LONG for line in lines) >= FEW:
        return ""
    said = [text for line in lines if (text := letters(line))]
    for kind, is_named in _KINDS.items():
        held = "\n".join(letters(e.text_content()) for e in _outermost(tree, is_named))
        if sum(text in held for text in said) > HALF * len(said):
            return NOTE % kind
    return ""


def _outermost(tree: Element, is_named: Callable[[Element], bool]) -> list[Element]:
    found = [e for e in tree.iter("div", "section", "article", "ul") if is_named(e)]
    return [e for e in found if not any(above in found for above in e.iterancestors())]
