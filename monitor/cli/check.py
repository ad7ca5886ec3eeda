"""`monitor check` and `monitor schema`: what a configuration holds, or every mistake in it; its files' JSON Schemas.

Called by the command group. Opens the configuration only: no database, no network.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import click

from monitor.cli.output import config_option, output_option, print_json, print_table
from monitor.errors import EXIT_CONFIG, ConfigurationError, UsageError
from monitor.model import Channel, ChannelKind, Recipient, Watchlist
from monitor.settings import Settings, find_directory, json_schemas, load


@click.command()
@config_option
@output_option
def check(directory: str | None, output: str) -> int:
    """Check the configuration in the folder -c; every mistake with file, line and column.

    Prints what it holds: sources, watchlists and who hears of them, recipients. Exits with 78 on a mistake.
    """
    folder = find_directory(directory)
    try:
        settings = load(folder, os.environ)
    except ConfigurationError as error:
        if output != "json":
            raise
        print_json(_mistakes(folder, error))
        return EXIT_CONFIG
    if output == "json":
        print_json(summary(settings))
    else:
        _print(settings)
    return 0


@click.command()
@click.argument("name", required=False)
@click.option(
    "--write", "folder", type=click.Path(file_okay=False), help="Write each schema to a file in this folder."
)
def schema(name: str | None, folder: str | None) -> None:
    """Print the JSON Schemas of the configuration files, all or the one called NAME (such as watchlists.json).

    An editor with yaml-language-server completes and checks by them; see the first line of config/watchlists.
    """
    schemas = json_schemas()
    if name is not None:
        file = name if name.endswith(".json") else f"{name}.json"
        if file not in schemas:
            raise UsageError(f"there is no schema {name}; there are {', '.join(schemas)}")
        schemas = {file: schemas[file]}
    if folder is not None:
        _write(Path(folder), schemas)
    else:
        print_json(schemas[next(iter(schemas))] if name is not None else schemas)


def _write(folder: Path, schemas: dict[str, dict[str, object]]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in schemas.items():
            text = json.dumps(content, ensure_ascii=False, indent=2)
            (folder / file).write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}") from None
    click.echo(f"{len(schemas)} schemas written to {folder}", err=True)


# --- what a configuration holds ----------------------------------------------------------------------------------------


def summary(settings: Settings) -> dict[str, object]:
    """What `-o json` prints. Holds no secret: addresses that may contain one are masked."""
    sources = settings.sources
    return {
        "ok": True,
        "directory": str(settings.directory),
        "database": settings.database.partition("://")[0].partition("+")[0],
        "sources": {
            "count": len(sources),
            "by_kind": dict(sorted(Counter(source.kind.value for source in sources).items())),
            "by_country": dict(
                sorted(Counter(source.country or "none stated" for source in sources).items())
            ),
            "full_text": sum(source.full_text for source in sources),
        },
        "entities": len(settings.entities),
        "watchlists": [_watchlist(settings, one) for one in settings.watchlists],
        "recipients": [_recipient(one) for one in settings.recipients],
        "routes": len(settings.routes),
    }


def _watchlist(settings: Settings, one: Watchlist) -> dict[str, object]:
    return {
        "id": one.id,
        "severity": one.severity.value,
        "title": one.title,
        "heard_by": list(hears(settings, one)),
    }


def hears(settings: Settings, one: Watchlist) -> tuple[str, ...]:
    """The recipients of a watchlist's matches: its own notify, then the routes, in order and each once."""
    found = list(one.notify)
    for route in settings.routes:
        fits = (
            (not route.severities or one.severity in route.severities)
            and (not route.watchlists or one.id in route.watchlists)
            and (not route.tags or bool(set(route.tags) & set(one.tags)))
        )
        if fits:
            found += route.to
            if not route.go_on:
                break
    return tuple(dict.fromkeys(found))


def _recipient(one: Recipient) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "language": one.language,
        "timezone": one.timezone,
        "channels": [
            {"id": channel.id, "kind": channel.kind.value, "to": masked(channel)} for channel in one.channels
        ],
    }


def masked(channel: Channel) -> str:
    """Enough of a channel's target to recognise it: no token of a chat address, no path of a webhook."""
    match channel.kind:
        case ChannelKind.EMAIL:
            name, _, domain = channel.target.rpartition("@")
            return f"{name[:1]}***@{domain}"
        case ChannelKind.APPRISE:
            return f"{channel.target.partition('://')[0]}://***"
        case ChannelKind.WEBHOOK:
            scheme, _, rest = channel.target.partition("://")
            return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}/***"
        case _:
            return channel.target or "this terminal"


def _mistakes(folder: Path, error: ConfigurationError) -> dict[str, object]:
    problems = [
        {"file": one.file, "line": one.line, "column": one.column, "message": one.message}
        for one in error.problems
    ]
    return {"ok": False, "directory": str(folder), "problems": problems}


def _print(settings: Settings) -> None:
    sources = settings.sources
    kinds = Counter(source.kind.value for source in sources)
    places = Counter(source.country or "-" for source in sources)
    click.echo(f"{settings.directory}: no mistakes")
    click.echo(
        f"{len(sources)} sources, {len(settings.entities)} entities, {len(settings.watchlists)} watchlists, "
        f"{len(settings.recipients)} recipients, {len(settings.routes)} routes"
    )
    if sources:
        click.echo(f"  by kind     {_counted(kinds)}")
        click.echo(f"  by country  {_counted(places)}")
    click.echo()
    print_table(
        ["watchlist", "severity", "heard by"],
        (
            {
                "watchlist": one.id,
                "severity": one.severity.value,
                "heard by": ", ".join(hears(settings, one)) or "nobody",
            }
            for one in settings.watchlists
        ),
        empty="no watchlists: nothing is looked for",
    )
    click.echo()
    print_table(
        ["recipient", "channels"],
        (
            {
                "recipient": one.id,
                "channels": ", ".join(
                    f"{channel.id}: {channel.kind.value} {masked(channel)}" for channel in one.channels
                ),
            }
            for one in settings.recipients
        ),
        empty="no recipients: nobody is told",
    )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())
