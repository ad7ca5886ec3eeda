"""What a recipient reads: the words, the reasons, the layout; and that foreign text stays text."""

from __future__ import annotations

import json

import pytest
from lxml import html as lxml_html

from monitor.deliver import render
from monitor.model import Delivery, Match, Message, Severity
from tests.build import make_article
from tests.deliver.samples import (
    ARABIC,
    FRENCH,
    HOSTILE_SHOWN,
    hits_of,
    make_alert,
    make_delivery,
    make_desk,
    make_hostile,
)


def rendered(delivery: Delivery | None = None, language: str = "fr") -> Message:
    return render(
        delivery or make_delivery(), make_desk(language), "https://monitor.example.org", "monitor.example.org"
    )


def page(message: Message) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(message.html)


def words(message: Message) -> str:
    """What a reader sees of the page, white space apart."""
    return " ".join(str(page(message).xpath("string(//body)")).split())


def test_the_french_desk_reads_who_what_when_and_why() -> None:
    message = rendered()
    assert (
        message.subject
        == "[Élevée] Doha : Abdellatif Hammouchi reçu par le chef de la Sûreté de l’État du Qatar"
    )
    for text in (message.text, words(message)):
        assert "Le Quotidien" in text
        assert "mardi 21 avril 2026, 13:04 · heure : Maroc" in text
        assert "Pourquoi vous recevez cette alerte" in text
        assert "DGSN et DGST" in text
        assert "entity:hammouchi" in text
        assert "la feuille" not in text
    assert "https://quotidien.example.org/securite/hammouchi-doha" in message.text
    assert page(message).findtext(".//title") == message.subject
    assert page(message).xpath("//a/@href") == ["https://quotidien.example.org/securite/hammouchi-doha"] * 2


def test_what_was_found_is_marked_in_both_parts() -> None:
    message = rendered()
    found = [element.text_content() for element in page(message).iter("mark")]
    assert {"Abdellatif Hammouchi", "DGSN", "DGST", "Qatar", "Maroc", "coopération"} == set(found)
    assert "communiqué du pôle **DGSN**-**DGST**, les deux" in message.text


def test_the_arabic_desk_reads_from_right_to_left() -> None:
    message = rendered(make_delivery(make_alert(ARABIC, severity=Severity.CRITICAL)), "ar")
    root = page(message)
    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")
    assert message.subject.startswith("[حرجة] الدوحة")
    assert "توقيت المغرب" in message.text
    assert "text-align: right" in root.find("body").get("style", "")


@pytest.mark.parametrize(
    ("language", "direction"), [("fr", "ltr"), ("ar", "rtl"), ("en", "ltr"), ("es", "ltr")]
)
def test_an_article_keeps_its_own_direction_in_every_mail(language: str, direction: str) -> None:
    root = page(rendered(make_delivery(make_alert(ARABIC)), language))
    assert root.get("dir") == direction
    title, passage = root.xpath("//h1")[0], root.xpath("//div[@class='passage']")[0]
    assert (title.get("lang"), title.get("dir")) == ("ar", "auto")
    assert (passage.get("lang"), passage.get("dir")) == ("ar", "auto")
    assert "text-align: right" in title.get("style", "")


@pytest.mark.parametrize(
    ("title", "side"),
    [("«الدوحة» DGSN", "right"), ("DGSN: الدوحة", "left"), ("2026: Doha", "left"), ("", "left")],
)
def test_an_article_of_unknown_language_is_set_by_its_first_letter(title: str, side: str) -> None:
    root = page(rendered(make_delivery(make_alert(make_article(title, language=None)))))
    assert f"text-align: {side}" in root.xpath("//h1")[0].get("style", "")


def test_the_same_delivery_renders_the_same_message() -> None:
    assert rendered() == rendered()


def test_an_article_without_a_date_tells_when_it_was_first_seen() -> None:
    article = make_article("Doha", "", published=None)
    assert "Vu pour la première fois" in rendered(make_delivery(make_alert(article))).text


def test_a_match_in_the_headline_alone_shows_how_the_article_begins() -> None:
    article = make_article("Visite à Doha", "", summary="Une visite de deux jours.")
    alert = make_alert(article, matches=(Match("dgsn-officials", hits_of(article, "Doha")),))
    message = rendered(make_delivery(alert))
    assert "Une visite de deux jours." in message.text
    assert "Une visite de deux jours." in words(message)


