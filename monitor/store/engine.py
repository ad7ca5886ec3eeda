"""One database, and its two kinds of transaction. Called by the store's other modules only.

SQLite: WAL, synchronous=FULL (an acknowledged commit survives a power cut), BEGIN IMMEDIATE for whatever writes (a
deferred BEGIN that turns into a writer fails at once with "database is locked"), foreign keys on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from monitor import failpoints
from monitor.errors import StoreAbsent, StoreError, StoreFull
from monitor.store.ballast import Ballast
from monitor.store.lock import ProcessLock
from monitor.store.wall import Conflict, ReadOnly, wall

T = TypeVar("T")

BUSY_SECONDS = 10
CONFLICTS_BORNE = 2
# An article's hashes lie on a hundred pages all over the index: SQLite's own 2 MB were read from the file again for each
# article, and its checkpoint at every 1,000 pages wrote the same pages after every ten.
CACHE_KILOBYTES = 8_000
CHECKPOINT_PAGES = 4_000
INCREMENTAL = 2  # auto_vacuum: what is freed is given back when housekeeping says so
WAL_LIMIT = 64 * 1024 * 1024  # bytes; the file shrinks to this after a checkpoint
# A server that vanishes without a word (power, a partition) is given up after a minute, not after the kernel's two hours; it does the
# same with us, so that a dead client's locks go. Nothing waits for another's lock for longer than half a minute.
KEEPALIVES = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
OPTIONS = (
    "-c timezone=UTC -c lock_timeout=30s -c idle_in_transaction_session_timeout=5min -c tcp_keepalives_idle=30 "
    "-c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)
FORMS = "sqlite:///relative/path, sqlite:////absolute/path or postgresql://user@host/name"


def read_url(text: str) -> URL:
    """The database's URL with the driver we use. Raises StoreError that names the accepted forms."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise StoreError(f"not a database's URL; write {FORMS}") from None
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(f"{backend} is not a database monitor can use; write {FORMS}")
    if not url.database or url.database == ":memory:":
        raise StoreError("a database in memory forgets everything: give it a file, sqlite:///path")
    return url.set(drivername="sqlite+pysqlite")


