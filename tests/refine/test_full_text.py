"""Pages that need to be told apart: a text that stands where its source says, a beginning before a paywall, a PDF file."""

from __future__ import annotations

import builtins
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.errors import ParseError
from monitor.model import Article, TextFrom
from monitor.refine import extract, refine
from tests.build import make_item, make_source

TITLE = "La délégation reçue à Doha"
LEAD = "La délégation est arrivée mardi à Doha pour une visite de deux jours, selon l'ambassade. "
SENTENCE = "Les entretiens portent sur la coopération policière et la formation des cadres. "


def page(body: str, head: str = "") -> bytes:
    return f'<html lang="fr"><head>{head}</head><body><h1>{TITLE}</h1>{body}</body></html>'.encode()


def refined(body: bytes, summary: str = LEAD[:40], **source: Any) -> Article:
    item = make_item(title=TITLE, summary=summary)
    now = datetime(2026, 4, 21, tzinfo=UTC)
    return refine(item, make_source(full_text=True, **source), body, item.url, "", now, False)


# --- a selector of the source ----------------------------------------------------------------------------------------

TWO = page(
    f"<div class='text'><p>{LEAD}</p><div class='related'><a href='/x'>Un forum à Marrakech</a></div><p>{SENTENCE}</p>"
    f"<p>Lire aussi : <a href='/y'>Un autre forum</a></p></div><div class='live'><p>{'Un fil en direct. ' * 90}</p></div>"
)


def test_the_text_is_read_where_the_source_says_and_without_what_stands_beside_it_there() -> None:
    article = refined(TWO, article="div.text")
    assert article.body == f"{LEAD.strip()}\n{SENTENCE.strip()}"
    assert (article.text_from, article.notes) == (TextFrom.PAGE, ())


def test_several_matches_are_read_in_their_order_and_nested_ones_once() -> None:
    body = page(f"<section class=t><p class=t>{LEAD}</p></section><p>x</p><p class=t>{SENTENCE}</p>")
    assert extract(body, selector=".t").body == f"{LEAD.strip()}\n{SENTENCE.strip()}"


def test_a_selector_that_matches_nothing_is_told_and_the_text_found_without_it() -> None:
    article = refined(page(f"<article><p>{LEAD * 3}</p><p>{SENTENCE * 3}</p></article>"), article="div.gone")
    assert SENTENCE.strip() in article.body
    assert article.notes == ("page: nothing in it matches article: div.gone",)


# --- paywalls --------------------------------------------------------------------------------------------------------

DECLARED = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": %s}</script>'
BEGINNING = f"<article><p>{LEAD * 2}</p><p>{SENTENCE * 2}</p></article>"
LONG = "".join(f"<p>{number}. {SENTENCE * 3} Point {number * 7}.</p>" for number in range(15))
WALL = "page: only its beginning, the rest is for subscribers"


@pytest.mark.parametrize(
    "stub",
    [
        # as search engines are told
        page(BEGINNING, DECLARED % "false"),
        page(BEGINNING, DECLARED % '"False"'),
        page(BEGINNING, '<script type="application/ld+json">[{"hasPart": {"isAccessibleForFree": false}}]</script>'),
        page(BEGINNING, '<meta property="article:content_tier" content="locked">'),
        page(f'{BEGINNING}<meta itemprop="isAccessibleForFree" content="false">'),
        # by the name of the wall
        page(f"{BEGINNING}<div class='article-paywall'>Choisissez votre formule</div>"),
        # in words, in each language
        page(f"{BEGINNING}<div>La suite est réservée aux abonnés.</div>"),
        page(f"{BEGINNING}<div>Il vous reste 72.5% de cet article à lire.</div>"),
        page(f"{BEGINNING}<div>Subscribe to continue reading.</div>"),
        page(f"{BEGINNING}<div>Contenido exclusivo para suscriptores</div>"),
        page(f"{BEGINNING}<div>هذا المقال متاح للمشتركين</div>"),
        page(f"{BEGINNING}<div>اشترك لمواصلة القراءة</div>"),
    ],
)  # fmt: skip
def test_a_beginning_before_a_paywall_is_taken_and_said(stub: bytes) -> None:
    article = refined(stub)
    assert (article.text_from, article.notes) == (TextFrom.PAGE, (WALL,))


