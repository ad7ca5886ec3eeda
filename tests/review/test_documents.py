"""Every form of a review: what it holds, and that the press cannot reach into it."""

from __future__ import annotations

import csv as csv_reader
import io
import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from lxml import html as lxml_html
from openpyxl import load_workbook
from pypdf import PdfReader

from monitor.model import Severity
from monitor.review import (
    LANGUAGES,
    Review,
    atom,
    csv,
    html,
    jsonl,
    letter,
    missing_scripts,
    of_alerts,
    pdf,
    text,
    xlsx,
)
from monitor.review.tables import safe
from tests.build import make_article, make_recipient
from tests.review.samples import RECEIPT, SINCE, UNTIL, first_case, review, story
from tests.store.samples import make_alert

HOSTILE = [
    # a template's expression, ours and others'
    "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}",
    # a script, an image that calls home
    "<script>alert(1)</script><img src=https://example.com/x onerror=alert(1)>",
    # the end of an attribute
    "\"><a href='javascript:alert(1)'>here</a>",
    # typst's own markup: code, a link, a label, an unclosed bracket
    '#eval("1+1") #link("https://example.com") <s1> [ $ * _ ` @ref \\',
    # a formula
    '=cmd|" /C calc"!A0',
    # turns the reading direction around, a bell, a byte order mark, what no XML holds
    "safe\u202egnp.exe \x07 \ufeff \ufffe \x0b end",
    # half of a pair
    "broken \ud800 pair",
    # flags, families, combined marks
    "🇲🇦 👩‍👩‍👧‍👦 e\u0301\u0301",
    # ten thousand letters without a space
    "x" * 10_000,
    # nothing
    "",
]


def opened(document: str) -> Any:
    """An element of lxml.html, whose answers to XPath have no types."""
    return lxml_html.fromstring(document)


def everything(one: Review) -> dict[str, bytes]:
    return {
        "html": html(one).encode(),
        "text": text(one).encode(),
        "letter": letter(one).html.encode(),
        "csv": csv(one).encode(),
        "jsonl": jsonl(one).encode(),
        "atom": atom(one, "monitor.example.org"),
        "xlsx": xlsx(one),
        "pdf": pdf(one),
    }


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_what_the_press_writes_is_text_in_every_form(title: str) -> None:
    one = review(
        story(1, title, f"{title}\nThe harbour.", ("harbour",), outlets=(title or "Gazette",)), title=title
    )
    made = everything(one)
    page = opened(made["html"].decode())
    assert page.xpath("//script | //img | //*[@onerror] | //@href[starts-with(., 'javascript')]") == []
    feed = etree.fromstring(made["atom"])
    assert len(feed.findall("{*}entry")) == 1
    assert len(made["jsonl"].decode().splitlines()) == 2
    assert len(made["letter"]) < 90_000
    assert PdfReader(io.BytesIO(made["pdf"])).pages


def test_a_title_arrives_letter_by_letter() -> None:
    title = HOSTILE[0]
    one = review(story(1, title, "The harbour."))
    assert title in opened(html(one)).text_content()
    assert title in text(one)
    assert json.loads(jsonl(one).splitlines()[0])["title"] == title
    assert title in " ".join(PdfReader(io.BytesIO(pdf(one))).pages[0].extract_text().split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_in_itself_and_its_links_lead_somewhere(language: str) -> None:
    page = opened(html(first_case(language)))
    anchors = [address[1:] for address in page.xpath("//a/@href") if address.startswith("#")]
    assert anchors
    assert set(anchors) <= set(page.xpath("//@id"))
    assert page.xpath("//link | //script | //img | //iframe") == []
    assert "url(" not in html(first_case(language))
    assert page.get("lang") == language
    assert page.get("dir") == ("rtl" if language == "ar" else "ltr")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "5 outlets, 4 of them reprinting MAP, 1 with a report of its own"),
        ("fr", "5 médias, dont 4 reprennent MAP, 1 avec son propre article"),
        ("es", "5 medios, 4 reproducen MAP, 1 con información propia"),
        ("ar", "عدد المنابر: 5، منها 4 نقلاً عن MAP، واحد بتقرير خاص به"),
        # not ours: English
        ("zh", "5 outlets, 4 of them reprinting MAP, 1 with a report of its own"),
    ],
)
def test_the_spread_is_told_in_the_readers_language(language: str, words: str) -> None:
    for made in (html(first_case(language)), text(first_case(language)), letter(first_case(language)).html):
        assert words in made


