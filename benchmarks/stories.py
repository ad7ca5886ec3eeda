"""Duplicates and stories on the labelled sets: their scores, their speed, and the fitting of the weights.

    python -m benchmarks.stories [DATA]             each set's scores, with half of each set held out of the fit beside them
    python -m benchmarks.stories fit [DATA]         fit and write monitor/judge/weights.py

DATA is a folder of *.jsonl with "id", "group" and an article a line (default ../shared/data/stories).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.fitting import Example, fit
from monitor.cli.articles import BadLine, read_lines
from monitor.judge import weights as stored
from monitor.judge.copies import in_one_form
from monitor.judge.likeness import Report, compare
from monitor.judge.placing import place
from monitor.judge.profile import read
from monitor.judge.traits import traits
from monitor.judge.window import Window
from monitor.model import Article, KnownArticle, StoryNear, Traits
from monitor.refine import url_key
from monitor.text.lead import own_text

DATA = "../shared/data/stories"
DUPLICATES = "duplicates.jsonl"
SETS = ("ecbplus-en", "headlines-en", "crosslingual", "gulf-ar-en", "morocco-fr", "ceuta-es")
# The same events as outlets tell them whose feeds have summaries (so many words) or headlines (0): without them the weights of
# BRIEF and SHORT rest on one small set each.
CUT = (("gulf-ar-en", 40), ("ecbplus-en", 25), ("morocco-fr", 0))
WEIGHTS_FILE = Path("monitor/judge/weights.py")


@dataclass(frozen=True, slots=True)
class Labelled:
    article: Article
    traits: Traits
    group: str
    sure: bool


def labelled(path: Path) -> list[Labelled]:
    """As `monitor cluster` reads it: an article arrives no earlier than the one before it."""
    truth = {str(row["id"]): row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    now = datetime.min.replace(tzinfo=UTC)
    rows = []
    for given in read_lines((str(path),)):
        if isinstance(given, BadLine):
            raise ValueError(given.message)
        now = max(now, given.article.published or now)
        key = url_key(given.article.url) if given.article.url else f"id:{given.id}"
        article = replace(given.article, key=key, first_seen=now)
        known = truth[str(given.id)]
        rows.append(Labelled(article, traits(article), str(known["group"]), known.get("sure", True)))
    return rows


def every_set(data: Path) -> dict[str, list[Labelled]]:
    """The sets and the cut ones, by name."""
    whole = {name: labelled(data / f"stories-{name}.jsonl") for name in SETS}
    return {**whole, **{f"{name}, {words} words": cut(whole[name], words) for name, words in CUT}}


def cut(rows: Sequence[Labelled], words: int) -> list[Labelled]:
    return [_cut(row, words) for row in rows]


def _cut(row: Labelled, words: int) -> Labelled:
    kept = own_text(row.article.title, row.article.body).split()[:words]
    article = replace(row.article, body=" ".join(kept))
    return replace(row, article=article, traits=traits(article))


def half(group: str) -> int:
    return hashlib.md5(group.encode()).digest()[0] % 2


def examples(rows: Sequence[Labelled]) -> Iterator[Example]:
    """Each article with each story that was open when it came, the stories being the true ones."""
    window = Window()
    numbers: dict[str, int] = {}
    for row in rows:
        mine = read(row.traits.profile)
        found = window.candidates(row.article, row.traits, row.article.first_seen)
        if mine is not None and row.sure:
            report = Report(mine, row.article.source_id, row.article.first_seen)
            others = in_one_form(row.article, found.near)
            kin = [near for near in found.kin if near.story.id not in others]
            compared = compare(report, [_reports(near) for near in kin])
            for near, each in zip(kin, compared, strict=True):
                holds = near.story.id == numbers.get(row.group)
                yield Example(each.kind, each.found, holds, half(row.group))
        known = window.add(row.article, row.traits, numbers.get(row.group), None)
        numbers.setdefault(row.group, known.story_id)


def _reports(near: StoryNear) -> list[Report]:
    return [
        Report(profile, member.source_id, member.published)
        for member in near.members
        if (profile := read(member.profile)) is not None
    ]


# --- scores ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs and B-cubed as tools/score.py counts them; `crossing` is the recall of pairs of two languages."""

    pair_precision: float
    pair_recall: float
    precision: float
    recall: float
    crossing: float

    @property
    def pair_f1(self) -> float:
        return _f1(self.pair_precision, self.pair_recall)

    @property
    def b_cubed(self) -> float:
        return _f1(self.precision, self.recall)

    def __str__(self) -> str:
        return (
            f"pairs P {self.pair_precision:.3f} R {self.pair_recall:.3f} F1 {self.pair_f1:.3f}   "
            f"B-cubed P {self.precision:.3f} R {self.recall:.3f} F1 {self.b_cubed:.3f}   crossing {self.crossing:.3f}"
        )


