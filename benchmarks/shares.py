"""What one feed with one new item costs, step by step, beside what no change of ours makes cheaper. Ratios of one run.

    python -m benchmarks.shares

Processor milliseconds of one core: the mean over the real documents of ../shared/data/feeds (as in `gathering`), each
with all items but the newest known. Two cores have 20 ms for each of 100 feeds a second, the press' server included.
"""

from __future__ import annotations

import random
import ssl
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from itertools import islice, pairwise
from pathlib import Path
from typing import TypeVar

import feedparser

from benchmarks.newsstand import CORPUS, Document, certified, documents, make_authority
from monitor.drafting import PRELOAD, Draft
from monitor.judge import compile_rules, judge, traits
from monitor.judge.fingerprint import text_of
from monitor.model import Item, Shown, Source, SourceKind
from monitor.refine import refine
from monitor.sift import Sifted, sift
from monitor.store import Store
from monitor.text.language import detect
from monitor.text.vectors import vector

T = TypeVar("T")
U = TypeVar("U")
URL = "https://example.org/feed"
BUDGET = 20.0
HANDSHAKES = 100
STORED = 1_000  # articles in the database before
GROUP = 16  # articles a transaction


def timed(name: str, call: Callable[[T], U], values: Iterable[T], a_feed: int) -> list[U]:
    """Print the milliseconds of all calls, a feed."""
    started = time.process_time()
    results = [call(value) for value in values]
    say(name, (time.process_time() - started) * 1000 / a_feed)
    return results


def say(name: str, milliseconds: float) -> None:
    print(f"| {name} | {milliseconds:.2f} ms | {milliseconds / BUDGET:.0%} |", flush=True)


def handshakes(folder: Path) -> float:
    """Milliseconds of both sides of one TLS handshake, without a network."""
    make_authority(folder)
    server = certified(folder, "stand", ["127.0.0.1"])
    client = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    started = time.process_time()
    for _ in range(HANDSHAKES):
        handshake(client, server)
    return (time.process_time() - started) * 1000 / HANDSHAKES


def handshake(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(back, there, server_hostname="127.0.0.1"),
        server.wrap_bio(there, back, server_side=True),
    ]
    while sides:
        for side in tuple(sides):
            try:
                side.do_handshake()
                sides.remove(side)
            except ssl.SSLWantReadError:
                continue


def source(n: int) -> Source:
    return Source(f"s{n}", URL)


def sifted(body: bytes, n: int, memo: bytes = b"") -> Sifted:
    return sift(body, SourceKind.FEED, URL, "application/xml", None, source(n), None, memo)


def newest(found: Sifted) -> tuple[Item, Shown]:
    at = min(found.items)
    return found.items[at], found.shown[at]


def reading(stand: Sequence[Document]) -> list[tuple[Item, Shown]]:
    bodies = [each.of(n, 0) for n, each in enumerate(stand)]
    feeds = len(bodies)
    timed("feedparser alone, the whole document", feedparser.parse, bodies, feeds)
    memos = [sifted(each.of(n, 1), n).memo for n, each in enumerate(stand)]
    found = timed(
        "sift: what is new in it, with keys", lambda n: sifted(bodies[n], n, memos[n]), range(feeds), feeds
    )
    return [newest(each) for each in found if each.items]


def drafting(items: Sequence[tuple[Item, Shown]], now: datetime) -> list[tuple[Draft, Shown]]:
    many = len(items)
    articles = timed(
        "refine: its text",
        lambda n: refine(items[n][0], source(n), None, None, "", now, False),
        range(many),
        many,
    )
    timed("... of which the language", lambda each: detect(text_of(each)), articles, many)
    found = timed("traits", traits, articles, many)
    texts = [text for each in articles for text in (each.title, text_of(each))]
    timed("... of which two sentence vectors alone", vector, texts, many)
    return [
        (Draft(article, mine), shown)
        for article, mine, (_, shown) in zip(articles, found, items, strict=True)
    ]


def recording(stand: Sequence[Document], new: Sequence[tuple[Draft, Shown]], now: datetime) -> None:
    rules = compile_rules((), (), (), (), ())
    mixed = list(enumerate(stand))
    random.Random(1).shuffle(mixed)
    old = list(islice((each for n, document in mixed for each in _drafts(document, n, now)), STORED))
    spent = dict.fromkeys(("store: its neighbours", "judge", "store: record", "store: commit"), 0.0)
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/s.db", now=now) as store:

        def take(drafts: Sequence[tuple[Draft, Shown]]) -> None:
            clock = [time.thread_time()]
            with store.together():
                for draft, shown in drafts:
                    clock = [time.thread_time()]
                    candidates = store.candidates(draft.article, now, draft.traits)
                    clock.append(time.thread_time())
                    verdict = judge(draft.article, candidates, rules, now, draft.traits)
                    clock.append(time.thread_time())
                    store.record(verdict, shown.key, shown.hash, now)
                    clock.append(time.thread_time())
                    for name, (before, after) in zip(spent, pairwise(clock), strict=False):
                        spent[name] += after - before
            spent["store: commit"] += time.thread_time() - clock[-1]

        for group in _groups(old):
            take(group)
        spent = dict.fromkeys(spent, 0.0)
        for group in _groups(new):
            take(group)
    for name, seconds in spent.items():
        say(name, seconds * 1000 / len(new))


def _drafts(document: Document, n: int, now: datetime) -> Iterable[tuple[Draft, Shown]]:
    """Of the items that were shown before the newest."""
    found = sifted(document.of(n, 1), n)
    for at, item in found.items.items():
        article = refine(item, source(n), None, None, "", now, False)
        yield Draft(article, traits(article)), found.shown[at]


def _groups(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + GROUP] for start in range(0, len(values), GROUP))


def main() -> None:
    if not CORPUS.is_dir():
        print("the real documents (../shared/data/feeds) are not beside this checkout")
        return
    for module in PRELOAD:
        import_module(module)
    stand, now = documents(), datetime.now(UTC)
    print(f"{len(stand)} documents\n| a feed with one new item | processor | of the budget |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        say("a TLS handshake alone, both sides", handshakes(Path(folder)))
    recording(stand, drafting(reading(stand), now), now)


if __name__ == "__main__":
    main()
