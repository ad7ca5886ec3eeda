"""Chat services: Apprise in a real child process, against a real HTTP server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import pytest_asyncio

from monitor.deliver import render
from monitor.deliver.chat import ChatSender, Notify
from monitor.model import Channel, ChannelKind, GaveUp, Message, Outcome, Retry, Sent
from monitor.workers import Workers
from tests.deliver.far_side import Sink, closed_port, http_server
from tests.deliver.loopback_chat import die, never, notify_at
from tests.deliver.samples import NOW, make_delivery, make_desk

TOKEN = "s3cr3tToken0123456789"
DISCORD = f"discord://123456789012345678/{TOKEN}"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#desk"
TELEGRAM = "tgram://123456789:AAbcdefghijklmnopqrstuvwxyz012345678/12315544/"


pytestmark = pytest.mark.asyncio(
    loop_scope="module"
)  # one child, which imports Apprise once, for all tests here


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(count=1) as workers:
        yield workers


@pytest_asyncio.fixture(loop_scope="module")
async def sink() -> AsyncIterator[Sink]:
    async with http_server(Sink()) as sink:
        yield sink


async def send(
    workers: Workers, url: str, message: Message, notify: Notify | None = None, deadline: float = 30
) -> Outcome:
    sender = ChatSender(workers, lambda: NOW, deadline=deadline, notify=notify)
    return await sender.send(Channel("chat", ChannelKind.APPRISE, url), message)


async def test_a_chat_message_has_the_headline_once_and_no_footer(
    workers: Workers, sink: Sink, message: Message
) -> None:
    await send(workers, sink.url("/", "json"), message)
    got = sink.got[0].json
    assert "Hammouchi** reçu" not in got["message"]
    assert message.reference not in got["message"]
    assert got["message"].startswith("[Élevée] DGSN et DGST")


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (500, {}, Retry("JSON answered 500", None, 500)),
        (503, {"Retry-After": "120"}, Retry("JSON answered 503", timedelta(seconds=120), 503)),
        (429, {"Retry-After": "7"}, Retry("JSON answered 429", timedelta(seconds=7), 429)),
        (404, {}, GaveUp("JSON answered 404", 404)),
        (410, {}, GaveUp("JSON answered 410", 410)),
        # a redirect is not followed: it would carry the token to a stranger
        (302, {"Location": "http://127.0.0.1:1/"}, GaveUp("JSON answered 302", 302)),
    ],
)
async def test_an_answer_decides_what_comes_next(
    workers: Workers, sink: Sink, message: Message, status: int, headers: dict[str, str], expected: Outcome
) -> None:
    sink.answers = [(status, headers, "")]
    assert await send(workers, sink.url("/", "json"), message) == expected
    assert len(sink.got) == 1


async def test_a_service_that_is_down_is_tried_again_and_its_address_stays_secret(
    workers: Workers, message: Message
) -> None:
    outcome = await send(workers, f"json://user:{TOKEN}@127.0.0.1:{closed_port()}/{TOKEN}", message)
    assert isinstance(outcome, Retry)
    assert outcome.kind == "connect"
    assert TOKEN not in outcome.error


async def test_an_answer_without_end_is_read_to_its_measure_and_the_message_counts_as_sent(
    workers: Workers, message: Message
) -> None:
    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                writer.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
                await writer.drain()

    async with await asyncio.start_server(pour, "127.0.0.1", 0) as server:
        url = f"json://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert await send(workers, url, message, deadline=10.0) == Sent(status=200)


@pytest.mark.parametrize(("function", "kind"), [(never, "timeout"), (die, "crash")])
async def test_a_library_that_hangs_or_dies_costs_one_attempt(
    workers: Workers, sink: Sink, message: Message, function: Notify, kind: str
) -> None:
    outcome = await send(workers, sink.url("/", "json"), message, function, deadline=0.3)
    assert isinstance(outcome, Retry)
    assert outcome.kind == kind
    assert isinstance(await send(workers, sink.url("/", "json"), message), Sent)


async def test_a_long_alert_becomes_a_few_messages_that_end_between_words(
    workers: Workers, sink: Sink
) -> None:
    alert = make_delivery()
    long = render(alert, make_desk(), "https://example.org", "example.org")
    message = Message(**{**{f: getattr(long, f) for f in Message.__slots__}, "chat": "mot suivant\n" * 350})
    sink.answers = [(204, {}, "")]
    assert isinstance(await send(workers, DISCORD, message, partial(notify_at, sink.port)), Sent)
    parts = [got.json["content"] for got in sink.got]
    assert len(parts) == 3
    assert all(len(part) <= 2000 for part in parts)
    assert all(part.endswith("suivant") for part in parts)


async def test_what_a_chat_has_does_not_come_again_after_a_later_piece_failed(
    workers: Workers, sink: Sink, message: Message
) -> None:
    message = replace(message, chat="mot suivant\n" * 350)
    sender = ChatSender(workers, lambda: NOW, notify=partial(notify_at, sink.port))
    channel = Channel("chat", ChannelKind.APPRISE, DISCORD)
    sink.answers = [(204, {}, ""), (500, {}, ""), (503, {}, ""), (204, {}, "")]
    assert isinstance(await sender.send(channel, message), Retry)
    assert isinstance(await sender.send(channel, message), Retry)
    assert isinstance(await sender.send(channel, message), Sent)
    parts = [got.json["content"] for got in sink.got]
    assert len(parts) == 5
    assert parts[1] == parts[2] == parts[3]
    assert len({parts[0], parts[1], parts[4]}) == 3
    # sent is sent: if it is sent again after all, then as a whole
    await sender.send(channel, message)
    assert len(sink.got) == 8


async def test_a_text_that_changed_meanwhile_begins_anew(
    workers: Workers, sink: Sink, message: Message
) -> None:
    sender = ChatSender(workers, lambda: NOW, notify=partial(notify_at, sink.port))
    channel = Channel("chat", ChannelKind.APPRISE, DISCORD)
    sink.answers = [(204, {}, ""), (500, {}, ""), (204, {}, "")]
    await sender.send(channel, replace(message, chat="mot suivant\n" * 350))
    other = replace(message, chat="palabra siguiente\n" * 150)
    assert isinstance(await sender.send(channel, other), Sent)
    assert "palabra" in sink.got[2].json["content"]
    assert message.subject.split()[-1] in sink.got[2].json["content"]


async def test_a_first_piece_that_is_refused_within_a_good_answer_is_not_passed_over(
    workers: Workers, sink: Sink, message: Message
) -> None:
    sender = ChatSender(workers, lambda: NOW, notify=partial(notify_at, sink.port))
    sink.answers = [(200, {}, '{"ok": false, "description": "busy"}'), (200, {}, '{"ok": true}')]
    long = replace(message, chat="mot suivant\n" * 600)
    assert isinstance(await sender.send(Channel("chat", ChannelKind.APPRISE, TELEGRAM), long), Retry)
    assert len(sink.got) == 1


@pytest.mark.parametrize(
    ("url", "why"),
    [
        # several targets in one URL would hide which of them failed
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#one/#two", "2 targets"),
        # without TLS beyond this machine
        ("json://chat.example.org/hook", "without TLS"),
        ("ntfy://10.0.0.7/desk", "without TLS"),
        ("discord://too-short", "not complete"),
        # not an address of any service it knows
        ("https://example.org/hook", "not complete"),
    ],
)
async def test_a_target_that_is_unfit_is_told_and_not_called(
    workers: Workers, message: Message, url: str, why: str
) -> None:
    outcome = await send(workers, url, message)
    assert isinstance(outcome, GaveUp)
    assert outcome.kind == "refused"
    assert why in outcome.error
