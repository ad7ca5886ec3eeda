"""The query language: text -> expression and back. The only part of judge that settings may import. Pure.

parse(text) -> Expr        a query; raises QueryError with a column
parse_item(text) -> Expr   an item of any/all/none: several bare words side by side are a phrase
to_text(expr) -> str       the canonical spelling
"""

from __future__ import annotations

from monitor.errors import QueryError
from monitor.judge.query.parser import Parser
from monitor.judge.query.printer import to_text
from monitor.judge.query.tree import EntityName, Expr, Reference, children, walk


def parse(text: str) -> Expr:
    """The expression of a query. Raises QueryError at the column (from 1) of the first mistake."""
    return Parser(text, loose=False).parse()


def parse_item(text: str) -> Expr:
    """The expression of a list item. Every query is an item with the same meaning; items also take bare phrases."""
    return Parser(text, loose=True).parse()


__all__ = [
    "EntityName",
    "Expr",
    "QueryError",
    "Reference",
    "children",
    "parse",
    "parse_item",
    "to_text",
    "walk",
]