def cluster(rows: Sequence[Labelled]) -> list[int]:
    """The story of each article, decided one by one as the daemon does."""
    window = Window()
    return [window.story_of(known.story_id) for known in _placed(rows, window)]


def copies(rows: Sequence[Labelled]) -> list[int]:
    """The first of each article's copies, itself where there is none before it."""
    return [known.duplicate_of or known.id for known in _placed(rows, Window())]


def _placed(rows: Sequence[Labelled], window: Window) -> list[KnownArticle]:
    placed = []
    for row in rows:
        found = window.candidates(row.article, row.traits, row.article.first_seen)
        verdict = place(row.article, found, row.traits)
        if verdict.same_as is not None:
            placed.append(window.again(verdict.same_as))
        else:
            placed.append(
                window.add(row.article, row.traits, verdict.story, verdict.duplicate_of, verdict.merges)
            )
    return placed


def score(rows: Sequence[Labelled], stories: Sequence[int], only: int | None = None) -> Score:
    """Of the sure articles, or of those of them whose group is in one half, among all."""
    kept = [n for n, row in enumerate(rows) if row.sure]
    looked_at = [n for n in kept if only in (None, half(rows[n].group))]
    groups, found, both = (_counted(rows, stories, kept, by) for by in ("group", "story", "both"))
    right = _pairs(_counted(rows, stories, looked_at, "both").values())
    beside = Counter(stories[n] for n in kept if n not in set(looked_at))
    precise = [both[rows[n].group, stories[n]] / found[stories[n]] for n in looked_at]
    recalled = [both[rows[n].group, stories[n]] / groups[rows[n].group] for n in looked_at]
    return Score(
        right / max(_pairs(found.values()) - _pairs(beside.values()), 1),
        right / max(_pairs(_counted(rows, stories, looked_at, "group").values()), 1),
        sum(precise) / len(looked_at),
        sum(recalled) / len(looked_at),
        _crossing(rows, stories, looked_at),
    )


def _counted(rows: Sequence[Labelled], stories: Sequence[int], kept: Sequence[int], by: str) -> Counter[Any]:
    if by == "group":
        return Counter(rows[n].group for n in kept)
    return Counter(stories[n] if by == "story" else (rows[n].group, stories[n]) for n in kept)


def _crossing(rows: Sequence[Labelled], stories: Sequence[int], kept: Sequence[int]) -> float:
    members: dict[str, list[int]] = defaultdict(list)
    for n in kept:
        members[rows[n].group].append(n)
    pairs = [
        stories[one] == stories[other]
        for group in members.values()
        for place_, one in enumerate(group)
        for other in group[place_ + 1 :]
        if rows[one].article.language != rows[other].article.language
    ]
    return sum(pairs) / max(len(pairs), 1)


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


# --- the command -----------------------------------------------------------------------------------------------------


def report(data: Path) -> None:
    """The scores with the stored weights, and those of each half's articles, among all, with weights that never saw it."""
    sets = every_set(data)
    for name, rows in sets.items():
        print(f"{name:23} all      {score(rows, cluster(rows))}", flush=True)
    rows = labelled(data / DUPLICATES)
    print(f"duplicates              all      {score(rows, copies(rows))}", flush=True)
    found = {name: list(examples(rows)) for name, rows in sets.items()}
    kept = dict(stored.WEIGHTS)
    for left_out in (0, 1):
        stored.WEIGHTS.update(fit(found, left_out))
        for name, rows in sets.items():
            print(f"{name:23} unseen {left_out} {score(rows, cluster(rows), left_out)}", flush=True)
    stored.WEIGHTS.update(kept)


def write(data: Path) -> None:
    fitted = fit({name: list(examples(rows)) for name, rows in every_set(data).items()})
    lines = [
        '"""The weights of `likeness`. Written by `python -m benchmarks.stories fit` (docs/design/0161); not by hand."""',
        "",
    ]
    lines += ["WEIGHTS: dict[str, dict[str, float]] = {"]
    for kind, weights in fitted.items():
        lines += [
            f'    "{kind}": {{',
            *(f'        "{name}": {weight:.2f},' for name, weight in weights.items() if weight),
            "    },",
        ]
    WEIGHTS_FILE.write_text("\n".join([*lines, "}", ""]), encoding="utf-8")


def main(*arguments: str) -> None:
    fitting = arguments[:1] == ("fit",)
    data = Path((arguments[1:] if fitting else arguments)[0] if len(arguments) > fitting else DATA)
    (write if fitting else report)(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
