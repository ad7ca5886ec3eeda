"""The store's two hot paths, on SQLite and PostgreSQL with every commit on the disk.

    python -m benchmarks.store [articles]

record(): an article of 2 kB with one match, one alert through two channels, four ledger lines, a story of its own.
claim(): 50 of 10,000 pending deliveries of 100 (recipient, channel) pairs, half of them busy.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from monitor.store import Store
from tests.build import NOON, make_article
from tests.databases import binaries, running_cluster
from tests.store.samples import MATCHED, make_verdict

PENDING = 10_000
BODY = "\n".join(["A paragraph of plain words that says what happened, where, and to whom it matters."] * 25)
LEASE = timedelta(minutes=2)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def record(store: Store, count: int, *, recipients: int = 1) -> float:
    """Articles a second."""

    def work() -> None:
        for n in range(count):
            article = make_article(
                f"Report {n}", BODY, key=f"k/{n}", guid=f"g{n}", text_hash=str(n), first_seen=NOON
            )
            store.candidates(article, NOON)
            alert = {"recipient": f"r{n % recipients}"}
            store.record(make_verdict(article, alert=alert, decisions=(MATCHED,) * 4), article.key, "h", NOON)

    return count / timed(work)


def claim(store: Store) -> tuple[float, float]:
    """Median and worst of 20 claims, in milliseconds."""
    busy = {(f"r{n}", "mail") for n in range(50)}
    times = [timed(lambda: store.outbox.claim(NOON, LEASE, "w", per_channel=1, busy=busy)) for _ in range(20)]
    return statistics.median(times) * 1000, max(times) * 1000


def measure(url: str, articles: int) -> tuple[float, float, float]:
    with Store.open(url, now=NOON) as store:
        speed = record(store, articles, recipients=50)
        for n in range(articles, PENDING // 2):
            key = f"k/{n}"
            article = make_article(f"Report {n}", key=key, first_seen=NOON)
            store.record(make_verdict(article, alert={"recipient": f"r{n % 50}"}), key, "h", NOON)
        return speed, *claim(store)


def show(name: str, figures: tuple[float, float, float]) -> None:
    print(
        f"{name:12} record {figures[0]:7.0f} articles/s   claim median {figures[1]:6.1f} ms, worst {figures[2]:6.1f} ms"
    )


def main() -> None:
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        sqlite = measure(f"sqlite:///{Path(folder) / 'bench.db'}", articles)
    show("SQLite", sqlite)
    programs = binaries()
    if programs is None:
        print("PostgreSQL   not installed")
        return
    with running_cluster(programs, settings="") as cluster:
        postgresql = measure(cluster.url(cluster.create()), articles)
    show("PostgreSQL", postgresql)
    print(f"SQLite/PostgreSQL: record {sqlite[0] / postgresql[0]:.2f}, claim {sqlite[1] / postgresql[1]:.2f}")


if __name__ == "__main__":
    main()
