"""What the pipeline may expect of any Sender, real or fake."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from rich.console import Console

from monitor.deliver import Sender, render
from monitor.deliver.chat import ChatSender
from monitor.deliver.console import ConsoleSender
from monitor.deliver.email import EmailSender
from monitor.deliver.file import FileSender
from monitor.deliver.webhook import WebhookSender
from monitor.model import Channel, ChannelKind, EmailServer, Message, Retry, Sent
from monitor.workers import Workers
from tests.deliver.far_side import Mailbox, Sink, closed_port, http_server, smtp_server
from tests.deliver.samples import NOW, make_delivery, make_desk, make_hostile
from tests.fakes import FakeSender

HOST = "monitor.example.org"


@dataclass
class Case:
    """A sender with a channel that works and one whose far side is away; `arrived` tells what the far side has."""

    sender: Sender
    channel: Channel
    away: Channel
    arrived: Callable[[], list[str]]
    away_sender: Sender | None = None


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


async def email(stack: AsyncExitStack, folder: Path, workers: Workers) -> Case:
    box = await stack.enter_async_context(smtp_server(Mailbox()))
    relays = [
        EmailServer("127.0.0.1", port, "a@example.org", security="none") for port in (box.port, closed_port())
    ]
    channel = Channel("mail", ChannelKind.EMAIL, "desk@example.org")
    up, down = (EmailSender(relay, HOST) for relay in relays)
    return Case(up, channel, channel, lambda: [str(mail["Message-ID"]) for mail in box.mails], down)


async def webhook(stack: AsyncExitStack, folder: Path, workers: Workers) -> Case:
    sink = await stack.enter_async_context(http_server(Sink()))
    sender = await stack.enter_async_context(WebhookSender("test", lambda: NOW))
    up, down = (
        Channel("hook", ChannelKind.WEBHOOK, f"http://127.0.0.1:{port}/")
        for port in (sink.port, closed_port())
    )
    return Case(sender, up, down, lambda: [got.headers["Idempotency-Key"] for got in sink.got])


async def chat(stack: AsyncExitStack, folder: Path, workers: Workers) -> Case:
    sink = await stack.enter_async_context(http_server(Sink()))
    up, down = (
        Channel("chat", ChannelKind.APPRISE, f"json://127.0.0.1:{port}/")
        for port in (sink.port, closed_port())
    )
    return Case(ChatSender(workers, lambda: NOW), up, down, lambda: [got.json["title"] for got in sink.got])


async def file(stack: AsyncExitStack, folder: Path, workers: Workers) -> Case:
    (folder / "taken").write_text("")
    up, down = (Channel("out", ChannelKind.FILE, str(folder / name)) for name in ("out", "taken"))
    return Case(
        FileSender("a@example.org", HOST), up, down, lambda: [p.stem for p in (folder / "out").glob("*.eml")]
    )


async def console(stack: AsyncExitStack, folder: Path, workers: Workers) -> Case:
    screen = io.StringIO()
    channel = Channel("screen", ChannelKind.CONSOLE)
    gone = ConsoleSender(Console(file=Gone()))
    return Case(ConsoleSender(Console(file=screen)), channel, channel, lambda: [screen.getvalue()], gone)


async def fake(stack: AsyncExitStack, folder: Path, workers: Workers) -> Case:
    channel = Channel("any", ChannelKind.CONSOLE)
    sender = FakeSender()
    away = FakeSender([Retry("away", kind="connect")])
    return Case(sender, channel, channel, lambda: [message.reference for _, message in sender.sent], away)


Build = Callable[[AsyncExitStack, Path, Workers], Awaitable[Case]]
pytestmark = pytest.mark.asyncio(loop_scope="module")  # one child, which imports Apprise once


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(count=1) as workers:
        yield workers


@pytest_asyncio.fixture(
    params=[email, webhook, chat, file, console, fake], ids=lambda build: build.__name__, loop_scope="module"
)
async def case(request: pytest.FixtureRequest, tmp_path: Path, workers: Workers) -> AsyncIterator[Case]:
    build: Build = request.param
    async with AsyncExitStack() as stack:
        yield await build(stack, tmp_path, workers)


@pytest.fixture
def message() -> Message:
    return render(make_delivery(), make_desk(), f"https://{HOST}", HOST)


async def test_what_is_sent_has_arrived(case: Case, message: Message) -> None:
    assert isinstance(await case.sender.send(case.channel, message), Sent)
    assert len(case.arrived()) == 1


async def test_a_far_side_that_is_away_is_worth_another_try(case: Case, message: Message) -> None:
    outcome = await (case.away_sender or case.sender).send(case.away, message)
    assert isinstance(outcome, Retry)
    assert outcome.kind
    assert outcome.error


async def test_a_copy_can_be_told_to_be_one(case: Case, message: Message) -> None:
    for _ in range(2):
        await case.sender.send(case.channel, message)
    assert len(set(case.arrived())) == 1


async def test_hostile_text_is_sent_like_any_other(case: Case) -> None:
    message = render(make_hostile(), make_desk("ar"), f"https://{HOST}", HOST)
    assert isinstance(await case.sender.send(case.channel, message), Sent)
    assert len(case.arrived()) == 1
