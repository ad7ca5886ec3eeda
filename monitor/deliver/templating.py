"""The templates of this room, what makes their HTML fit for mail, and which addresses one may link to. Called by its renderers."""

from __future__ import annotations

from functools import cache

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from monitor.text.plain import one_line

URL = 2_000  # characters


@cache
def environment() -> Environment:
    return Environment(
        loader=PackageLoader("monitor.deliver"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def inliner() -> css_inline.CSSInliner:
    # Rules for dark mode and narrow screens cannot be inlined; they stay in the style element marked "keep".
    return css_inline.CSSInliner(load_remote_stylesheets=False)


def link(url: str | None) -> str:
    """The address where it is one that a mail may link to, else nothing."""
    usable = url is not None and url.startswith(("https://", "http://")) and len(url) <= URL
    return one_line(url, URL) if url and usable else ""


def body_of(text: str) -> str:
    """What stands between the headline, which is the first paragraph, and the foot. The headline where nothing does."""
    title, _, rest = text.strip().partition("\n\n")
    return rest.partition("\n-- \n")[0].strip() or title