def test_the_text_of_a_review_reads_well() -> None:
    lines = text(first_case("en", "Asia/Qatar")).splitlines()
    assert lines[:3] == [
        "Press review",
        "Mon 20 Apr 2026, 09:30 – Tue 21 Apr 2026, 09:30 · Qatar Time",
        "4 stories",
    ]
    assert "1. Le chef de la sûreté reçu à Doha par son homologue" in lines
    assert "   > Le directeur général de la *sûreté nationale* a été reçu mardi à Doha." in lines
    assert "   Told above: 2. La police du port s’équipe de vedettes solaires" in lines
    assert lines[-4:] == [
        "Sources read: 41",
        "Could not be read: 1: La Lanterne",
        "Silent against their own rhythm: 1: \N{LEFT-TO-RIGHT MARK}أخبار المرفأ\N{LEFT-TO-RIGHT MARK}",
        "Hours in which a source was not read, all sources together: 7.5",
    ]


def test_an_empty_review_says_so_and_what_was_read() -> None:
    made = text(review())
    assert "Nothing was found." in made
    assert "Sources read: 41" in made
    assert "Contents" not in html(review())
    assert PdfReader(io.BytesIO(pdf(review()))).pages


@pytest.mark.parametrize(
    ("count", "title", "cut"),
    [
        # all are named, with what was found
        (10, "Report {n} of the harbour", ""),
        # all are named, some without passages
        (150, "Report {n} of the harbour", "Some passages are left out"),
        # the most important are named
        (
            300,
            "تقرير رقم {n} عن افتتاح الميناء الجديد في طنجة بحضور وزراء من المغرب وقطر",
            "stories are left out",
        ),
        (300, "Report {n} of the harbour", "stories are left out"),
        (900, "Report {n} of the harbour", "stories are left out"),
        # the longest headlines of four bytes a letter
        (60, "{n}" + "🇲🇦" * 200, "stories are left out"),
    ],
)
def test_a_letter_stays_short_and_says_what_it_leaves_out(count: int, title: str, cut: str) -> None:
    body = "The harbour opened. " * 20
    many = review(*(story(n, title.format(n=n), body, ("harbour",)) for n in range(1, count + 1)))
    sent = letter(many)
    assert len(sent.html.encode()) + len(sent.text.encode()) < 64_000
    page: lxml_html.HtmlElement = lxml_html.document_fromstring(sent.html)
    for part in (sent.text, str(page.text_content())):
        assert (cut or "left out") in part or not cut
        assert ("left out" in part) is bool(cut)
        left = re.search(r"(\d+) further stories are left out", part)
        named = {int(n) for n in re.findall(r"(?m)^\s*(\d+)\. ", part)}
        assert named == set(range(1, count + 1 - (int(left[1]) if left else 0)))
        command = "monitor review --since 2026-04-20T06:30 --until 2026-04-21T06:31 --timezone UTC"
        assert (command in part) is bool(cut)


