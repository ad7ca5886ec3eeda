"""`monitor doctor`: one screen, the worst first; 0 only where nothing is wrong."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import invoke
from monitor.model import Cause, ChannelState, Condition, DeliveryState, Health, SourceState
from monitor.store import Store, backups
from tests.build import write_config
from tests.store.samples import waiting

NOW = datetime.now(UTC)
NEVER_OLD = {"warn_after": "36500d"}


class Page(BaseHTTPRequestHandler):
    """The daemon's own page, as the test wants it."""

    answer = (200, b"ready\n")
    figures = b"monitor_store_up 1.0\n"

    def do_GET(self) -> None:
        status, body = (200, self.figures) if self.path == "/metrics" else self.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def daemon() -> Iterator[tuple[type[Page], str]]:
    page: type[Page] = type("Own", (Page,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), page)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield page, f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def config(tmp_path: Path, sqlite_url: str, daemon: tuple[type[Page], str]) -> Callable[..., str]:
    def made(**monitor: Any) -> str:
        service = {
            "database": sqlite_url,
            "web": {"listen": daemon[1]},
            "operators": ["ops"],
            "backup": NEVER_OLD,
            **monitor,
        }
        sources = [{"id": id, "url": f"https://{id}.example.org/feed"} for id in ("gazette", "matin", "soir")]
        recipients = [{"id": "ops", "channels": [{"id": "screen", "console": True}]}]
        watchlists = [{"id": "w", "any": ["Bouregreg"], "notify": ["ops"]}]
        folder = write_config(
            tmp_path / "config",
            monitor=service,
            sources=sources,
            recipients=recipients,
            watchlists=watchlists,
        )
        return str(folder)

    return made


def remember(url: str, *conditions: Condition, checked: datetime = NOW) -> None:
    with Store.open(url, now=NOW) as store:
        for each in conditions:
            state = SourceState(
                each.source_id, next_check_at=checked + timedelta(minutes=5), checked_at=checked
            )
            store.sources.save(state, None, each)


def ill(state: Health, id: str = "gazette", **fields: Any) -> Condition:
    since = NOW - timedelta(hours=30)
    return Condition(
        id, **{"state": state, "since": since, "ill_since": since, "reason": "it said so", **fields}
    )


