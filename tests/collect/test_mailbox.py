"""Newsletters in a mailbox: over a real IMAP server, and what is made of mails of many shapes."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from monitor.collect import Fetchers, parse
from monitor.model import Each, FailureKind, Feed, FetchPolicy, Item, Request, Response, SourceKind
from tests.build import make_source
from tests.collect.dovecot import PASSWORD, USER, Dovecot, running_dovecot

HTML = """<p>Bonjour,</p><h2><a href="https://gazette.example.org/1?utm_source=lettre">Le port de Tanger agrandi</a></h2>
<p>Les travaux durent trois ans. <a href="https://gazette.example.org/1?utm_source=lettre">Lire</a></p>
<a href="https://gazette.example.org/2">La gare de Fès rouvre ses portes</a>
<a href="https://gazette.example.org/u">Se désabonner de cette lettre</a><a href="mailto:x@example.org">Écrivez à la rédaction</a>"""


def mail(subject: str = "La lettre du matin", html: str | None = HTML, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = "La Gazette <lettre@gazette.example.org>"
    message["Subject"] = subject
    stated = {"Message-ID": "<1@gazette.example.org>", "Date": "Tue, 21 Apr 2026 07:00:00 +0100"}
    for name, value in {**stated, **{k.replace("_", "-"): v for k, v in headers.items()}}.items():
        if value:
            message[name] = value
    message.set_content("Le port de Tanger agrandi.\n")
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


# --- what is made of mails -------------------------------------------------------------------------------------------


def read(*mails: bytes, problems: tuple[str, ...] = (), **keys: Any) -> Feed:
    rows = [
        {
            "uid": number,
            "received": "21-Apr-2026 06:30:00 +0000",
            "raw": base64.b64encode(raw).decode("ascii"),
        }
        for number, raw in enumerate(mails, start=1)
    ]
    source = make_source(kind=SourceKind.MAILBOX, url="imaps://reader@mail.example.org/News", **keys)
    body = json.dumps({"mails": rows, "problems": problems}).encode()
    return parse(body, source.kind, source.url, "application/json", None, source)


def test_a_mail_is_an_item_known_by_its_message_id() -> None:
    (item,) = read(mail()).items
    assert (item.id, item.url, item.title) == ("<1@gazette.example.org>", None, "La lettre du matin")
    assert (item.authors, item.published) == (("La Gazette",), datetime(2026, 4, 21, 6, tzinfo=UTC))
    assert "Les travaux durent trois ans" in item.content


def test_the_newest_mail_is_the_first_item() -> None:
    feed = read(mail("un", Message_ID="<1@a>"), mail("deux", Message_ID="<2@a>"))
    assert [item.title for item in feed.items] == ["deux", "un"]


def test_each_link_with_a_headline_is_an_item_where_that_is_asked_for() -> None:
    items = read(mail(), each=Each.LINK).items
    assert [(item.url, item.title) for item in items] == [
        ("https://gazette.example.org/1?utm_source=lettre", "Le port de Tanger agrandi"),
        ("https://gazette.example.org/2", "La gare de Fès rouvre ses portes"),
    ]
    assert {item.authors for item in items} == {("La Gazette",)}
    assert len({item.id for item in items}) == 2


def test_a_pattern_selects_the_links() -> None:
    items = read(mail(), each=Each.LINK, link_pattern=r"/[12]\b").items
    assert [item.title for item in items] == ["Le port de Tanger agrandi", "La gare de Fès rouvre ses portes"]
    assert read(mail(), each=Each.LINK, link_pattern="/u$").items[0].title == "Se désabonner de cette lettre"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # without an id: its date and subject
        (mail(Message_ID=""), Item(title="La lettre du matin")),
        # an encoded subject
        (mail(Subject=""), Item(title="La lettre du matin")),
        (b"Subject: =?windows-1256?B?5sfh5MzH0w==?=\r\n\r\nx", Item(title="والنجاس", content="x")),
        # no date: when it was received
        (mail(Date=""), Item(published=datetime(2026, 4, 21, 6, 30, tzinfo=UTC))),
        # an unknown encoding
        (
            b"Subject: s\r\nContent-Type: text/plain; charset=none-such\r\n\r\nun texte",
            Item(content="un texte"),
        ),
        # plain text alone
        (mail(html=None), Item(content="Le port de Tanger agrandi.")),
    ],
)
def test_mails_of_many_shapes_are_read(raw: bytes, expected: Item) -> None:
    (item,) = read(raw).items
    assert item.id
    for name in ("title", "content", "published"):
        if value := getattr(expected, name):
            assert getattr(item, name) == value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff" * 100,
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n--x\r\n--x--",
        b"Subject: =?utf-8?Q?=FF?=\r\nFrom: @@@,,,\r\nDate: never\r\nMessage-ID: <<>>\r\n\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" * 200,
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n" * 300,
        b"Content-Transfer-Encoding: base64\r\n\r\n%%%%",
    ],
    ids=["empty", "bytes", "no-parts", "broken-headers", "nested", "nested-parts", "bad-base64"],
)
@pytest.mark.parametrize("each", list(Each))
def test_one_broken_mail_costs_at_most_itself(raw: bytes, each: Each) -> None:
    feed = read(raw, mail("entier", html="<a href='https://gazette.example.org/9'>Un titre de bonne longueur</a>"),
                each=each)  # fmt: skip
    assert feed.items[0].title in ("entier", "Un titre de bonne longueur")


def test_what_the_folder_reader_has_to_say_is_told() -> None:
    assert read(mail(), problems=("too many mails",)).problems == ("too many mails",)


# --- over a real server ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetchers]:
    async with Fetchers(FetchPolicy(allow_private=True, deadline=timedelta(seconds=20))) as fetcher:
        yield fetcher


async def fetch(fetcher: Fetchers, url: str, etag: str | None = None, secret: str = PASSWORD) -> Response:
    return await fetcher.fetch(Request(url, etag=etag, secret=secret))


def items_of(response: Response) -> list[str]:
    assert response.failure is None, response.failure
    return [item.title for item in parse(response.body, SourceKind.MAILBOX, response.url).items]


async def test_a_folders_mails_are_read_and_none_is_marked_as_read(
    dovecot: Dovecot, fetcher: Fetchers
) -> None:
    dovecot.deliver("Lettres", mail("un"), mail("deux"))
    assert items_of(await fetch(fetcher, dovecot.url("Lettres"))) == ["deux", "un"]
    assert [b"Seen" in flags for flags in dovecot.flags("Lettres")] == [False, False]


async def test_a_folder_where_nothing_came_is_not_modified_and_then_only_new_mails_are_read(
    dovecot: Dovecot, fetcher: Fetchers
) -> None:
    dovecot.deliver("Suite", mail("un"))
    tag = (await fetch(fetcher, dovecot.url("Suite"))).headers["etag"]
    again = await fetch(fetcher, dovecot.url("Suite"), tag)
    assert (again.not_modified, again.body) == (True, b"")
    dovecot.deliver("Suite", mail("deux"), mail("trois"))
    assert items_of(await fetch(fetcher, dovecot.url("Suite"), tag)) == ["trois", "deux"]


async def test_a_folder_that_was_made_anew_is_read_whole(dovecot: Dovecot, fetcher: Fetchers) -> None:
    dovecot.deliver("Anew", mail("un"), mail("deux"))
    assert items_of(await fetch(fetcher, dovecot.url("Anew"), "1:3:2")) == ["deux", "un"]


async def test_an_empty_folder_is_empty_and_no_error(dovecot: Dovecot, fetcher: Fetchers) -> None:
    dovecot.deliver("Vide")
    assert items_of(await fetch(fetcher, dovecot.url("Vide"))) == []


async def test_a_folder_may_be_named_in_any_script(dovecot: Dovecot, fetcher: Fetchers) -> None:
    dovecot.deliver('"Actualit&AOk-s"', mail("un"))
    assert items_of(await fetch(fetcher, dovecot.url("Actualit%C3%A9s"))) == ["un"]


async def test_of_a_large_mail_the_beginning_is_read(dovecot: Dovecot, fetcher: Fetchers) -> None:
    dovecot.deliver("Lourd", mail("lourd", html=f"<p>{'mot ' * 500_000}</p>"))
    response = await fetch(fetcher, dovecot.url("Lourd"))
    assert items_of(response) == ["lourd"]
    assert len(response.body) < 1_500_000


@pytest.mark.parametrize(
    ("folder", "user", "secret", "status", "words"),
    [
        ("INBOX", USER, "wrong", 401, "refuses the login of reader"),
        ("INBOX", "nobody", PASSWORD, 401, "refuses the login of nobody"),
        ("Nulle-part", USER, PASSWORD, 404, "no folder Nulle-part"),
        ("a%0d%0ab", USER, PASSWORD, None, "control characters"),
    ],
    ids=["password", "user", "folder", "injection"],
)
async def test_what_the_server_refuses_is_told_without_the_password(
    dovecot: Dovecot, fetcher: Fetchers, folder: str, user: str, secret: str, status: int | None, words: str
) -> None:
    response = await fetch(fetcher, dovecot.url(folder, user), secret=secret)
    assert response.failure
    assert words in response.failure.message
    assert response.status == status
    assert PASSWORD not in repr(response)


async def test_a_certificate_that_nobody_vouches_for_is_refused(dovecot: Dovecot, fetcher: Fetchers) -> None:
    response = await fetch(fetcher, f"imaps://{USER}@127.0.0.1:{dovecot.secure}/INBOX")
    assert response.failure
    assert (response.failure.kind, "bad certificate" in response.failure.message) == (FailureKind.TLS, True)


# --- what must not be reached, and servers that misbehave ------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("imap://reader@127.0.0.1/INBOX", "loopback"),
        ("imaps://reader@10.0.0.1/INBOX", "private"),
        ("imaps://reader@2130706433/INBOX", "disguise"),
        ("imaps://reader@93.184.215.14:22/INBOX", "port 22 is not allowed"),
    ],
)
async def test_the_network_guard_judges_a_mailboxs_address_too(url: str, words: str) -> None:
    async with Fetchers(FetchPolicy()) as fetcher:
        response = await fetcher.fetch(Request(url, secret="x"))
    assert response.failure
    assert response.failure.kind is FailureKind.REFUSED
    assert words in response.failure.message


async def test_a_server_that_promises_more_than_may_be_read_is_cut_off() -> None:
    async def bomb(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n* CAPABILITY IMAP4rev1 {99999999999}\r\n")
        await writer.drain()

    response = await misled(bomb)
    assert response.failure
    assert response.failure.kind is FailureKind.TOO_LARGE


async def test_a_server_that_says_nothing_costs_the_deadline_and_no_more() -> None:
    async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    response = await misled(silence, timedelta(seconds=0.3))
    assert response.failure
    assert (response.failure.kind, response.seconds < 5) == (FailureKind.TIMEOUT, True)


async def test_a_server_of_another_kind_is_told_as_that() -> None:
    async def web(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    response = await misled(web)
    assert response.failure
    assert response.failure.kind is FailureKind.PROTOCOL


async def misled(server: Any, deadline: timedelta = timedelta(seconds=10)) -> Response:
    """What comes of a mail server that behaves so."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await server(reader, writer)
            await reader.read()  # until the other side hangs up
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, Fetchers(FetchPolicy(allow_private=True, deadline=deadline)) as fetcher:
        return await fetch(fetcher, f"imap://{USER}@127.0.0.1:{port}/INBOX")
