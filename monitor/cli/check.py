"""`monitor check` and `monitor schema`: what a configuration holds, or every mistake in it; its files' JSON Schemas.

Called by the command group. Opens the configuration only: no database, no network. Compiles the rules as the daemon
does, so that what `check` accepts `run` accepts.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from monitor.cli.output import config_option, output_option, print_json, print_table
from monitor.deliver.chat_rules import refusal
from monitor.errors import EXIT_CONFIG, ConfigurationError, Problem, QueryError, UsageError
from monitor.judge import compile_rules
from monitor.judge.routing import recipients_of, ways_of
from monitor.model import Channel, ChannelKind, Recipient, Route, Watchlist
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
        settings = _sound(folder)
    except ConfigurationError as error:
        if output != "json":
            raise
        print_json(_mistakes(folder, error))
        return EXIT_CONFIG
    if output == "json":
        print_json(summary(settings))
    else:
        _print(settings)
        for warning in warnings(settings):
            click.echo(f"warning: {warning}", err=True)
    return 0


def _sound(folder: Path) -> Settings:
    settings = load(folder, os.environ)
    try:
        compile_rules(
            settings.watchlists, settings.entities, settings.sources, settings.recipients, settings.routes
        )
    except QueryError as error:
        raise ConfigurationError([Problem(str(folder), 0, 0, str(error))]) from error
    return settings


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
        "routes": _count(settings.routes),
        "warnings": warnings(settings),
    }


def _watchlist(settings: Settings, one: Watchlist) -> dict[str, object]:
    return {
        "id": one.id,
        "severity": one.severity.value,
        "title": one.title,
        "heard_by": list(recipients_of(one, settings.routes)),
    }


def warnings(settings: Settings) -> list[str]:
    """What is allowed and yet hardly meant: nobody hears, no source can fit, a chat address that will be refused."""
    tags = {tag for source in settings.sources for tag in source.tags}
    found = [
        f"nobody hears of the watchlist {one.id}: write notify, or a route"
        for one in settings.watchlists
        if not recipients_of(one, settings.routes)
    ]
    found += [
        f"the watchlist {one.id} asks for the tag {tag}, which no source carries"
        for one in settings.watchlists
        for tag in one.where.tags
        if tag not in tags
    ]
    found += _overtaken(settings)
    found += [
        f"nothing will go out by {recipient.id}/{channel.id}: {reason}"
        for recipient in settings.recipients
        for channel in recipient.channels
        if channel.kind == ChannelKind.APPRISE and (reason := refusal(channel.target))
    ]
    return found


def _count(routes: Sequence[Route]) -> int:
    return sum(1 + _count(one.children) for one in routes)


def _overtaken(settings: Settings) -> Iterator[str]:
    """Whom a watchlist's own notify tells at once, while a route would have told him at its time."""
    for one in settings.watchlists:
        for way in ways_of(one, settings.routes):
            plan = way.route
            if way.recipient in one.notify and (plan.digest or plan.quiet_hours or plan.group_wait):
                file, line, _ = plan.place
                yield (
                    f"the watchlist {one.id} tells {way.recipient} at once by its notify, whatever the route at "
                    f"{file}:{line} plans: keep one of the two"
                )


def _recipient(one: Recipient) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "language": one.language,
        "timezone": one.timezone,
        "working_days": list(one.working_days),
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
        f"{len(settings.recipients)} recipients, {_count(settings.routes)} routes"
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
                "heard by": ", ".join(recipients_of(one, settings.routes)) or "nobody",
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