def test_a_letter_carries_its_rules_in_its_elements() -> None:
    few = letter(first_case())
    assert "sûreté nationale</mark>" in few.html
    assert few.subject.startswith("Revue de presse · lun. 20 avr. 2026")
    assert few.language == "fr"
    assert '<h1 dir="auto" style="' in few.html


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "made"),
    [
        ("=1+1", "'=1+1"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+212 5 37", "'+212 5 37"),
        ("-5 °C à Ifrane", "'-5 °C à Ifrane"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("|calc", "'|calc"),
        ("\t=1", "'\t=1"),
        # full-width, as some spreadsheets read it
        ("\uff1d1+1", "'\uff1d1+1"),
        # harmless inside
        ("a = b", "a = b"),
        ("", ""),
    ],
)
def test_a_cell_is_never_computed(cell: str, made: str) -> None:
    assert safe(cell) == made


def test_csv_is_read_back_with_its_arabic_and_its_clock() -> None:
    one = review(
        story(1, "=1+1", "The harbour.", at=SINCE), *first_case().stories[1:2], timezone="Asia/Qatar"
    )
    made = csv(one)
    assert made.startswith("\ufeff")
    rows = list(csv_reader.DictReader(io.StringIO(made[1:])))
    assert [row["Title"] for row in rows][1] == "'=1+1"
    assert rows[0]["Title"].startswith("المدير العام")
    assert rows[1]["First seen"] == "2026-04-20T09:30:00+03:00"


def test_a_workbook_holds_texts_dates_links_and_what_was_read() -> None:
    one = review(
        story(1, '=HYPERLINK("https://example.com")', at=SINCE), language="ar", timezone="Asia/Qatar"
    )
    book = load_workbook(io.BytesIO(xlsx(one)))
    sheet, coverage = book.worksheets
    cells = {sheet.cell(1, n).value: sheet.cell(2, n) for n in range(1, sheet.max_column + 1)}
    title = cells["العنوان"]
    assert (title.value, title.data_type) == ('\'=HYPERLINK("https://example.com")', "s")
    assert cells["أول رصد (توقيت قطر)"].value == datetime(2026, 4, 20, 9, 30)  # noqa: DTZ001 - a workbook has no zones
    assert cells["الرابط"].hyperlink.target == "https://gazette.example.org/1"
    assert sheet.sheet_view.rightToLeft
    assert coverage.cell(1, 2).value == "41"


def test_json_lines_tell_all_and_the_last_what_was_read() -> None:
    *stories, last = map(json.loads, jsonl(first_case()).splitlines())
    assert [each["story"] for each in stories] == [1, 3, 2, 4]
    assert stories[0]["agencies"] == [{"name": "MAP", "outlets": 4}]
    hit = stories[0]["hits"][0]
    assert (hit["watchlist"], hit["text"], hit["field"]) == ("security", "sûreté nationale", "body")
    assert stories[0]["articles"][1] == {
        "outlet": "MAP",
        "title": "Le chef de la sûreté reçu à Doha par son homologue",
        "first_seen": "2026-04-20T11:31:00Z",
        "url": None,
        "language": "fr",
        "copied": True,
    }
    assert last == {
        "kind": "coverage",
        "since": "2026-04-20T06:30:00Z",
        "until": "2026-04-21T06:30:00Z",
        "sources_read": 41,
        "failed": ["La Lanterne"],
        "silent": ["أخبار المرفأ"],
        "hours_uncovered": 7.5,
    }


# --- feed, PDF, digest -----------------------------------------------------------------------------------------------


def test_a_feed_keeps_the_ids_of_its_stories_and_names_their_watchlists() -> None:
    first, again = (
        etree.fromstring(atom(one, "monitor.example.org", address="https://monitor.example.org/f.atom"))
        for one in (first_case("fr"), first_case("en"))
    )
    ids = [entry.findtext("{*}id") for entry in first.findall("{*}entry")]
    assert ids == [f"tag:monitor.example.org,2026:story/{n}" for n in (1, 3, 2, 4)]
    assert ids == [entry.findtext("{*}id") for entry in again.findall("{*}entry")]
    categories = first.findall("{*}entry")[1].findall("{*}category")
    assert [each.get("term") for each in categories] == ["security", "energy"]
    assert first.findtext("{*}updated") == "2026-04-21T02:30:00Z"
    for part in ("id", "title", "updated"):  # what RFC 4287 demands
        assert all(len(each.findall(f"{{*}}{part}")) == 1 for each in (first, *first.findall("{*}entry")))


@pytest.mark.skipif(bool(missing_scripts()), reason="this machine has no font drawn for Arabic")
def test_a_pdf_holds_arabic_in_letters_that_can_be_found_and_links() -> None:
    made = PdfReader(io.BytesIO(pdf(first_case("ar"))))
    found = " ".join(page.extract_text() for page in made.pages)
    assert "الميناء" in found
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in made.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert any(re.search("Arabic|Amiri", font) for font in fonts)
    links = [
        note.get_object().get("/A", {}).get("/URI") for page in made.pages for note in page.get("/Annots", ())
    ]
    assert "https://gazette.example.org/1" in links


def test_the_same_review_gives_the_same_bytes() -> None:
    once, twice = everything(first_case()), everything(first_case())
    assert {name for name in once if once[name] != twice[name]} <= {"xlsx"}  # a zip archive dates its members


def test_a_digests_alerts_are_a_review_in_the_recipients_words() -> None:
    articles = [
        make_article(f"Report {n}", key=f"k/{n}", first_seen=SINCE + timedelta(hours=n)) for n in (1, 2)
    ]
    alerts = [
        make_alert(articles[0], severity=Severity.NORMAL, watchlists=("a",), titles=("Alpha",), matches=()),
        make_alert(articles[1], watchlists=("b", "a"), titles=("Beta", "Alpha"), matches=()),
    ]
    recipient = make_recipient(language="fr", timezone="Africa/Casablanca")
    made = of_alerts(alerts, recipient, SINCE, UNTIL, RECEIPT)
    assert {heading.id: heading.severity for heading in made.headings} == {
        "a": Severity.HIGH,
        "b": Severity.HIGH,
    }
    sent = letter(made)
    assert sent.language == "fr"
    assert sent.html.index("Report 2") < sent.html.index("Report 1</a></h3>")
    assert "Sources lues" in sent.text
