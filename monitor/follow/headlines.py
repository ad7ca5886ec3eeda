"""Whether a headline is another one. Pure; called for pages looked at again, and for alerts that told the old one."""

from __future__ import annotations

import re

_NO_LETTERS = re.compile(r"\W+")


def headline_changed(old: str, new: str) -> bool:
    """Whether a page's headline is another one, and not the same with the outlet's name or a kicker beside it."""
    before, after = (f" {_NO_LETTERS.sub(' ', each.casefold()).strip()} " for each in (old, new))
    return bool(after.strip()) and before not in after and after not in before
