"""The standfirst, which trafilatura leaves out where it stands among the headline's furniture. Called by extract only."""

from __future__ import annotations

from monitor.refine.markup import Element, letters, named
from monitor.refine.pruning import is_only_link, stands_beside
from monitor.refine.sanitise import clean_line

SHORTEST, LONGEST = 50, 1_000  # characters; what is shorter may be a slogan
BEGINNING = 30  # letters that tell where the body begins
_NAMED = named("chapo|chapeau|standfirst|subtitle|subtitulo|subheadline|entradilla|bajada|sous-?titre")


def standfirst_of(tree: Element, body: str, title: str) -> str:
    """What the page shows in a block of its own as its description, or between title and text by the name of a standfirst;
    "" where there is none, or the body has it."""
    said = letters(body)
    if not said:
        return ""
    stated = tree.xpath("//meta[@property='og:description' or @name='description']/@content")
    told = [letters(str(text)) for text in stated if len(str(text)) >= SHORTEST]
    told = [text for text in told if text[:SHORTEST] not in said]
    above = _above(tree, said, letters(title))
    for element in tree.iter("h2", "h3", "p", "div"):
        shown = letters(element.text_content()) if len(element) < 5 else ""
        if not SHORTEST <= len(shown) <= LONGEST:
            continue
        opens = element in above and any(text.startswith(shown) for text in told)
        if shown in told or opens or (element in above and _is_standfirst(element, shown, said)):
            return clean_line(element.text_content())
    return ""


def _above(tree: Element, said: str, title: str) -> set[Element]:
    """The elements between the title and where the body begins."""
    found: set[Element] = set()
    passed = False
    for element in tree.iter("h1", "h2", "h3", "p", "div", "span", "br"):
        shown = letters(element.text or element.tail or "")
        if passed and len(shown) >= BEGINNING and shown[:BEGINNING] in said:
            break
        if passed:
            found.add(element)
        passed = passed or (element.tag in ("h1", "h2", "h3") and letters(element.text_content()) == title)
    return found


def _is_standfirst(element: Element, shown: str, said: str) -> bool:
    fresh = shown[:SHORTEST] not in said
    return fresh and _NAMED(element) and not stands_beside(element) and not is_only_link(element)
