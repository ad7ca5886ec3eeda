"""Where and how an article matched, as short passages with the hits set apart. Pure.

Called by deliver and review. Positions are those of `Hit`: characters of the article's own title or body, so passages are cut
first and cleaned afterwards. A hit that does not lie in the text (it changed since) is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from monitor.model import Hit
from monitor.text.plain import ELLIPSIS, clean, cut

LENGTH = 160  # characters of a passage around one hit
PASSAGES = 3  # a watchlist

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    hit: bool = False


Passage = tuple[Part, ...]


def spans(hits: Iterable[Hit], field: str, length: int) -> list[Span]:
    """The hits of a field as disjoint spans in their order; those that overlap or touch become one."""
    return _joined(
        sorted((h.start, h.end) for h in hits if h.field == field and 0 <= h.start < h.end <= length)
    )


def marked(text: str, hits: Iterable[Hit], field: str, limit: int) -> Passage:
    """The whole field with its hits set apart, cut after `limit` characters."""
    return _shorten(_parts(text, (0, len(text)), spans(hits, field, len(text))), limit)


def passages(text: str, hits: Sequence[Hit]) -> tuple[Passage, ...]:
    """Up to three passages of a body that show its hits, preferring those with different words."""
    found = spans(hits, "body", len(text))
    windows = _joined(_window(text, span) for span in _distinct(text, found)[:PASSAGES])
    return tuple(_passage(text, window, found) for window in windows)


def _distinct(text: str, found: Sequence[Span]) -> list[Span]:
    first: dict[str, Span] = {}
    for start, end in found:
        first.setdefault(text[start:end].casefold(), (start, end))
    return sorted(first.values())


def _window(text: str, span: Span) -> Span:
    """A span with context, within its paragraph and cut between words."""
    start, end = span
    context = max(30, (LENGTH - (end - start)) // 2)
    return _left(text, start, context), _right(text, end, context)


def _left(text: str, start: int, context: int) -> int:
    paragraph = text.rfind("\n", 0, start) + 1
    if start - paragraph <= context:
        return paragraph
    space = text.find(" ", start - context, start)
    return space + 1 if space >= 0 else start


def _right(text: str, end: int, context: int) -> int:
    paragraph = text.find("\n", end)
    paragraph = len(text) if paragraph < 0 else paragraph
    if paragraph - end <= context:
        return paragraph
    space = text.rfind(" ", end, end + context + 1)
    return space if space >= 0 else end


def _joined(ordered: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in ordered:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _passage(text: str, window: Span, found: Sequence[Span]) -> Passage:
    start, end = window
    before = (Part(f"{ELLIPSIS} "),) if text[:start].rstrip(" ")[-1:] not in ("", "\n") else ()
    after = (Part(f" {ELLIPSIS}"),) if text[end:].lstrip(" ")[:1] not in ("", "\n") else ()
    return _melted(before + _shorten(_parts(text, window, found), LENGTH * PASSAGES) + after)


def _melted(parts: Passage) -> Passage:
    """Neighbours of one kind as one part."""
    groups = groupby(parts, key=lambda part: part.hit)
    return tuple(Part("".join(part.text for part in group), hit) for hit, group in groups)


def _parts(text: str, window: Span, found: Sequence[Span]) -> Passage:
    parts: list[Part] = []
    at, stop = window
    for start, end in found:
        if start >= at and end <= stop:
            parts += [Part(clean(text[at:start])), Part(clean(text[start:end]), hit=True)]
            at = end
    parts.append(Part(clean(text[at:stop])))
    return tuple(part for part in parts if part.text)


def _shorten(parts: Passage, limit: int) -> Passage:
    kept: list[Part] = []
    for part in parts:
        kept.append(Part(cut(part.text, max(limit, 1)), part.hit))
        limit -= len(part.text)
        if limit <= 0:
            break
    return tuple(kept)
