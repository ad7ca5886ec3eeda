"""The article of a page, and nothing that stands beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import ParseError
from monitor.refine import Extract, extract

VISIT = Path(__file__).parent / "pages" / "visit-to-doha.html"
SENTENCE = "La délégation est arrivée mardi à Doha pour une visite de deux jours, selon l'ambassade. "
ARABIC = "وصل وفد أمني مغربي إلى الدوحة يوم الثلاثاء في زيارة عمل تستغرق يومين لبحث التعاون بين البلدين. "


@pytest.fixture(scope="module")
def visit() -> Extract:
    return extract(
        VISIT.read_bytes(), "https://courrier.example.org/2026/04/21/delegation-doha/?utm_source=rss"
    )


def page(body: str, head: str = "", lang: str = "fr") -> bytes:
    return f'<html lang="{lang}"><head>{head}</head><body><h1>Une visite</h1>{body}</body></html>'.encode()


def article(extra: str = "", *, sentences: int = 4) -> bytes:
    """A page whose article is `sentences` paragraphs, with `extra` between the last two of them."""
    paragraphs = [f"<p>{SENTENCE}Point {number}.</p>" for number in range(sentences)]
    paragraphs.insert(-1, extra)
    return page(f"<article>{''.join(paragraphs)}</article>")


def test_the_whole_article_is_read_in_paragraphs(visit: Extract) -> None:
    lines = visit.body.split("\n")
    assert [line.split()[0] for line in lines] == ["Le", "Il", "Une", "LC/MAP"]
    assert lines[2].endswith("et un suivi trimestriel.")


@pytest.mark.parametrize(
    "stranger",
    [
        # a related headline within the article, by its class, as a sentence, and bare
        "don qatari",
        "Abou Dhabi",
        "Coupe du monde",
        # beside it: a marked list with an excerpt, a list named by its class, an aside
        "Business Forum",
        "trente pays",
        "Tanger Med",
        "tramway",
        # menus, comments, the footer, scripts
        "Forum",
        "Voir aussi",
        "Laisser un commentaire",
        "messagerie",
        "Bravo",
        "droits réservés",
        "tracker",
    ],
)
def test_nothing_beside_the_article_is_in_its_body(visit: Extract, stranger: str) -> None:
    assert stranger in VISIT.read_text()
    assert stranger not in visit.body


def test_the_facts_of_a_page_are_read(visit: Extract) -> None:
    assert visit.title == "Sécurité : la délégation marocaine reçue à Doha"
    assert visit.published == datetime(2026, 4, 21, 17, 30, tzinfo=UTC)
    assert visit.language == "fr"
    assert visit.authors == ("Salma Idrissi",)
    assert visit.canonical == "https://courrier.example.org/2026/04/21/delegation-doha/"


def test_the_title_is_not_repeated_in_the_body(visit: Extract) -> None:
    assert visit.title not in visit.body


@pytest.mark.parametrize(
    "between",
    [
        "<p>Lire aussi : <a href=/f>Un Forum de plus à Marrakech</a></p>",
        "<p>À lire aussi <a href=/f>Un Forum de plus à Marrakech</a></p>",
        "<p><strong>Read also:</strong> <a href=/f>Un Forum de plus à Marrakech</a></p>",
        "<p>Lea también: <a href=/f>Un Forum de plus à Marrakech</a></p>",
        "<p>اقرأ أيضًا: <a href=/f>Un Forum de plus à Marrakech</a></p>",
        "<h4>À lire aussi</h4><ul><li><a href=/f>Un Forum de plus à Marrakech</a></li></ul>",
        "<div><h3>Related articles</h3><div><a href=/f>Un Forum de plus</a><span>Deux mots du Forum</span></div></div>",
        "<p><strong>Te puede interesar</strong></p><p><a href=/f>Un Forum de plus à Marrakech</a></p>",
        "<p><a href=/f>Un Forum de plus à Marrakech</a></p>",
        "<ul class='x'><li><span>Économie</span> <a href=/f>Un Forum de plus à Marrakech</a></li></ul>",
        "<div class='wp-block-lireAussi'><p>Un Forum de plus à Marrakech</p></div>",
        "<aside class='readMore'><p>Un Forum de plus à Marrakech</p></aside>",
        "<p>Voir aussi : Un Forum de plus à Marrakech</p>",
    ],
)
def test_what_leads_elsewhere_is_taken_out_of_the_middle(between: str) -> None:
    body = extract(article(between)).body
    assert "Forum" not in body
    assert [f"Point {number}." in body for number in range(4)] == [True] * 4


@pytest.mark.parametrize(
    ("between", "kept"),
    [
        # a sentence with links is a sentence
        ("<p>Le <a href=/f>Forum</a> se tiendra à <a href=/m>Marrakech</a>.</p>", "Forum"),
        # a sentence that opens as a marker does
        (f"<p>Voir aussi loin que le Forum demande du courage. {SENTENCE * 3}</p>", "Forum"),
        (
            "<p>Commentaires du ministre sur <a href=/f>le Forum</a> de Marrakech, mardi soir à Doha.</p>",
            "Forum",
        ),
        # a list of facts
        ("<ul><li>Forum : trois jours, <a href=/f>mille invités</a>, trente pays</li></ul>", "trente pays"),
        # a headline within the article
        ("<h2>Un Forum attendu</h2>", "Un Forum attendu"),
        # a name that says related, around the article itself
        (f"<div class='related-content'><p>{SENTENCE * 3}Forum.</p><p>{SENTENCE * 3}</p></div>", "Forum"),
    ],
)
def test_what_belongs_to_the_article_stays(between: str, kept: str) -> None:
    assert kept in extract(article(between)).body


@pytest.mark.parametrize(
    ("marker", "headlines"),
    [
        (
            "Read Also",
            ["Marrakech Forum opens with a record number of guests", "Is the Forum worth its price?"],
        ),
        ("اقرأ أيضاً", ["منتدى مراكش Forum يفتتح أعماله بحضور كبير", 'شركات تشارك في Forum مراكش "2026"']),
        ("Voir aussi", ["Le Forum de Marrakech attend ses premiers invités"]),
    ],
)
def test_headlines_in_plain_paragraphs_under_a_marker_are_taken_out(
    marker: str, headlines: list[str]
) -> None:
    between = "".join(f"<p>{line}</p>" for line in (marker, *headlines))
    body = extract(article(between)).body
    assert "Forum" not in body
    assert [f"Point {number}." in body for number in range(4)] == [True] * 4


def test_sentences_and_signatures_behind_a_marker_stay() -> None:
    body = extract(article(f"<p>Voir aussi</p><p>{SENTENCE}Le Forum suivra.</p><p>LR/MAP</p>")).body
    assert "Le Forum suivra." in body
    assert "LR/MAP" in body


def test_a_block_around_everything_is_never_taken_for_a_sidebar() -> None:
    inner = "".join(f"<p>{SENTENCE * 3}</p>" for _ in range(3))
    assert extract(page(f"<div class='related comments newsletter'><h1>Visite</h1>{inner}</div>")).body


def test_a_brief_of_one_sentence_is_an_article() -> None:
    sidebar = "<aside><ul><li><a href=/1>Un Forum à Marrakech</a></li></ul></aside><footer>Droits</footer>"
    assert extract(page(f"<div class=c><p>{SENTENCE}</p></div>{sidebar}")).body == SENTENCE.strip()


def test_paragraphs_divided_by_line_breaks_are_read() -> None:
    body = extract(page(f"<div class=c>{SENTENCE}<br><br>Deuxième alinéa.<br>{SENTENCE}</div>")).body
    assert body.split("\n") == [SENTENCE.strip(), "Deuxième alinéa.", SENTENCE.strip()]


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "", None),
        # the bytes are believed before what the page says of them
        ("utf-8", "<meta charset=iso-8859-1>", "iso-8859-1"),
        ("cp1256", "<meta charset=windows-1256>", None),
        ("cp1256", '<meta http-equiv="Content-Type" content="text/html; charset=windows-1256">', None),
        ("cp1256", "", "windows-1256"),
        ("iso8859-6", "", "ISO-8859-6"),
        ("utf-16", "", None),
    ],
)
def test_arabic_pages_are_read_in_their_encoding(encoding: str, declared: str, header: str | None) -> None:
    html = f"<html><head>{declared}<title>زيارة</title></head><body><article><p>{ARABIC * 3}</p></article></body></html>"
    found = extract(html.encode(encoding), charset=header)
    assert (found.body, found.language) == ((ARABIC * 3).strip(), "ar")


@pytest.mark.parametrize(
    ("head", "moment"),
    [
        # JSON-LD, in a graph, with an offset; what is no article's date is not taken
        (
            '<script type="application/ld+json">{"@graph": [{"@type": "Event", "datePublished": "2020-01-01"},'
            '{"@type": ["NewsArticle"], "datePublished": "2026-04-21T10:00:00+03:00"}]}</script>',
            datetime(2026, 4, 21, 7, tzinfo=UTC),
        ),
        ("<meta itemprop=datePublished content='2026-04-21T10:00Z'>", datetime(2026, 4, 21, 10, tzinfo=UTC)),
        # broken JSON-LD is passed over
        (
            '<script type="application/ld+json">{"datePublished": </script>'
            "<meta property='article:published_time' content='2026-04-21 10:00:00 +0100'>",
            datetime(2026, 4, 21, 9, tzinfo=UTC),
        ),
        ("", None),
    ],
)
def test_the_moment_of_publication_is_the_stated_one(head: str, moment: datetime | None) -> None:
    assert extract(page(f"<p>{SENTENCE}</p>", head)).published == moment


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not an HTML page but nothing: it is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "an image"),
        (b'{"items": []}', "a JSON document"),
        (b"just words, 1 < 2", "plain text"),
        (b"\x01\x00\x02\x00" * 400, "binary data"),
        (b"<?xml version='1.0'?><rss><channel><item><p>x</p></item></channel></rss>", "a feed or sitemap"),
    ],
)
def test_what_is_no_page_is_refused_by_its_name(body: bytes, told: str) -> None:
    with pytest.raises(ParseError, match=told):
        extract(body)


@pytest.mark.parametrize(
    "html",
    [
        "<html></html>",
        "<p></p>",
        "<!-- only a comment --><br>",
        "<html><head><title></title></head><body><script>x()</script></body></html>",
        "<div>" * 20_000 + "deep" + "</div>" * 20_000,
        "<p>" + "<span>x " * 5_000,
        "<table><tr><td>" * 2_000 + "x",
        "<div><h3>Voir aussi</h3><div><a href=x>x</a></div>" * 500,
        '<script type="application/ld+json">' + "[" * 100_000 + "</script><p>x</p>",
        "<p>\x00\x0b\ufffe&#xD800;&#x110000;&#0;</p>",
        "<a href='http://[::1'><link rel=canonical href='http://[::1'><p>x</p>",
    ],
    ids=range(11),
)
def test_pages_without_an_article_are_no_error(html: str) -> None:
    found = extract(html.encode("utf-8", "replace"), "https://example.org/")
    assert len(found.body) <= len(html)


@pytest.mark.parametrize(
    ("stated", "canonical"),
    [
        ("/a/", "https://example.org/a/"),
        ("https://www.example.com/a", "https://www.example.com/a"),
        # what cannot be an address is passed over
        ("javascript:alert(1)", "https://example.org/x?y=1"),
        ("", "https://example.org/x?y=1"),
    ],
)
def test_the_canonical_address_is_absolute(stated: str, canonical: str) -> None:
    html = page(f"<p>{SENTENCE}</p>", f'<link rel="canonical" href="{stated}">')
    assert extract(html, "https://example.org/x?y=1").canonical == canonical


def test_extract_stays_a_function_after_it_was_called() -> None:
    """A module named like the function would take its place in the package."""
    import monitor.refine

    assert callable(monitor.refine.extract)
