"""Prospective search over thousands of watchlists, beside PostgreSQL, a loop of regular expressions and Hyperscan.

    python -m benchmarks.matching [watchlists ...]        100 1000 10000 100000 unless told

Each engine does the same work on real articles as far as it can express it (`benchmarks.watchlists` draws it):
    monitor       matching_watchlists: folding, index, evaluation: which watchlists match, as the others answer too;
                  and find_matches, which also finds the exact highlights of every match
    PostgreSQL    stored tsquery, `query @@ article` in a sequential scan; the article already folded; NEAR becomes AND
    re loop       one compiled alternation a watchlist, searched in the folded article: OR only, the rest left out
    Hyperscan     a raw scan for the phrases as literals, folding and evaluation left out: a floor, no engine
Articles a second count processor time of one process, so that a busy machine tells less; latencies are wall time.
The slow engines read fewer articles. Reload: the longest time that a loop ticking each millisecond had to wait, beside what it waits for a thread that counts.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass

import psutil
import psycopg

from benchmarks.watchlists import Generator, Query, read_articles, written
from monitor.judge import Rules, compile_rules, dismantle, find_matches, matching_watchlists
from monitor.model import Article, Watchlist
from monitor.text import Words, fold
from monitor.workers.memory import collector_at_rest
from tests.databases import binaries, running_cluster

ARTICLES = 2_000
WARM = 500
SCANNED_BY_OTHERS = 2_000_000  # watchlists that the slow engines evaluate in all


def megabytes() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6


def compiled(watchlists: Sequence[Watchlist]) -> Rules:
    with collector_at_rest(len(watchlists)):
        return compile_rules(watchlists, [], [], [])


@dataclass(frozen=True)
class Speed:
    articles: float  # a second
    latencies: list[float]  # ms, ascending
    matches: float  # an article

    def told(self) -> str:
        at = self.latencies
        return (
            f"{self.articles:7,.0f} articles/s; median {statistics.median(at):.2f}, p99 {at[len(at) * 99 // 100]:.2f}, "
            f"worst {at[-1]:.2f} ms"
        )


def measure(work: Callable[[Article, Rules], Sized], rules: Rules, articles: Sequence[Article]) -> Speed:
    for article in articles[-WARM:]:
        work(article, rules)
    latencies, matches = [], 0
    began = time.process_time()
    for article in articles[:ARTICLES]:
        start = time.perf_counter()
        matches += len(work(article, rules))
        latencies.append((time.perf_counter() - start) * 1e3)
    count = len(latencies)
    return Speed(count / (time.process_time() - began), sorted(latencies), matches / count)


async def longest_stall(work: Callable[[], object]) -> tuple[float, float]:
    """Longest wait in ms of a loop that ticks each millisecond while a thread works, and the seconds that took."""
    worst = 0.0
    ended = False

    async def tick() -> None:
        nonlocal worst
        last = time.perf_counter()
        while not ended:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            worst, last = max(worst, now - last - 0.001), now

    ticking = asyncio.create_task(tick())
    began = time.perf_counter()
    await asyncio.to_thread(work)
    took = time.perf_counter() - began
    ended = True
    await ticking
    return worst * 1e3, took


def count_for(seconds: float) -> None:
    """What the machine itself and the interpreter's switching between threads cost."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(100))


# --- the others


def tsquery(query: Query) -> str:
    def phrase(text: str) -> str:
        return (
            "("
            + " <-> ".join(f"'{word.rstrip('*')}'{':*' * word.endswith('*')}" for word in text.split())
            + ")"
        )

    first, *rest = map(phrase, query.phrases)
    match query.shape:
        case "or":
            return " | ".join((first, *rest))
        case "and":
            return f"{first} & ({' | '.join(rest)})"
        case "and not":
            return f"({' | '.join((first, *rest[:-1]))}) & !{rest[-1]}"
    return f"({' | '.join((first, *rest[:-1]))}) & {rest[-1]}"


def postgresql(queries: Sequence[Query], texts: Sequence[str], connection: psycopg.Connection) -> float:
    """Articles a second, by the server's own clock of execution."""
    connection.execute("DROP TABLE IF EXISTS watchlists")
    connection.execute("CREATE TABLE watchlists (id int, query tsquery)")
    with connection.cursor().copy("COPY watchlists FROM STDIN") as copy:
        for number, query in enumerate(queries):
            copy.write_row((number, tsquery(query)))
    connection.execute("VACUUM ANALYZE watchlists")
    connection.execute("SET max_parallel_workers_per_gather = 0")
    statement = "SELECT id FROM watchlists, to_tsvector('simple', %s) AS article WHERE query @@ article"
    connection.execute(statement, (texts[0],)).fetchall()
    began = time.perf_counter()
    for text in texts:
        connection.execute(statement, (text,)).fetchall()
    return len(texts) / (time.perf_counter() - began)


def regex_loop(queries: Sequence[Query], texts: Sequence[str]) -> float:
    patterns = []
    for query in queries:
        phrases = (re.escape(phrase).replace(r"\*", r"\w*").replace(r"\ ", " ") for phrase in query.phrases)
        patterns.append(re.compile(rf"\b(?:{'|'.join(phrases)})\b"))
    began = time.process_time()
    for text in texts:
        for pattern in patterns:
            pattern.search(text)
    return len(texts) / (time.process_time() - began)


