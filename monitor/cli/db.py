"""`monitor db`: the database's schema and soundness."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click

from monitor.cli.output import config_option, output_option, print_json
from monitor.errors import EXIT_FAILED, EXIT_OK


@click.group()
def db() -> None:
    """Upgrade or check the database."""


def _url(directory: str | None) -> str:
    from monitor.settings import find_directory, load

    return load(find_directory(directory), os.environ).database


@db.command("upgrade")
@config_option
@output_option
def upgrade(directory: str | None, output: str) -> int:
    """Bring the database to this version's schema; make it where there is none.

    `monitor run` does this by itself at its start. Stop the daemon before: with SQLite it holds the database.
    """
    from monitor.store import Store

    with Store.open(_url(directory), now=datetime.now(UTC)) as store:
        version = store.schema_version()
    if output == "json":
        print_json({"schema": version})
    else:
        click.echo(f"the database is at schema {version}")
    return EXIT_OK


@db.command("check")
@config_option
@output_option
def check(directory: str | None, output: str) -> int:
    """Look for damage: the file, the references between tables, the schema.

    Reads the whole of a SQLite file; the daemon may be running.

    Exit codes: 0 sound, 1 not sound or not readable, 78 bad configuration.
    """
    from monitor.store import Store

    with Store.open(_url(directory), now=datetime.now(UTC), upgrade=False, writer=False) as store:
        problems, version = store.check(), store.schema_version()
        articles = 0 if problems else store.articles.count()
    if output == "json":
        print_json({"schema": version, "problems": problems})
    elif problems:
        click.echo("\n".join(problems))
    else:
        click.echo(f"the database is sound: schema {version}, {articles} articles")
    return EXIT_FAILED if problems else EXIT_OK
