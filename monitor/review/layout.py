"""Review -> a page for the browser, a letter for a mail, plain text. Pure: templates of ours, everything escaped.

Called by the command and by whoever sends digests.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from monitor.review.page import Page, page
from monitor.review.values import Review

LARGEST = 90_000  # bytes of a letter: Gmail hides what lies beyond 102 kB
# What is given up, in this order, where a letter is too long: passages and carriers, whole entries, links, and at last
# the stories of least importance, whose number is told. The plain text always names all.
ALL = 1_000_000
DIETS = (
    # passages an entry, whole entries a watchlist, links in the others, stories in all
    (3, ALL, True, ALL),
    (1, ALL, True, ALL),
    (0, ALL, True, ALL),
    (1, 5, True, ALL),
    (0, 3, True, ALL),
    (0, 0, False, 200),
    (0, 0, False, 40),
    (0, 0, False, 10),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A digest's parts; whoever sends it adds addresses and ids. `html` is below 90 kB, its rules inlined."""

    subject: str
    text: str
    html: str
    language: str


def html(review: Review) -> str:
    """A page that is whole in itself: no script, nothing loaded from anywhere."""
    return _environment().get_template("review.html").render(page=page(review)).strip() + "\n"


def text(review: Review) -> str:
    return _text(page(review))


def letter(review: Review) -> Letter:
    whole = page(review)
    return Letter(
        subject=f"{whole.title} · {whole.period}",
        text=_text(whole),
        html=_letter(whole),
        language=whole.words.language,
    )


def _text(whole: Page) -> str:
    return _environment().get_template("review.txt").render(page=whole).strip() + "\n"


def _letter(whole: Page) -> str:
    template = _environment().get_template("letter.html")
    made = ""
    for shown, entries, links, listed in DIETS:
        limits = {"shown": shown, "whole": entries, "links": links, "listed": listed}
        made = _inliner().inline(template.render(page=whole, **limits))
        if len(made.encode()) < LARGEST:
            break
    return made


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
