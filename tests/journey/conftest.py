"""The journey's world: outlets on loopback, a real mail server, a clock that the test turns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from monitor.app import App, build
from monitor.settings import Settings, load
from tests.build import write_config
from tests.collect.dovecot import PASSWORD
from tests.deliver.far_side import Mailbox, smtp_server
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
    """What a real mail server took, by recipient."""

    box: Mailbox

    @property
    def port(self) -> int:
        return self.box.port

    @property
    def mails(self) -> list[EmailMessage]:
        return self.box.mails

    def of(self, recipient: str) -> list[EmailMessage]:
        taken = zip(self.box.recipients, self.box.mails, strict=True)
        return [mail for addresses, mail in taken if addresses == [f"{recipient}@example.org"]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    async with smtp_server(Mailbox()) as box:
        yield Inbox(box)


@pytest.fixture
def outlet(httpserver: HTTPServer) -> Callable[[str], Outlet]:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
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
            "database": "${DATABASE}",
            "fetch": {"allow_private": True, "deadline": "5s"},
            "email": {"server": f"smtp://127.0.0.1:{inbox.port}", "from": "Monitor <monitor@example.org>"},
        }
        recipients = [
            {"id": name, "language": "fr", "channels": [{"id": "mail", "email": f"{name}@example.org"}]}
            for name in ("security", "forum")
        ]
        environ = {"DATABASE": database_url, "IMAP": PASSWORD}
        monitor |= files.pop("monitor", {})
        content = {"watchlists": WATCHLISTS, "entities": ENTITIES, "recipients": recipients, **files}
        return load(
            write_config(tmp_path / "config", monitor=monitor, sources=list(sources), **content), environ
        )

    return made


@pytest.fixture
def start(clock: Clock) -> Callable[[Settings], App]:
    return lambda settings: build(settings, clock=clock)
