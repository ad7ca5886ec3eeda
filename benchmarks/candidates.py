"""The search for an article's neighbours while the live window grows, on SQLite and PostgreSQL.

    python -m benchmarks.candidates [articles ...]          default: 10000 100000 300000

Of each size: `candidates` as the daemon asks it (address, guid, text, copies by 75 hashes, stories by 40 handles, who was
told), the same for copies alone, the one statement that asks the index for all 115 hashes, the look-up of one article as the floor of the day, and `record` with every commit on the
disk. On a machine that others use, the wall's p99 is theirs: the processor's time is what the search takes by itself.
The stream is that of `benchmarks.stream`; it is loaded in bulk, then asked for 500 articles that come next. Where it may (root,
Linux), asking goes before all other processes of the machine and loading behind them.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from sqlalchemy import delete, insert

from benchmarks.stream import Numbers, Stream
from monitor.model import Article, Traits
from monitor.store import Store
from monitor.store.fingerprints import postings
from monitor.store.tables import article, fingerprint, profile, story
from tests.build import NOON, make_article
from tests.databases import binaries, running_cluster
from tests.store.samples import make_verdict

WINDOW = timedelta(hours=71)
BODY = "\n".join(["A paragraph of plain words that says what happened, where, and to whom it matters."] * 25)
PROFILE = bytes(1_500)
SIZES = (10_000, 100_000, 300_000)
BATCH = 10_000  # articles loaded at once
INDEX_BATCH = 100_000  # ... into the index
ASKED, RECORDED = 500, 100
# a row of PostgreSQL's binary COPY: how many columns, then of each its length and itself
BINARY_ROW = np.dtype(
    [("columns", ">i2"), ("long", ">i4"), ("hash", ">i8"), ("wide", ">i4"), ("article", ">i8")]
)


def when(number: int, length: int) -> datetime:
    return NOON - WINDOW + WINDOW * number / length


def text(number: int, length: int) -> Article:
    key = f"outlet{number % 300}.example.org/{number}"
    at = when(number, length)
    source = f"outlet{number % 300}"
    return make_article(
        f"Report {number}", BODY, key=key, guid=key, source_id=source, text_hash=key, first_seen=at
    )


# --- loading -----------------------------------------------------------------------------------------------------------


def load(store: Store, stream: Stream, start: int, end: int) -> None:
    """Articles `start` to `end` with all that is kept of them, past `record`. Ids are numbers plus one."""
    for first in range(start, end, BATCH):
        with store._database.write() as connection:
            for table, rows in _tables(stream, first, min(first + BATCH, end)):
                connection.execute(insert(table), rows)
    for first in range(start, end, INDEX_BATCH):
        with store._database.write() as connection:
            raw = connection.connection.dbapi_connection
            _load_index(raw, stream, first, min(first + INDEX_BATCH, end))
    with store._database.write() as connection:
        connection.exec_driver_sql("ANALYZE")
        if connection.dialect.name == "postgresql":
            for table in (story, article):
                at = f"(SELECT max(id) FROM {table.name})"
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {at})"
                )


def _tables(stream: Stream, first: int, last: int) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    copied, events = stream.origins
    own = [n for n in range(first, last) if events[n] == n]
    opened = (
        {"id": n + 1, "first_article": n + 1, "articles": 1, "opened_at": when(n, stream.length)} for n in own
    )
    yield story, [{**each, "last_article_at": NOON} for each in opened]
    articles, profiles = [], []
    for n in range(first, last):
        one, of, original = text(n, stream.length), int(events[n]) + 1, int(copied[n])
        articles.append(
            {
                **{column.name: getattr(one, column.name, None) for column in article.c},
                "id": n + 1,
                "story_id": of,
                "duplicate_of": None if original == n else original + 1,
                "text_from": one.text_from.value,
                "updated_at": one.first_seen,
                "agency": "",
                "wire": "",
            }
        )
        facts = {"article_id": n + 1, "story_id": of, "lead": original == n, "content": PROFILE}
        profiles.append(
            {**facts, "source_id": one.source_id, "title": one.title, "published": one.first_seen}
        )
    yield article, articles
    yield profile, profiles


def _load_index(raw: Any, stream: Stream, first: int, last: int) -> None:
    hashes, numbers = stream.postings(first, last)
    cursor = raw.cursor()
    if not hasattr(cursor, "copy"):
        rows = zip(hashes.tolist(), (numbers + 1).tolist(), strict=True)
        cursor.executemany(f"INSERT INTO {fingerprint.name} VALUES (?, ?)", rows)
        return
    packed = np.empty(len(hashes), dtype=BINARY_ROW)
    packed["columns"] = 2
    packed["long"] = packed["wide"] = 8
    packed["hash"], packed["article"] = hashes, numbers + 1
    with cursor.copy(f"COPY {fingerprint.name} FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        copy.write(packed.tobytes())
        copy.write(b"\xff\xff")


# --- asking ------------------------------------------------------------------------------------------------------------


class Clock:
    """What calls took: by the wall, on our processor, and on that of PostgreSQL's process for us."""

    def __init__(self, server: psutil.Process | None) -> None:
        self.wall: list[float] = []
        self.ours: list[float] = []
        self._server = server
        self._began = self._served()

    def __call__(self, work: Callable[[], object]) -> None:
        wall, ours = time.perf_counter(), time.process_time()
        work()
        self.ours.append((time.process_time() - ours) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)

    def _served(self) -> float:
        return sum(self._server.cpu_times()[:2]) * 1000 if self._server else 0.0

    def __str__(self) -> str:
        """Median and p99 by the wall, then of our processor, then the server's mean."""
        served = f" +{(self._served() - self._began) / len(self.wall):5.2f}" if self._server else " " * 7
        return f"{_middle(self.wall)} |{_middle(self.ours)}{served}"