def findings(capsys: pytest.CaptureFixture[str], folder: str, code: int) -> list[dict[str, Any]]:
    assert invoke(["doctor", "-c", folder, "-o", "json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is (code == 0)
    found: list[dict[str, Any]] = document["findings"]
    return found


def test_where_all_is_well_it_says_so_and_exits_with_0(
    config: Callable[..., str], sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(sqlite_url, Condition("gazette", Health.OK, NOW))
    assert invoke(["doctor", "-c", config()]) == 0
    assert "all is well: 3 sources" in capsys.readouterr().out


def test_what_is_wrong_is_listed_worst_first_each_with_what_to_do(
    config: Callable[..., str], sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    moved, gone = ill(Health.MOVED), ill(Health.GONE, "soir", reason="410 Gone \x1b[31m")
    remember(sqlite_url, moved, ill(Health.SILENT, "matin"), gone)
    with Store.open(sqlite_url, now=NOW) as store:
        waiting(store, NOW - timedelta(hours=1))
        [claimed] = store.outbox.claim(NOW, timedelta(minutes=1), "w")
        store.outbox.settle(
            claimed, state=DeliveryState.DEAD, now=NOW, outcome_class="gave-up", error="mailbox unknown"
        )
    found = findings(capsys, config(), 1)
    assert [(each["area"], each["subject"], each["state"]) for each in found] == [
        ("outbox", "deliveries", "dead"),
        ("source", "soir", "gone"),
        ("source", "matin", "silent"),
        ("source", "gazette", "moved"),
    ]
    assert all(each["do"] for each in found)
    assert "mailbox unknown" in found[0]["reason"]
    assert invoke(["doctor", "-c", config()]) == 1
    shown = capsys.readouterr().out
    assert "source matin: silent, 1 d ago" in shown
    assert "\x1b[31m" not in shown.partition("soir")[2]


def test_a_channel_that_is_not_reached_is_named_with_what_waits_and_when_it_is_tried(
    config: Callable[..., str], sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(sqlite_url, Condition("gazette", Health.OK, NOW))
    soon = NOW + timedelta(hours=1)
    away = ChannelState("desk", "mail", 7, NOW, NOW, soon, "connect", "no connection to the relay")
    with Store.open(sqlite_url, now=NOW) as store:
        waiting(store, NOW)
        [claimed] = store.outbox.claim(NOW, timedelta(minutes=1), "w")
        again = {"state": DeliveryState.PENDING, "next_attempt_at": NOW, "outcome_class": "connect"}
        store.outbox.settle(claimed, now=NOW, channel=lambda _: away, **again)  # type: ignore[arg-type]
    [found] = findings(capsys, config(), 1)
    assert (found["area"], found["subject"], found["state"]) == ("channel", "desk/mail", "not reached")
    assert found["reason"] == (
        "7 attempts in a row failed, 1 alert waits; no connection to the relay; "
        f"tried again at {soon:%Y-%m-%d %H:%M} UTC"
    )


def test_a_network_that_is_gone_is_one_finding_above_its_sources(
    config: Callable[..., str], sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(
        sqlite_url, *(ill(Health.FAILING, id, cause=Cause.NETWORK) for id in ("gazette", "matin", "soir"))
    )
    first, *_ = findings(capsys, config(), 1)
    assert (first["area"], first["subject"]) == ("machine", "network")


def test_a_daemon_that_does_not_run_or_is_not_ready_is_told_apart(
    config: Callable[..., str],
    daemon: tuple[type[Page], str],
    sqlite_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    daemon[0].answer = (503, b"store: it does not answer\ngather: no progress for 400 s\n")
    [one] = findings(capsys, config(), 1)
    assert (one["state"], one["reason"]) == (
        "not ready",
        "store: it does not answer; gather: no progress for 400 s",
    )
    [one] = findings(capsys, config(web={"listen": "127.0.0.1:9"}), 1)
    assert (one["state"], one["weight"]) == ("not running", "error")


@pytest.mark.parametrize(
    ("checked", "state"),
    [
        # the schedule has passed, and nobody read
        (NOW - timedelta(hours=2), "no progress"),
        # read in the future: the clock was set back
        (NOW + timedelta(hours=2), "set back"),
    ],
)
def test_the_schedule_shows_a_dead_daemon_and_a_clock_that_was_set_back(
    config: Callable[..., str],
    sqlite_url: str,
    capsys: pytest.CaptureFixture[str],
    checked: datetime,
    state: str,
) -> None:
    remember(sqlite_url, Condition("gazette", Health.OK, NOW), checked=checked)
    [one] = findings(capsys, config(), 1)
    assert one["state"] == state


def test_an_absent_database_and_absent_operators_are_warnings(
    config: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = findings(capsys, config(database=f"sqlite:///{tmp_path / 'none.db'}", operators=[]), 1)
    assert [(each["subject"], each["state"], each["weight"]) for each in found] == [
        ("database", "absent", "warning"),
        ("operators", "none", "warning"),
    ]


def test_a_broken_configuration_is_told_as_every_command_tells_it(
    config: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["doctor", "-c", config(operators=["nobody"])]) == 78
    assert "no recipient is called nobody" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("age", "state"),
    [
        # none, and the database is older than a backup may be
        (None, "none"),
        (timedelta(days=3), "old"),
        (timedelta(hours=20), None),
    ],
)
def test_a_backup_that_is_old_or_was_never_made_is_a_warning(
    config: Callable[..., str],
    sqlite_url: str,
    capsys: pytest.CaptureFixture[str],
    age: timedelta | None,
    state: str | None,
) -> None:
    remember(sqlite_url, Condition("gazette", Health.OK, NOW))
    if age:
        backups.take(sqlite_url, backups.folder_of(sqlite_url), keep=1, now=NOW - age)
    found = findings(capsys, config(backup={}), 1 if state else 0)
    assert [(each["area"], each["state"], each["weight"]) for each in found] == (
        [("backup", state, "warning")] if state else []
    )
    assert all("monitor db backup" in each["do"] for each in found)


def test_what_the_files_say_and_the_daemon_does_not_do_yet_is_told(
    config: Callable[..., str],
    daemon: tuple[type[Page], str],
    sqlite_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    remember(sqlite_url, Condition("gazette", Health.OK, NOW))
    folder = config()
    loaded = f"monitor_config_loaded_timestamp_seconds {NOW.timestamp() - 3600}\n"
    daemon[0].figures = (loaded + 'monitor_config_restart_needed{key="email"} 1.0\n').encode()
    found = findings(capsys, folder, 1)
    assert [(each["subject"], each["state"]) for each in found] == [
        ("reload", "not in force"),
        ("restart", "needed"),
    ]
    assert "monitor.yaml" in found[0]["reason"]
    assert "email" in found[1]["reason"]
    daemon[0].figures = (loaded + "monitor_config_reload_refused 1.0\n").encode()
    [one] = findings(capsys, folder, 1)
    assert (one["weight"], one["state"]) == ("error", "refused")


def test_a_database_of_another_schema_or_with_half_a_restore_says_which_command_helps(
    config: Callable[..., str], sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "monitor.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    [found] = findings(capsys, config(), 1)
    assert found["state"] == "another schema"
    assert "monitor db upgrade" in found["do"]
    path.with_name("monitor.db.restoring").touch()
    [found] = findings(capsys, config(), 1)
    assert "monitor db restore FILE" in found["reason"]


def test_a_journal_that_cannot_be_emptied_and_what_a_restore_kept_are_told(
    config: Callable[..., str], sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(sqlite_url, Condition("gazette", Health.OK, NOW))
    (tmp_path / "monitor.db.before-20260421T090000Z").write_bytes(b"x" * 2_000_000)
    folder = config()
    [kept] = findings(capsys, folder, 0)  # a note
    assert "2 MB kept by a restore" in kept["reason"]
    with Store.open(sqlite_url, now=NOW):  # whose end would take the journal away
        os.truncate(tmp_path / "monitor.db-wal", 200_000_000)
        first, *_ = findings(capsys, folder, 1)
    assert (first["subject"], first["state"]) == ("journal", "long")
