"""`monitor db`: the database's schema and soundness, its backups, and the way back."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, output_option, print_json, print_table
from monitor.errors import EXIT_FAILED, EXIT_OK, UsageError

if TYPE_CHECKING:
    from monitor.settings import Settings
    from monitor.store.backups import Backup, Restored, Taken

BACKUPS_NAMED = 5  # by a refusal


@click.group()
def db() -> None:
    """Upgrade, check, compact, back up or restore the database."""


def _settings(directory: str | None) -> Settings:
    from monitor.settings import find_directory, load

    return load(find_directory(directory), os.environ)


@db.command("upgrade")
@config_option
@output_option
def upgrade(directory: str | None, output: str) -> int:
    """Bring the database to this version's schema; make it where there is none.

    `monitor run` does this by itself at its start. Stop the daemon before: with SQLite it holds the database.
    """
    from monitor.store import Store

    with Store.open(_settings(directory).database, now=datetime.now(UTC)) as store:
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

    url = _settings(directory).database
    with Store.open(url, now=datetime.now(UTC), upgrade=False, writer=False) as store:
        problems, version = store.check(), store.schema_version()
        articles = 0 if problems else store.articles.count()
    if output == "json":
        print_json({"schema": version, "problems": problems})
    elif problems:
        click.echo("\n".join(problems))
    else:
        click.echo(f"the database is sound: schema {version}, {articles} articles")
    return EXIT_FAILED if problems else EXIT_OK


@db.command("compact")
@config_option
@output_option
def compact(directory: str | None, output: str) -> int:
    """Give back at once the space in a SQLite file that nothing is in.

    For a file that was made by an early version, which never shrinks by itself; after this it does. Stop the daemon before. Twice the
    size of what is kept must be free beside the file. Whatever ends it amidst, the database is as it was.

    Exit codes: 0 done, 1 not done, 78 bad configuration.
    """
    from monitor.store import Store

    url = _settings(directory).database
    with Store.open(url, now=datetime.now(UTC), upgrade=False, whole=True) as store:
        done = store.compact()
    if output == "json":
        print_json({"before": done.before, "after": done.after})
    else:
        click.echo(f"the file had {done.before / 1e6:.1f} MB and has {done.after / 1e6:.1f} MB")
    return EXIT_OK


# --- backups -----------------------------------------------------------------------------------------------------------


@db.command("backup")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False))
@click.option(
    "--keep", type=click.IntRange(1, 1000), help="How many backups stay in the folder (default: backup.keep)."
)
@click.option(
    "--list", "listing", is_flag=True, help="Make none; list those that are there, the newest first."
)
@config_option
@output_option
def backup(folder: str | None, keep: int | None, listing: bool, directory: str | None, output: str) -> int:
    """Copy the database to DIR (default: backup.folder), check the copy, and delete the oldest.

    The daemon may be running. A copy is a file of its own, NAME-TIME.db (of PostgreSQL NAME-TIME.dump, made by pg_dump), readable
    for you alone. It holds everything the database holds; secrets of the configuration are not in it.

    Exit codes: 0 done, 1 not done (the older ones are left as they were), 78 bad configuration.
    """
    from monitor.store import backups

    settings = _settings(directory)
    place = backups.folder_of(settings.database, folder or settings.backup.folder)
    if listing:
        _print_list(place, backups.found(settings.database, place), output)
        return EXIT_OK
    done = backups.take(settings.database, place, keep=keep or settings.backup.keep, now=datetime.now(UTC))
    _print_taken(done, output)
    return EXIT_OK


def _print_list(folder: Path, found: list[Backup], output: str) -> None:
    if output == "json":
        rows = [{"file": str(each.path), "taken_at": each.taken_at, "bytes": each.size} for each in found]
        print_json({"folder": str(folder), "backups": rows})
        return
    shown = [
        {
            "taken": f"{each.taken_at:%Y-%m-%d %H:%M:%S} UTC",
            "size": f"{each.size / 1e6:.1f} MB",
            "file": str(each.path),
        }
        for each in found
    ]
    print_table(["taken", "size", "file"], shown, empty=f"there are no backups in {folder}")


def _print_taken(done: Taken, output: str) -> None:
    made, contents = done.backup, done.contents
    if output == "json":
        document = {
            "file": str(made.path),
            "taken_at": made.taken_at,
            "bytes": made.size,
            "schema": contents.schema,
        }
        counts = {"articles": contents.articles, "waiting": contents.waiting}
        print_json({**document, **counts, "removed": [str(each) for each in done.removed]})
        return
    click.echo(
        f"{made.path}: {made.size / 1e6:.1f} MB, sound, schema {contents.schema}, {contents.articles} articles"
    )
    for each in done.removed:
        click.echo(f"removed {each}")


@db.command("restore")
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@config_option
@output_option
def restore(file: str | None, directory: str | None, output: str) -> int:
    """Put the backup FILE in the database's place, and keep beside it what was there.

    Stop the daemon before. FILE is checked first; where it is damaged, or newer than this program, nothing is changed. What was
    told since the backup may be told again, and operators hear that it was restored.

    Exit codes: 0 done, 1 not done, 2 no FILE named, 78 bad configuration.
    """
    from monitor.store import backups

    settings = _settings(directory)
    place = backups.folder_of(
        settings.database, settings.backup.folder or str(Path(file).parent if file else "")
    )
    if file is None:
        known = [str(each.path) for each in backups.found(settings.database, place)[:BACKUPS_NAMED]]
        raise UsageError(
            "name the backup's file" + (", the newest is the first:\n" + "\n".join(known) if known else "")
        )
    now = datetime.now(UTC)
    done = backups.restore(settings.database, Path(file), folder=place, now=now)
    _tell_operators(settings, done, now)
    _print_restored(done, output)
    return EXIT_OK


def _tell_operators(settings: Settings, done: Restored, now: datetime) -> None:
    """By the outbox, before anything that is told a second time."""
    from monitor.model import Notice, NoticeLine
    from monitor.store import Store

    line = NoticeLine(
        done.database.rpartition("/")[2], "restored", reason=f"{done.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    )
    notices = [
        Notice(each.id, "database", (line,), tuple(channel.id for channel in each.channels))
        for each in settings.recipients
        if each.id in settings.operators
    ]
    with Store.open(settings.database, now=now) as store:
        store.conditions.tell([], notices, now)


def _print_restored(done: Restored, output: str) -> None:
    contents = done.contents
    if output == "json":
        document = {"database": done.database, "taken_at": done.taken_at, "schema": contents.schema}
        counts = {"articles": contents.articles, "waiting": contents.waiting}
        print_json({**document, **counts, "kept": [str(each) for each in done.kept]})
        return
    click.echo(
        f"{done.database} is as it was at {done.taken_at:%Y-%m-%d %H:%M:%S} UTC: {contents.articles} articles"
    )
    for each in done.kept:
        click.echo(f"the one of before is kept: {each}")
    if contents.waiting:
        count = "1 delivery" if contents.waiting == 1 else f"{contents.waiting} deliveries"
        click.echo(
            f"{count} waited then: due at the next start, under the same reference where that went out since"
        )
    click.echo("articles that came since are found again where their sources still show them, and told again")
