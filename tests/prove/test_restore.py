"""The restore drill: backups under load, the database destroyed under the running daemon, restored, and work goes on.

MONITOR_PROVE_RESTORES=10 for more than two rounds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.stage import Stage, eventually, figure, stage_in

pytestmark = pytest.mark.prove

ROUNDS = int(os.environ.get("MONITOR_PROVE_RESTORES", "2"))
FRESH = 60  # articles that appear in a round, every second of them before the backup
SYLLABLES = "ba do fi gu ka lo mi nu pa re si to va zo chi dra fle gri mou pla".split()


class Printing:
    """Adds an article to the stage's feed every few milliseconds until it has added all."""

    def __init__(self, stage: Stage, titles: list[str]) -> None:
        self._stage, self._titles = stage, titles
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        for title in self._titles:
            self._stage.press.feeds["/one"].append(title)
            self._over.wait(0.03)

    def join(self) -> None:
        self._thread.join()


def headline(chance: random.Random) -> str:
    """Of words that nobody has read before, so that no two are one event."""
    words = ["".join(chance.sample(SYLLABLES, 3)) for _ in range(7)]
    return f"{words[0].title()} : rencontre {' '.join(words[1:])}"


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def command(stage: Stage, *words: str, code: int = 0) -> Any:
    call = [sys.executable, "-m", "monitor", *words, "-c", str(stage.config)]
    done = subprocess.run(
        call, env={**os.environ, "STAGE_DATABASE": stage.database}, capture_output=True, text=True
    )
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if "json" in words else done.stdout + done.stderr


def told(folder: Path) -> dict[str, dict[str, Any]]:
    """By reference what a recipient was told."""
    documents = [json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))]
    return {each["reference"]: each for each in documents}


def destroy(database: Path, chance: random.Random) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else nearly all of it is in the journal
    with database.open("r+b") as file:
        for _ in range(3):
            file.seek(4096 * chance.randrange(1, database.stat().st_size // 4096))
            file.write(chance.randbytes(4096))


class Drill:
    """A stage with two desks; the second one's folder can be taken away, so that its alerts wait."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.database = stage.root / "monitor.db"
        self.late = stage.root / "late"
        source = stage.source_yaml("one", "/one").replace("backfill", "every: 1s, backfill")
        stage.write("sources/stage.yaml", "sources:\n" + source)
        stage.write("monitor.yaml", stage.monitor_yaml() + "operators: [desk]\npolling: {min: 1s, max: 1s}\n")
        late = f"  - {{id: late, channels: [{{id: out, file: '{self.late}'}}]}}\n"
        stage.write("recipients.yaml", stage.recipients_yaml() + late)
        watchlist = "{id: meetings, any: [rencontre], notify: [desk, late]}"
        stage.write("watchlists/all.yaml", f"watchlists:\n  - {watchlist}\n")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return rows(self.database, query)

    def titles(self) -> set[str]:
        return {row[0] for row in self.rows("SELECT title FROM article")}

    def waiting(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT id FROM delivery WHERE state IN ('pending', 'leased')")]

    def let_go(self) -> None:
        """The second desk's folder is back, and what waits for it goes now."""
        self.late.unlink()
        [id] = self.rows("SELECT id FROM delivery WHERE recipient = 'late' AND state = 'pending' LIMIT 1")
        command(self.stage, "outbox", "retry", *id)

    def settled(self, web: str) -> bool:
        shown = set(self.stage.press.feeds["/one"])
        return (
            not self.waiting()
            and shown <= self.titles()
            and not figure(web, "monitor_in_flight", work="sending")
        )

    def told(self) -> dict[str, dict[str, Any]]:
        return told(self.stage.alerts) | told(self.late)

    def forget(self) -> None:
        for folder in (self.stage.alerts, self.late):
            shutil.rmtree(folder, ignore_errors=True)

    def lose(self, titles: list[str], chance: random.Random) -> tuple[str, dict[str, dict[str, Any]]]:
        """A round up to the loss of the database: the backup's file, and what was told by then."""
        self.late.write_text("no folder")
        daemon, web = self.stage.start_ready()
        first = Printing(self.stage, titles[: FRESH // 2])
        eventually(lambda: set(titles) & self.titles(), "the first of the new articles")
        backup: str = command(self.stage, "db", "backup", "-o", "json")["file"]
        first.join()
        Printing(self.stage, titles[FRESH // 2 :]).join()
        self.let_go()
        eventually(lambda: self.settled(web), "the round's end")
        daemon.signal(signal.SIGKILL)
        daemon.end()
        destroy(self.database, chance)
        paper = self.told()
        self.forget()
        return backup, paper

    def go_on(self) -> None:
        daemon, web = self.stage.start_ready()
        eventually(lambda: self.settled(web), "the end after the restore")
        daemon.signal(signal.SIGTERM)
        assert daemon.end() == 0


def test_what_a_backup_held_is_never_lost_and_what_comes_twice_was_told_after_it(tmp_path: Path) -> None:
    chance = random.Random(7)
    titles = [headline(chance) for _ in range(ROUNDS * FRESH)]
    with stage_in(tmp_path) as stage:
        drill = Drill(stage)
        twice = again = 0
        for number in range(ROUNDS):
            backup, paper = drill.lose(titles[number * FRESH : (number + 1) * FRESH], chance)
            refused = command(stage, "run", code=1)
            assert "is damaged" in refused
            assert "`monitor db restore FILE`" in refused
            done = command(stage, "db", "restore", backup, "-o", "json")
            assert Path(done["kept"][0]).is_file()
            held = dict(drill.rows("SELECT id, state FROM delivery WHERE dedup_key NOT LIKE 'notice/%'"))
            kept, sent = drill.titles(), {id for id, state in held.items() if state == "sent"}
            drill.go_on()

            # nothing of the backup is lost, and nothing that it knew as sent is sent again
            assert kept <= drill.titles()
            states = dict(drill.rows("SELECT id, state FROM delivery"))
            assert {states[id] for id in held} <= {"sent"}
            after = drill.told()
            assert not sent & after.keys()
            # what it knew as waiting carries its reference; what came after it is found, and told again under a new one
            same = after.keys() & paper.keys()
            assert same == (held.keys() - sent) & paper.keys()
            notices = [each for each in after.values() if "notice" in each]
            assert [each["lines"][0]["state"] for each in notices] == ["restored"]
            fresh = [each for id, each in after.items() if "notice" not in each and id not in held]
            assert not {each["article"]["title"] for each in fresh} & kept
            owed = drill.rows(
                "SELECT DISTINCT story_id FROM article JOIN match ON match.article_id = article.id"
            )
            assert set(owed) <= set(drill.rows("SELECT story_id FROM alert"))
            assert "sound" in command(stage, "db", "check")
            twice, again = twice + len(same), again + len(fresh)
            drill.forget()
        print(
            f"{ROUNDS} backups under load, databases destroyed and restored: {len(drill.titles())} articles; 0 that a backup "
            f"held were lost, 0 that it knew as sent were sent again, {twice} that it knew as waiting came twice under their "
            f"reference, {again} alerts of articles that came after it were told again; operators heard of each restore"
        )
