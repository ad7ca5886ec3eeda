"""The headings inside a text, which trafilatura leaves out where it takes them for the page's title or does not know the block
that holds the article. Called by extract only.
"""

from __future__ import annotations

from monitor.refine.markup import Element, letters
from monitor.refine.pruning import is_only_link
from monitor.refine.sanitise import clean_line

LONGEST = 200  # characters of a heading


def demote(tree: Element, title: str) -> None:
    """Every h1 behind the title's becomes h2, so that all headings of a text are alike. The tree is changed in place."""
    passed, own = False, letters(title)
    for heading in list(tree.iter("h1")):
        is_title = letters(heading.text_content()) == own
        if passed and not is_title:
            heading.tag = "h2"
        passed = passed or is_title


def with_headings(lines: list[str], tree: Element) -> list[str]:
    """The lines with each heading that stands between the paragraphs of two of them, next to both."""
    places = {letters(line): place for place, line in enumerate(lines)}
    whole = list(lines)
    for heading in reversed(list(tree.iter("h2", "h3", "h4"))):
        before, after = _place(heading.getprevious(), places), _place(heading.getnext(), places)
        if before is None or after != before + 1:
            continue
        text = clean_line(heading.text_content())
        if 0 < len(text) <= LONGEST and letters(text) not in places and not is_only_link(heading):
            whole.insert(after, text)
    return whole


def _place(element: Element | None, places: dict[str, int]) -> int | None:
    return places.get(letters(element.text_content())) if element is not None and element.tag == "p" else None
