"""The program dies, fails or stalls before and after each commit and each send; a restart finishes as if nothing had been.

Two days of a small installation (tests/prove/rehearsal.py) are played once untouched. Then again for each point: at one of
its hits the process is killed, the operation raises, or it stalls; whatever was killed is started again. What has arrived
and what is stored must be what the untouched run left, but for copies that a death or a lost answer explains.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from monitor.drafting import PRELOAD
from monitor.failpoints import POINTS
from monitor.store import Store
from tests.build import NOON
from tests.databases import Cluster
from tests.prove.farsides import Arrival, FarSides, far_sides, first_copies
from tests.prove.rehearsal import configure
from tests.prove.stagehand import Ended, Stagehand

pytestmark = pytest.mark.prove

LEAST_POINTS = 25
RUNS = 20  # a point and database
BOUNDED = 13  # points and runs
ACTIONS = ("crash", "crash", "raise", "crash", "delay:0.02")  # by turns
OPS = ("ops@example.org", "ops")  # hears of troubles, so of ours too


@dataclass
class Theatre:
    """`fresh` makes a migrated database, `empty` one without a schema; both are URLs."""

    hand: Stagehand
    sides: FarSides
    config: Path
    folder: Path
    cluster: Cluster | None

    @contextmanager
    def database(self, template: str) -> Iterator[str]:
        if self.cluster is None:
            path = self.folder / "run.db"
            for old in self.folder.glob("run.db*"):
                old.unlink()
            if template:
                shutil.copyfile(self.folder / "template.db", path)
            yield f"sqlite:///{path}"
            return
        name = f"run_{next(self.cluster.numbers)}"
        self.cluster.run("CREATE DATABASE {} TEMPLATE {}", name, template or "template1")
        yield self.cluster.url(name)
        self.cluster.drop(name)

    def make_template(self) -> str:
        if self.cluster is None:
            Store.open(f"sqlite:///{self.folder}/template.db", now=NOON).close()
            return "template"
        name = self.cluster.create()
        Store.open(self.cluster.url(name), now=NOON).close()
        return name

    def perform(self, url: str, failpoints: str = "", **how: Any) -> Ended:
        environ = {"DATABASE": url, "CHAT": f"json://127.0.0.1:{self.sides.sink}/duty"}
        return self.hand.play(
            "tests.prove.rehearsal:perform", failpoints=failpoints, config=str(self.config), environ=environ, **how
        )  # fmt: skip

    def run(self, url: str, failpoints: str = "") -> Outcome:
        """Once through, started again after a death."""
        self.sides.taken()
        ended, deaths = self.perform(url, failpoints), 0
        while ended.killed or "failpoint" in ended.trace:  # or could not start
            deaths += 1
            at = max((each["step"] for each in ended.said if "step" in each), default=0)
            ended = self.perform(url, begin=at, again=True)
        assert ended.status == 0, ended.trace
        found = self.hand.play("tests.prove.rehearsal:audit", url=url)
        assert found.status == 0, found.trace
        return Outcome(ended.said[-1]["hits"], deaths, found.said[0], self.sides.taken())


@dataclass(frozen=True)
class Outcome:
    hits: dict[str, int]
    deaths: int
    stored: dict[str, Any]
    arrived: list[Arrival]

    @property
    def messages(self) -> Counter[tuple[str, str]]:
        found = first_copies(self.arrived)
        return Counter({key: count for key, count in found.items() if key[0] not in OPS})

    @property
    def kept(self) -> Counter[tuple[str, str, str]]:
        return Counter(
            (who, by, state) for _, who, by, state, _, _ in self.stored["deliveries"] if who not in OPS
        )

    @property
    def copies(self) -> Counter[str]:
        """How many arrived again, by their reference (a chat's message has none: ""; told apart by its words)."""
        return Counter(
            reference for _, reference, _ in (Counter(self.arrived) - Counter(set(self.arrived))).elements()
        )

    @property
    def unexplained(self) -> Counter[str]:
        """Copies beyond the attempts that the database knows to have been made at that delivery."""
        again: Counter[str] = Counter()
        for id, _, by, _, _, attempts in self.stored["deliveries"]:
            again["" if by == "chat" else id] += max(attempts - 1, 0)
        return self.copies - again


@pytest.fixture
def quick_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: what dies here is a process, and the disk lives on."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def theatre(request: pytest.FixtureRequest, quick_disk: Path) -> Iterator[Theatre]:
    cluster = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    with far_sides() as sides, Stagehand(["tests.prove.rehearsal", "apprise", *PRELOAD]) as hand:
        config = configure(quick_disk, sides.relay, sides.sink, sides.closed)
        yield Theatre(hand, sides, config, quick_disk, cluster)


def test_whatever_a_failpoint_does_a_restart_finishes_and_nothing_is_lost(
    theatre: Theatre, full: bool
) -> None:
    template = theatre.make_template()
    with theatre.database("") as url:
        untouched = theatre.run(url, ",".join(f"{point}=delay@0" for point in sorted(POINTS)))
    assert untouched.stored["problems"] == []
    reached = {point: count for point, count in sorted(untouched.hits.items()) if count}
    assert len(reached) >= LEAST_POINTS
    chance, deaths, copies, runs = random.Random(20260421), 0, 0, 0
    drawn = list(reached.items()) if full else chance.sample(list(reached.items()), BOUNDED)
    for number, (point, count) in enumerate(drawn):
        for run in range(RUNS if full else 1):
            action, _, seconds = ACTIONS[(number + run) % len(ACTIONS)].partition(":")
            trap = f"{point}={action}{':' * bool(seconds)}{seconds}@{chance.randint(1, count)}"
            first = point.startswith(("migrate.", "store.instance", "store.link_key"))
            with theatre.database("" if first else template) as url:
                seen = theatre.run(url, trap)
            judge(trap, untouched, seen)
            deaths, copies, runs = deaths + seen.deaths, copies + seen.copies.total(), runs + 1
    print(
        f"{len(drawn)} of {len(reached)} points, {runs} runs, {deaths} deaths: 0 lost, {copies} copies, each with its first one's reference"
    )


def judge(trap: str, untouched: Outcome, seen: Outcome) -> None:
    assert seen.stored["problems"] == [], trap
    assert seen.stored["articles"] == untouched.stored["articles"], trap
    assert seen.messages == untouched.messages, trap
    assert seen.kept == untouched.kept, trap
    assert not seen.unexplained, trap
    assert seen.deaths or "raise" in trap or not seen.copies, trap
