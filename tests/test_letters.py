"""Later editions, digests, catch-ups and spikes, as their recipients get them: mail over a real relay, files, chat lines, data."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from monitor.app import build
from monitor.deliver import render
from monitor.deliver.email import EmailSender, compose
from monitor.deliver.file import FileSender
from monitor.letters import message_of, slot_of
from monitor.model import (
    Channel,
    ChannelKind,
    Delivery,
    Digest,
    EmailServer,
    Message,
    Sent,
    Severity,
    Spread,
    Told,
    Update,
)
from monitor.settings import load
from tests.build import make_article, write_config
from tests.deliver.far_side import Mailbox, smtp_server
from tests.deliver.letter_samples import (
    ALERTS,
    DIGESTS,
    SINCE,
    SLOT,
    SPIKE,
    STATE,
    correction_of,
    many,
    update_of,
)
from tests.deliver.samples import FRENCH, make_alert, make_delivery, make_desk
from tests.store.samples import make_verdict

HOST = "monitor.example.org"
FIRST = make_delivery(id="11111111-6f6a-4bb4-9f0e-5a2f2d1c7a10")
LANGUAGES = ("fr", "ar", "en", "es")


def letter(told: Told, language: str = "en", first: Delivery | None = None) -> Message:
    delivery = replace(make_delivery(), alert=told, edition=getattr(told, "edition", 0), story=None)
    return message_of(delivery, make_desk(language), f"https://{HOST}", HOST, first=first)


def shown(message: Message) -> str:
    """What a reader sees of the page, white space apart."""
    page: Any = lxml_html.document_fromstring(message.html)
    return " ".join(str(page.xpath("string(//body)")).split())


def read(folder: Path) -> dict[str, list[bytes]]:
    """The files of a folder by their ending."""
    found: dict[str, list[bytes]] = {}
    for path in sorted(folder.iterdir()):
        found.setdefault(path.suffix, []).append(path.read_bytes())
    return found


# --- editions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Now 7 outlets, first in Arabic, agency: MAP"),
        ("fr", "Désormais 7 médias, pour la première fois en arabe, agence\xa0: MAP"),
        ("es", "Ya 7 medios, por primera vez en árabe, agencia: MAP"),
        ("ar", "عدد المنابر الآن: 7، لأول مرة باللغة العربية، الوكالة: MAP"),
    ],
)
def test_a_chat_that_has_the_story_gets_one_line(language: str, line: str) -> None:
    message = letter(update_of(), language, FIRST)
    assert message.chat == line
    assert line.replace("\xa0", " ") in shown(message).replace("\xa0", " ")
    assert line in message.text


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"update": Update(("reach",), ("A",), 2), "story_state": None}, "Now 2 outlets"),
        (
            {"update": Update(("tier", "reach"), (), 4)},
            "Now 4 outlets, now in the leading press, agency: MAP",
        ),
        (
            {
                "update": Update(("severity",), (), 1),
                "severity": Severity.CRITICAL,
                "story_state": Spread(("A",)),
            },
            "Severity now Critical (DGSN et DGST), now 1 outlet",
        ),
        # a language that nobody could tell is none
        (
            {
                "update": Update(("language",), (), 2),
                "story_state": Spread(("A", "B"), languages=("fr", "und")),
            },
            "Now 2 outlets, first in French",
        ),
        (
            {"update": Update(("language",), (), 2), "story_state": Spread(("A", "B"), languages=("qx",))},
            "Now 2 outlets, first in qx",
        ),
    ],
)
def test_what_is_new_is_told(fields: dict[str, Any], line: str) -> None:
    assert letter(update_of(**fields), "en", FIRST).chat == line


def test_whoever_never_got_the_first_edition_gets_the_whole_alert() -> None:
    message = letter(update_of(), "en")
    assert "Why you receive this" in message.chat
    assert "Now 7 outlets" in message.chat
    assert message.thread is None


def test_the_subject_of_a_story_is_that_of_its_first_edition() -> None:
    grown = update_of(replace(FRENCH, title="Another headline"), severity=Severity.CRITICAL)
    message = letter(grown, "fr", FIRST)
    assert message.subject == render(FIRST, make_desk(), f"https://{HOST}", HOST).subject
    assert "Critique" in shown(message)
    assert letter(grown, "fr").subject == "[Critique] Another headline"


async def test_a_mail_program_sees_one_conversation() -> None:
    first, update = render(FIRST, make_desk(), f"https://{HOST}", HOST), letter(update_of(), "fr", FIRST)
    correction = letter(correction_of(FRENCH, "headline"), "fr", FIRST)
    async with smtp_server(Mailbox()) as mailbox:
        server = EmailServer("127.0.0.1", mailbox.port, "veille@example.org", security="none")
        for message in (first, update, correction):
            channel = Channel("mail", ChannelKind.EMAIL, "desk@example.org")
            assert isinstance(await EmailSender(server, HOST).send(channel, message), Sent)
    root, *later = mailbox.mails
    assert root["In-Reply-To"] is None
    for mail in later:
        assert mail["In-Reply-To"] == mail["References"] == root["Message-ID"]
        assert mail["Subject"] == root["Subject"]
        assert mail["Message-ID"] != root["Message-ID"]


@pytest.mark.parametrize(
    ("language", "kind", "line"),
    [
        ("en", "headline", "Headline changed from “A” to “B”"),
        ("fr", "headline", "Titre changé de « A » en « B »"),
        ("es", "headline", "Titular cambiado de «A» a «B»"),
        ("ar", "headline", "تغيّر العنوان من «A» إلى «B»"),
        ("en", "removed", "Removed by its outlet, Le Quotidien"),
        ("fr", "removed", "Retiré par sa source, Le Quotidien"),
        ("es", "removed", "Retirado por su medio, Le Quotidien"),
        ("ar", "removed", "حذفه مصدره: Le Quotidien"),
    ],
)
def test_a_correction_says_what_its_outlet_did(language: str, kind: Any, line: str) -> None:
    alert = correction_of(FRENCH, kind)
    assert alert.correction is not None
    after = "B" if kind == "headline" else ""
    alert = replace(alert, correction=replace(alert.correction, before="A", after=after))
    message = letter(alert, language, FIRST)
    for text in (message.chat, message.text, shown(message)):
        assert line in re.sub("[\u200e\u200f]", "", text).replace("\xa0", " ")
    assert "13:50" in message.text


def test_an_article_that_is_gone_is_not_linked_to() -> None:
    page: Any = lxml_html.document_fromstring(letter(correction_of(FRENCH, "removed")).html)
    assert page.xpath("//a") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_that_comes_because_nobody_answered_says_so(language: str) -> None:
    message = letter(make_alert(severity=Severity.CRITICAL, escalated_from="Bureau de veille"), language)
    for text in (message.chat, message.text, shown(message)):
        assert text.count("Bureau de veille") == 1


def test_a_gathered_alert_tells_how_far_the_story_has_come() -> None:
    message = letter(make_alert(story_state=STATE))
    assert "7 outlets, 5 of them reprinting MAP, 1 with a report of its own" in shown(message)
    assert "Gazette du Port" in message.text
    assert "Spread" not in letter(make_alert(story_state=Spread(("Le Quotidien",)))).text


def test_the_document_tells_programs_the_same() -> None:
    data: Any = json.loads(json.dumps(letter(update_of()).data))
    assert data["update"] == {
        "reasons": ["language", "reach"],
        "new_outlets": ["صوت الساحل", "The Herald"],
        "outlets": 7,
    }
    assert data["spread"]["number"] == 7
    assert data["spread"]["agencies"] == [{"name": "MAP", "outlets": 5}]
    removed: Any = letter(correction_of(FRENCH, "removed")).data
    assert removed["correction"]["kind"] == "removed"
    assert removed["correction"]["seen_at"] == "2026-04-21T12:50:00Z"


# --- digests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DIGESTS)
def test_a_letter_of_every_kind_is_below_90_kilobytes_on_the_wire(name: str, language: str) -> None:
    message = letter(DIGESTS[name], language)
    assert len(bytes(compose(message, "veille@example.org", "desk@example.org", HOST))) < 90_000
    assert len(message.html.encode()) < 64_000


def test_a_digest_holds_contents_stories_highlights_outlets_and_what_was_read() -> None:
    message = letter(DIGESTS["digest"], "fr")
    assert message.subject == "Synthèse · mar. 21 avr. 2026, 17:00 · 4 sujets"
    page: Any = lxml_html.document_fromstring(message.html)
    anchors = {str(href)[1:] for href in page.xpath("//a/@href") if str(href).startswith("#")}
    assert anchors == {str(id) for id in page.xpath("//*[@id]/@id")}
    assert len(anchors) == len(ALERTS)
    text = shown(message)
    for part in (
        "Abdellatif Hammouchi reçu",
        "7 médias, dont 5 reprennent MAP, 1 avec son propre article",
        "El Faro del Sur",
        "Titre changé de",
        "Sources lues : 41",
        "La Lanterne",
        "7,5",
    ):
        assert part in text.replace("\xa0", " ")
        assert part in message.text.replace("\xa0", " ")
    assert {mark.text_content() for mark in page.iter("mark")} >= {"Abdellatif Hammouchi", "planta solar"}
    order = [text.index(title) for title in ("DGSN et DGST", "Police & ports", "Énergie solaire")]
    assert order == sorted(order)


def test_a_catch_up_says_that_it_is_one() -> None:
    message = letter(DIGESTS["catch-up"], "fr")
    assert message.subject == "Pendant vos heures calmes · mer. 22 avr. 2026, 06:30 · 2 sujets"
    assert message.list_id == f"digest.{HOST}"
    assert "Sources lues" not in message.text


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "Digest · Tue 21 Apr 2026, 17:00 · Nothing was found"),
        ("fr", "Synthèse · mar. 21 avr. 2026, 17:00 · Rien n’a été trouvé"),
        ("es", "Síntesis · mar 21 abr 2026, 17:00 · No se encontró nada"),
        ("ar", "الموجز · الثلاثاء 21 أبريل 2026، 17:00 · لم يُعثر على شيء"),
    ],
)
def test_an_empty_digest_proves_that_there_was_nothing(language: str, subject: str) -> None:
    message = letter(DIGESTS["empty"], language)
    assert message.subject == subject
    for text in (message.text, shown(message), message.chat):
        assert "41" in text
    assert "La Lanterne" in message.text


def test_a_chat_gets_a_line_a_story_and_is_told_of_the_others() -> None:
    lines = letter(DIGESTS["digest"], "en").chat.splitlines()
    assert lines[0] == f"1. [Critical] {FRENCH.title} (7 outlets)"
    assert lines[1] == FRENCH.url
    assert lines[-1] == "41 sources read, 1 could not be read, 2 silent against their own rhythm"
    long = letter(many(300), "en").chat
    assert "and 288 more stories" in long
    assert len(long) < 4_000


def test_three_hundred_stories_are_cut_and_the_letter_says_what_is_left_out() -> None:
    message = letter(many(300), "fr")
    left = re.search(r"(\d+) autres sujets ne sont pas ici", message.text)
    assert left
    assert int(left[1]) + len(re.findall(r"(?m)^\d+\. ", message.text)) == 300
    assert left[0] in shown(message)
    assert (
        "monitor review --since 2026-04-21T07:30 --until 2026-04-21T17:01 --timezone Africa/Casablanca"
        in message.text
    )


def test_the_digest_tells_programs_what_it_tells_people() -> None:
    data: Any = json.loads(json.dumps(letter(DIGESTS["digest"]).data))
    assert (data["digest"], data["slot"], data["since"]) == ("digest", SLOT, "2026-04-21T06:30:00Z")
    assert [each["severity"] for each in data["alerts"]] == ["critical", "high", "high", "normal"]
    assert data["receipt"]["silent"] == ["أخبار المرفأ", "Le Phare"]
    assert "article" not in data


def test_a_digest_without_its_beginning_tells_the_time_of_its_stories() -> None:
    alone = Digest("security-desk", SLOT, "catch-up", (make_alert(replace(FRENCH, first_seen=SINCE)),))
    assert "07:30 – mar. 21 avr. 2026, 17:00" in letter(alone, "fr").text
    late = replace(alone, since=datetime(2026, 4, 22, tzinfo=UTC))
    assert "1 sujet" in letter(late, "fr").text


@pytest.mark.parametrize(
    ("slot", "at"),
    [
        ("2026-04-21 17:00 Africa/Casablanca", datetime(2026, 4, 21, 16, tzinfo=UTC)),
        ("2026-01-05 07:30 America/Argentina/Buenos_Aires", datetime(2026, 1, 5, 10, 30, tzinfo=UTC)),
        # a zone that the system does not know any more
        ("2026-04-21 17:00 Mars/Olympus", datetime(2026, 4, 21, 17, tzinfo=UTC)),
    ],
)
def test_a_slot_is_an_instant(slot: str, at: datetime) -> None:
    assert slot_of(slot) == at


def test_a_digest_without_its_letter_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="letter"):
        render(replace(make_delivery(), alert=DIGESTS["empty"]), make_desk(), "https://m.example.org", HOST)


# --- spikes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("en", ("6.4 times the usual", "23 articles since 11:00; 3.6 are usual", "14 days", "1,000,000")),
        ("fr", ("6,4 fois l’habitude", "23 articles depuis 11:00", "3,6 sont habituels", "14 jours")),
        ("es", ("6,4 veces lo habitual", "23 artículos desde las 11:00", "3,6", "14 días")),
        ("ar", ("6,4 أضعاف المعتاد", "عدد المقالات منذ 11:00: 23", "3,6", "14 يوماً")),
    ],
)
def test_a_spike_is_told_with_its_numbers(language: str, parts: tuple[str, ...]) -> None:
    message = letter(SPIKE, language)
    for part in parts:
        assert part in message.text
        assert part in shown(message)
    assert "DGSN et DGST" in message.subject
    assert message.list_id == f"dgsn-officials.{HOST}"


def test_the_chart_travels_in_the_mail_and_nothing_is_loaded() -> None:
    message = letter(SPIKE)
    mail = message_from_bytes(
        bytes(compose(message, "veille@example.org", "desk@example.org", HOST)), policy=default
    )
    assert isinstance(mail, EmailMessage)
    page: Any = lxml_html.document_fromstring(message.html)
    (image,) = page.xpath("//img")
    assert image.get("alt").startswith("23 articles since 11:00")
    (part,) = [each for each in mail.walk() if each.get_content_type() == "image/png"]
    assert part["Content-ID"] == f"<{image.get('src').removeprefix('cid:')}>"
    assert part["Content-Disposition"] == "inline"
    assert part.get_content().startswith(b"\x89PNG")
    assert [each.get_content_type() for each in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    assert mail["Content-Language"] == "en"


def test_a_copy_of_a_mail_with_a_chart_has_the_same_bytes() -> None:
    one, two = (bytes(compose(letter(SPIKE), "a@example.org", "b@example.org", HOST)) for _ in range(2))
    assert one == two


async def test_a_file_of_it_shows_the_chart_in_a_browser(tmp_path: Path) -> None:
    outcome = await FileSender("veille@example.org", HOST).send(
        Channel("out", ChannelKind.FILE, str(tmp_path)), letter(SPIKE)
    )
    assert isinstance(outcome, Sent)
    page = read(tmp_path)[".html"][0].decode()
    assert 'src="data:image/png;base64,' in page
    assert "cid:" not in page


def test_the_numbers_are_data_too() -> None:
    data: Any = json.loads(json.dumps(letter(SPIKE).data))
    assert (data["spike"]["count"], data["spike"]["expected"], len(data["spike"]["hours"])) == (23, 3.57, 24)


# --- from the outbox -------------------------------------------------------------------------------------------------


async def test_an_update_answers_the_mail_that_began_its_story(
    tmp_path: Path, database_url: str, now: datetime
) -> None:
    recipients = [{"id": "desk", "name": "Desk", "channels": [{"id": "mail", "file": str(tmp_path / "out")}]}]
    folder = write_config(tmp_path / "config", monitor={"database": "${DATABASE}"}, recipients=recipients)
    app = build(load(folder, {"DATABASE": database_url}), clock=lambda: now)
    article = make_article(
        "A minister speaks", key="k1", url="https://gazette.example.org/k1", first_seen=now
    )
    told: dict[str, Any] = {"channels": ("mail",), "recipient": "desk"}
    async with app:
        app.store.record(make_verdict(article, alert=told), "k1", "h", now)
        assert (await app.deliver()).delivered == 1
        copy = replace(article, key="k2", url="https://herald.example.org/k2", title="A minister has spoken")
        grown = {**told, "edition": 1, "update": Update(("reach",), ("Herald",), 2)}
        app.store.record(make_verdict(copy, alert=grown, story=1), "k2", "h", now)
        assert (await app.deliver()).delivered == 1
    mails = [message_from_bytes(each, policy=default) for each in read(tmp_path / "out")[".eml"]]
    root = next(mail for mail in mails if mail["References"] is None)
    (later,) = [mail for mail in mails if mail is not root]
    assert later["References"] == root["Message-ID"]
    assert later["Subject"] == root["Subject"]
