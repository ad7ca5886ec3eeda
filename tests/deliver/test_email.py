"""Mail, against a real SMTP server on loopback."""

from __future__ import annotations

import ssl
from dataclasses import replace
from email.header import decode_header, make_header

import pytest

from monitor.deliver import render
from monitor.deliver.email import EmailSender, address, compose, is_loopback
from monitor.model import Channel, ChannelKind, EmailServer, GaveUp, Message, Retry, Sent
from tests.deliver.far_side import Mailbox, closed_port, smtp_server
from tests.deliver.samples import ARABIC, make_alert, make_delivery, make_desk, make_hostile

HOST = "monitor.example.org"
DESK = Channel("mail", ChannelKind.EMAIL, "Bureau sécurité <desk@example.org>")


def server(mailbox: Mailbox | int, **fields: str) -> EmailServer:
    port = mailbox if isinstance(mailbox, int) else mailbox.port
    base = {"host": "127.0.0.1", "sender": "Veille médias <veille@example.org>", "security": "none"}
    return EmailServer(port=port, **{**base, **fields})


def sender(mailbox: Mailbox | int, **fields: str) -> EmailSender:
    return EmailSender(server(mailbox, **fields), HOST, timeout=5)


async def test_a_mail_arrives_as_it_was_meant(mailbox: Mailbox, message: Message) -> None:
    assert await sender(mailbox).send(DESK, message) == Sent(None, 250)
    (mail,) = mailbox.mails
    assert mailbox.recipients == [["desk@example.org"]]
    assert mail["Message-ID"] == f"<{message.reference}@{HOST}>"
    assert mail["From"].addresses[0].display_name == "Veille médias"
    assert mail["To"].addresses[0].addr_spec == "desk@example.org"
    assert mail["Subject"] == message.subject
    assert mail["Date"].datetime == message.created_at
    assert mail["List-Id"] == "<dgsn-officials.monitor.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().split() == message.text.split()
    assert html.get_content().split() == message.html.split()


@pytest.mark.parametrize("language", ["fr", "ar"])
async def test_a_mail_is_seven_bit_and_no_line_is_too_long_for_any_relay(
    mailbox: Mailbox, language: str
) -> None:
    message = render(make_delivery(make_alert(ARABIC)), make_desk(language), "https://example.org", HOST)
    await sender(mailbox).send(DESK, message)
    assert mailbox.raw[0].isascii()
    assert max(len(line) for line in mailbox.raw[0].splitlines()) <= 998
    assert len(mailbox.raw[0]) < 40_000


@pytest.mark.parametrize(
    "text",
    [
        "Doha\n" * 12 + "الدوحة " * 5_000,
        "الدوحة\n" * 12 + "Doha " * 5_000,
        "=" * 40_000,
        "é" * 20_000,
        "a" * 5_000,
        "",
    ],
)
def test_a_mail_is_no_more_than_a_third_longer_than_its_text(text: str, message: Message) -> None:
    long = replace(message, text=text, html=f"<p>{text}</p>")
    raw = bytes(compose(long, "veille@example.org", "desk@example.org", HOST))
    assert len(raw) < 1.4 * (len(long.text.encode()) + len(long.html.encode())) + 1_500
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) < 998


async def test_the_queue_id_of_the_relay_is_kept(message: Message) -> None:
    async with smtp_server(Mailbox(data="250 2.0.0 Ok: queued as 4XyZ12")) as mailbox:
        assert await sender(mailbox).send(DESK, message) == Sent("4XyZ12", 250)


@pytest.mark.parametrize(
    ("mailbox", "outcome"),
    [
        # greylisting
        (Mailbox(rcpt="450 4.2.0 come back in 5 minutes"), Retry),
        (Mailbox(rcpt="452 4.2.2 mailbox full"), Retry),
        (Mailbox(rcpt="550 5.1.1 no such box"), GaveUp),
        (Mailbox(data="451 4.3.0 try again"), Retry),
        (Mailbox(data="552 5.3.4 too large"), GaveUp),
        (Mailbox(data="554 5.7.1 refused as spam"), GaveUp),
    ],
    ids=lambda value: getattr(value, "__name__", "") or f"{value.rcpt} {value.data}",
)
async def test_a_reply_decides_by_its_first_digit(mailbox: Mailbox, outcome: type, message: Message) -> None:
    async with smtp_server(mailbox):
        got = await sender(mailbox).send(DESK, message)
    assert isinstance(got, Retry | GaveUp)
    assert isinstance(got, outcome)
    said = mailbox.rcpt if mailbox.rcpt != "250 OK" else mailbox.data
    assert got.status == int(said[:3])
    assert said[4:] in got.error


