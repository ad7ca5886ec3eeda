"""A PostgreSQL database dumped and put back by its own programs, pg_dump and pg_restore (Debian: postgresql-client).

Called by `backups`. A dump is one transaction's state in pg_dump's own format, so the DBA's tools read it as well. The password
goes to the programs by the environment, never by their arguments.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, Connection, text

from monitor.errors import StoreBusy, StoreCorrupt, StoreError
from monitor.store.contents import APART, Contents, judge_schema, make_private, refuse_newer
from monitor.store.engine import Database
from monitor.store.tables import metadata

LOCK = 40  # seconds that pg_dump waits for a table
COPY = re.compile(rb"COPY \S*?\.?(\w+) \((.*)\) FROM stdin;")
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)


def dump(url: URL, target: Path) -> None:
    """What is committed now, to an empty file; on the disk when this returns."""
    words = ("--format=custom", "--no-owner", "--no-privileges", f"--lock-wait-timeout={LOCK}s")
    _run("pg_dump", url, *words, f"--file={target}", f"--dbname={_address(url)}")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def examine(file: Path) -> Contents:
    """Read all of a dump. Raises StoreCorrupt, SchemaMismatch or StoreError."""
    schema, articles, waiting = None, 0, 0
    for table, row in _rows(file):
        if table == "alembic_version":
            schema = row["version_num"]
        articles += table == "article"
        waiting += table == "delivery" and row["state"] in ("pending", "leased")
    return Contents(judge_schema(schema, file), articles, waiting)


def put_back(url: str, file: Path, old: Path) -> tuple[Contents, str]:
    """The dump's tables in the place of the database's, in one transaction; the ones of before are dumped to `old`."""
    contents = examine(file)
    database = Database(url, writer=True)
    try:
        with database.read() as connection:
            _refuse_company(connection, database.where)
        database.engine.dispose()
        make_private(old)
        dump(database.url, old)
        words = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction")
        _run("pg_restore", database.url, *words, f"--dbname={_address(database.url)}", str(file))
        with database.write() as connection:
            _begin_anew(connection, _tables(file))
        refuse_newer(database)
        return contents, database.where
    finally:
        database.close()


def _refuse_company(connection: Connection, where: str) -> None:
    others = connection.execute(text(OTHERS)).scalar_one()
    if others:
        raise StoreBusy(
            f"{others} other connections use the database {where}: stop every monitor on it first"
        )


def _begin_anew(connection: Connection, dumped: set[str]) -> None:
    """Without the tables that only a newer schema has; with an identity of its own, and ids that nobody was given."""
    for table in reversed(metadata.sorted_tables):
        if table.name not in dumped:
            connection.execute(text(f'DROP TABLE IF EXISTS "{table.name}" CASCADE'))
    connection.execute(text("UPDATE meta SET instance = :new"), {"new": str(uuid.uuid4())})
    sequences = (
        "SELECT oid FROM pg_class WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace"
    )
    numbers = connection.execute(text(sequences)).scalars().all()
    for oid in numbers:
        connection.execute(
            text(f"SELECT setval({int(oid)}::regclass, nextval({int(oid)}::regclass) + {APART})")
        )


def _tables(file: Path) -> set[str]:
    return set(re.findall(r" TABLE \S+ (\S+) ", _run("pg_restore", None, "--list", str(file))))


def _rows(file: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Table and row of all data in the dump, as text in COPY's form, one line a row."""
    command = [_found("pg_restore"), "--data-only", "--file=-", str(file)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as reading:
        assert reading.stdout
        assert reading.stderr
        table, columns = "", [""]
        for line in reading.stdout:
            if begin := COPY.match(line):
                table, columns = begin[1].decode(), begin[2].decode().split(", ")
            elif line == b"\\.\n":
                table = ""
            elif table:
                yield table, dict(zip(columns, line.decode().rstrip("\n").split("\t"), strict=True))
        said = reading.stderr.read().decode("utf-8", "replace")
    if reading.returncode:
        raise StoreCorrupt(f"{file} is no sound backup ({_brief(said)}): choose another one")


def _address(url: URL) -> str:
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return bare.render_as_string()


def _run(program: str, url: URL | None, *words: str) -> str:
    """Its standard output. Raises StoreError with what it said."""
    environ = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    if url is not None and url.password:
        environ["PGPASSWORD"] = str(url.password)
    command = [_found(program), *words]
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise StoreError(f"{program} failed: {_brief(done.stderr)}")
    return done.stdout


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise StoreError(f"{program} is not installed here (Debian: apt install postgresql-client)")
    return path


def _brief(said: str) -> str:
    return " ".join(said.split())[:500]
