"""Where in the files a watchlist or an entity stands, and each text in it. Made by `load`, asked by `monitor lint`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.settings.document import Document, Path, scalars

Place = tuple[str, int, int]  # file, line, column; the latter two from 1


@dataclass(frozen=True, slots=True)
class Places:
    """By kind of file and id: the document and the path of the entry in it."""

    entries: Mapping[tuple[str, str], tuple[Document, Path]] = field(default_factory=dict)

    def of(self, kind: str, id: str, *path: str | int, text: str = "") -> Place:
        """Where `text` stands under a path of the entry; where it cannot be found there, the path itself.

        kind: watchlists or entities. Raises KeyError for an id that no file defines.
        """
        document, entry = self.entries[kind, id]
        whole = (*entry, *path)
        leaves = [scalar for _, scalar in scalars(document.at(whole))] if text else []
        wanted = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
        # an item that says just this comes before one that says it among other things
        for scalar in sorted(leaves, key=lambda leaf: leaf.text != text):
            if found := wanted.search(scalar.text):
                return (document.file, *document.place_in(scalar, found.start()))
        return (document.file, *document.place(whole, key=not text))
