"""Headlines that somebody unkind wrote, as each sender and each document shows them: literally, and without any effect."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lxml import etree
from lxml import html as lxml_html
from openpyxl import load_workbook
from rich.console import Console

from monitor import review
from monitor.deliver import render
from monitor.deliver.chat import ChatSender
from monitor.deliver.console import ConsoleSender
from monitor.deliver.email import EmailSender
from monitor.deliver.file import FileSender
from monitor.deliver.webhook import WebhookSender
from monitor.letters import message_of
from monitor.model import (
    Article,
    Channel,
    ChannelKind,
    Correction,
    Digest,
    EmailServer,
    Match,
    Message,
    Sent,
    Spread,
    Update,
)
from monitor.workers import Workers
from tests.build import make_article
from tests.deliver.far_side import Mailbox, Sink, http_server, smtp_server
from tests.deliver.loopback_chat import notify_at
from tests.deliver.samples import NOW, hits_of, make_alert, make_delivery, make_desk
from tests.deliver.test_chat_services import SERVICES, Service, strings

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOST = "monitor.example.org"
FAMILY = "\N{WOMAN}\u200d\N{WOMAN}\u200d\N{GIRL}"


@dataclass(frozen=True)
class Title:
    written: str
    shown: str = ""  # as a reader sees it; by default as it was written

    @property
    def seen(self) -> str:
        return (self.shown or self.written)[:70].rstrip()


TITLES = {
    "template": Title("{{7*7}} {% for x in y %} ${7*7} #{7*7} %s %(name)s"),
    "markup": Title('<script>alert(1)</script> <img src=x onerror="alert(1)"> <b>bold</b>'),
    "entities": Title("&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; &#60;"),
    "header": Title(
        "Doha\r\nBcc: thief@example.com\r\nSubject: other\r\n\r\nbody",
        "Doha Bcc: thief@example.com Subject: other body",
    ),
    "everyone": Title("@everyone @here @channel @all @room @desk say@everyone"),
    "mentions": Title("<!channel> <!here|x> <@U0123> <#C0123> <at>joe</at> <t:0:R> </cmd:12>"),
    "links": Title(
        "[prix](https://evil.example.com) <https://evil.example.com|bank> ![x](https://evil.example.com)"
    ),
    "markdown": Title("*b* **b** _i_ __u__ ~s~ ~~s~~ `c` ||spoiler|| \\*x"),
    "encoded word": Title("=?utf-8?q?Bcc=3A_thief=40example=2Ecom?= Doha"),
    "override": Title("Doha \u202egpj.exe\u202c \u2066x\u2069", "Doha gpj.exe x"),
    "controls": Title("Doha \x00\x07\x1b[31mred\x1b[0m \x9b2J", "Doha [31mred[0m 2J"),
    "formula": Title("=cmd|' /C calc'!A0"),
    "emoji": Title(f"{FAMILY}{FAMILY} 🇲🇦🇶🇦 👩🏽‍⚖️ é\u0301 Doha"),
    "ten kilobytes": Title("A" * 10_000),
    "ten kilobytes of emoji": Title(FAMILY * 600, FAMILY * 10),
    "arabic": Title("حموشي: «الدوحة» <b>عاجل</b> {{7*7}}"),
    "surrogate": Title("Doha \ud83d x", "Doha ? x"),
}
each_title = pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())

ACTIVE = (
    "@everyone",
    "@here",
    "@channel",
    "@room",
    "<!channel>",
    "<!here",
    "<@U",
    "<#C",
    "<at>",
    "](http",
    "<t:0",
    "</cmd:",
)
STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def hostile(title: Title) -> Article:
    return make_article(
        title.written,
        f"{title.written}\n{title.written[:200]} Doha {title.written[:200]}",
        summary=title.written,
        authors=(title.written,),
        language="fr",
    )


def message_from(title: Title) -> Message:
    """Everything that is written by others says it: headline, text, names, watchlists, what an outlet changed."""
    article = hostile(title)
    name = title.written[:200]
    alert = make_alert(
        article,
        matches=(Match("dgsn-officials", hits_of(article, "Doha", term=name)),),
        titles=(name, name),
        source_name=name,
        update=None,
        story_state=Spread((name, "Le Phare"), ((name[:40], 1),), (name,), 2, ("fr",)),
        escalated_from=name,
    )
    return render(make_delivery(alert), make_desk("en"), f"https://{HOST}", HOST)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(count=1) as workers:
        yield workers


@pytest_asyncio.fixture(loop_scope="module")
async def sink() -> AsyncIterator[Sink]:
    async with http_server(Sink()) as sink:
        yield sink


# --- senders ---------------------------------------------------------------------------------------------------------

HEADERS = {
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "list-id",
    "auto-submitted",
    "content-language",
    "mime-version",
    "content-type",
}


@each_title
async def test_mail_shows_it_in_header_text_and_html(title: Title) -> None:
    async with smtp_server(Mailbox()) as mailbox:
        server = EmailServer("127.0.0.1", mailbox.port, "veille@example.org", security="none")
        channel = Channel("mail", ChannelKind.EMAIL, "desk@example.org")
        assert isinstance(await EmailSender(server, HOST).send(channel, message_from(title)), Sent)
    (mail,) = mailbox.mails
    assert mailbox.recipients == [["desk@example.org"]]
    assert {name.lower() for name in mail} == HEADERS
    assert str(mail["Subject"]).startswith(f"[High] {title.seen}")
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    text = plain.get_content()
    assert title.seen in " ".join(text.split()).replace("**", "") or title.seen in text
    assert not STEERING.search(text)
    page = parsed(rich.get_content())
    assert title.seen in " ".join(page.xpath("//h1")[0].text_content().split())
    assert harmless_page(rich.get_content())
    assert len(mailbox.raw[0]) < 90_000


def parsed(page: str) -> Any:
    return lxml_html.document_fromstring(page)


def harmless_page(page: str) -> bool:
    root = parsed(page)
    live = root.xpath(
        "//script | //img | //iframe | //object | //form | //link | //@onerror | //body//b[text()='bold']"
    )
    addresses = {str(href) for href in root.xpath("//a/@href") if not str(href).startswith("#")}
    return not live and addresses <= {"https://gazette.example.org/1"} and not STEERING.search(page)


@each_title
async def test_a_webhook_carries_it_as_data(title: Title, sink: Sink) -> None:
    async with WebhookSender("test", lambda: NOW) as sender:
        channel = Channel("hook", ChannelKind.WEBHOOK, sink.url())
        assert isinstance(await sender.send(channel, message_from(title)), Sent)
    (got,) = sink.got
    sound = title.written.encode("utf-8", "replace").decode()
    assert got.json["article"]["title"] == sound
    assert got.json["reasons"][0]["title"]
    assert not any("\r" in value or "\n" in value for value in got.headers.values())


@each_title
@pytest.mark.parametrize("service", SERVICES, ids=lambda each: each.url.partition("/T")[0][:16])
async def test_a_chat_is_sent_it_without_mentions_or_hidden_links(
    title: Title, service: Service, sink: Sink, workers: Workers
) -> None:
    service.set(sink, service.taken)
    sender = ChatSender(workers, lambda: NOW, notify=partial(notify_at, sink.port))
    channel = Channel("chat", ChannelKind.APPRISE, service.url)
    assert isinstance(await sender.send(channel, message_from(title)), Sent)
    arrived = service.arrived(sink)
    sent = [text for got in arrived for text in strings(got.json)]
    assert title.seen[:60] in read(service, service.title(arrived[0].json)).removeprefix("**")
    for text in sent:
        raw = "".join(WRITTEN_LINK.split(text)) if service.name.startswith("Power") else text
        assert not [word for word in ACTIVE if word in raw]
        assert not STEERING.search(text)
    if service.name in ("Slack", "Telegram"):  # these read HTML's entities
        assert not any("<script" in text or "<img" in text for text in sent)


# A card's link is written by us: what it shows is where it leads
WRITTEN_LINK = re.compile(r"\[https?://[^\]]*\]\(https?://[^)]*\)")


def read(service: Service, text: str) -> str:
    """As its readers see it."""
    if service.name in ("Slack", "Telegram"):
        text = html.unescape(text.replace("<b>", "").replace("</b>", ""))
    if service.name in ("Discord", "Mattermost") or service.name.startswith("Power"):
        text = re.sub(r"\[(https?://[^\]]*)\]\(https?://[^)]*\)", r"\1", text)
        text = re.sub(r"\\(.)", r"\1", text)
    return re.sub("[\u200b\u2060]", "", text).replace("[High] ", "", 1)


@each_title
async def test_a_terminal_shows_it_and_obeys_none_of_it(title: Title) -> None:
    out = io.StringIO()
    sender = ConsoleSender(Console(file=out, width=20_000, force_terminal=False))
    assert isinstance(await sender.send(Channel("screen", ChannelKind.CONSOLE), message_from(title)), Sent)
    assert title.seen in out.getvalue()
    assert not STEERING.search(out.getvalue())


@each_title
async def test_files_hold_it_and_stay_in_their_folder(title: Title, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    channel = Channel("out", ChannelKind.FILE, str(folder))
    assert isinstance(await FileSender("veille@example.org", HOST).send(channel, message_from(title)), Sent)
    by_ending = files(tmp_path)
    assert by_ending.keys() == {".eml", ".html", ".json"}
    assert harmless_page(by_ending[".html"].decode())
    assert json.loads(by_ending[".json"])["article"]["title"]
    head = by_ending[".eml"].partition(b"\r\n\r\n")[0].decode("ascii")
    assert {line.partition(":")[0].lower() for line in head.splitlines() if line[:1] not in " \t"} == HEADERS


def files(folder: Path) -> dict[str, bytes]:
    """Everything that lies anywhere below the folder, by ending; all of it in the one place that was named."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.parent for path in found} == {folder / "a" / "b"}
    assert all(re.fullmatch(r"[A-Za-z0-9-]+\.\w+", path.name) for path in found)
    return {path.suffix: path.read_bytes() for path in found}