def test_a_match_by_source_or_date_alone_still_names_its_watchlist() -> None:
    message = rendered(make_delivery(make_alert(FRENCH, matches=(Match("dgsn-officials"),))))
    assert "• DGSN et DGST" in message.text


def test_an_update_says_which_one_it_is_and_keeps_the_subject() -> None:
    message = rendered(make_delivery(make_alert(edition=2)))
    assert "Mise à jour 2" in message.text
    assert message.subject == rendered().subject


@pytest.mark.parametrize(
    "url", [None, "javascript:alert(1)", "data:text/html,x", "ftp://example.org", "https://" + "a" * 3000]
)
def test_only_an_address_of_the_web_becomes_a_link(url: str | None) -> None:
    message = rendered(make_delivery(make_alert(make_article("Doha", url=url))))
    assert page(message).xpath("//a") == []
    assert "Lire" not in words(message)


def test_hostile_text_arrives_literally_and_does_nothing() -> None:
    message = rendered(make_hostile(), "en")
    root = page(message)
    assert HOSTILE_SHOWN[:60] in " ".join(root.xpath("//h1")[0].text_content().split())
    assert list(root.iter("script")) == []
    assert "49" not in words(message)
    assert set(root.xpath("//a/@href")) == {"https://gazette.example.org/1"}
    assert "\n" not in message.subject
    assert not any(char in message.subject + message.text + message.html for char in "\u202e\x1b\r")


def test_nothing_is_loaded_from_anywhere() -> None:
    for delivery in (make_delivery(), make_hostile()):
        root = page(rendered(delivery))
        assert root.xpath("//img | //link | //script | //iframe | //object | //form") == []
        assert "url(" not in rendered(delivery).html
        assert "@import" not in rendered(delivery).html


def test_a_mail_stays_below_90_kilobytes_whatever_the_article_holds() -> None:
    title, body = "🇲🇦<&\"'" * 2_000, ("<&\"' " * 40 + "Doha ") * 50
    article = make_article(title, body, summary=body, url="https://example.org/" + "&" * 1_900, language="ar")
    hits = hits_of(article, "Doha", "<&", "\"'")
    matches = tuple(Match(f"list-{n}", hits) for n in range(40))
    alert = make_alert(
        article,
        matches=matches,
        source_name=title,
        watchlists=tuple(match.watchlist for match in matches),
        titles=(title,) * 40,
    )
    message = rendered(make_delivery(alert))
    assert len(message.html.encode()) < 90_000
    assert len(message.text.encode()) < 90_000
    assert len(message.subject) <= 220
    assert "et 32 autres veilles" in message.text


def test_an_untitled_article_has_a_subject() -> None:
    message = rendered(make_delivery(make_alert(make_article("", "Doha."))))
    assert message.subject == "[Élevée] (sans titre)"
    assert "(sans titre)" in message.text


def test_the_first_paragraph_of_the_text_is_the_headline() -> None:
    headline, _, rest = rendered().text.partition("\n\n")
    assert headline.replace("**", "") == FRENCH.title
    assert rest.startswith("[Élevée]")


def test_mail_rules_can_sort_by_the_most_severe_watchlist() -> None:
    assert rendered().list_id == "dgsn-officials.monitor.example.org"
    odd = make_alert(watchlists=("a b\r\nX: y",), titles=("t",))
    assert rendered(make_delivery(odd)).list_id == "a-b-X-y.monitor.example.org"


def test_the_document_tells_programs_what_the_mail_tells_people() -> None:
    data = json.loads(json.dumps(rendered().data))
    assert (data["version"], data["reference"], data["story"], data["edition"]) == (
        1,
        make_delivery().id,
        7,
        0,
    )
    assert (data["recipient"], data["channel"], data["severity"]) == ("security-desk", "mail", "high")
    assert data["article"]["source"] == {"id": "quotidien", "name": "Le Quotidien"}
    assert data["article"]["published"] == "2026-04-21T12:04:00Z"
    first = data["reasons"][0]["hits"][0]
    assert FRENCH.title[first["start"] : first["end"]] == first["text"] == "Abdellatif Hammouchi"
    assert {"text": "Abdellatif Hammouchi", "hit": True} in data["reasons"][0]["passages"][0]


def test_the_document_is_text_that_utf_8_can_carry() -> None:
    article = make_article("half a pair \ud83d", "b", summary="\udc00")
    data = rendered(make_delivery(make_alert(article))).data
    assert json.dumps(data, ensure_ascii=False).encode()