def _middle(times: Sequence[float]) -> str:
    ordered = sorted(times)
    return f"{ordered[len(ordered) // 2]:6.2f} {ordered[int(len(ordered) * 0.99)]:6.2f}"


@contextmanager
def first_in_line(*processes: psutil.Process | None) -> Iterator[None]:
    """Let these processes run before all others, as `chrt -f 10` does, where that is allowed."""
    set_policy = getattr(os, "sched_setscheduler", None)
    changed: list[int] = []
    for each in filter(None, processes):
        with suppress(PermissionError, TypeError):
            set_policy(each.pid, os.SCHED_FIFO, os.sched_param(10))  # type: ignore[misc]
            changed.append(each.pid)
    try:
        yield
    finally:
        for pid in changed:
            os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0))


def measure(store: Store, stream: Stream, size: int) -> str:
    """One line of figures."""
    sketches, handles = stream.hashes(size, size + ASKED)
    now, served_by = when(size, stream.length), server(store)
    several = [
        (text(size + n, stream.length), Traits(_distinct(sketches[n]), _distinct(handles[n]), PROFILE))
        for n in range(ASKED)
    ]
    whole = Clock(served_by)
    for one, traits in several:
        whole(partial(store.candidates, one, now, traits))
    said = f"{size:9,}  {whole}  "
    copies = Clock(served_by)
    for one, traits in several:
        copies(partial(store.candidates, one, now, Traits(sketch=traits.sketch)))
    said += f"{copies}  "
    index = Clock(served_by)
    for _, traits in several:
        index(partial(_postings, store, traits))
    said += f"{index}  "
    floor, recorded = Clock(None), Clock(None)
    for _ in several:
        floor(partial(store.articles.get, 1))
    for one, traits in several[:RECORDED]:
        recorded(partial(_record, store, now, one, traits))
    memory = psutil.Process().memory_info().rss / 1e6
    rate = 1000 * RECORDED / sum(recorded.wall)
    return f"{said}{_middle(floor.wall)}  {rate:5.0f}/s  {memory:5.0f} MB"


def _postings(store: Store, traits: Traits) -> None:
    with store._database.read() as connection:
        postings(connection, (*traits.sketch, *traits.handles), 1)


def server(store: Store) -> psutil.Process | None:
    with store._database.read() as connection:
        if connection.dialect.name != "postgresql":
            return None
        return psutil.Process(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def forget_recorded(store: Store, size: int) -> None:
    """What was measured with goes: the next load gives its numbers to others."""
    with store._database.write() as connection:
        for column in (fingerprint.c.article_id, profile.c.article_id, article.c.id, story.c.first_article):
            connection.execute(delete(column.table).where(column > size))


def _distinct(hashes: Numbers) -> tuple[int, ...]:
    return tuple(dict.fromkeys(hashes.tolist()))


def _record(store: Store, now: datetime, one: Article, traits: Traits) -> None:
    store.record(make_verdict(one, alert=False, traits=traits), f"new/{one.key}", "h", now)


def grow(name: str, url: str, sizes: Sequence[int], length: int) -> None:
    """Load to each size, and measure there."""
    print(f"{name}, milliseconds: median and p99 by the wall | of our processor (+ the server's mean)")
    columns = (
        ("candidates", 37),
        ("copies alone", 37),
        ("the index alone", 37),
        ("floor", 15),
        ("record", 9),
        ("memory", 8),
    )
    print(" articles  " + "".join(f"{what:{width}}" for what, width in columns))
    with Store.open(url, now=NOON) as store:
        stream, loaded = Stream(length), 0
        for size in sorted(sizes):
            if loaded:
                forget_recorded(store, loaded)
            load(store, stream, loaded, size)
            with first_in_line(psutil.Process(), server(store)):
                print(measure(store, stream, size), flush=True)
            loaded = size


def main() -> None:
    sizes = [int(each) for each in sys.argv[1:]] or list(SIZES)
    length = max(sizes) + ASKED
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        grow("SQLite", f"sqlite:///{path}", sizes, length)
        print(f"file {path.stat().st_size / 1e6:,.0f} MB")
    programs = binaries()
    if programs is None:
        print("PostgreSQL   not installed")
        return
    with running_cluster(programs, settings="") as cluster:
        grow("PostgreSQL", cluster.url(cluster.create()), sizes, length)


if __name__ == "__main__":
    main()
