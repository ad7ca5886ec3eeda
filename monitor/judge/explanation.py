"""Why an article matches a watchlist, or by how much it does not: the expression as a tree. Called by commands."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.errors import UsageError
from monitor.judge.matching import hits_of, match_one, read, unmet
from monitor.judge.operators.base import MISSING, Operator
from monitor.judge.operators.logic import Either
from monitor.judge.reading import EVERYWHERE, Reading, Scope
from monitor.judge.rules import Rules
from monitor.model import Article, Hit, Where

_SHOWN_HITS = 4
_SHOWN_MISSING = 3  # alternatives of an OR that are named although not found


@dataclass(frozen=True, slots=True)
class Explanation:
    """One line of the tree. `held`: whether this part is true of the article."""

    label: str
    held: bool
    detail: str = ""
    hits: tuple[Hit, ...] = ()
    children: tuple[Explanation, ...] = ()
    folded: int = 0  # alternatives that were not found; `render` counts them instead of showing each

    def render(self) -> str:
        """The tree as text, a line a part: + holds, - does not."""
        return "\n".join(self._lines(""))

    def _lines(self, indent: str) -> Iterator[str]:
        said = self.detail if self.detail.startswith(f"{self.label} ") else f"{self.label}: {self.detail}"
        shown = [f"«{hit.text}» {hit.field} {hit.start}-{hit.end}" for hit in self.hits[:_SHOWN_HITS]]
        if len(self.hits) > _SHOWN_HITS:
            shown.append(f"{len(self.hits) - _SHOWN_HITS} more")
        places = f" [{', '.join(shown)}]" if shown and not self.children else ""
        yield f"{indent}{'+' if self.held else '-'} {said if self.detail else self.label}{places}"
        if self.folded and self.folded == len(self.children):
            return
        for child in self.children:
            if not self.folded or child.held or not child.detail.startswith(MISSING):
                yield from child._lines(indent + "  ")
        if self.folded:
            yield f"{indent}  - {self.folded} others: {MISSING}"

    def to_json(self) -> dict[str, object]:
        """The whole tree, nothing folded."""
        return {
            "label": self.label,
            "held": self.held,
            "detail": self.detail,
            "hits": [
                {
                    "term": hit.term,
                    "read_as": hit.read_as,
                    "field": hit.field,
                    "start": hit.start,
                    "end": hit.end,
                    "text": hit.text,
                }
                for hit in self.hits
            ],
            "children": [child.to_json() for child in self.children],
        }


def explain(article: Article, watchlist_id: str, rules: Rules) -> Explanation:
    """Raises UsageError for an unknown watchlist."""
    compiled = next((one for one in rules.watchlists if one.watchlist.id == watchlist_id), None)
    if compiled is None:
        known = [one.watchlist.id for one in rules.watchlists]
        near = difflib.get_close_matches(watchlist_id, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known) or 'none'}"
        raise UsageError(f"unknown watchlist {watchlist_id}: {hint}")
    reading = read(article, rules)
    match = match_one(reading, compiled)
    return Explanation(
        watchlist_id,
        match is not None,
        "matches" if match else "does not match",
        match.hits if match else (),
        (
            *_where(compiled.watchlist.where, reading),
            _explained(compiled.expression, reading, EVERYWHERE),
        ),
    )


def _where(where: Where, reading: Reading) -> tuple[Explanation, ...]:
    if where == Where():
        return ()
    failed = unmet(where, reading.article, reading.source)
    return (Explanation("where", not failed, "; ".join(failed) or "met"),)


def _explained(operator: Operator, reading: Reading, scope: Scope) -> Explanation:
    result = operator.find(reading, scope)
    inner = operator.scope_of_children(scope)
    parts = tuple(_explained(child, reading, inner) for child in operator.children)
    missing = sum(not part.held and part.detail.startswith(MISSING) for part in parts)
    none = isinstance(operator, Either) and missing == len(parts)
    return Explanation(
        operator.text if none else operator.label,
        result.held,
        f"none of {len(parts)} found" if none else operator.detail(reading, scope, result),
        hits_of(reading.article, result.hits),
        parts,
        folded=missing if none or (isinstance(operator, Either) and missing > _SHOWN_MISSING) else 0,
    )
