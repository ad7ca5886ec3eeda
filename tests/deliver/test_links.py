"""The links in a mail: in both parts, in its headers, and only where they were given."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from monitor.deliver.email import compose
from monitor.deliver.render import render
from monitor.links import links_of
from monitor.model import Links
from tests.build import make_article, make_recipient
from tests.deliver.samples import NOW
from tests.store.samples import make_alert
from tests.test_links import KEY, make_delivery

URL = "https://monitor.example.org"


def mail(public_url: str, *, linked: bool = True, language: str = "en") -> tuple[EmailMessage, Links | None]:
    delivery = make_delivery(alert=make_alert(make_article("A minister speaks")), created_at=NOW)
    links = links_of(delivery, KEY, public_url) if linked else None
    message = render(delivery, make_recipient(language=language), public_url, "monitor.example.org", links)
    return compose(message, "m@example.org", "desk@example.org", "monitor.example.org"), links


def parts(found: EmailMessage) -> tuple[str, str]:
    plain, html = found.get_body(("plain",)), found.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_every_link_stands_in_both_parts_of_the_mail(language: str) -> None:
    found, links = mail(URL, language=language)
    assert links is not None
    text, html = parts(found)
    for url in (
        links.answers[0].acknowledge,
        links.answers[0].not_relevant,
        links.answers[0].silence_story,
        links.unsubscribe,
        links.unsubscribe_all,
    ):
        assert text.split().count(url) == 1
        assert html.count(f'href="{url}"') == 1


def test_a_mail_programs_own_button_is_offered_over_https() -> None:
    found, links = mail(URL)
    assert links is not None
    assert found["List-Unsubscribe"] == f"<{links.unsubscribe}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    head = bytes(found).partition(b"\r\n\r\n")[0]
    assert max(len(line) for line in head.split(b"\r\n")) < 998


def test_without_https_the_header_leads_to_the_page_and_nothing_is_done_by_one_click() -> None:
    found, _ = mail("http://monitor.example.org")
    assert found["List-Unsubscribe"].startswith("<http://monitor.example.org/links/unsubscribe/")
    assert found["List-Unsubscribe-Post"] is None


def test_a_mail_without_links_has_neither_header_nor_words_of_them() -> None:
    found, _ = mail(URL, linked=False)
    assert found["List-Unsubscribe"] is None
    assert "/links/" not in bytes(found).decode()
    assert all("nsubscribe" not in part for part in parts(found))


def test_the_webhooks_document_and_the_chat_hold_no_link() -> None:
    delivery = make_delivery()
    message = render(delivery, make_recipient(), URL, "monitor.example.org")
    assert "/links/" not in message.text + message.html + str(message.data)