@pytest.mark.parametrize(
    "free",
    [
        # a whole article that is declared as not free, as metered outlets do
        page(f"<article>{LONG}</article>", DECLARED % "false"),
        # a short one that is free, on a page that sells subscriptions
        page(f"{BEGINNING}<nav><a href='/abo'>S'abonner</a> <a>Abonnez-vous</a></nav>", DECLARED % "true"),
        # an empty block that waits for a script
        page(f"{BEGINNING}<div class='paywall'></div>"),
        # a long text that speaks of subscribers
        page(f"<article>{LONG}<p>Le service est réservé aux abonnés.</p></article>"),
    ],
    ids=["metered", "offers", "empty-block", "about-subscribers"],
)
def test_a_whole_article_is_not_taken_for_a_beginning(free: bytes) -> None:
    assert refined(free).notes == ()


def test_the_offers_behind_a_wall_are_no_text_however_long_the_beginning_is() -> None:
    wall = "<p>Pour lire la suite</p><p>créez votre compte</p><p>1 € le premier mois</p>"
    article = refined(page(f"<article>{LONG}{wall}</article>"))
    assert article.body.endswith("Point 98.")
    assert article.notes == (WALL,)


def test_the_standfirst_belongs_to_the_text_wherever_the_page_puts_it() -> None:
    standfirst = "Reçue par son homologue, elle a demandé une formation commune des cadres des deux pays."
    head = f'<meta property="og:description" content="{standfirst}">'
    body = page(f"<header><p class='desc'>{standfirst}</p></header><article>{LONG}</article>", head)
    lines = extract(body).body.split("\n")
    assert lines[0] == standfirst
    assert lines.count(standfirst) == 1
    hidden = page(f"<article>{LONG}</article>", head)  # what is only told to others is not on the page
    assert standfirst not in extract(hidden).body


def test_another_article_as_a_card_in_the_middle_is_no_text() -> None:
    card = "<article><span>Vite</span><a href='/x'><h2>Un forum d'affaires à Marrakech</h2></a></article>"
    found = extract(page(f"<main><article>{LONG}{card}<p>{SENTENCE * 3}La fin.</p></article></main>"))
    assert "Marrakech" not in found.body
    assert found.body.endswith("La fin.")


def test_a_beginning_that_says_no_more_than_the_feed_is_left_and_said() -> None:
    stub = page(f"<article><p>{LEAD * 2}</p></article><p>La suite est réservée aux abonnés.</p>")
    article = refined(stub, summary=LEAD * 2)
    assert article.text_from is TextFrom.SUMMARY
    assert article.notes == ("page: a page for subscribers",)


# --- PDF -------------------------------------------------------------------------------------------------------------


def pdf(*lines: str, title: str = "") -> bytes:
    """A PDF file of one page, as small as they come."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Title ({title}) >>".encode("latin-1"),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size 7 /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF" % len(body)
    return body + b"xref\n0 7\n0000000000 65535 f \n" + table + trailer


COMMUNIQUE = (
    "La délégation est arrivée mardi",
    "à Doha pour une visite de deux jours.",
    "Un suivi est prévu.",
)


def test_an_article_that_is_a_pdf_file_is_read_line_by_line_into_sentences() -> None:
    pytest.importorskip("pypdf")
    found = extract(pdf(*COMMUNIQUE, title="Communiqué"), "https://example.org/c.pdf")
    assert (found.title, found.language) == ("Communiqué", "fr")
    assert (
        found.body
        == "La délégation est arrivée mardi à Doha pour une visite de deux jours.\nUn suivi est prévu."
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"%PDF-1.7", "a PDF document that cannot be read"),
        (pdf(), "without text"),
        (pdf("x").replace(b"xref", b"yref")[:200], "a PDF document"),
    ],
    ids=["cut", "pictures", "damaged"],
)
def test_a_pdf_file_without_a_text_is_told(body: bytes, words: str) -> None:
    pytest.importorskip("pypdf")
    with pytest.raises(ParseError, match=words):
        extract(body)


def test_without_pypdf_a_pdf_file_is_a_note_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "pypdf":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "pypdf", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    article = refined(pdf(*COMMUNIQUE))
    assert article.text_from is TextFrom.SUMMARY
    assert article.notes == ("page: a PDF document: its text is read where media-monitor[pdf] is installed",)
