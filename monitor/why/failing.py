"""Of an explanation tree that does not hold, the parts to blame. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.judge import Explanation

MOST = 6  # parts named; the tree beside it has all


@dataclass(frozen=True, slots=True)
class Blame:
    """One part that failed: `answer` is excluded, where or not-matched."""

    answer: str
    text: str


def blames(tree: Explanation) -> tuple[Blame, ...]:
    """A NOT is to blame only where everything else holds."""
    found = tuple(blame for child in tree.children if not child.held for blame in _walk(child))
    others = tuple(blame for blame in found if blame.answer != "excluded")
    return others or found


def in_words(found: tuple[Blame, ...]) -> str:
    shown = "; ".join(blame.text for blame in found[:MOST])
    return shown + (f"; and {len(found) - MOST} more" if len(found) > MOST else "")


def _walk(part: Explanation) -> Iterator[Blame]:
    if part.label == "where":
        yield Blame("where", f"its source or language is not asked for: {part.detail}")
        return
    if part.label == "NOT":
        yield Blame("excluded", f"excluded by NOT {_culprit(part)}")
        return
    missing = [child for child in part.children if not child.held]
    transparent = part.label == "AND" or not part.detail or (part.label == "OR" and not part.folded)
    if missing and transparent:
        for child in missing:
            yield from _walk(child)
        return
    yield Blame("not-matched", _said(part))


def _culprit(part: Explanation) -> str:
    """The term that was found, rather than the OR that it stands in."""
    found = [leaf for leaf in _leaves(part.children[0]) if leaf.held]
    if not found:
        return part.children[0].label
    hits = dict.fromkeys(f"«{hit.text}» in the {hit.field}" for leaf in found for hit in leaf.hits[:1])
    return f"{', '.join(leaf.label for leaf in found[:3])}: {', '.join([*hits][:3])}".rstrip(": ")


def _leaves(part: Explanation) -> Iterator[Explanation]:
    if not part.children:
        yield part
        return
    for child in part.children:
        yield from _leaves(child)


def _said(part: Explanation) -> str:
    if not part.detail or part.detail.startswith(f"{part.label} "):
        return part.detail or part.label
    return f"{part.label}: {part.detail}"
