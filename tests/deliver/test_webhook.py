"""The signed document, against a real HTTP server on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.deliver import render
from monitor.deliver.webhook import WebhookSender, encode, masked, signature
from monitor.model import Channel, ChannelKind, GaveUp, Message, Retry, Sent
from tests.deliver.far_side import Sink, closed_port
from tests.deliver.samples import HOSTILE, NOW, make_desk, make_hostile

AGENT = "media-monitor-test"
DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "webhook.md"


@pytest.fixture
async def webhook() -> AsyncIterator[WebhookSender]:
    async with WebhookSender(AGENT, lambda: NOW, timeout=5) as sender:
        yield sender


def hook(url: str, secret: str | None = "s3cret") -> Channel:
    return Channel("hook", ChannelKind.WEBHOOK, url, secret)


async def test_the_document_arrives_signed_and_named(
    webhook: WebhookSender, sink: Sink, message: Message
) -> None:
    assert await webhook.send(hook(sink.url("/in?team=1")), message) == Sent(status=200)
    (got,) = sink.got
    assert got.path == "/in?team=1"
    assert got.json == message.data
    assert got.headers["Idempotency-Key"] == message.reference
    assert got.headers["User-Agent"] == AGENT
    assert got.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_a_receiver_can_check_the_signature_as_documented(
    webhook: WebhookSender, sink: Sink, message: Message
) -> None:
    await webhook.send(hook(sink.url()), message)
    got = sink.got[0]
    stated = dict(part.split("=", 1) for part in got.headers["X-Monitor-Signature"].split(","))
    expected = hmac.new(b"s3cret", stated["t"].encode() + b"." + got.body, hashlib.sha256).hexdigest()
    assert stated == {"t": str(int(NOW.timestamp())), "v1": expected}


def test_the_examples_of_the_documentation_hold(message: Message) -> None:
    text = DOCUMENTATION.read_text()
    assert signature(b'{"version":1}', "s3cret", 1776773400) in text
    example = json.loads(text.partition("```json")[2].partition("```")[0])
    assert keys(example) == keys(message.data)


def keys(value: object, place: str = "") -> set[str]:
    """The names of a document's fields, each with where it stands."""
    if isinstance(value, dict):
        return {f"{place}.{key}" for key in value}.union(
            *(keys(item, f"{place}.{key}") for key, item in value.items())
        )
    return set().union(*(keys(item, f"{place}[]") for item in value)) if isinstance(value, list) else set()


async def test_without_a_secret_there_is_no_signature(
    webhook: WebhookSender, sink: Sink, message: Message
) -> None:
    await webhook.send(hook(sink.url(), None), message)
    assert "X-Monitor-Signature" not in sink.got[0].headers


async def test_a_second_attempt_sends_the_same_bytes(
    webhook: WebhookSender, sink: Sink, message: Message
) -> None:
    sink.answers = [(503, {}, ""), (200, {}, "")]
    assert isinstance(await webhook.send(hook(sink.url()), message), Retry)
    assert isinstance(await webhook.send(hook(sink.url()), message), Sent)
    assert sink.got[0].body == sink.got[1].body
    assert sink.got[0].headers["Idempotency-Key"] == sink.got[1].headers["Idempotency-Key"]


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "after"),
    [
        (429, {"Retry-After": "30"}, Retry, timedelta(seconds=30)),
        (503, {"Retry-After": "Tue, 21 Apr 2026 12:20:00 GMT"}, Retry, timedelta(minutes=10)),
        (500, {}, Retry, None),
        (408, {}, Retry, None),
        (400, {}, GaveUp, None),
        (401, {}, GaveUp, None),
        (404, {}, GaveUp, None),
        (410, {}, GaveUp, None),
    ],
)
async def test_an_answer_decides_what_comes_next(
    webhook: WebhookSender,
    sink: Sink,
    message: Message,
    status: int,
    headers: dict[str, str],
    outcome: type,
    after: timedelta | None,
) -> None:
    sink.answers = [(status, headers, "field `story` is missing\r\n\x1b[31m")]
    got = await webhook.send(hook(sink.url("/T0KEN")), message)
    assert isinstance(got, Retry | GaveUp)
    assert isinstance(got, outcome)
    assert getattr(got, "after", None) == after
    assert f"http://127.0.0.1:{sink.port} answered {status}: field `story` is missing [31m" in got.error


