"""How fast an article is placed: its traits, the search for its neighbours and the decision, beside its recording.

    python -m benchmarks.deciding [FILE.jsonl[.gz]]

FILE holds an article a line ("id", "source", "title", "body", "lang", "published"); without one, 2,000 articles of made-up
words, 40 % of them edited copies. Each is placed after those before it are recorded, once by address and text alone (L0 and
L1), once with stories (names, numbers, sentence vectors). Counted are seconds of the processor, which another user of the
machine does not lengthen much: of this process, which does what the daemon does and has SQLite in it; then with those of
PostgreSQL's own process for this connection, which may have another core or another machine.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.candidates import server
from monitor.judge import place, traits
from monitor.judge.fingerprint import sketch, text_of, words_of
from monitor.model import Article, Traits
from monitor.store import Store
from tests.build import NOON
from tests.databases import binaries, running_cluster

MADE = 2_000
VOCABULARY = [
    f"{a}{b}{c}"
    for a in ("ma", "ri", "to", "le", "su", "ba")
    for b in ("ka", "no", "vi", "te")
    for c in "aeioubdlnrst"
]


def made_up(count: int) -> list[Article]:
    """Articles of 250 words, a minute apart."""
    chance = random.Random(1)
    bodies: list[list[str]] = []
    for _ in range(count):
        if bodies and chance.random() < 0.4:
            words = list(chance.choice(bodies[-500:]))
            del words[-chance.randrange(1, 60) :]
        else:
            words = chance.choices(VOCABULARY, k=250)
        bodies.append(words)
    return [
        Article(f"k/{n}", f"o{n % 50}", " ".join(words[:9]), " ".join(words[9:]), language="en")
        for n, words in enumerate(bodies)
    ]


def given(path: Path) -> list[Article]:
    raw = path.read_bytes()
    lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).splitlines()
    documents = sorted(map(json.loads, lines), key=lambda each: each["published"])
    return [
        replace(
            Article(each["id"], each["source"], each["title"], each["body"], language=each["lang"]),
            published=datetime.fromisoformat(each["published"]),
        )
        for each in documents
    ]


def by_text(article: Article) -> Traits:
    return Traits(sketch(words_of(text_of(article))))


def measure(store: Store, articles: Iterable[Article], read: Callable[[Article], Traits]) -> str:
    process = server(store)

    def served() -> float:
        return sum(process.cpu_times()[:2]) if process else 0.0

    spent = dict.fromkeys(("traits", "search", "decide"), 0.0)
    count, recorded_wall, asked = 0, 0.0, 0.0
    for count, one in enumerate(articles, 1):
        now = one.published or NOON + timedelta(minutes=count)
        one = replace(one, first_seen=now)
        at = [time.process_time()]
        found = read(one)
        at.append(time.process_time())
        before = served()
        candidates = store.candidates(one, now, found)
        at.append(time.process_time())
        asked += served() - before
        verdict = replace(place(one, candidates, found), traits=found)
        at.append(time.process_time())
        wall = time.perf_counter()
        store.record(verdict, one.key, "h", now)
        recorded_wall += time.perf_counter() - wall
        for name, start, end in zip(spent, at, at[1:], strict=False):
            spent[name] += end - start
    own = sum(spent.values())
    parts = ", ".join(f"{name} {1000 * seconds / count:.2f}" for name, seconds in spent.items())
    with_server = (
        f"; with its server's {1000 * asked / count:.2f} {count / (own + asked):.0f}/s" if process else ""
    )
    return f"{count / own:6.0f} articles/s placed (ms: {parts}{with_server}); recorded {count / recorded_wall:4.0f}/s by the wall"


def run(name: str, url: Callable[[], str], articles: list[Article]) -> None:
    for what, read in (("L0 and L1", by_text), ("with stories", traits)):
        with Store.open(url(), now=NOON) as store:
            print(f"{name:11} {what:13} {measure(store, articles, read)}", flush=True)


def main() -> None:
    articles = given(Path(sys.argv[1])) if len(sys.argv) > 1 else made_up(MADE)
    traits(articles[0])  # the vectors' model is loaded once
    with tempfile.TemporaryDirectory() as folder:
        numbers = iter(range(9))
        run("SQLite", lambda: f"sqlite:///{folder}/{next(numbers)}.db", articles)
    programs = binaries()
    if programs is None:
        print("PostgreSQL  not installed")
        return
    with running_cluster(programs, settings="") as cluster:
        run("PostgreSQL", lambda: cluster.url(cluster.create()), articles)


if __name__ == "__main__":
    main()
