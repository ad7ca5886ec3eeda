"""Nine services of Apprise, each speaking its own wire format to a sink on loopback: what it is sent, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from monitor.deliver import render
from monitor.deliver.chat import ChatSender, Notify
from monitor.model import Channel, ChannelKind, GaveUp, Message, Outcome, Retry, Sent
from monitor.workers import Workers
from tests.deliver.far_side import Got, Sink, http_server
from tests.deliver.loopback_chat import hurried, notify_at
from tests.deliver.samples import NOW, make_delivery, make_desk

pytestmark = pytest.mark.asyncio(
    loop_scope="module"
)  # one child, which imports Apprise once, for all tests here

Said = tuple[int, dict[str, str], str]
HOMESERVER = json.dumps({"m.homeserver": {"base_url": "https://matrix.example.org"}})
MATRIX: dict[str, Said] = {
    "/.well-known/": (200, {}, HOMESERVER),
    "/versions": (200, {}, json.dumps({"versions": ["v1.11"]})),
    "/login": (
        200,
        {},
        json.dumps({"access_token": "t", "user_id": "@veille:example.org", "home_server": "h"}),
    ),
    "/join/": (200, {}, json.dumps({"room_id": "!desk:example.org"})),
    "/logout": (200, {}, "{}"),
}


@dataclass(frozen=True)
class Service:
    """An address, what the service answers when it takes a message, where that goes, and how to read it."""

    name: str
    url: str
    taken: Said
    path: str
    title: Callable[[Any], str]
    body: Callable[[Any], str]
    others: dict[str, Said] = field(default_factory=dict)  # what it is asked beside the message

    def arrived(self, sink: Sink) -> list[Got]:
        return [got for got in sink.got if self.path in got.path]

    def set(self, sink: Sink, answer: Said) -> None:
        sink.by_path = {**self.others}
        sink.answers = [answer]


def _card(payload: Any) -> str:
    (block,) = payload["attachments"][0]["content"]["body"]
    return str(block["text"])


SERVICES = [
    Service(
        "Slack",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#desk",
        (200, {}, "ok"),
        "/hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/",
        lambda sent: str(sent["attachments"][0]["title"]),
        lambda sent: str(sent["attachments"][0]["text"]),
    ),
    Service(
        "Slack",
        "slack://xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d/#desk",
        (200, {}, '{"ok": true, "channel": "C1"}'),
        "/slack.com/api/chat.postMessage",
        lambda sent: str(sent["attachments"][0]["title"]),
        lambda sent: str(sent["attachments"][0]["text"]),
    ),
    Service(
        "Power Automate / Workflows (for MSTeams)",
        "workflows://prod-1.westus.logic.example.org:443/643e69f83c8944438d68119179a10a64/KODuebWbDGYFr0z0eu12345",
        (202, {}, ""),
        "/workflows/643e69f83c8944438d68119179a10a64/triggers/manual/paths/invoke",
        lambda sent: _card(sent).partition("\n\n")[0],
        lambda sent: _card(sent).partition("\n\n")[2],
    ),
    Service(
        "Telegram",
        "tgram://123456789:AAbcdefghijklmnopqrstuvwxyz012345678/12315544/",
        (200, {}, '{"ok": true, "result": {"message_id": 1}}'),
        "/api.telegram.org/bot123456789:AAbcdefghijklmnopqrstuvwxyz012345678/sendMessage",
        lambda sent: str(sent["text"]).partition("\r\n")[0],
        lambda sent: str(sent["text"]).partition("\r\n")[2],
    ),
    Service(
        "Discord",
        "discord://123456789012345678/s3cr3tToken0123456789",
        (204, {}, ""),
        "/discord.com/api/webhooks/123456789012345678/",
        lambda sent: str(sent["content"]).partition("\r\n")[0],
        lambda sent: str(sent["content"]).partition("\r\n")[2],
    ),
    Service(
        "ntfy",
        "ntfys://ntfy.example.org/desk",
        (200, {}, '{"id": "x", "event": "message"}'),
        "/ntfy.example.org/",
        lambda sent: str(sent["title"]),
        lambda sent: str(sent["message"]),
    ),
    Service(
        "Matrix",
        "matrixs://veille:secret@matrix.example.org/%21desk:example.org",
        (200, {}, '{"event_id": "$e"}'),
        "/send/m.room.message/",
        lambda sent: str(sent["body"]).partition("\n\n")[0],
        lambda sent: str(sent["body"]).partition("\n\n")[2],
        MATRIX,
    ),
    Service(
        "Mattermost",
        "mmosts://chat.example.org/0123456789abcdefghijklmnop/?channel=desk",
        (200, {}, "ok"),
        "/chat.example.org/hooks/0123456789abcdefghijklmnop",
        lambda sent: str(sent["text"]).partition("\r\n")[0],
        lambda sent: str(sent["text"]).partition("\r\n")[2],
    ),
    Service(
        "JSON",
        "jsons://hooks.example.org/in",
        (200, {}, ""),
        "/hooks.example.org/in",
        lambda sent: str(sent["title"]),
        lambda sent: str(sent["message"]),
    ),
]
BY_NAME = {service.name: service for service in SERVICES}
each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda each: each.url.partition("/T")[0][:16])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(count=1) as workers:
        yield workers


@pytest_asyncio.fixture(loop_scope="module")
async def sink() -> AsyncIterator[Sink]:
    async with http_server(Sink()) as sink:
        yield sink


async def send(workers: Workers, service: Service, message: Message, notify: Notify) -> Outcome:
    sender = ChatSender(workers, lambda: NOW, notify=notify)
    return await sender.send(Channel("chat", ChannelKind.APPRISE, service.url), message)


@each_service
async def test_a_service_gets_the_alert_in_its_own_format(
    workers: Workers, sink: Sink, message: Message, service: Service
) -> None:
    service.set(sink, service.taken)
    assert isinstance(await send(workers, service, message, partial(notify_at, sink.port)), Sent)
    arrived = service.arrived(sink)
    assert arrived
    assert "Abdellatif Hammouchi" in service.title(arrived[0].json)
    whole = "\n".join(
        service.body(got.json) if n == 0 else json.dumps(got.json) for n, got in enumerate(arrived)
    )
    assert "Pourquoi vous recevez" in whole
    assert "https://quotidien.example.org/securite/hammouchi-doha" in whole
    assert message.reference not in whole
    assert not any(b"github" in got.body for got in sink.got)  # no picture from a third party
    assert "/links/" not in whole


def retry(service: Service, status: int, seconds: float | None = None, said: str = "") -> Retry:
    wait = None if seconds is None else timedelta(seconds=seconds)
    return Retry(f"{service.name} answered {status}{said}", wait, status)


@each_service
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        # a failure of its own, and one that says when
        ((500, {}, "{}"), lambda service: retry(service, 500)),
        ((503, {"Retry-After": "120"}, "{}"), lambda service: retry(service, 503, 120)),
        # too many: some services would wait and try again inside their library
        ((429, {"Retry-After": "7"}, "{}"), lambda service: retry(service, 429, 7)),
        # a redirect is not followed: it would carry the token to a stranger
        (
            (302, {"Location": "http://127.0.0.1:1/"}, "{}"),
            lambda service: GaveUp(f"{service.name} answered 302", 302),
        ),
        # gone for good
        ((410, {}, "{}"), lambda service: GaveUp(f"{service.name} answered 410", 410)),
    ],
    ids=["500", "503", "429", "302", "410"],
)
async def test_an_answer_decides_what_comes_next(
    workers: Workers,
    sink: Sink,
    message: Message,
    service: Service,
    answer: Said,
    expected: Callable[[Service], Outcome],
) -> None:
    service.set(sink, answer)
    assert await send(workers, service, message, partial(notify_at, sink.port)) == expected(service)
    assert len(service.arrived(sink)) == 1


@each_service
async def test_a_service_that_takes_the_request_and_never_answers_is_tried_again(
    workers: Workers, sink: Sink, message: Message, service: Service
) -> None:
    sink.hang = True
    outcome = await send(workers, service, message, partial(hurried, sink.port))
    assert isinstance(outcome, Retry)
    assert outcome.kind == "timeout"
    assert "s3cr3t" not in outcome.error


@pytest.mark.parametrize(
    ("url", "body", "expected"),
    [
        # a webhook of Slack's says ok, or what it has against it
        ("slack://T1", "invalid_payload", Retry("Slack did not take it: ", kind="service")),
        (
            "slack://xoxb",
            '{"ok": false, "error": "channel_not_found"}',
            Retry("Slack did not take it: channel_not_found", kind="service"),
        ),
        # Telegram states the status that counts
        (
            "tgram",
            '{"ok": false, "error_code": 403, "description": "Forbidden: bot was kicked"}',
            GaveUp("Telegram answered 403: Forbidden: bot was kicked", 403),
        ),
        (
            "tgram",
            '{"ok": false, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 31}}',
            Retry("Telegram answered 429: Too Many Requests", timedelta(seconds=31), 429),
        ),
        (
            "matrixs",
            '{"errcode": "M_FORBIDDEN", "error": "not in the room"}',
            Retry("Matrix did not take it: not in the room", kind="service"),
        ),
        (
            "ntfys",
            '{"code": 42901, "error": "limit reached"}',
            Retry("ntfy did not take it: limit reached", kind="service"),
        ),
        # the operator's own program may say what it likes
        ("jsons", '{"ok": false, "error": "x"}', Sent(status=200)),
        ("discord", '{"id": "1", "content": "ok"}', Sent(status=200)),
    ],
)
async def test_an_error_inside_a_good_answer_is_no_success(
    workers: Workers, sink: Sink, message: Message, url: str, body: str, expected: Outcome
) -> None:
    service = next(each for each in SERVICES if each.url.startswith(url))
    service.set(sink, (200, {}, body))
    got = await send(workers, service, message, partial(notify_at, sink.port))
    if isinstance(got, Retry) and isinstance(expected, Retry):
        assert got.error.startswith(expected.error)
        got = replace(got, error=expected.error, status=expected.status)
    assert got == expected


@pytest.mark.parametrize(
    ("name", "answer", "seconds"),
    [
        ("Discord", (429, {}, '{"message": "rate limited", "retry_after": 1.5, "global": false}'), 1.5),
        ("Matrix", (429, {}, '{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}'), 2.5),
        # the body is the more exact of the two
        ("Telegram", (429, {"Retry-After": "30"}, '{"ok": false, "parameters": {"retry_after": 31}}'), 31),
    ],
)
async def test_how_long_to_wait_is_read_where_the_service_says_it(
    workers: Workers, sink: Sink, message: Message, name: str, answer: Said, seconds: float
) -> None:
    service = BY_NAME[name]
    service.set(sink, answer)
    outcome = await send(workers, service, message, partial(notify_at, sink.port))
    assert isinstance(outcome, Retry)
    assert outcome.after == timedelta(seconds=seconds)
    assert len(service.arrived(sink)) == 1


@each_service
async def test_a_long_message_is_cut_to_what_the_service_takes(
    workers: Workers, sink: Sink, message: Message, service: Service
) -> None:
    service.set(sink, service.taken)
    line = "Le 👩‍👩‍👧‍👦 de la Sûreté_nationale é\u0301crit *beaucoup* à Doha 🇲🇦 "
    long = replace(
        render(make_delivery(), make_desk(), "https://m.example.org", "example.org"), chat=line * 1_500
    )
    assert isinstance(await send(workers, service, long, partial(notify_at, sink.port)), Sent)
    arrived = service.arrived(sink)
    assert 1 <= len(arrived) <= 4
    for got in arrived:
        text = next(value for value in strings(got.json) if "Sûreté" in value and "Doha" in value)
        assert len(text) <= LIMITS.get(service.name, 40_000)
        assert len(text.encode()) <= BYTES.get(service.name, 200_000)
        assert not text.rstrip("…").endswith(("\\", "\u200d"))
        assert not text.startswith(("\u0301", "\u200d"))


LIMITS = {"Discord": 2_000, "Telegram": 4_096 + 20, "Mattermost": 4_000, "ntfy": 7_800}


BYTES = {"ntfy": 4_096, "Matrix": 60_000}


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in items for text in strings(item)]
