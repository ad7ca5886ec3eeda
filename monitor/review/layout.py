"""Review -> a page for the browser, a letter for a mail, plain text. Pure: templates of ours, everything escaped.

Called by the command and by whoever sends digests.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from monitor.model import Letter
from monitor.review.page import Page, page
from monitor.review.values import Review

# Bytes of text and HTML: below 90 kB on the wire whatever the encoding; Gmail hides what lies beyond 102 kB.
LARGEST = 64_000
ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Diet:
    """What of a review a letter shows. Where it is too long even so, the next diet is tried."""

    shown: int = ALL  # passages an entry
    whole: int = ALL  # stories that are more than a headline, the first ones
    links: bool = True  # of those that are only a headline
    listed: int = ALL  # stories in all, the first ones


DIETS = (
    Diet(3),
    Diet(1),
    Diet(1, whole=25),
    Diet(1, whole=15),
    Diet(1, whole=12, listed=200),
    Diet(1, whole=12, links=False, listed=200),
    Diet(1, whole=10, listed=100),
    Diet(1, whole=10, links=False, listed=100),
    Diet(1, whole=8, links=False, listed=60),
    Diet(1, whole=5, links=False, listed=30),
    Diet(0, whole=3, links=False, listed=20),
    Diet(0, whole=0, links=False, listed=10),
)


def html(review: Review) -> str:
    """A page that is whole in itself: no script, nothing loaded from anywhere."""
    return _environment().get_template("review.html").render(page=page(review)).strip() + "\n"


def text(review: Review) -> str:
    return _text(page(review), Diet())


def letter(review: Review) -> Letter:
    """A digest's parts, with the rules inlined. What had to be left out is said in it, with where to find it."""
    whole = page(review)
    html = text = ""
    for diet in DIETS:
        html, text = _letter(whole, diet), _text(whole, diet)
        if len(html.encode()) + len(text.encode()) < LARGEST:
            break
    return Letter(subject=whole.subject, text=text, html=html, language=whole.words.language)


def _text(whole: Page, diet: Diet) -> str:
    return _environment().get_template("review.txt").render(page=whole, diet=diet, all=ALL).strip() + "\n"


def _letter(whole: Page, diet: Diet) -> str:
    return _inliner().inline(
        _environment().get_template("letter.html").render(page=whole, diet=diet, all=ALL)
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("monitor.review"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)
