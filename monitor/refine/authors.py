"""Who wrote the article of a page: trafilatura's reading, set right by what the page itself spells. Called by extract only.

A person goes before the outlet's own name, which stays where nobody else is named.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from monitor.refine.frame import BY
from monitor.refine.linked import linked_nodes
from monitor.refine.markup import Element, letters, named
from monitor.refine.metadata import is_article
from monitor.refine.pruning import stands_beside
from monitor.refine.sanitise import clean_line

AUTHORS = 20
NAME = 60  # characters
_SITE = 4  # letters; less is in too many words
_SIGNED = named("byline|author|authors|auteur|auteurs|autor|autores|contributor|contributors|signature|firma")
_TEXT = re.compile(r"[^\W\d_]+(?:[-.'’ ]+[^\W\d_]+)*\.?")
_CAPITAL = re.compile(r"\b[^\W\d_a-zß-öø-ÿ]")
_SHARED = re.compile(r"\s+/\s+")


def authors_of(tree: Element, found: str | None, url: str | None, credited: str = "") -> tuple[str, ...]:
    """`found` are trafilatura's `A; B`; `credited` a name that the text opens with."""
    stated = {letters(name): name for name in _stated(tree)}
    signed = list(_signed(tree))
    spelled = {letters(name): name for line in signed for name in line} | stated
    names = [BY.sub("", clean_line(name, 200)) for name in (found or "").split(";")]
    names = [spelled.get(letters(name), name) for name in names if name]
    sites = _sites(tree, url)
    persons = [name for name in names if not _is_site(name, sites)]
    if not persons:
        persons = [name for name in stated.values() if _are_persons([name], sites)]
    if not persons:
        persons = next((line for line in signed if _are_persons(line, sites)), [])
    if not persons and credited:
        persons = [credited]
    persons += [name for line in signed if len(line) > 1 for name in line if _is_new(name, persons)]
    return tuple(dict.fromkeys(persons or names))[:AUTHORS]


def _stated(tree: Element) -> Iterator[str]:
    """Names as the page spells them for machines."""
    metas = "//meta[contains(@name, 'author') or contains(@property, 'author') or @name='twitter:creator']/@content"
    for name in tree.xpath(metas):
        yield clean_line(str(name), 200)
    for node in linked_nodes(tree):
        authors = node.get("author") if is_article(node.get("@type")) else None
        for author in authors if isinstance(authors, list) else [authors]:
            spelled: Any = author.get("name") if isinstance(author, dict) else author
            if isinstance(spelled, str):
                yield clean_line(spelled, 200)


def _signed(tree: Element) -> Iterator[list[str]]:
    """The names of each byline of the article, in the page's order; more than one where it says "A / B"."""
    for element in tree.iter("a", "span", "p", "div", "address", "li"):
        if not (element.get("rel") == "author" or element.get("itemprop") == "author" or _SIGNED(element)):
            continue
        text = BY.sub("", " ".join(element.text_content().split())) if len(element) <= 6 else ""
        names = _SHARED.split(text) if len(text) <= 2 * NAME else []
        if names and all(map(_is_name, names)) and not stands_beside(element):
            yield names


def _is_name(text: str) -> bool:
    return len(text) <= NAME and _TEXT.fullmatch(text) is not None and len(text.split()) <= 5


def _are_persons(names: list[str], sites: frozenset[str]) -> bool:
    """Of two words at least, with capitals where the script has them."""
    return all(len(n.split()) > 1 and len(_CAPITAL.findall(n)) > 1 and not _is_site(n, sites) for n in names)


def _is_new(name: str, known: list[str]) -> bool:
    last = name.split()[-1].casefold()
    return (
        bool(known) and len(name.split()) > 1 and all(last != each.split()[-1].casefold() for each in known)
    )


def _sites(tree: Element, url: str | None) -> frozenset[str]:
    """What the outlet calls itself, and its host."""
    said = [str(name) for name in tree.xpath("//meta[@property='og:site_name']/@content")]
    for node in linked_nodes(tree):
        publisher = node.get("publisher")
        if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
            said.append(publisher["name"])
    with contextlib.suppress(ValueError):  # no address, no host
        said.append(urlsplit(url or "").netloc)
    return frozenset(letters(name) for name in said if name)


def _is_site(name: str, sites: frozenset[str]) -> bool:
    said = letters(name)
    return len(said) >= _SITE and any(said in site for site in sites)
