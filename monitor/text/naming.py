"""By what an item is recognised when its id and address are not to be believed. Pure; called by `sift` for what a document
shows, and by the store for what the source showed before."""

from __future__ import annotations

import hashlib
import html
import re

_TAG = re.compile(r"<[^<>]*>")


def name_of(title: str, url: str | None) -> str:
    """A short digest of the title; without one, of the address without parameters; '' where there is neither."""
    plain = " ".join(_TAG.sub(" ", html.unescape(title)).split()).casefold()
    told = plain or (url or "").partition("?")[0].partition("#")[0]
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest() if told else ""
