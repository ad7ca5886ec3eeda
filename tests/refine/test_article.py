"""An item and its page made into an article: which text is taken, and what is noted."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model import Article, Item, TextFrom
from monitor.refine import refine
from monitor.refine.article import text_hash
from tests.build import make_item, make_source

SEEN = datetime(2026, 4, 21, 20, tzinfo=UTC)
VISIT = (Path(__file__).parent / "pages" / "visit-to-doha.html").read_bytes()
TITLE = "Sécurité : la délégation marocaine reçue à Doha"
LEAD = "Le patron de la DGSN est arrivé mardi dans la capitale qatarie avec plusieurs directeurs."
LONG = " ".join(
    f"Phrase {number} sur la coopération entre les services de Rabat et de Doha." for number in range(40)
)
STUBS = {
    "captcha": "<h1>Un instant</h1><p>Checking your browser: verify you are human. Ray ID 1</p>",
    "login page": "<h1>Espace client</h1><p>Connectez-vous pour continuer.</p><p>Mot de passe oublié ?</p>",
    "page for subscribers": f"<h1>{TITLE}</h1><p>{LEAD[:40]}</p><p>Cet article est réservé aux abonnés.</p>",
    "refusal": "<h1>403</h1><p>Access denied. You are not allowed to see this.</p>",
}


def made(item: Item, page: bytes | None = None, *, note: str = "", backlog: bool = False) -> Article:
    return refine(item, make_source(language="fr"), page, item.url, note, SEEN, backlog)


def html(inner: str) -> bytes:
    return f"<html><body><div class=c>{inner}</div></body></html>".encode()


def test_the_page_is_taken_where_it_says_more_than_the_feed() -> None:
    article = made(make_item(title=TITLE, summary=f"<p>{LEAD}</p>"), VISIT)
    assert article.text_from is TextFrom.PAGE
    assert "Al-Khulaifi" in article.body
    assert "Forum" not in article.body
    assert article.notes == ()
    assert article.published == datetime(2026, 4, 21, 17, 30, tzinfo=UTC)
    assert article.authors == ("Salma Idrissi",)
    assert article.summary == LEAD


@pytest.mark.parametrize(
    ("fields", "origin", "body"),
    [
        ({"summary": LEAD, "content": f"<p>{LONG}</p>"}, TextFrom.CONTENT, LONG),
        # some feeds put the text into the summary and a teaser into the content
        ({"summary": f"<p>{LONG}</p>", "content": LEAD}, TextFrom.SUMMARY, LONG),
        ({"summary": LEAD}, TextFrom.SUMMARY, LEAD),
        ({}, TextFrom.TITLE, ""),
        # a summary that repeats the title is none
        ({"summary": f"<b>{TITLE}</b>"}, TextFrom.TITLE, ""),
    ],
)
def test_without_a_page_the_feeds_best_text_is_taken(
    fields: dict[str, str], origin: TextFrom, body: str
) -> None:
    article = made(make_item(title=TITLE, **fields), None, note="page: 403 Forbidden")
    assert (article.text_from, article.body) == (origin, body)
    assert article.notes == ("page: 403 Forbidden",)


@pytest.mark.parametrize("kind", STUBS)
def test_a_page_that_is_no_article_keeps_the_feeds_text(kind: str) -> None:
    article = made(make_item(title=TITLE, summary=LEAD), html(STUBS[kind]))
    assert (article.text_from, article.body, article.title) == (TextFrom.SUMMARY, LEAD, TITLE)
    assert article.notes[0].startswith("page: ")
    assert article.notes[0].endswith(kind)


def test_a_short_title_does_not_let_a_captcha_pass() -> None:
    article = made(make_item(title="Doha", summary=""), html(STUBS["captcha"]))
    assert (article.body, article.notes) == ("", ("page: not this article but a captcha",))


def test_a_brief_that_mentions_a_login_page_is_an_article() -> None:
    brief = f"{LEAD} Le site de l'ambassade, lui, n'affichait plus que «Access denied» mardi soir. {LEAD}"
    assert made(make_item(title=TITLE, summary=LEAD[:40]), html(f"<p>{brief}</p>")).text_from is TextFrom.PAGE


@pytest.mark.parametrize(
    ("page", "note"),
    [
        (b"", "page: not an HTML page but nothing: it is empty"),
        (b"\x89PNG....", "page: not an HTML page but an image"),
        (html("<p></p>"), "page: no article in it"),
        (html(f"<h1>{TITLE}</h1><p>{LEAD[:40]}</p>"), "page: shorter than the text of the feed"),
        # one consent screen or front page for all addresses
        (
            html(f"<p>{'Nous respectons votre vie privée et celle de nos partenaires. ' * 30}</p>"),
            "page: not this article",
        ),
    ],
)
def test_a_page_that_says_less_is_noted(page: bytes, note: str) -> None:
    article = made(make_item(title=TITLE, summary=LEAD), page)
    assert (article.body, article.notes) == (LEAD, (note,))


def test_another_pages_date_and_authors_are_not_taken() -> None:
    other = make_item(
        title="Football : les Lions préparent leur prochain match", summary="Le sélectionneur parle."
    )
    article = made(other, VISIT)
    assert (article.published, article.authors) == (None, ())


def test_the_feeds_title_wins_and_an_empty_one_is_filled() -> None:
    assert made(make_item(title="Doha : <b>la</b> visite sécurité délégation"), VISIT).title == (
        "Doha : la visite sécurité délégation"
    )
    assert made(make_item(title=" "), VISIT).title == TITLE
    assert made(make_item(title="", summary=LONG)).title.startswith("Phrase 0 sur la coopération")


@pytest.mark.parametrize(
    ("published", "noted"),
    [
        (datetime(9999, 12, 31, tzinfo=UTC), "date 9999-12-31 is absurd: first seen taken"),
        (SEEN + timedelta(days=30), "date 2026-05-21 is absurd: first seen taken"),
    ],
)
def test_an_absurd_date_is_dropped_with_a_note(published: datetime, noted: str) -> None:
    article = made(make_item(title=TITLE, published=published))
    assert (article.published, article.notes, article.first_seen) == (None, (noted,), SEEN)


def test_the_pages_date_stands_in_for_an_absurd_one() -> None:
    article = made(make_item(title=TITLE, published=datetime(9999, 12, 31, tzinfo=UTC)), VISIT)
    assert article.published == datetime(2026, 4, 21, 17, 30, tzinfo=UTC)
    assert article.notes == ()


def test_related_headlines_and_appended_lines_of_a_feed_are_not_its_text() -> None:
    content = (
        f"<p>{LONG}</p><p>À lire aussi : <a href=/f>Un Forum à Marrakech</a></p>"
        "<p><a href=/g>Encore un Forum</a></p><p>The post Doha appeared first on Forum du Courrier.</p>"
    )
    assert made(make_item(title=TITLE, content=content)).body == LONG


def test_a_feed_that_is_all_links_keeps_its_words() -> None:
    summary = f"<a href=/x>{LEAD}</a> <font>Le Courrier</font>"
    assert LEAD in made(make_item(title="Doha", summary=summary)).body


@pytest.mark.parametrize(
    ("text", "said", "language"),
    [
        (LONG, None, "fr"),
        ("استقبل رئيس جهاز أمن الدولة القطري المدير العام للأمن الوطني", "fr", "ar"),
        ("El jefe de la seguridad marroquí se reúne en Doha con su homólogo catarí", "fr", "es"),
    ],
)
def test_the_language_is_the_texts_own(text: str, said: str | None, language: str) -> None:
    assert made(make_item(title=text, summary=text, language=said)).language == language


def test_where_there_is_no_text_the_source_says_the_language() -> None:
    assert made(make_item(title="10-2", language="es-MX")).language == "es"
    assert made(make_item(title="10-2")).language == "fr"


def test_what_the_source_states_is_cleaned() -> None:
    article = made(
        make_item(
            title="Visite\u202e \x1b[31mà&nbsp;Doha",
            summary="<p>Un\u200b</p>",
            authors=("<b>A</b>", " ", "A"),
        )
    )
    assert (article.title, article.summary, article.authors) == ("Visite à Doha", "Un", ("A",))


def test_the_article_carries_what_it_is_known_by() -> None:
    item = make_item(id="g-1", url="https://www.gazette.example.org/a?utm_source=rss", title=TITLE)
    article = made(item, backlog=True)
    assert (article.key, article.guid, article.url, article.source_id, article.backlog) == (
        "gazette.example.org/a",
        "g-1",
        item.url,
        "gazette",
        True,
    )


def test_the_same_words_have_the_same_hash() -> None:
    assert text_hash(LONG) == text_hash(LONG.upper().replace(" ", "\n").replace(".", " !"))
    assert text_hash(LONG) != text_hash(LONG + " Fin.")


def test_too_few_words_have_no_hash() -> None:
    assert text_hash("LR/MAP : onze mots ne suffisent pas pour dire quoi") == ""


def test_an_article_can_cross_processes() -> None:
    article = made(make_item(title=TITLE, summary=LEAD), VISIT)
    assert pickle.loads(pickle.dumps(article)) == article
