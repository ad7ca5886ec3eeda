"""A hundred and more broken configurations, one after the other, under a press that prints on: the old rules stay, whole.

The real daemon reads four outlets and tells four desks. Each breakage comes with sound changes beside it (a further watchlist,
whose word the press prints, and a further source): were any of them in force for a moment, it would be seen. `monitor reload` and
the daemon name the file and the line alike. In the end a file is torn while it is read, and then a sound configuration takes effect.
"""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from monitor.cli import invoke
from tests.daemon.stage import Press, Running, eventually, figure, parsed
from tests.databases import free_port
from tests.prove.breakages import BREAKAGES, DESKS, HIDDEN, WATCHLISTS, Breakage, sound
from tests.prove.farsides import FarSides, far_sides

pytestmark = pytest.mark.prove

ROUNDS, ALL_ROUNDS = 3, 10  # of all breakages; the second of them under --full
EVERY = 0.4  # seconds between articles
PER_ROUND = 8  # looks at the daemon's memory
TORN = 20  # reloads of a file that is being written
GROWTH = (
    20_000_000  # bytes resident that may come after the second round: what the articles of some minutes need
)
REFUSED = "reload refused: the rules of before stay in force"
SYLLABLES = "ba ra mi to ne lou ki sa ver dan fo gui tar ou be lin mo cha pi rel".split()
CANARY = {
    "watchlists/zz-canary.yaml": "watchlists:\n  - {id: canary, any: [sésame], notify: [desk-0]}\n",
    "sources/zz-canary.yaml": "sources:\n  - {{id: canary, url: '{press}/canary', every: 1s, backfill: true}}\n",
}
AFTER = "watchlists:\n  - {id: after, any: [clôture], notify: [desk-0]}\n"


@dataclass
class Newsroom:
    """Prints an article every few tenths of a second, each of an event of its own; every tenth also says the canary's word."""

    press: Press
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    printed: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def print_one(self, more: str = "") -> None:
        desk, self.printed = self.printed % DESKS, self.printed + 1
        names = [
            "".join(self.chance.choices(SYLLABLES, k=self.chance.randint(3, 4))).title() for _ in range(4)
        ]
        word = " sésame" if self.printed % 10 == 0 else ""
        self.press.feeds[f"/{desk}"].append(
            f"{names[0]} et {names[1]} : rencontre{desk} à {names[2]} {names[3]}{word}{more}"
        )

    def run(self) -> None:
        while not self.over.wait(EVERY):
            self.print_one()


@dataclass
class Storm:
    folder: Path
    database: Path
    press: Press
    sides: FarSides
    listen: str
    daemon: Running = field(init=False)

    @property
    def config(self) -> Path:
        return self.folder / "config"

    def write(self, more: dict[str, str]) -> None:
        """The sound files and these, and nothing else."""
        shutil.rmtree(self.config, ignore_errors=True)
        files = {**sound(self.press.url, self.sides.relay, self.sides.sink, self.listen), **more}
        for name, text in files.items():
            path = self.config / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                text.replace("{press}", self.press.url).replace("{{", "{").replace("}}", "}"), "utf-8"
            )
        (self.config / HIDDEN).write_text("k" * 32 + "\n")
        (self.config / HIDDEN).chmod(0o600)

    def reload(self, event: str) -> list[str]:
        """SIGHUP; once the daemon says `event`, the mistakes that it named before."""
        before = len(self.daemon.lines)
        self.daemon.signal(signal.SIGHUP)
        self.daemon.wait_for(event)
        lines = [parsed(line) for line in self.daemon.lines[before:]]
        return [
            str(line["problem"]).replace(f"{self.config}/", "")
            for line in lines
            if line.get("event") == "mistake in the configuration"
        ]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def settled(self) -> bool:
        """Each source was read since this was asked, and nothing is on its way."""
        begun = datetime.now(UTC).isoformat()
        eventually(
            lambda: (
                self.rows(f"SELECT count(*) FROM source_state WHERE checked_at > '{begun}'")[0][0] >= DESKS
            ),
            "every source read",
        )
        waiting = "SELECT count(*) FROM delivery WHERE state IN ('pending', 'leased')"
        return bool(eventually(lambda: self.rows(waiting) == [(0,)], "every delivery sent"))


@contextmanager
def storm_in(folder: Path) -> Iterator[Storm]:
    press = Press()
    press.feeds = {f"/{n}": [] for n in range(DESKS)} | {"/canary": ["Sésame"]}
    with far_sides() as sides:
        storm = Storm(folder, folder / "monitor.db", press, sides, f"127.0.0.1:{free_port()}")
        storm.write({})
        environ = {
            "STORM_DATABASE": f"sqlite:///{storm.database}",
            "MALLOC_ARENA_MAX": "2",
        }  # as its unit sets it
        storm.daemon = Running(storm.config, environ)
        try:
            yield storm
        finally:
            storm.daemon.stop()
            press.close()