def restoring(path: Path) -> Path:
    """The file that stands beside a SQLite database while a backup is put in its place."""
    return path.with_name(path.name + ".restoring")


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Database:
    """An open database. `writer`: it holds the process lock and may do everything; else it reads, and may
    write only what is marked as a single conditional change (`shared=True`)."""

    def __init__(self, url: str, *, writer: bool) -> None:
        self.url = read_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.writer = writer
        self.where = (
            str(self.path)
            if self.sqlite
            else self.url.set(password=None, drivername="postgresql").render_as_string()
        )
        self._lock = ProcessLock(self.path.with_name(self.path.name + ".lock")) if self.sqlite else None
        self.ballast = Ballast(self.path) if self.sqlite and writer else None
        with self.wall():
            self._prepare_place()
        self.engine = self._engine()
        self._shared: Connection | None = None  # inside `together`
        self._asked: list[str] = []  # who wrote in the transaction, where failpoints are armed
        self._writing = self.engine.execution_options(writes=True)

    @property
    def path(self) -> Path:
        """SQLite's file."""
        return Path(self.url.database or "")

    def _prepare_place(self) -> None:
        if self._lock is None:
            return
        if (half := restoring(self.path)).exists():
            raise StoreError(
                f"a restore of {self.where} was cut off ({half} is there): run `monitor db restore FILE` again"
            )
        if self.writer:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(self.where)
        elif not self.path.is_file():
            raise StoreAbsent(f"there is no database at {self.where} yet: `monitor db upgrade` makes one")

    def _engine(self) -> Engine:
        if not self.sqlite:
            return create_engine(
                self.url,
                json_serializer=_to_json,
                pool_pre_ping=True,
                isolation_level="READ COMMITTED",  # whatever the server's default: see design note 0050
                connect_args={"connect_timeout": BUSY_SECONDS, **KEEPALIVES, "options": OPTIONS},
            )
        engine = create_engine(
            self.url,
            json_serializer=_to_json,
            pool_size=1,
            max_overflow=0,
            connect_args={"timeout": BUSY_SECONDS},
        )
        _speak_sqlite(engine, foreign_keys=True, writer=self.writer)
        return engine

    def migrating_engine(self) -> Engine:
        """One for migrations: a table is rebuilt by copy and drop, which with foreign keys on empties its children."""
        if not self.sqlite:
            return self._writing
        engine = create_engine(self.url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
        _speak_sqlite(engine, foreign_keys=False, writer=True)
        return engine.execution_options(writes=True)

    @contextmanager
    def wall(self) -> Iterator[None]:
        try:
            with wall(self.where):
                yield
        except ReadOnly:
            self.engine.dispose()  # the next call connects anew, to where the primary is then
            raise
        except StoreFull:
            if self.ballast is not None:
                self.ballast.spend()  # for the next calls: this one's transaction is gone
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        if self._shared is not None:
            with self.wall():
                yield self._shared
            return
        with self.wall(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, shared: bool = False) -> Iterator[Connection]:
        """A transaction that commits at the end of the block. `shared`: safe beside another writing process."""
        if not (self.writer or shared):
            raise StoreError(f"the database {self.where} was opened for reading")
        if failpoints.armed:
            self._asked.append(failpoints.caller(__name__))
        if self._shared is not None:
            with self.wall():
                yield self._shared
            return
        with self.wall(), self._transaction() as connection:
            yield connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction for all that is read and written inside. Whatever fails inside must leave the block: a
        database may have rolled back by itself then, and what follows would be kept by halves."""
        with self.wall(), self._transaction() as connection:
            self._shared = connection
            try:
                yield
            finally:
                self._shared = None

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Writes, and commits at the end of the block; with its failpoints, those of all who wrote in it."""
        try:
            with self._writing.begin() as connection:
                yield connection
                self._reached("before")
            self._reached("after")
        finally:
            self._asked.clear()

    def _reached(self, when: str) -> None:
        for commit in self._asked:
            failpoints.reached(commit, when)

    def commit(self, work: Callable[[Connection], T], *, shared: bool = False) -> T:
        """Do `work` in a writing transaction, again where a concurrent one got in its way."""
        for _ in range(CONFLICTS_BORNE if self._shared is None else 0):
            with suppress(Conflict), self.write(shared=shared) as connection:
                return work(connection)
        with self.write(shared=shared) as connection:
            return work(connection)

    def pragma(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a SQLite PRAGMA outside any transaction, as checkpoints need."""
        with self.wall():
            raw = self.engine.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute(f"PRAGMA {statement}")
                return list(cursor.fetchall())
            finally:
                raw.close()

    def vacuum(self) -> None:
        """Write a SQLite file anew."""
        with self.wall():
            raw = self.engine.raw_connection()
            try:
                raw.cursor().execute("VACUUM")
            finally:
                raw.close()

    def give_back(self, pages: int) -> None:
        """Cut free pages off a SQLite file that was made for it."""
        with self.wall():
            raw = self.engine.raw_connection()
            try:
                # `execute` steps a statement without columns once, which gives back a single page
                raw.cursor().executescript(f"PRAGMA incremental_vacuum({pages})")
            finally:
                raw.close()

    def checkpoint(self) -> None:
        """Move the journal into the file, as far as no reader needs it; waits for nobody, as a checkpoint of its own would for 10 s."""
        self.pragma("busy_timeout = 0")
        try:
            self.pragma("wal_checkpoint(TRUNCATE)")
        finally:
            self.pragma(f"busy_timeout = {BUSY_SECONDS * 1000}")

    def close(self) -> None:
        self.engine.dispose()
        if self._lock is not None:
            self._lock.release()


def _speak_sqlite(engine: Engine, *, foreign_keys: bool, writer: bool) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # Python's module leaves BEGIN and COMMIT to us
        cursor = connection.cursor()
        if writer:
            cursor.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")  # counts for a file that is being made
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
