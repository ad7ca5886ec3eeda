"""The tree of routes: what each inherits, and what is wrong with it once it has. Called by `load`; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import time

from monitor.errors import Problem
from monitor.model import Route, Severity
from monitor.settings import convert
from monitor.settings.convert import RoutePlan
from monitor.settings.document import Document, Path
from monitor.settings.schema import QuietEntry, RouteEntry

OWN = ("match", "go_on", "routes")  # what no child inherits


def routes_of(entries: Sequence[RouteEntry], document: Document) -> tuple[Route, ...]:
    """The routes with what they inherit written out."""
    return tuple(_route(node) for node in _nodes(entries, document))


def problems_of(entries: Sequence[RouteEntry], document: Document) -> Iterator[Problem]:
    """What no entry's own keys can show: it comes from what they inherit."""
    for node in _nodes(entries, document):
        yield from _problems(node)


@dataclass(frozen=True, slots=True)
class _Node:
    entry: RouteEntry
    document: Document
    path: Path
    plan: RoutePlan = field(default_factory=dict)  # what it states, and what it inherits

    @property
    def children(self) -> list[_Node]:
        return _nodes(self.entry.routes, self.document, (*self.path, "routes"), self.plan)

    def states(self, *keys: str) -> bool:
        return any(key in self.entry.model_fields_set for key in keys)

    def problem(self, key: str, message: str, *further: str | int) -> Problem:
        """At a key's value, or something in it; where this route does not state it, at the route."""
        return Problem(
            self.document.file, *self.document.place((*self.path, key, *further)), f"{key}: {message}"
        )


def _nodes(
    entries: Sequence[RouteEntry],
    document: Document,
    path: Path = ("routes",),
    above: RoutePlan | None = None,
) -> list[_Node]:
    return [
        _Node(entry, document, (*path, index), {**(above or {}), **entry.given(*OWN)})
        for index, entry in enumerate(entries)
    ]


def _route(node: _Node) -> Route:
    place = (node.document.file, *node.document.place(node.path))
    return convert.route(node.entry, node.plan, tuple(map(_route, node.children)), place)


# --- what is wrong -----------------------------------------------------------------------------------------------------


def _problems(node: _Node) -> Iterator[Problem]:
    if not node.children and not node.plan.get("to"):
        place = node.document.place(node.path)
        yield Problem(node.document.file, *place, "to is missing: name who hears, here or in a route above")
    yield from _escalation(node)
    yield from _slots(node)
    for child in node.children:
        yield from _problems(child)


def _escalation(node: _Node) -> Iterator[Problem]:
    after, next_ones = node.plan.get("escalate_after"), node.plan.get("escalate_to", ())
    if node.states("escalate_after") and after and not next_ones:
        yield node.problem("escalate_after", "escalate_to is missing: name who hears next")
    if node.states("escalate_to") and not after and not node.children:
        yield node.problem(
            "escalate_to", "escalate_after is missing: say how long an acknowledgement may take"
        )
    severities = node.entry.match.severity
    if node.states("escalate_after") and after and severities and Severity.CRITICAL not in severities:
        asked = ", ".join(one.value for one in severities)
        yield node.problem("escalate_after", f"only critical alerts escalate, and match asks for {asked}")
    for index, id in enumerate(next_ones):
        if node.states("to", "escalate_to") and after and id in node.plan.get("to", ()):
            yield node.problem("escalate_to", f"{id} is told first already (to)", index)
        if node.states("escalate_to") and id in next_ones[:index]:
            yield node.problem("escalate_to", f"{id} stands here twice", index)


def _slots(node: _Node) -> Iterator[Problem]:
    """A digest in quiet hours: one of the two is not meant."""
    digest, quiet = node.plan.get("digest"), node.plan.get("quiet_hours")
    if digest and quiet and node.states("digest", "quiet_hours"):
        for at in digest.at:
            if _is_quiet(at, quiet):
                key = "digest" if node.states("digest") else "quiet_hours"
                span = f"{quiet.start:%H:%M} to {quiet.end:%H:%M}"
                yield node.problem(key, f"the digest at {at:%H:%M} lies in the quiet hours {span}")


def _is_quiet(at: time, quiet: QuietEntry) -> bool:
    if quiet.start < quiet.end:
        return quiet.start <= at < quiet.end
    return at >= quiet.start or at < quiet.end
