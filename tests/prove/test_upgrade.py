"""An upgrade from each schema that ever was is killed in its middle: the next start finds the old schema or the new one, upgrades,
and not a row is missing."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.store import migrate
from monitor.store.engine import Database
from tests.build import NOON
from tests.databases import Cluster
from tests.migrations.test_revisions import REVISIONS, downgrade, fill
from tests.prove.stagehand import Ended, Stagehand

pytestmark = pytest.mark.prove

KILLS, BOUNDED = 20, 2  # of the upgrade from one revision


@dataclass
class Shelf:
    """Databases of an old revision with rows, copied for each try."""

    folder: Path
    cluster: Cluster | None

    def store(self, revision: str) -> str:
        """The name of a new template."""
        name = self.cluster.create() if self.cluster else f"old{revision}.db"
        fill(self.url(name), NOON)
        with closing(Database(self.url(name), writer=True)) as database:
            downgrade(database, revision)
        return name

    def url(self, name: str) -> str:
        return self.cluster.url(name) if self.cluster else f"sqlite:///{self.folder}/{name}"

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        if self.cluster:
            name = f"copy_{next(self.cluster.numbers)}"
            self.cluster.run("CREATE DATABASE {} TEMPLATE {}", name, template)
            yield self.url(name)
            self.cluster.drop(name)
            return
        for old in self.folder.glob("copy.db*"):
            old.unlink()
        shutil.copyfile(self.folder / template, self.folder / "copy.db")
        yield self.url("copy.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    cluster = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return Shelf(tmp_path, cluster)


def test_an_upgrade_killed_in_its_middle_is_done_by_the_next_start(shelf: Shelf, full: bool) -> None:
    chance, kills, statements = random.Random(20260421), KILLS if full else BOUNDED, 0
    starts = REVISIONS[:-1]
    with Stagehand(["tests.prove.upgradeacts"]) as hand:
        for revision in starts:
            template = shelf.store(revision)
            with shelf.copy(template) as url:
                whole = play(hand, "upgrade", url)
                assert whole.status == 0, whole.trace
                [expected] = play(hand, "found", url).said
            assert (expected["revision"], expected["problems"]) == (migrate.HEAD, []), revision
            statements += whole.said[0]
            for _ in range(kills):
                at = chance.randint(1, whole.said[0])
                with shelf.copy(template) as url:
                    assert play(hand, "upgrade", url, at=at).killed, (revision, at)
                    left = play(hand, "found", url)
                assert left.said == [expected], (revision, at, left.trace)
    print(f"{kills * len(starts)} upgrades from {len(starts)} revisions, each killed before one of {statements} statements: done by the next start, every row there")  # fmt: skip


def play(hand: Stagehand, act: str, url: str, at: int = 0) -> Ended:
    more: dict[str, Any] = {"at": at} if at else {}
    return hand.play(f"tests.prove.upgradeacts:{act}", url=url, **more)
