"""The journey's world: outlets on loopback, a real mail server, a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message as Mail
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_httpserver import HTTPServer

from monitor.app import App, build
from monitor.settings import Settings, load
from tests.build import write_config
from tests.journey.outlet import Outlet


@dataclass
class Clock:
    """Stands still until the test turns it."""

    now: datetime = datetime(2026, 4, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Inbox:
    mails: list[tuple[str, Mail]] = field(default_factory=list)  # (recipient, mail)
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content)
        self.mails.extend((address, mail) for address in envelope.rcpt_tos)
        return "250 taken"

    def of(self, recipient: str) -> list[Mail]:
        return [mail for address, mail in self.mails if address == f"{recipient}@example.org"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=0)
    controller.start()
    inbox.port = controller.server.sockets[0].getsockname()[1]
    yield inbox
    controller.stop()


@pytest.fixture
def outlet(httpserver: HTTPServer) -> Callable[[str], Outlet]:
    return lambda name: Outlet(httpserver, name)


WATCHLISTS: list[dict[str, Any]] = [
    {
        "id": "dgsn-officials",
        "title": "DGSN officials",
        "severity": "high",
        "any": [{"entity": "hammouchi"}, "Sûreté nationale"],
        "none": ["Alger | Algérie"],
        "notify": ["security"],
    },
    {"id": "business-forums", "title": "Business forums", "any": ["Business Forum"], "notify": ["forum"]},
]
ENTITIES = [{"id": "hammouchi", "kind": "person", "name": "Abdellatif Hammouchi", "names": ["الحموشي"]}]


@pytest.fixture
def configure(tmp_path: Path, database_url: str, inbox: Inbox) -> Callable[..., Settings]:
    """Writes a configuration of the given sources and loads it as every command does."""

    def made(*sources: dict[str, Any], **files: Any) -> Settings:
        monitor = {
            "database": database_url,
            "fetch": {"allow_private": True, "deadline": "5s"},
            "email": {"server": f"smtp://127.0.0.1:{inbox.port}", "from": "Monitor <monitor@example.org>"},
        }
        recipients = [
            {"id": name, "language": "fr", "channels": [{"id": "mail", "email": f"{name}@example.org"}]}
            for name in ("security", "forum")
        ]
        content = {"watchlists": WATCHLISTS, "entities": ENTITIES, "recipients": recipients, **files}
        return load(write_config(tmp_path / "config", monitor=monitor, sources=list(sources), **content), {})

    return made


@pytest.fixture
def start(clock: Clock) -> Callable[[Settings], App]:
    return lambda settings: build(settings, clock=clock)
