"""What one file says of another: ids, and the queries that name them. Used by `schema` as types, by `load` for cycles.

`load` gathers the ids of all files first and passes them as validation context (`Known`), so that a dangling reference
is found where it stands, beside all other mistakes. The only user of the query language in settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationInfo, WithJsonSchema

from monitor.errors import QueryError
from monitor.judge.query import EntityName, Expr, Reference, parse, parse_item, to_text, walk
from monitor.judge.query.tree import Fact
from monitor.settings.fields import countries, language, mistake, nearest


@dataclass(frozen=True, slots=True)
class Known:
    """The ids of each kind over all files; None where a file of that kind could not be read: nothing dangles then."""

    ids: Mapping[str, frozenset[str] | None]

    def refusal(self, kind: str, name: str) -> str:
        """What to say of a name that no file defines; '' where one does."""
        ids = self.ids.get(kind)
        if ids is None or name in ids:
            return ""
        return f"no {kind} is called {name}{nearest(name, ids) if ids else '; none is defined'}"


def _reference(kind: str) -> Any:
    def check(value: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Known) and (message := info.context.refusal(kind, value)):
            raise mistake(message, veiled=f"no {kind} is called so")
        return value

    return AfterValidator(check)


def _query(value: str, info: ValidationInfo) -> str:
    return _checked(value, _parsed(value, parse), info.context)


def _item(value: str, info: ValidationInfo) -> str:
    return _checked(value, _parsed(value, parse_item), info.context)


def _parsed(text: str, parser: Any) -> Expr:
    try:
        expr: Expr = parser(text)
    except QueryError as error:
        raise mistake(str(error), offset=error.column - 1, veiled="the query cannot be read") from None
    return expr


def _checked(text: str, expr: Expr, known: object) -> str:
    """The query itself when all that it names exists. Raises a mistake at the first name that does not."""
    if isinstance(known, Known):
        for offset, message in sorted(_dangling(text, expr, known)):
            raise mistake(message, offset=offset, veiled="the query names something that is not there")
    return text


def _dangling(text: str, expr: Expr, known: Known) -> Iterator[tuple[int, str]]:
    for part in walk(expr):
        match part:
            case EntityName(id, column):
                offset, message = column - 1, known.refusal("entity", id)
            case Reference(id, column):
                offset, message = column - 1, known.refusal("watchlist", id)
            case Fact(kind, value):
                offset, message = max(text.find(f"{kind}:"), 0), _fact_refusal(kind, value, known)
            case _:
                continue
        if message:
            yield offset, message


def _fact_refusal(kind: str, value: str, known: Known) -> str:
    if kind == "source":
        return known.refusal("source", value)
    if kind == "country" and value.upper() not in countries():
        return f"country:{value} is no country's two letters (ISO 3166: MA, QA, FR ...)"
    if kind == "lang":
        try:
            language(value.lower())
        except ValueError:
            return f"lang:{value} is no language's two letters (ISO 639-1: fr, ar, en, es ...)"
    return ""


def near_text(within: int, items: Sequence[str]) -> str:
    """`near: {within, of}` of a list in the query language. Raises a mistake where the items have no places to compare."""
    text = f"NEAR/{within}({', '.join(to_text(parse_item(item)) for item in items)})"
    _parsed(text, parse)
    return text


def named_watchlists(text: str) -> set[str]:
    """The ids of the watchlists that an item or query refers to; none where it cannot be read."""
    try:
        return {part.id for part in walk(parse_item(text)) if isinstance(part, Reference)}
    except QueryError:
        return set()


def circle(graph: Mapping[str, set[str]]) -> tuple[str, ...]:
    """One path of references that comes back to its beginning, as (a, b, a); () where there is none."""
    done: set[str] = set()
    for start in sorted(graph):
        path, waiting = [start], [iter(sorted(graph[start]))]
        while waiting and start not in done:
            follower = next(waiting[-1], None)
            if follower is None:
                done.add(path.pop())
                waiting.pop()
            elif follower in path:
                return (*path[path.index(follower) :], follower)
            elif follower in graph and follower not in done:
                path.append(follower)
                waiting.append(iter(sorted(graph[follower])))
    return ()


def _named(kind: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": 1, "description": f"The id of a {kind}."})


RecipientId = Annotated[str, _reference("recipient"), _named("recipient")]
EntityId = Annotated[str, _reference("entity"), _named("entity")]
SourceId = Annotated[str, _reference("source"), _named("source")]
WatchlistId = Annotated[str, _reference("watchlist"), _named("watchlist")]
QueryText = Annotated[str, AfterValidator(_query)]
ItemText = Annotated[str, AfterValidator(_item)]
