"""The search for an article's neighbours while the live window grows, on SQLite and PostgreSQL.

    python -m benchmarks.candidates [articles ...]          default: 10000 100000 300000

Of each size: `candidates` as the daemon asks it (address, guid, text, copies by 75 hashes, stories by 40 handles, who was
told), the search for copies alone, a look-up by key as the floor of the day, and `record` with every commit on the disk.
The stream is that of `benchmarks.stream`; it is loaded in bulk, then asked for 500 articles that come next.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import insert

from benchmarks.stream import Stream
from monitor.model import Article, Traits
from monitor.store import Store
from monitor.store.tables import article, fingerprint, profile, story
from tests.build import NOON, make_article
from tests.databases import binaries, running_cluster
from tests.store.samples import make_verdict

WINDOW = timedelta(hours=71)
BODY = "\n".join(["A paragraph of plain words that says what happened, where, and to whom it matters."] * 25)
PROFILE = bytes(1_500)
SIZES = (10_000, 100_000, 300_000)
BATCH = 20_000  # articles loaded at once
ASKED, RECORDED = 500, 100


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
        last = min(first + BATCH, end)
        with store._database.write() as connection:
            for table, rows in _tables(stream, first, last):
                connection.execute(insert(table), rows)
            _load_index(connection.connection.dbapi_connection, stream, first, last)
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
    rows = zip(hashes.tolist(), (numbers + 1).tolist(), strict=True)
    cursor = raw.cursor()
    if not hasattr(cursor, "copy"):
        cursor.executemany(f"INSERT INTO {fingerprint.name} VALUES (?, ?)", rows)
        return
    with cursor.copy(f"COPY {fingerprint.name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


# --- asking ------------------------------------------------------------------------------------------------------------


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def summary(times: Sequence[float]) -> str:
    ordered = sorted(times)
    return f"{ordered[len(ordered) // 2]:6.2f} {ordered[int(len(ordered) * 0.99)]:6.2f}"


def measure(store: Store, stream: Stream, size: int) -> str:
    """One line: median and p99 in milliseconds of candidates, the search for copies alone and the floor; records a second."""
    sketches, handles = stream.hashes(size, size + ASKED)
    now = when(size, stream.length)
    several = [
        (
            text(size + n, stream.length),
            Traits(
                tuple(dict.fromkeys(sketches[n].tolist())), tuple(dict.fromkeys(handles[n].tolist())), PROFILE
            ),
        )
        for n in range(ASKED)
    ]
    whole, copies, floor = [], [], []
    cpu = time.process_time()
    for one, traits in several:
        whole.append(timed(lambda: store.candidates(one, now, traits)))  # noqa: B023
    cpu = (time.process_time() - cpu) / ASKED * 1000
    for one, traits in several:
        copies.append(timed(lambda: store.candidates(one, now, Traits(sketch=traits.sketch))))  # noqa: B023
        floor.append(timed(lambda: store.articles.get(1)))
    rate = RECORDED / (sum(_record(store, now, one, traits) for one, traits in several[:RECORDED]) / 1000)
    memory = psutil.Process().memory_info().rss / 1e6
    return (
        f"{size:9,}   {summary(whole)}  (our CPU {cpu:5.2f})   {summary(copies)}   {summary(floor)}"
        f"   {rate:6.0f}/s   {memory:5.0f} MB"
    )


def _record(store: Store, now: datetime, one: Article, traits: Traits) -> float:
    verdict = make_verdict(one, alert=False, traits=traits)
    key = f"new/{one.key}"
    return timed(lambda: store.record(verdict, key, "h", now))


def grow(name: str, url: str, sizes: Sequence[int], length: int) -> None:
    """Load to each size, and measure there. What was recorded at one size is loaded over at the next."""
    print(f"{name}\n articles    candidates ms         copies alone    floor           record     memory")
    with Store.open(url, now=NOON) as store:
        stream, loaded = Stream(length), 0
        for size in sorted(sizes):
            load(store, stream, loaded, size)
            print(measure(store, stream, size), flush=True)
            loaded = size + RECORDED


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
