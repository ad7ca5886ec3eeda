"""An upgrade of an old database, as acts of the stagehand: killed before its n-th statement."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from typing import Any

from sqlalchemy import Engine, event

from monitor.store import Store, migrate
from monitor.store.engine import Database
from tests.build import NOON
from tests.prove.stagehand import Say


def upgrade(say: Say, url: str, at: int = 0) -> None:
    """Says how many statements it was; `at`: this one is not made any more."""
    made = 0

    def count(*_: Any) -> None:
        nonlocal made
        made += 1
        if made == at:
            os.kill(os.getpid(), signal.SIGKILL)

    with closing(Database(url, writer=True)) as database:
        event.listen(Engine, "before_cursor_execute", count)
        migrate.move(database, "head")
    say(made)


def found(say: Say, url: str) -> None:
    """The rows of each table, once the program has opened the database as at any start."""
    with Store.open(url, now=NOON) as store:
        with store._database.read() as connection:
            rows, revision = migrate.row_counts(connection), migrate.revision(connection)
        say({"rows": rows, "revision": revision, "problems": store.check()})