def test_broken_configurations_under_traffic_leave_the_old_rules_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], full: bool
) -> None:
    with storm_in(tmp_path) as storm:
        monkeypatch.setenv("STORM_DATABASE", f"sqlite:///{storm.database}")
        web = storm.daemon.wait_for("started")["web"]
        process = psutil.Process(storm.daemon.process.pid)
        newsroom = Newsroom(storm.press)
        printing = threading.Thread(target=newsroom.run)
        printing.start()
        try:
            order = storm_order(full)
            held: list[tuple[int, int]] = []
            for number, breakage in enumerate(order):
                refuse(storm, breakage, capsys)
                if number % 20 == 19:
                    held.append((process.memory_info().rss, process.num_fds()))
                    assert figure(web, "monitor_reloads_total", outcome="refused") == number + 1
                    assert figure(web, "monitor_config_reload_refused") == 1
            torn = tear(storm)
        finally:
            newsroom.over.set()
            printing.join()
        storm.write({"watchlists/zz-after.yaml": AFTER})
        assert invoke(["reload", "-c", str(storm.config)]) == 0
        assert "in force: 4 sources, 5 watchlists" in capsys.readouterr().out
        newsroom.print_one(" avant la clôture")
        storm.settled()
        storm.daemon.signal(signal.SIGTERM)
        assert storm.daemon.end() == 0
        seen = account(storm, newsroom)
        assert invoke(["db", "check", "-c", str(storm.config)]) == 0
        capsys.readouterr()
    rounds = [held[n : n + PER_ROUND] for n in range(0, len(held), PER_ROUND)]
    resident = [max(bytes for bytes, _ in one) for one in rounds]
    open_files = [max(count for _, count in one) for one in rounds]
    print(
        f"{len(order)} reloads of {len(BREAKAGES)} broken configurations, and {torn}; {seen}; resident at most "
        f"{', '.join(f'{each / 1e6:.0f}' for each in resident)} MB in each round, file descriptors {open_files}"
    )
    assert resident[-1] - resident[1] < GROWTH
    assert open_files[-1] <= open_files[1] + 8  # what is being read and sent at the moment


def storm_order(full: bool) -> list[Breakage]:
    chance = random.Random(20260421)
    rounds = ALL_ROUNDS if full else ROUNDS
    return [one for _ in range(rounds) for one in chance.sample(BREAKAGES, len(BREAKAGES))]


def refuse(storm: Storm, breakage: Breakage, capsys: pytest.CaptureFixture[str]) -> None:
    """Both the command and the daemon refuse it, in the same words."""
    storm.write(CANARY)
    breakage.deed(storm.config)
    place = f"{breakage.file}:{breakage.line}:" if breakage.line else f"{breakage.file}: "
    told = storm.reload(REFUSED)
    mine = [line for line in told if line.startswith(breakage.file)]
    assert mine, (breakage.name, told)
    assert mine[0].startswith(place), (breakage.name, told)
    assert breakage.says in mine[0], (breakage.name, told)
    assert invoke(["reload", "-c", str(storm.config)]) == 78, breakage.name
    err = capsys.readouterr().err.replace(f"{storm.config}/", "")
    assert err.splitlines()[: len(told)] == told, (breakage.name, err)
    assert "its rules stay in force" in err


def tear(storm: Storm) -> str:
    """A file that is written a piece at a time, each but the last no YAML, while the daemon reads it again and again."""
    storm.write({})
    path, over = storm.config / WATCHLISTS, threading.Event()
    whole = (
        path.read_bytes()
        .replace(b"title: Desk", b"title: 'Desk")
        .replace(b"\n    severity", b"'\n    severity")
    )
    cuts = [whole.index(b"'Desk 1") + 3, whole.index(b"'Desk 2") + 3, whole.index(b"'Desk 3") + 3]

    def write() -> None:
        while not over.is_set():
            with path.open("wb", buffering=0) as file:
                for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
                    file.write(whole[begin:end])

    writing = threading.Thread(target=write)
    writing.start()
    outcomes: Counter[str] = Counter()
    try:
        for _ in range(TORN):
            before = len(storm.daemon.lines)
            storm.daemon.signal(signal.SIGHUP)
            outcomes[eventually(partial(ended, storm, before), "an end of the reload")] += 1
    finally:
        over.set()
        writing.join()
    return (
        f"{TORN} of a file that was being written ({outcomes['reloaded']} whole, {outcomes[REFUSED]} refused)"
    )


def ended(storm: Storm, before: int) -> str:
    """What the daemon said of a reload that was asked for when it had said `before` lines; "" while it says nothing."""
    events = [parsed(line).get("event") for line in storm.daemon.seen()[before:]]
    return next((str(event) for event in events if event in ("reloaded", REFUSED)), "")


def account(storm: Storm, newsroom: Newsroom) -> str:
    """After all: each article once, each match told, each delivery arrived once, and nothing that only a broken configuration says."""
    articles = [url for (url,) in storm.rows("SELECT url FROM article")]
    assert len(articles) == len(set(articles)) == newsroom.printed
    assert storm.press.asked["/canary"] == 0
    matched = {each for (each,) in storm.rows("SELECT DISTINCT watchlist FROM match")}
    assert matched == {*(f"desk-{n}" for n in range(DESKS)), "after"}
    matches = storm.rows("SELECT count(DISTINCT article_id) FROM match WHERE watchlist LIKE 'desk-%'")[0][0]
    assert matches == newsroom.printed
    owed = "SELECT DISTINCT article.story_id, match.watchlist FROM match JOIN article ON article.id = match.article_id"
    now_part_of = dict(storm.rows("SELECT id, coalesce(merged_into, id) FROM story"))
    heard = "SELECT alert.story_id, alert.recipient FROM alert JOIN delivery ON delivery.alert_id = alert.id WHERE state = 'sent'"
    told = {(now_part_of[story], name) for story, name in storm.rows(heard)}
    assert {(story, "desk-0" if name == "after" else name) for story, name in storm.rows(owed)} <= told
    deliveries = dict(storm.rows("SELECT id, state FROM delivery"))
    assert set(deliveries.values()) <= {"sent", "dropped"}  # dropped: two stories became one before it went
    sent = {id for id, state in deliveries.items() if state == "sent"}
    arrived = Counter(reference for _, reference, _ in storm.sides.arrived)
    assert arrived == Counter(sent)
    return f"{newsroom.printed} articles, each stored, matched and told; {len(sent)} deliveries, each arrived once"
