"""The one door of all senders: a table by kind, a deadline, and a wall."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from rich.console import Console

from monitor.deliver import Senders, build_sender
from monitor.model import Channel, ChannelKind, EmailServer, FetchPolicy, Message, Outcome, Retry, Sent
from monitor.workers import Workers
from tests.deliver.far_side import Mailbox, Sink
from tests.deliver.samples import NOW
from tests.fakes import FakeSender

FILE = Channel("out", ChannelKind.FILE, "t0p-s3cret-target", "s3cret")


class Broken:
    async def send(self, channel: Channel, message: Message) -> Outcome:
        raise KeyError(f"nobody thought of {channel.target} and {channel.secret}")


class Hanging:
    async def send(self, channel: Channel, message: Message) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


def endings(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


async def test_each_kind_goes_its_own_way(
    mailbox: Mailbox, sink: Sink, tmp_path: Path, message: Message
) -> None:
    relay = EmailServer("127.0.0.1", mailbox.port, "veille@example.org", security="none")
    screen = io.StringIO()
    channels = {
        ChannelKind.EMAIL: "desk@example.org",
        ChannelKind.WEBHOOK: sink.url("/hook"),
        ChannelKind.APPRISE: sink.url("/chat", "json"),
        ChannelKind.FILE: str(tmp_path),
        ChannelKind.CONSOLE: "",
    }
    assert set(channels) == set(ChannelKind)
    async with Workers(count=1) as workers:
        console = Console(file=screen)
        async with build_sender(relay, workers, FetchPolicy(), console, clock=lambda: NOW) as senders:
            for kind, target in channels.items():
                assert isinstance(await senders.send(Channel("c", kind, target), message), Sent), kind
    assert mailbox.mails[0]["Message-ID"] == f"<{message.reference}@example.org>"
    assert [got.path for got in sink.got] == ["/hook", "/chat"]
    assert endings(tmp_path) == [".eml", ".html", ".json"]
    assert "Hammouchi" in screen.getvalue()


async def test_mail_without_a_relay_waits_for_its_configuration(message: Message) -> None:
    async with Workers(count=1) as workers:
        senders = build_sender(None, workers, FetchPolicy(), clock=lambda: NOW)
        got = await senders.send(Channel("mail", ChannelKind.EMAIL, "desk@example.org"), message)
    assert isinstance(got, Retry)
    assert got.kind == "configuration"


async def test_a_senders_own_mistake_costs_one_attempt_and_tells_no_secret(message: Message) -> None:
    got = await Senders({ChannelKind.FILE: Broken()}).send(FILE, message)
    assert isinstance(got, Retry)
    assert (got.kind, got.error) == ("unexpected", "KeyError: 'nobody thought of *** and ***'")


async def test_no_send_takes_longer_than_the_deadline(message: Message) -> None:
    got = await Senders({ChannelKind.FILE: Hanging()}, deadline=0.05).send(FILE, message)
    assert isinstance(got, Retry)
    assert got.kind == "timeout"


async def test_a_channel_that_hangs_delays_no_other(message: Message) -> None:
    screen = Channel("screen", ChannelKind.CONSOLE)
    senders = Senders({ChannelKind.FILE: Hanging(), ChannelKind.CONSOLE: FakeSender()}, deadline=60)
    hanging = asyncio.create_task(senders.send(FILE, message))
    assert await senders.send(screen, message) == Sent()
    assert not hanging.done()
    hanging.cancel()


async def test_a_send_that_is_called_off_is_called_off(message: Message) -> None:
    task = asyncio.create_task(Senders({ChannelKind.FILE: Hanging()}).send(FILE, message))
    await asyncio.sleep(0)
    task.cancel()
    results = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