async def test_a_relay_that_drops_after_it_accepted_gets_the_same_mail_again(message: Message) -> None:
    async with smtp_server(Mailbox(drop_after_data=True)) as mailbox:
        first = await sender(mailbox).send(DESK, message)
        mailbox.drop_after_data = False
        second = await sender(mailbox).send(DESK, message)
    assert isinstance(first, Retry)
    assert first.kind == "reset"
    assert isinstance(second, Sent)
    assert [mail["Message-ID"] for mail in mailbox.mails] == [f"<{message.reference}@{HOST}>"] * 2
    assert mailbox.raw[0] == mailbox.raw[1]


async def test_a_relay_that_is_too_slow_is_tried_again(message: Message) -> None:
    async with smtp_server(Mailbox(never_answer=True)) as mailbox:
        slow = EmailSender(server(mailbox), HOST, timeout=0.2)
        got = await slow.send(DESK, message)
    assert isinstance(got, Retry)
    assert got.kind == "timeout"


async def test_a_relay_that_is_down_is_tried_again(message: Message) -> None:
    got = await sender(closed_port()).send(DESK, message)
    assert isinstance(got, Retry)
    assert got.kind == "connect"


async def test_nothing_leaves_this_machine_without_tls(message: Message) -> None:
    got = await sender(25, host="relay.example.org").send(DESK, message)
    assert isinstance(got, Retry)
    assert got.kind == "tls"
    assert "security" in got.error


async def test_a_relay_without_starttls_gets_nothing_where_tls_is_asked(
    mailbox: Mailbox, message: Message
) -> None:
    got = await sender(mailbox, security="starttls").send(DESK, message)
    assert isinstance(got, Retry)
    assert "STARTTLS" in got.error
    assert mailbox.mails == []


async def test_mail_goes_out_under_starttls_with_a_login(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, message: Message
) -> None:
    async with smtp_server(Mailbox(), tls=server_tls, login=True) as mailbox:
        relay = server(mailbox, security="starttls", username="veille", password="correct")
        assert await EmailSender(relay, HOST, tls=client_tls).send(DESK, message) == Sent(None, 250)
    assert mailbox.logins == [b"veille"]
    assert len(mailbox.mails) == 1


async def test_a_certificate_that_nobody_signed_is_refused(
    server_tls: ssl.SSLContext, message: Message
) -> None:
    async with smtp_server(Mailbox(), tls=server_tls) as mailbox:
        got = await EmailSender(server(mailbox, security="starttls"), HOST).send(DESK, message)
    assert isinstance(got, Retry)
    assert mailbox.mails == []


async def test_a_wrong_password_is_the_operators_to_mend_and_costs_no_alert(message: Message) -> None:
    async with smtp_server(Mailbox(), login=True) as mailbox:
        relay = server(mailbox, username="veille", password="wrong-secret")
        got = await EmailSender(relay, HOST).send(DESK, message)
    assert isinstance(got, Retry)
    assert (got.kind, got.status) == ("login", 535)
    assert "wrong-secret" not in got.error
    assert "wrong-secret" not in repr(relay)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "desk",
        "a@example.org, b@example.org",
        "a@example.org\r\nBcc: thief@example.org",
        "a@b@example.org",
        "@example.org",
    ],
)
async def test_what_is_no_address_gets_no_mail(mailbox: Mailbox, target: str, message: Message) -> None:
    got = await sender(mailbox).send(Channel("mail", ChannelKind.EMAIL, target), message)
    assert isinstance(got, GaveUp)
    assert got.kind == "address"
    assert mailbox.mails == []


def test_hostile_text_adds_no_header_and_no_recipient() -> None:
    message = render(make_hostile(), make_desk(), "https://example.org", HOST)
    raw = bytes(compose(message, "veille@example.org", "desk@example.org", HOST))
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    assert not any(line.lower().startswith("bcc") for line in head.splitlines())
    subject = head.partition("Subject: ")[2].partition("\r\nDate")[0]
    assert "Bcc: thief@example.org" in str(make_header(decode_header(subject.replace("\r\n", ""))))


@pytest.mark.parametrize(
    ("text", "name", "spec"),
    [
        ("desk@example.org", "", "desk@example.org"),
        ("Bureau <desk@example.org>", "Bureau", "desk@example.org"),
        ('"Bureau, Rabat" <desk@example.org>', "Bureau, Rabat", "desk@example.org"),
        ("مكتب الأمن <desk@example.org>", "مكتب الأمن", "desk@example.org"),
    ],
)
def test_an_address_is_read_with_or_without_a_name(text: str, name: str, spec: str) -> None:
    read = address(text)
    assert (read.display_name, read.addr_spec) == (name, spec)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("127.8.9.1", True),
        ("relay", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback_is_told_from_the_rest(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