# --- documents -------------------------------------------------------------------------------------------------------


def digest_of(title: Title) -> review.Review:
    alert = make_alert(hostile(title), titles=(title.written[:200],) * 2, source_name=title.written[:200])
    return review.of_alerts([alert], make_desk("en"), NOW - timedelta(days=1), NOW)


def _workbook(made: review.Review) -> str:
    sheet = load_workbook(io.BytesIO(review.xlsx(made))).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    return "\n".join(str(cell.value).removeprefix("'") for cell in cells)


def _page(page: str) -> str:
    assert harmless_page(page)
    return " ".join(str(parsed(page).text_content()).split())


def _feed(made: review.Review) -> str:
    root = etree.fromstring(review.atom(made, HOST))
    assert len(root.findall("{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}title")) == 1
    return "\n".join(str(text) for text in root.itertext())


DOCUMENTS: dict[str, Callable[[review.Review], str]] = {
    "html": lambda made: _page(review.html(made)),
    "letter": lambda made: _page(review.letter(made).html),
    "letter's text": lambda made: review.letter(made).text,
    "text": review.text,
    "csv": lambda made: review.csv(made).replace('""', '"'),
    "xlsx": _workbook,
    "atom": _feed,
}


@each_title
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
async def test_a_document_shows_it(title: Title, document: Callable[[review.Review], str]) -> None:
    shown = document(digest_of(title))
    assert title.seen in shown or title.seen in " ".join(shown.replace("*", "").split())
    assert not STEERING.search(shown)


