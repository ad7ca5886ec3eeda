"""The templates of this room, and what makes their HTML fit for mail. Called by render and notice."""

from __future__ import annotations

from functools import cache

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


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
