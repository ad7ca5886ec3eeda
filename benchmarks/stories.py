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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from monitor.cli.articles import BadLine, read_lines
from monitor.judge import weights as stored
from monitor.judge.copies import in_one_form
from monitor.judge.likeness import Regime, Report, compare
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
PENALTY = 0.1  # of the squared weights, against ones that few examples ask for
A_SET = 1500.0  # the examples of a set weigh this much together, however many there are ...
A_CUT_SET = 250.0  # ... and those of a cut one, which are the same events again
SCARCE = 60  # ... unless its positive ones are fewer than so many times less
NEGATIVE = 300.0  # ... or there is none
ROUNDS = 3  # in which the near misses gain weight
HARDNESS = 0.7
# what is added to the constants: the threshold, one for each regime, chosen on the scores of the groups
SHIFT = {Regime.FULL: 0.5, Regime.BRIEF: 2.0, Regime.SHORT: 1.5, Regime.ACROSS: 0.5}
SIGN = {"days": -1, "own": -1, "size": 0, "brevity": 0, "other script": 0}  # 0: either way
# what decides in which regime: where a thing cannot be there, or says nothing, it has no weight
WORDS = ("words", "nearest words", "names", "telling names", "headline words")
CROWD = ("crowd vector", "crowd words", "crowd headline")
VECTORS = (
    "vector",
    "nearest vector",
    "sharp",
    "nearest sharp",
    "headline",
    "nearest headline",
    "told by headline",
)
FACTS = (
    "telling numbers",
    "other numbers",
    "other days",
    "other form",
    "cities",
    "other cities",
    "countries",
    "other countries",
    "other headline numbers",
    "headline places",
    "other headline places",
)
USED: dict[Regime, tuple[str, ...]] = {
    Regime.FULL: (*VECTORS, *WORDS, *FACTS, *CROWD, "days", "own", "size", "brevity"),
    Regime.BRIEF: (*VECTORS, *WORDS, *FACTS, *CROWD, "days", "own", "size", "brevity"),
    Regime.SHORT: (*VECTORS, *WORDS, *FACTS, "own", "size", "brevity"),
    Regime.ACROSS: (
        *VECTORS,
        *FACTS,
        "crowd vector",
        "telling names",
        "telling sounds",
        "other script",
        "size",
        "brevity",
    ),
}


@dataclass(frozen=True, slots=True)
class Labelled:
    article: Article
    traits: Traits
    group: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Example:
    kind: str
    evidence: Mapping[str, float]
    holds: bool
    half: int


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


def fit(found: Mapping[str, Sequence[Example]], left_out: int | None = None) -> dict[str, dict[str, float]]:
    """Weights by regime; of one half's examples only, if the other is `left_out`."""
    fitted = {}
    for kind, names in USED.items():
        parts = []
        for name, each in found.items():
            chosen = [one for one in each if one.kind == kind and one.half != left_out]
            if chosen:
                parts.append(_weighed(chosen, names, A_SET if name in SETS else A_CUT_SET))
        inputs, outputs, importance = (np.concatenate(part) for part in zip(*parts, strict=True))
        solved = _signed(inputs, outputs, importance, names)
        for _ in range(ROUNDS):
            hardness = _hardness(inputs, outputs, solved)
            solved = _signed(inputs, outputs, importance * hardness, names)
        solved[-1] += SHIFT[kind]
        fitted[str(kind)] = dict(zip((*names, "bias"), solved.tolist(), strict=True))
    return fitted


def _weighed(
    chosen: Sequence[Example], names: Sequence[str], most: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    inputs = np.array([[one.evidence[name] for name in names] for one in chosen])
    outputs = np.array([one.holds for one in chosen], dtype=float)
    positive = outputs.sum()
    total = min(A_SET, max(positive * SCARCE, NEGATIVE)) * most / A_SET
    return inputs, outputs, np.full(len(chosen), total / len(chosen))


def _signed(
    inputs: np.ndarray, outputs: np.ndarray, importance: np.ndarray, names: Sequence[str]
) -> np.ndarray:
    """As `_logistic`, but what speaks for one event never counts against it, nor the other way: the sign of a weight that rests
    on few examples is chance. A weight of the wrong sign is 0."""
    kept = np.arange(len(names))
    while True:
        solved = _logistic(inputs[:, kept], outputs, importance)
        right = np.array(
            [
                weight * SIGN.get(names[int(n)], _sign(names[int(n)])) >= 0
                for n, weight in zip(kept, solved, strict=False)
            ]
        )
        if right.all():
            whole = np.zeros(len(names) + 1)
            whole[kept], whole[-1] = solved[:-1], solved[-1]
            return whole
        kept = kept[right]


def _sign(name: str) -> int:
    return -1 if name.startswith(("other ", "crowd ")) else 1


def _hardness(inputs: np.ndarray, outputs: np.ndarray, solved: np.ndarray) -> np.ndarray:
    """1 for what holds; for the rest the less, the surer it is apart. An article is taken by the likest story alone, so only
    the near ones matter, and they are few among the many."""
    odds = 1 / (1 + np.exp(-np.clip(_with_one(inputs) @ solved, -30, 30)))
    return np.asarray(np.where(outputs > 0, 1.0, np.minimum(1.0, (odds * 5) ** HARDNESS + 0.02)))


def _with_one(inputs: np.ndarray) -> np.ndarray:
    return np.hstack([inputs, np.ones((len(inputs), 1))])


def _logistic(inputs: np.ndarray, outputs: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Newton's method, with a penalty on all but the constant."""
    inputs = _with_one(inputs)
    solved = np.zeros(inputs.shape[1])
    penalty = np.eye(len(solved)) * PENALTY
    penalty[-1, -1] = 1e-6
    for _ in range(50):
        odds = 1 / (1 + np.exp(-np.clip(inputs @ solved, -30, 30)))
        slope = inputs.T @ (importance * (odds - outputs)) + penalty @ solved
        bend = (inputs * (importance * odds * (1 - odds))[:, None]).T @ inputs + penalty
        step = np.linalg.solve(bend, slope)
        solved = solved - step
        if np.abs(step).max() < 1e-7:
            break
    return solved


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
        '"""The weights of `likeness`. Written by `python -m benchmarks.stories fit`; not by hand."""',
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
