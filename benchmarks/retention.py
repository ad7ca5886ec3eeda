"""What retention costs and gives back: `python -m benchmarks.retention [ARTICLES]`.

Fills a SQLite file with ten articles an hour (400 words, 100 hashes each), lets most of them grow old, and takes one round of
housekeeping slice by slice, as the daemon does.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.model import RetentionPolicy, Traits
from monitor.store import Store
from tests.build import make_article
from tests.store.samples import make_verdict

ARTICLES = 5_000
START = datetime(2026, 4, 21, tzinfo=UTC)
TOGETHER = 200
KEPT = 0.3  # of the articles


def fill(store: Store, count: int) -> datetime:
    """The time of the last article."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnop", k=7)) for _ in range(5_000)]
    at = START
    for first in range(0, count, TOGETHER):
        with store.together():
            for n in range(first, min(first + TOGETHER, count)):
                at = START + n * timedelta(minutes=6)
                body = " ".join(chance.choices(words, k=400))
                article = make_article(
                    f"Report {n}", body, key=f"k/{n}", first_seen=at, source_id=f"s{n % 50}"
                )
                hashes = [chance.randrange(-(2**62), 2**62) for _ in range(100)]
                traits = Traits(sketch=tuple(hashes[:40]), handles=tuple(hashes[40:]), profile=b"p" * 900)
                store.record(make_verdict(article, alert=n % 10 == 0, traits=traits), article.key, "h", at)
    return at


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else ARTICLES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "monitor.db"
        with Store.open(f"sqlite:///{path}", now=START) as store:
            now = fill(store, count)
            store._database.checkpoint()
            before, journal, waits = path.stat().st_size, 0, []
            begun, used = time.perf_counter(), time.process_time()
            keep = (now - START) * KEPT
            slices = store.upkeep(now, RetentionPolicy(articles=keep, ledger=keep))
            while True:
                one = time.perf_counter()
                if next(slices, None) is None:
                    break
                waits.append(time.perf_counter() - one)
                journal = max(journal, path.with_name("monitor.db-wal").stat().st_size)
            took, used = time.perf_counter() - begun, time.process_time() - used
            left = store.articles.count()
        waits.sort()
        print(
            f"{count} articles, {left} kept: {before / 1e6:.0f} MB before, {path.stat().st_size / 1e6:.0f} MB after; "
            f"{took:.1f} s ({used:.1f} s of processor time) in {len(waits)} slices, of which p50 {waits[len(waits) // 2] * 1000:.0f} ms, "
            f"longest {waits[-1] * 1000:.0f} ms; the journal at most {journal / 1e6:.0f} MB"
        )


if __name__ == "__main__":
    main()
