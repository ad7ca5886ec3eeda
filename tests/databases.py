"""A fresh, migrated database a test: once on SQLite, once on PostgreSQL. conftest.py imports the fixtures.

PostgreSQL is a cluster of this test process's own: made from the installed binaries in a temporary folder, on a free
loopback port, stopped at the end. Where there are no binaries of version 15 or newer its tests are skipped, unless
MONITOR_REQUIRE_POSTGRESQL=1 says that they must run.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from monitor.store import Store
from monitor.store.tables import metadata
from tests.build import NOON

OLDEST = 15
# nothing of a test's database must survive a power cut
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c deadlock_timeout=50ms -c shared_buffers=32MB -c max_connections=40"


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL server. `url` takes the name of a database."""

    port: int
    password: str
    numbers: Iterator[int]
    control: Callable[..., None]

    def crash(self) -> None:
        """As by kill -9; what was acknowledged is recovered by `start` where the settings keep it."""
        self.control("-m", "immediate", "stop")

    def start(self) -> None:
        self.control("start")

    def url(self, name: str) -> str:
        return f"postgresql://monitor:{self.password}@127.0.0.1:{self.port}/{name}"

    def run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def create(self) -> str:
        """The name of a new database."""
        name = f"test_{next(self.numbers)}"
        self.run("CREATE DATABASE {}", name)
        return name

    def drop(self, name: str) -> None:
        self.run("DROP DATABASE {} WITH (FORCE)", name)


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl, the newest version that is new enough."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    for program in [*debian, *([Path(on_path)] if on_path else [])]:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        version = re.search(r"(\d+)\.", said)
        if version and int(version[1]) >= OLDEST:
            return program.resolve().parent
    return None


def unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root: as whom then, as arguments for subprocess."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_as(folder: Path, who: dict[str, object], *command: str | Path) -> None:
    done = subprocess.run(  # type: ignore[call-overload]
        command,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        **who,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


@contextmanager
def running_cluster(programs: Path, settings: str = QUICK) -> Iterator[Cluster]:
    """A server with a cluster of its own, both gone at the end."""
    folder, who = Path(tempfile.mkdtemp(prefix="monitor-pg-")), unprivileged()
    port, password = free_port(), secrets.token_hex(16)
    words, data, log = folder / "password", folder / "data", folder / "log"
    words.write_text(password)
    if who:
        for path in (folder, words):
            shutil.chown(path, int(str(who["user"])), int(str(who["group"])))
    make: list[str | Path] = ["-D", data, "-U", "monitor", "-A", "scram-sha-256", "--pwfile", words]
    try:
        run_as(folder, who, programs / "initdb", *make, "-E", "UTF8", "--locale=C", "-N")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} {settings}"
        control = partial(
            run_as, folder, who, programs / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options
        )
        control("start")
        yield Cluster(port, password, count(1), control)
    finally:
        stop = [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
        subprocess.run(stop, cwd=folder, capture_output=True, **who)  # type: ignore[call-overload]
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    programs = binaries()
    if programs is None:
        missing = f"PostgreSQL {OLDEST} or newer (Debian: apt install postgresql) is not installed"
        if os.environ.get("MONITOR_REQUIRE_POSTGRESQL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with running_cluster(programs) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: Cluster) -> Iterator[tuple[str, psycopg.Connection]]:
    """One migrated database for all tests, its URL and a connection that empties it."""
    name = postgresql.create()
    url = postgresql.url(name)
    Store.open(url, now=NOON).close()
    with psycopg.connect(url, autocommit=True, application_name="cleaner") as connection:
        yield url, connection


def empty(connection: psycopg.Connection) -> None:
    """Every table but meta, every sequence, as after the migration. A tenth of the time that a new database takes."""
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
    )
    for table in reversed(metadata.sorted_tables):
        if table.name != "meta":
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
    connection.execute("UPDATE meta SET link_key = NULL, swept_to = NULL")
    connection.execute("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "monitor.db"
    Store.open(f"sqlite:///{path}", now=NOON).close()
    return path


@pytest.fixture
def empty_postgresql_url(postgresql: Cluster) -> Iterator[str]:
    """A PostgreSQL database without a table."""
    name = postgresql.create()
    yield postgresql.url(name)
    postgresql.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


@pytest.fixture
def postgresql_url(migrated_postgresql: tuple[str, psycopg.Connection]) -> Iterator[str]:
    """A migrated PostgreSQL database without a row."""
    url, connection = migrated_postgresql
    yield url
    empty(connection)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file without a row."""
    path = tmp_path / "monitor.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database without a row, on each kind of database in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def store(database_url: str, now: datetime) -> Iterator[Store]:
    with Store.open(database_url, now=now) as opened:
        yield opened
