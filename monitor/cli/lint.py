"""`monitor lint`: what the watchlists and entities say and can hardly mean, each with its place in the files.

Called by the command group. Reads the configuration and, where there is one, the archive: what its articles have in
common is common; without one, the articles of config/tests and the words that join others have to do.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.articles import detected
from monitor.cli.output import config_option, harmless, output_option, print_json
from monitor.errors import EXIT_NOTHING, EXIT_OK, StoreError
from monitor.model import Article

if TYPE_CHECKING:
    from monitor.judge.lint import Suspicion
    from monitor.settings import Settings

SAMPLE = 1_000  # of the latest articles


@click.command()
@config_option
@click.option("--strict", is_flag=True, help="Exit with 3 where there are warnings.")
@output_option
def lint(directory: str | None, strict: bool, output: str) -> int:
    """Warn of what the watchlists say and can hardly mean.

    A term shorter than 3 letters, one that its own watchlist excludes, one that nearly every article holds, a wildcard of
    fewer than 4 letters, a name that is a common word, a watchlist nobody hears of. What is common is measured in the
    archive, where there is one.
    """
    from monitor.judge import compile_rules
    from monitor.settings import find_directory, load

    settings = load(find_directory(directory), os.environ)
    compile_rules(settings.watchlists, settings.entities, settings.sources, settings.recipients)
    found, articles = suspicions(settings)
    warnings = sorted((_placed(one, settings) for one in found), key=_in_order)
    if output == "json":
        print_json({"articles": articles, "warnings": warnings})
    else:
        _print(warnings, articles)
    return EXIT_NOTHING if warnings and strict else EXIT_OK


def suspicions(settings: Settings) -> tuple[list[Suspicion], int]:
    """What is suspicious, and how many articles of the archive were looked at; 0 where there is none."""
    from monitor.judge.lint import lint as suspicions_of
    from monitor.judge.lint import usage

    archive = _archive(settings)
    used = usage(archive or _tests(settings))
    return list(suspicions_of(settings.watchlists, settings.entities, settings.routes, used)), len(archive)


def _archive(settings: Settings) -> list[Article]:
    """The latest articles of the archive; none where there is no archive yet, or one that cannot be read: that is told by the
    doctor, who also lints."""
    from monitor.store import Store

    try:
        with Store.open(settings.database, now=datetime.now(UTC), upgrade=False, writer=False) as store:
            return store.articles.recent(SAMPLE)
    except StoreError:
        return []


def _tests(settings: Settings) -> list[Article]:
    return [
        Article(
            key=f"test:{number}",
            source_id="",
            title=one.title,
            body=one.body,
            language=one.language or detected(one.title, one.body),
        )
        for number, one in enumerate(settings.tests)
    ]


def _placed(found: Suspicion, settings: Settings) -> dict[str, object]:
    path = (found.part,) if found.part else ()
    file, line, column = settings.places.of(found.kind, found.id, *path, text=found.text)
    kind = "watchlist" if found.kind == "watchlists" else "entity"
    place = {"file": file, "line": line, "column": column}
    return {**place, "rule": found.rule, kind: found.id, "message": found.message}


def _in_order(warning: dict[str, object]) -> tuple[str, int, int]:
    return str(warning["file"]), int(str(warning["line"])), int(str(warning["column"]))


def _print(warnings: list[dict[str, object]], articles: int) -> None:
    for one in warnings:
        place = f"{one['file']}:{one['line']}:{one['column']}"
        click.echo(harmless(f"{place}: {one['rule']}: {one['message']}"))
    measured = f"measured over {articles} articles" if articles else "without an archive to measure"
    count = len(warnings)
    click.echo(f"{count or 'no'} {'warning' if count == 1 else 'warnings'}, {measured}", err=True)
