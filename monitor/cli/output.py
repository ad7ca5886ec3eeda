"""How commands print: one JSON document, JSON Lines, or a table for people. Called by the command modules only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

output_option = click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print: text or json."
)
config_option: Callable[[Any], Any] = click.option(
    "-c",
    "--config",
    "directory",
    type=click.Path(file_okay=False),
    default=None,
    help="The configuration's folder (default: config here, else /etc/monitor).",
)


def plain(value: object) -> object:
    """What json cannot say by itself: times as ISO 8601 in UTC."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no JSON form")


def print_json(value: object, *, line: bool = False) -> None:
    """One document (indented), or with `line` one line of JSON Lines."""
    click.echo(json.dumps(value, ensure_ascii=False, default=plain, indent=None if line else 2))


def harmless(text: str) -> str:
    """What strangers wrote (a headline, a server's message) without the characters that a terminal obeys."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def print_table(columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, empty: str) -> None:
    """A table without frames; only its last column wraps. `empty` is said where there are no rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        last = column == columns[-1]
        table.add_column(
            column, overflow="fold" if last else "ellipsis", no_wrap=not last, ratio=1 if last else None
        )
    for row in rows:
        cells = ("" if row.get(column) is None else str(row[column]) for column in columns)
        table.add_row(*(Text(harmless(cell)) for cell in cells))
    if table.row_count:
        Console().print(table)
    else:
        click.echo(empty, err=True)
