"""The far sides that the senders meet: a real SMTP server (aiosmtpd) and a real HTTP server (aiohttp), both on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Mailbox:
    """aiosmtpd's handler: what each command answers, and what arrived."""

    rcpt: str = "250 OK"
    data: str = "250 OK"
    drop_after_data: bool = False
    never_answer: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.never_answer:
            await asyncio.Event().wait()
        self._keep(envelope)
        if self.drop_after_data:
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return self.data

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        parsed = message_from_bytes(content, policy=default)
        assert isinstance(parsed, EmailMessage)
        self.raw.append(content)
        self.mails.append(parsed)
        self.recipients.append([str(address) for address in envelope.rcpt_tos])

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login)
        return AuthResult(success=data.password == b"correct", handled=False)


@asynccontextmanager
async def smtp_server(
    mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, login: bool = False
) -> AsyncIterator[Mailbox]:
    def protocol() -> SMTP:
        return SMTP(
            mailbox,
            hostname="relay.example.org",
            loop=asyncio.get_running_loop(),
            tls_context=tls,
            authenticator=mailbox.authenticate if login else None,
            auth_require_tls=tls is not None,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()


@dataclass(frozen=True)
class Got:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Sink:
    """An HTTP server that answers each request with the next of `answers`, the last one for ever."""

    answers: list[tuple[int, dict[str, str], str]] = field(default_factory=lambda: [(200, {}, "{}")])
    by_path: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)  # by a part of it
    hang: bool = False
    got: list[Got] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.got.append(Got(request.path_qs, dict(request.headers), await request.read()))
        if self.hang:
            await asyncio.Event().wait()
        fitting = (answer for part, answer in self.by_path.items() if part in request.path)
        status, headers, text = next(fitting, self.answers[min(len(self.got), len(self.answers)) - 1])
        return web.Response(status=status, headers=headers, text=text)


@asynccontextmanager
async def http_server(sink: Sink) -> AsyncIterator[Sink]:
    handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]] = sink.answer  # type: ignore[assignment]
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sink.port = runner.addresses[0][1]
    try:
        yield sink
    finally:
        await runner.cleanup()


def closed_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