async def test_a_receiver_that_repeats_what_it_was_asked_spreads_no_token(
    webhook: WebhookSender, sink: Sink, message: Message
) -> None:
    sink.answers = [(500, {}, "no such page: /T0KEN-one?key=s3cret two three&x=1")]
    got = await webhook.send(hook(sink.url("/T0KEN-one?key=s3cret%20two%20three&x=1")), message)
    assert isinstance(got, Retry)
    assert "no such page" in got.error
    assert not [part for part in ("T0KEN", "s3cret") if part in got.error]


async def test_a_redirect_is_refused_and_not_followed(
    webhook: WebhookSender, sink: Sink, message: Message
) -> None:
    sink.answers = [(307, {"Location": sink.url("/elsewhere")}, "")]
    got = await webhook.send(hook(sink.url("/T0KEN")), message)
    assert isinstance(got, GaveUp)
    assert "final address" in got.error
    assert "T0KEN" not in got.error
    assert len(sink.got) == 1


async def test_a_receiver_that_hangs_costs_no_more_than_the_deadline(sink: Sink, message: Message) -> None:
    sink.hang = True
    async with WebhookSender(AGENT, lambda: NOW, timeout=0.2) as webhook:
        got = await webhook.send(hook(sink.url()), message)
    assert isinstance(got, Retry)
    assert got.kind == "timeout"


async def test_a_receiver_that_is_down_is_tried_again(webhook: WebhookSender, message: Message) -> None:
    got = await webhook.send(hook(f"http://127.0.0.1:{closed_port()}/T0KEN"), message)
    assert isinstance(got, Retry)
    assert got.kind == "connect"
    assert "T0KEN" not in got.error


async def test_a_receiver_that_speaks_no_tls_is_tried_again(
    webhook: WebhookSender, sink: Sink, message: Message
) -> None:
    got = await webhook.send(hook(sink.url(scheme="https")), message)
    assert isinstance(got, Retry)
    assert got.kind == "tls"
    assert sink.got == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "protocol"),
        # a head without an end
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000, "protocol"),
        # taken, and no answer: it may have the message
        (b"", "reset"),
    ],
)
async def test_what_does_not_speak_http_is_tried_again(
    webhook: WebhookSender, message: Message, answer: bytes, kind: str
) -> None:
    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(odd, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        got = await webhook.send(hook(f"http://127.0.0.1:{port}/"), message)
    assert isinstance(got, Retry)
    assert got.kind == kind


async def test_an_endless_answer_is_read_only_as_far_as_an_error_needs(
    webhook: WebhookSender, message: Message
) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 100000000000\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        got = await webhook.send(hook(f"http://127.0.0.1:{port}/"), message)
    assert isinstance(got, Retry)
    assert got.status == 500
    assert len(got.error) < 300


@pytest.mark.parametrize(
    "url", ["", "ftp://example.org", "file:///etc/passwd", "https://", "http://[::1", "http://h:99999/"]
)
async def test_what_is_no_web_address_is_refused(webhook: WebhookSender, message: Message, url: str) -> None:
    got = await webhook.send(hook(url), message)
    assert isinstance(got, GaveUp)
    assert got.kind == "address"


async def test_hostile_text_is_data_like_any_other(webhook: WebhookSender, sink: Sink) -> None:
    message = render(make_hostile(), make_desk("en"), "https://example.org", "example.org")
    assert isinstance(await webhook.send(hook(sink.url()), message), Sent)
    assert sink.got[0].json["article"]["title"] == HOSTILE
    assert "Bcc" not in sink.got[0].headers


def test_the_document_is_compact_json(message: Message) -> None:
    assert json.loads(encode(message)) == message.data
    assert b"\n" not in encode(message)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pw@hooks.example.org/T0KEN?key=1", "https://hooks.example.org"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
        ("gopher://example.org", ""),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert masked(url) == shown
