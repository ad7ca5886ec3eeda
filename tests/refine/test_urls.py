"""One address for one article: what merges, what must never."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.refine import url_key
from monitor.refine.urls import KEY_LIMIT

ARTICLE = "https://www.courrier.example.org/2026/04/21/visite"


@pytest.mark.parametrize(
    "shared",
    [
        "http://courrier.example.org/2026/04/21/visite",
        "//courrier.example.org/2026/04/21/visite",
        "courrier.example.org/2026/04/21/visite",
        "HTTPS://WWW.COURRIER.EXAMPLE.ORG:443/2026/04/21/visite/",
        "https://courrier.example.org./2026/04//21/./x/../visite",
        "  https://www.courrier.example.org/2026/04/21/\nvisite ",
        # the same page for telephones
        "https://m.courrier.example.org/2026/04/21/visite",
        "https://amp.courrier.example.org/2026/04/21/visite",
        "https://www.courrier.example.org/2026/04/21/visite/amp/",
        "https://www.courrier.example.org/2026/04/21/visite.amp",
        "https://www.courrier.example.org/amp/2026/04/21/visite",
        "https://www.courrier.example.org/2026/04/21/visite?outputType=amp",
        "https://www.google.com/amp/s/www.courrier.example.org/2026/04/21/visite/amp/",
        "https://courrier-example-org.cdn.ampproject.org/c/s/courrier.example.org/2026/04/21/visite",
        # how the reader came
        "https://www.courrier.example.org/2026/04/21/visite?utm_source=rss&utm_medium=feed&fbclid=x&gclid=y",
        "https://www.courrier.example.org/2026/04/21/visite?at_medium=RSS&at_campaign=KARANGA#xtor=RSS-1",
        "https://www.courrier.example.org/2026/04/21/visite?ref=homepage&source=twitter&rel=list",
        "https://www.courrier.example.org/2026/04/21/visite?maca=ara-rss-1&traffic_source=rss",
        "https://www.courrier.example.org/2026/04/21/visite;jsessionid=1A2B?PHPSESSID=ab",
        "https://www.courrier.example.org/2026/04/21/visite?",
        "https://www.courrier.example.org/2026/04/21/visite/index.html",
        # where in the page
        "https://www.courrier.example.org/2026/04/21/visite#respond",
        "https://user:secret@www.courrier.example.org/2026/04/21/visite#:~:text=a",
    ],
)
def test_addresses_of_one_article_have_one_key(shared: str) -> None:
    assert url_key(shared) == url_key(ARTICLE) == "courrier.example.org/2026/04/21/visite"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # the article is in the query
        ("https://a.example.org/?p=10", "https://a.example.org/?p=11"),
        ("https://a.example.org/news.php?s=12", "https://a.example.org/news.php?s=13"),
        ("https://a.example.org/x?page=1", "https://a.example.org/x?page=2"),
        # a number behind an ambiguous name is no campaign
        ("https://a.example.org/x?ref=123", "https://a.example.org/x?ref=456"),
        ("https://a.example.org/x?source=1", "https://a.example.org/x?source=2"),
        # languages, sections, ports, letters' case
        ("https://a.example.org/fr/x", "https://a.example.org/ar/x"),
        ("https://fr.example.org/x", "https://ar.example.org/x"),
        ("https://a.example.org:8080/x", "https://a.example.org/x"),
        ("https://a.example.org/AbC", "https://a.example.org/abc"),
        # a slash that belongs to a name, an escape of an escape
        ("https://a.example.org/a%2Fb", "https://a.example.org/a/b"),
        ("https://a.example.org/a%252Fb", "https://a.example.org/a%2Fb"),
        ("https://a.example.org/?q=%2541", "https://a.example.org/?q=A"),
        # a page's route behind #!
        ("https://a.example.org/#!/story/1", "https://a.example.org/#!/story/2"),
        ("https://www.youtube.com/watch?v=aaaaaaaaaaa", "https://www.youtube.com/watch?v=bbbbbbbbbbb"),
        ("https://news.google.com/rss/articles/CBMiA", "https://news.google.com/rss/articles/CBMiB"),
        # words that only look like a dress of the page
        ("https://a.example.org/champ", "https://a.example.org/ch"),
        ("https://www.example.org/x", "https://wwwexample.org/x"),
    ],
)
def test_different_articles_have_different_keys(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # letters as they are, escaped, and escaped in small letters
        ("https://a.example.org/زيارة", "https://a.example.org/%D8%B2%D9%8A%D8%A7%D8%B1%D8%A9"),
        ("https://a.example.org/زيارة", "https://a.example.org/%d8%b2%d9%8a%d8%a7%d8%b1%d8%a9"),
        # composed and decomposed accents
        ("https://a.example.org/caf\u00e9", "https://a.example.org/cafe\u0301"),
        ("https://مثال.example.org/x", "https://xn--mgbh0fb.example.org/x"),
        # the order and writing of a query
        ("https://a.example.org/x?b=2&a=1+1", "https://a.example.org/x?a=1%201&b=2"),
        ("https://youtu.be/aaaaaaaaaaa?si=x", "https://m.youtube.com/watch?feature=share&v=aaaaaaaaaaa"),
        ("https://www.youtube.com/shorts/aaaaaaaaaaa", "https://www.youtube.com/embed/aaaaaaaaaaa"),
    ],
)
def test_one_address_written_in_two_ways_has_one_key(one: str, other: str) -> None:
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:desk@example.org",
        "file:///etc/passwd",
        "urn:uuid:1",
        "tag:example.org,2026:1",
        "ftp://example.org/x",
        "/only/a/path",
        "http://[::1",
        "http://a.example.org:99999/x",
        "a title, not an address",
    ],
)
def test_what_is_no_address_of_the_web_has_no_key(address: str) -> None:
    assert url_key(address) == ""


def test_a_very_long_address_is_cut_and_stays_its_own() -> None:
    long = "https://a.example.org/" + "x" * 5_000
    assert len(url_key(long)) == KEY_LIMIT
    assert url_key(long) != url_key(long + "y")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        # found by drawing: each of these had a key whose own key was another one
        ("https://example.org/#!a", "example.org#!a"),
        ("https://example.org/#!%C3%A9", "example.org#!%C3%A9"),
        ("https://example.org/a/%2e%2e/b", "example.org/b"),
        ("https://example.org/amp/index.html", "example.org"),
        ("https://example.org/index.html/index.html", "example.org"),
        ("https://www.m.example.org/a", "example.org/a"),
        ("https://example.org/?=", "example.org"),
        ("https://example.org/?a=&=x", "example.org?a&x"),
        ("http://[::1]:8080/a", "[::1]:8080/a"),
    ],
)
def test_an_address_in_two_dresses_has_a_key_that_is_its_own_key(address: str, key: str) -> None:
    assert url_key(address) == key == url_key(f"https://{key}")


@given(st.text(max_size=80))
def test_any_text_has_a_key_that_is_its_own_key(text: str) -> None:
    key = url_key(f"https://a.example.org/{text}")
    assert key.isascii()
    assert url_key(f"https://{key}") == key


@pytest.mark.corpus
def test_real_pairs_of_addresses(corpus_data: Path) -> None:
    cases = json.loads((corpus_data / "stories" / "url-cases.json").read_text())
    assert [(a, b) for a, b in cases["same"] if url_key(a) != url_key(b)] == []
    assert [(a, b) for a, b in cases["different"] if url_key(a) == url_key(b)] == []
