"""What far sides do, and what becomes of the delivery: the real app against real mail and HTTP servers on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from monitor.app import App
from monitor.model import Delivery, DeliveryState
from monitor.settings import Settings
from tests.deliver.far_side import Mailbox, Sink, http_server, smtp_server
from tests.journey.conftest import Clock
from tests.store.samples import record

Configure = Callable[..., Settings]
Start = Callable[[Settings], App]
PENDING, SENT, DEAD = DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.DEAD


@dataclass
class Relay(Mailbox):
    """Answers the first commands as it is told, and the others with 250."""

    rcpts: list[str] = field(default_factory=list)
    datas: list[str] = field(default_factory=list)
    drops: int = 0  # connections cut after that many mails were accepted
    slow: float = 0.0  # seconds before it accepts

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.rcpt = self.rcpts.pop(0) if self.rcpts else "250 OK"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.slow)
        if self.datas:
            return self.datas.pop(0)
        self.drop_after_data, self.drops = self.drops > 0, self.drops - 1
        return await super().handle_DATA(server, session, envelope)


@asynccontextmanager
async def app_with(
    configure: Configure, start: Start, channel: dict[str, Any], **monitor: Any
) -> AsyncIterator[App]:
    recipients = [{"id": "desk", "channels": [{"id": "c", **channel}]}]
    watchlists = [{"id": "w", "any": ["Bouregreg"], "notify": ["desk"]}]
    settings = configure(recipients=recipients, watchlists=watchlists, monitor=monitor)
    async with start(settings) as app:
        record(app.store, app.parts.clock(), 1, alert={"recipient": "desk", "channels": ("c",)})
        yield app


async def deliver(app: App, clock: Clock, rounds: int = 3) -> Delivery:
    """What became of the one delivery after so many hours."""
    for _ in range(rounds):
        await app.deliver()
        clock.turn(hours=1)
    [one] = app.store.outbox.list()
    return one


@pytest.mark.parametrize(
    ("relay", "state", "attempts", "copies", "said"),
    [
        (Relay(), SENT, 1, 1, "sent"),
        # greylisting: the second time it knows us
        (Relay(rcpts=["450 4.2.0 greylisted, come back"]), SENT, 2, 1, "sent"),
        (Relay(datas=["451 4.3.0 busy", "421 4.7.0 too many"]), SENT, 3, 1, "sent"),
        # the mail is there, its answer is lost: once more, recognisable as a copy
        (Relay(drops=1), SENT, 2, 2, "sent"),
        (Relay(slow=0.3), SENT, 1, 1, "sent"),
        (Relay(rcpts=["550 5.1.1 no such box"] * 9), DEAD, 1, 0, "status-550"),
        (Relay(datas=["554 5.7.1 refused as spam"] * 9), DEAD, 1, 0, "status-554"),
        (Relay(datas=["552 5.3.4 too large"] * 9), DEAD, 1, 0, "status-552"),
        (Relay(rcpts=["452 4.2.2 mailbox full"] * 9), PENDING, 3, 0, "status-452"),
    ],
    ids=lambda value: (
        f"{value.rcpts[:1]}{value.datas[:1]}{value.drops}{value.slow}" if isinstance(value, Relay) else ""
    ),
)
async def test_what_a_relay_answers_decides(
    configure: Configure,
    start: Start,
    clock: Clock,
    relay: Relay,
    state: DeliveryState,
    attempts: int,
    copies: int,
    said: str,
) -> None:
    relay = Relay(
        rcpts=[*relay.rcpts], datas=[*relay.datas], drops=relay.drops, slow=relay.slow
    )  # used twice
    async with smtp_server(relay):
        server = {"server": f"smtp://127.0.0.1:{relay.port}", "from": "Monitor <monitor@example.org>"}
        async with app_with(configure, start, {"email": "desk@example.org"}, email=server) as app:
            one = await deliver(app, clock)
    assert (one.state, one.attempts, one.last_class) == (state, attempts, said)
    assert [mail["Message-ID"] for mail in relay.mails] == [f"<{one.id}@example.org>"] * copies
    assert len({*relay.raw}) <= 1


async def test_a_relay_without_starttls_gets_nothing_where_it_is_asked_for(
    configure: Configure, start: Start, clock: Clock
) -> None:
    async with smtp_server(Relay()) as relay:
        server = {"server": f"smtp://127.0.0.1:{relay.port}", "from": "Monitor <monitor@example.org>"}

        def asking_for_it(settings: Settings) -> App:
            assert settings.email is not None
            return start(replace(settings, email=replace(settings.email, security="starttls")))

        async with app_with(configure, asking_for_it, {"email": "desk@example.org"}, email=server) as app:
            one = await deliver(app, clock, rounds=1)
    assert (one.state, one.last_class) == (PENDING, "relay")
    assert "STARTTLS" in one.last_error
    assert relay.mails == []


Answer = tuple[int, dict[str, str], str]
FINE: Answer = (200, {}, "{}")


@pytest.mark.parametrize(
    ("answers", "state", "requests", "said"),
    [
        ([FINE], SENT, 1, "sent"),
        # any 2xx means that the receiver has it safe, whatever it says besides: docs/webhook.md
        ([(200, {}, '{"ok": false, "error": "no"}')], SENT, 1, "sent"),
        ([(500, {}, "oops"), FINE], SENT, 2, "sent"),
        ([(429, {"Retry-After": "30"}, ""), FINE], SENT, 2, "sent"),
        ([(503, {"Retry-After": "Tue, 21 Apr 2026 09:30:00 GMT"}, ""), FINE], SENT, 2, "sent"),
        # three hours off: after three of ours it is still to come
        ([(429, {"Retry-After": "10800"}, ""), FINE], PENDING, 1, "status-429"),
        ([(425, {}, ""), (408, {}, ""), FINE], SENT, 3, "sent"),
        ([(307, {"Location": "/elsewhere"}, "")], DEAD, 1, "status-307"),
        *([([(status, {}, "")], DEAD, 1, f"status-{status}") for status in (400, 401, 403, 404, 410)]),
    ],
    ids=lambda value: " ".join(str(answer[0]) for answer in value) if isinstance(value, list) else "",
)
async def test_what_a_receiver_answers_decides(
    configure: Configure,
    start: Start,
    clock: Clock,
    answers: list[Answer],
    state: DeliveryState,
    requests: int,
    said: str,
) -> None:
    async with (
        http_server(Sink(answers)) as sink,
        app_with(configure, start, {"webhook": sink.url("/in")}) as app,
    ):
        one = await deliver(app, clock)
    assert (one.state, one.attempts, one.last_class) == (state, requests, said)
    assert [(got.path, got.headers["Idempotency-Key"]) for got in sink.got] == [("/in", one.id)] * requests


async def test_what_never_succeeds_is_dead_after_twenty_attempts_or_three_days(
    configure: Configure, start: Start, clock: Clock
) -> None:
    async with (
        http_server(Sink([(503, {}, "")])) as sink,
        app_with(configure, start, {"webhook": sink.url("/in")}) as app,
    ):
        often = await deliver(app, clock, rounds=30)
        assert (often.state, often.attempts) == (DEAD, 20)
        assert often.last_error.startswith("gave up after 20 attempts; last: ")
        app.store.outbox.retry(often.id, clock())
        assert (await deliver(app, clock, rounds=1)).state is PENDING
        clock.turn(hours=72)
        late = await deliver(app, clock, rounds=1)
        assert late.last_error.startswith("gave up after 72 hours; last: ")