def hyperscan_floor(queries: Sequence[Query], texts: Sequence[str]) -> float | None:
    try:
        import hyperscan
    except ImportError:
        return None
    phrases = sorted({phrase for query in queries for phrase in query.phrases})
    literals = [f" {phrase}".removesuffix("*").encode() + b" " * (phrase[-1] != "*") for phrase in phrases]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=literals, ids=list(range(len(literals))), elements=len(literals), literal=True,
        flags=[hyperscan.HS_FLAG_SINGLEMATCH] * len(literals),
    )  # fmt: skip
    encoded = [f" {text} ".encode() for text in texts]
    began = time.process_time()
    for text in encoded:
        database.scan(text, match_event_handler=lambda *_: None)
    return len(texts) / (time.process_time() - began)


# --- together


def run(
    count: int, generator: Generator, articles: Sequence[Article], connection: psycopg.Connection | None
) -> None:
    queries = list(generator.queries(count))
    watchlists = written(queries)
    before, began = megabytes(), time.process_time()
    rules = compiled(watchlists)
    built, used = time.process_time() - began, megabytes() - before
    deciding = measure(matching_watchlists, rules, articles)
    finding = measure(find_matches, rules, articles)
    print(
        f"{count:7,} watchlists, {deciding.matches:.1f} matches an article; built in {built:.1f} s, {used:,.0f} MB\n"
        f"        which match     {deciding.told()}\n        with highlights {finding.told()}"
    )
    few = max(5, min(300, SCANNED_BY_OTHERS // count))
    texts = [fold(f"{article.title}\n{article.body}") for article in articles[:ARTICLES]]
    others: list[tuple[str, Callable[[], float | None]]] = [
        (
            "re loop (OR only)",
            lambda: regex_loop(queries[:10_000], texts[: max(3, few // 20)]) * min(1, 10_000 / count),
        ),
        ("Hyperscan, scan alone", lambda: hyperscan_floor(queries, texts) if count <= 10_000 else None),
    ]
    if connection is not None:
        database = connection
        others.insert(0, ("PostgreSQL tsquery", lambda: postgresql(queries, texts[:few], database)))
    for name, engine in others:
        other = engine()
        told = (
            f"{other:10,.1f} articles/s, which match / this = {deciding.articles / other:,.2f}"
            if other
            else "not measured"
        )
        print(f"        {name:22} {told}")
    fresh: list[Rules] = []
    stall, took = asyncio.run(longest_stall(lambda: fresh.append(compiled(watchlists))))
    freeing, freed = asyncio.run(longest_stall(lambda: dismantle(rules)))
    idle, _ = asyncio.run(longest_stall(lambda: count_for(min(took, 10))))
    print(
        f"        reload: longest stall {stall:.0f} ms in {took:.1f} s of compiling, {freeing:.0f} ms in {freed:.1f} s "
        f"of freeing; beside a thread that only counts {idle:.0f} ms",
        flush=True,
    )
    dismantle(fresh.pop())


def worst_cases() -> None:
    """One article of 100,000 words against what is hardest to evaluate, in seconds."""
    words = ["doha", "qatar", "forum", "rabat", "maroc"]
    body = " ".join(words[n * 7 % 5] if n % 3 else f"mot{n % 4_000}" for n in range(100_000))
    article = Article(key="k", source_id="s", title="Doha", body=body)
    terms = " | ".join(f"mot{n}" for n in range(5_000))
    cases = {
        "one word": "doha",
        "OR of 5,000 words": terms,
        "a* wildcards": "mot* | doh* | d?ha | qat*",
        "NEAR of three common words": "NEAR/10(doha, qatar, forum)",
        "NEAR of eight": "NEAR/10(doha, qatar, forum, rabat, maroc, mot1, mot2, mot3)",
        "NEAR in NEAR in NEAR": "NEAR/20(NEAR/10(NEAR/5(doha, qatar), forum), rabat)",
        "NEAR of OR of 5,000": f"NEAR/10(doha, ({terms}))",
        "SENTENCE": "SENTENCE(doha, qatar)",
        "ATLEAST": "ATLEAST/1000(doha | qatar)",
        "regular expression": "/[dq][a-z]+a/",
    }
    for name, query in cases.items():
        rules = compile_rules([Watchlist(id="w", query=query)], [], [], [])
        began = time.process_time()
        find_matches(article, rules)
        print(f"        {name:28} {time.process_time() - began:6.2f} s")


def main() -> None:
    print("an article of 100,000 words:")
    worst_cases()
    articles = [article for article in read_articles() if len(Words(article.body).words) >= 20]
    if not articles:
        print("the real press (../shared/data) is not beside this checkout: nothing to match on")
        return
    generator = Generator(articles[ARTICLES:])
    counts = [int(text) for text in sys.argv[1:]] or [100, 1_000, 10_000, 100_000]
    programs = binaries()
    if programs is None:
        print("PostgreSQL is not installed")
        for count in counts:
            run(count, generator, articles, None)
        return
    with (
        running_cluster(programs) as cluster,
        psycopg.connect(cluster.url(cluster.create()), autocommit=True) as connection,
    ):
        for count in counts:
            run(count, generator, articles, connection)


if __name__ == "__main__":
    main()
