"""`monitor outbox`, as an operator calls it while the daemon runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import invoke
from monitor.model import ChannelState, Delivery, DeliveryState
from monitor.store import Store
from tests.cli.test_db import configure
from tests.store.samples import waiting

SENT, DEAD, DROPPED, PENDING = (
    DeliveryState.SENT,
    DeliveryState.DEAD,
    DeliveryState.DROPPED,
    DeliveryState.PENDING,
)
LEASE = timedelta(days=3650)  # commands take the real clock


@pytest.fixture
def config(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    return configure(tmp_path / "config", database_url, monkeypatch)


@pytest.fixture
def daemon(database_url: str, now: datetime) -> Iterator[Store]:
    with Store.open(database_url, now=now) as store:
        yield store


def settle(store: Store, now: datetime, state: DeliveryState, error: str = "") -> Delivery:
    (claimed, *_) = store.outbox.claim(now, LEASE, "w", limit=1)
    assert store.outbox.settle(claimed, state=state, now=now, outcome_class=state, error=error)
    return claimed


def call(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert invoke(["outbox", *words]) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def states(store: Store) -> dict[str, DeliveryState]:
    return {each.id: each.state for each in store.outbox.list()}


def test_the_list_shows_each_delivery_and_why_it_waits(
    config: str,
    daemon: Store,
    now: datetime,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    waiting(daemon, now, 2)
    dead = settle(daemon, now, DEAD, "550 no such\x1b[31m user")
    table = call(capsys, "list", "-c", config)
    assert "desk/mail" in table
    assert dead.id[:8] in table
    assert "550 no such" in table
    assert "\x1b" not in table
    rows: list[dict[str, Any]] = json.loads(
        call(capsys, "list", "-c", config, "-o", "json", "--state", "dead")
    )
    assert [(row["id"], row["state"], row["attempts"], row["watchlists"]) for row in rows] == [
        (dead.id, "dead", 1, ["w"])
    ]


def test_an_empty_outbox_says_so(config: str, daemon: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert daemon.outbox.list() == []
    assert invoke(["outbox", "list", "-c", config]) == 0
    assert capsys.readouterr() == ("", "no deliveries\n")
    assert json.loads(call(capsys, "list", "-c", config, "-o", "json")) == []


def test_a_dead_delivery_is_retried_by_the_beginning_of_its_id(
    config: str, daemon: Store, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting(daemon, now, 2)
    dead = settle(daemon, now, DEAD)
    assert call(capsys, "retry", dead.id[:8], "-c", config) == "1 delivery will be sent\n"
    assert states(daemon)[dead.id] is PENDING


def test_all_dead_ones_are_retried_at_once(
    config: str, daemon: Store, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting(daemon, now, 3)
    for state in (DEAD, DEAD, SENT):
        settle(daemon, now, state)
    assert call(capsys, "retry", "--all", "-c", config) == "2 deliveries will be sent\n"
    assert sorted(states(daemon).values()) == [PENDING, PENDING, SENT]
    assert call(capsys, "retry", "--all", "-c", config) == "0 deliveries will be sent\n"


def test_a_dropped_delivery_is_never_sent(
    config: str, daemon: Store, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    (one,) = waiting(daemon, now)
    assert call(capsys, "drop", one.id, "-c", config) == f"{one.id[:8]} to desk/mail is dropped\n"
    assert states(daemon) == {one.id: DROPPED}
    assert "is dropped already" in call(capsys, "drop", one.id, "-c", config, code=1)


@pytest.mark.parametrize("command", ["retry", "drop"])
def test_what_cannot_be_changed_says_why(
    config: str, daemon: Store, now: datetime, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    waiting(daemon, now, 2)
    sent = settle(daemon, now, SENT)
    (leased,) = daemon.outbox.claim(now, LEASE, "w")
    assert "was sent on 2026-04-21 at 09:00 UTC" in call(capsys, command, sent.id, "-c", config, code=1)
    assert "is being sent this moment" in call(capsys, command, leased.id, "-c", config, code=1)
    assert "no delivery's id begins with zzz" in call(capsys, command, "zzz", "-c", config, code=1)
    assert "no delivery's id begins with %" in call(capsys, command, "%", "-c", config, code=1)


def test_an_id_that_begins_several_is_refused(
    config: str, daemon: Store, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [each.id for each in waiting(daemon, now, 17)]  # sixteen digits: two ids begin alike
    twice = next(one[0] for one in ids if sum(other[0] == one[0] for other in ids) > 1)
    assert "give more of it" in call(capsys, "drop", twice, "-c", config, code=1)
    assert DROPPED not in states(daemon).values()


@pytest.mark.parametrize("words", [["retry"], ["retry", "an-id", "--all"], ["drop"]])
def test_retry_and_drop_want_either_an_id_or_all(
    config: str, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert "--all" in call(capsys, *words, "-c", config, code=2)


def away(store: Store, now: datetime, until: datetime) -> ChannelState:
    """The channel of the next delivery does not answer."""
    (claimed, *_) = store.outbox.claim(now, LEASE, "w", limit=1)
    state = ChannelState(
        claimed.recipient, claimed.channel, 6, now, now, until, "connect", "no connection to the relay"
    )
    again = {"state": PENDING, "next_attempt_at": now, "outcome_class": "connect"}
    assert store.outbox.settle(claimed, now=now, channel=lambda _: state, **again)  # type: ignore[arg-type]
    return state


def test_a_channel_that_rests_is_shown_with_what_waits_for_it(
    config: str,
    daemon: Store,
    now: datetime,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert invoke(["outbox", "channels", "-c", config]) == 0
    assert capsys.readouterr() == ("", "every channel is well\n")
    soon = datetime.now(UTC) + timedelta(hours=1)
    waiting(daemon, now, 2)
    away(daemon, now, soon)
    (row,) = json.loads(call(capsys, "channels", "-c", config, "-o", "json"))
    assert {name: row[name] for name in ("recipient", "channel", "state", "failures", "waiting", "dead")} == {
        "recipient": "desk",
        "channel": "mail",
        "state": "open",
        "failures": 6,
        "waiting": 2,
        "dead": 0,
    }
    assert row["next_try_at"] == soon.isoformat().replace("+00:00", "Z")
    table = call(capsys, "channels", "-c", config)
    assert "desk/mail" in table
    assert "no connection to the relay" in table
    listed = json.loads(call(capsys, "list", "-c", config, "-o", "json"))
    assert {each["channel_rests_until"] for each in listed} == {row["next_try_at"]}
    assert "its channel rests until" in call(capsys, "list", "-c", config)


def test_a_channel_whose_rest_is_over_is_about_to_be_probed(
    config: str, daemon: Store, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting(daemon, now)
    away(daemon, now, now)
    (row,) = json.loads(call(capsys, "channels", "-c", config, "-o", "json"))
    assert row["state"] == "probing"


def test_dead_ones_of_a_channel_are_listed_retried_and_dropped_together(
    config: str, daemon: Store, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting(daemon, now, 2, channels=("mail", "chat"))
    for _ in range(4):
        settle(daemon, now, DEAD)
    listed = json.loads(call(capsys, "list", "-c", config, "-o", "json", "--to", "desk/mail"))
    assert [row["channel"] for row in listed] == ["mail"] * 2
    assert len(json.loads(call(capsys, "list", "-c", config, "-o", "json", "--to", "desk"))) == 4
    assert json.loads(call(capsys, "list", "-c", config, "-o", "json", "--to", "nobody")) == []
    assert call(capsys, "retry", "--all", "--to", "desk/chat", "-c", config) == "2 deliveries will be sent\n"
    assert call(capsys, "drop", "--all", "-c", config) == "2 deliveries are dropped\n"
    assert {each.channel: each.state for each in daemon.outbox.list()} == {"chat": PENDING, "mail": DROPPED}
    assert "--to goes with --all" in call(capsys, "drop", "an-id", "--to", "desk", "-c", config, code=2)