@each_title
async def test_rows_for_programs_carry_it_as_data(title: Title) -> None:
    (line,) = review.jsonl(digest_of(title)).splitlines()
    assert json.loads(line)["title"] == title.written.encode("utf-8", "replace").decode()


@each_title
async def test_digests_updates_and_corrections_show_it_in_mail_and_chat(title: Title) -> None:
    first = make_delivery(make_alert(hostile(title)), id="11111111-6f6a-4bb4-9f0e-5a2f2d1c7a10")
    name = title.written[:200]
    update = make_alert(hostile(title), edition=1, update=Update(("reach",), (name,), 2), source_name=name)
    changed = make_alert(
        hostile(title), edition=2, correction=Correction("headline", title.written, title.written, NOW)
    )
    digest = Digest("security-desk", "2026-04-21 17:00 Africa/Casablanca", "digest", (changed, update))
    for told in (update, changed, digest):
        delivery = make_delivery(told, edition=1)  # type: ignore[arg-type]
        message = message_of(delivery, make_desk("en"), f"https://{HOST}", HOST, first=first)
        assert title.seen[:40] in _page(message.html)
        for text in (message.text, message.chat, message.subject):
            assert not STEERING.search(text)
        assert "\n" not in message.subject
        assert len(message.html.encode()) + len(message.text.encode()) < 64_000
