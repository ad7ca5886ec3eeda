"""Watchlists in any number, and real articles to match them on: the work of `benchmarks.matching`.

A watchlist has 3 to 8 phrases in the language of one article: 55 % are OR, 20 % AND, 13 % AND NOT, 12 % NEAR/10.
A phrase is 1 (35 %), 2 (45 %) or 3 (20 %) words in a row of a real article; 4 % are prefixes of one word. None begins
or ends with one of the 300 commonest words, and each holds a word that stands in at most one article of 1,000, as names
do; a single word has 5 letters at least, a prefix 6. So a watchlist matches about one article in a thousand.
In AND a phrase and an OR group of the rest are needed, in AND NOT the last phrase is excluded, in NEAR two stand close.
The articles that watchlists are drawn from are not those that they are matched on: lists are written before the news.
Always the same for a given number: nothing is drawn by chance that is not seeded.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.model import Article, Watchlist
from monitor.text import Words

ROOT = Path(__file__).resolve().parent.parent
COMMON = 300  # words that begin and end no phrase
RAREST_OF = 1_000  # a single word stands in at most one article of so many
SHAPES = (("or", 55), ("and", 20), ("and not", 13), ("near", 12))
NEAR = 10


@dataclass(frozen=True)
class Query:
    """One watchlist before it is written for an engine. Phrases are folded words; a prefix ends with *."""

    shape: str
    phrases: tuple[str, ...]

    def text(self) -> str:
        quoted = [f'"{phrase}"' for phrase in self.phrases]
        match self.shape:
            case "or":
                return " | ".join(quoted)
            case "and":
                return f"{quoted[0]} AND ({' | '.join(quoted[1:])})"
            case "and not":
                return f"({' | '.join(quoted[:-1])}) AND NOT {quoted[-1]}"
        return f"NEAR/{NEAR}(({' | '.join(quoted[:-1])}), {quoted[-1]})"


SHAPE_NAMES = tuple(name for name, _ in SHAPES)
SHAPE_WEIGHTS = tuple(weight for _, weight in SHAPES)


def read_articles() -> list[Article]:
    """The real press beside the checkout, shuffled; empty where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    rows = []
    for name in ("articles.jsonl.gz", "replay.jsonl.gz"):
        if (folder / name).is_file():
            with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
                rows += [json.loads(line) for line in lines]
    articles = [
        Article(
            key=row["id"],
            source_id=row.get("source") or "",
            title=row.get("title") or "",
            body=row.get("body") or "",
            language=row.get("lang"),
            first_seen=datetime(2026, 4, 21, tzinfo=UTC),
        )
        for row in rows
        if row.get("body")
    ]
    random.Random(1).shuffle(articles)
    return articles


class Generator:
    def __init__(self, articles: Sequence[Article]) -> None:
        self.words = [words for one in articles if len(words := Words(f"{one.title}\n{one.body}").words) > 40]
        frequencies = Counter(word for words in self.words for word in set(words))
        self.common = {word for word, _ in frequencies.most_common(COMMON)}
        most = len(self.words) // RAREST_OF
        self.names = {word for word, count in frequencies.items() if count <= most and len(word) >= 5}

    def queries(self, count: int) -> Iterator[Query]:
        chance = random.Random(count)
        for _ in range(count):
            near = chance.sample(self.words, 1)[0]
            phrases = {self.phrase(chance, near) for _ in range(chance.randint(3, 8))}
            while len(phrases) < 3:
                phrases.add(self.phrase(chance, chance.choice(self.words)))
            yield Query(chance.choices(SHAPE_NAMES, SHAPE_WEIGHTS)[0], tuple(sorted(phrases, key=hash_of)))

    def phrase(self, chance: random.Random, words: Sequence[str]) -> str:
        """Of the article given, or of another where it has no fitting one."""
        length = chance.choices((1, 2, 3), (35, 45, 20))[0]
        for attempt in range(1_000):
            if attempt >= 8:
                words = chance.choice(self.words)
            at = chance.randrange(len(words) - length)
            run = words[at : at + length]
            if not self.names.intersection(run):
                continue
            if length == 1:
                # 4 % of all phrases are prefixes: of the longer single words about one in seven
                prefix = len(run[0]) > 6 and chance.random() < 0.15
                return run[0][: max(6, len(run[0]) - 3)] + "*" if prefix else run[0]
            if length > 1 and not {run[0], run[-1]} & self.common and min(map(len, run)) > 1:
                return " ".join(run)
        raise AssertionError("the articles hold no fitting phrase")


def hash_of(phrase: str) -> int:
    """An order that is the same in every process and has nothing to do with length or alphabet."""
    return random.Random(phrase).getrandbits(32)


def written(queries: Sequence[Query]) -> list[Watchlist]:
    return [Watchlist(id=f"w{n}", query=query.text(), notify=("desk",)) for n, query in enumerate(queries)]
