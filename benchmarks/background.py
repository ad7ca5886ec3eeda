"""Counts what the press writes every day, for `monitor/text/tables`: python -m benchmarks.background [DATA]

DATA is a folder with articles.jsonl.gz and replay.jsonl.gz (default ../shared/data). Word counts and vector means only:
no sentence is kept. Run again when the encoder or the folding changes; then `python -m benchmarks.stories fit`.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from monitor.text import Words
from monitor.text.background import term
from monitor.text.vectors import vector

LANGUAGES = ("ar", "en", "es", "fr")
WORDS = 150  # of an article, its title among them
FEWEST = 3  # articles that a term stands in, to be kept
VECTORS = 800  # articles a language
DIRECTIONS = 64
INTO = Path("monitor/text/tables")


def articles(data: Path) -> Iterator[tuple[str, str, str]]:
    """(language, title, body), each text once."""
    seen: set[tuple[str, str]] = set()
    for name in ("articles.jsonl.gz", "replay.jsonl.gz"):
        with gzip.open(data / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                title, body = row.get("title") or "", row.get("body") or ""
                if row.get("lang") in LANGUAGES and title and (title, body[:80]) not in seen:
                    seen.add((title, body[:80]))
                    yield row["lang"], title, body.removeprefix(title).strip()


def count(found: list[tuple[str, str, str]]) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    sizes: Counter[str] = Counter()
    for language, title, body in found:
        sizes[language] += 1
        counts[language].update({term(word) for word in Words(f"{title}\n{body}").words[:WORDS]})
    for language in LANGUAGES:
        by_count: dict[int, list[str]] = defaultdict(list)
        for word, number in sorted(counts[language].items()):
            if number >= FEWEST:
                by_count[number].append(word)
        lines = [str(sizes[language]), *(f"{n} {' '.join(by_count[n])}" for n in sorted(by_count))]
        # mtime 0: the same counts make the same file
        (INTO / f"{language}.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
        print(language, sizes[language], "articles,", sum(map(len, by_count.values())), "terms")


def measure(found: list[tuple[str, str, str]]) -> None:
    chosen: dict[str, list[np.ndarray]] = defaultdict(list)
    for language, title, body in random.Random(1).sample(found, len(found)):
        if len(chosen[language]) < VECTORS:
            lead = " ".join(body.split()[:60])
            made = vector(f"{title}. {lead}" if lead else title)
            if made is not None:
                chosen[language].append(made)
    keep(chosen)


def keep(chosen: dict[str, list[np.ndarray]]) -> None:
    means = {language: np.mean(chosen[language], axis=0) for language in LANGUAGES}
    means[""] = np.mean(list(means.values()), axis=0)
    centred = np.vstack([np.array(chosen[language]) - means[language] for language in LANGUAGES])
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    spread = sizes**2
    np.savez_compressed(
        INTO / "directions.npz",
        languages=np.array(list(means)),
        means=np.array(list(means.values()), dtype=np.float16),
        directions=np.round(
            directions[:DIRECTIONS] / np.abs(directions[:DIRECTIONS]).max(1, keepdims=True) * 127
        ).astype(np.int8),
        spread=(spread[:DIRECTIONS] / spread[DIRECTIONS:].mean()).astype(np.float16),
    )


def main(data: str = "../shared/data") -> None:
    INTO.mkdir(exist_ok=True)
    found = list(articles(Path(data)))
    count(found)
    measure(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
