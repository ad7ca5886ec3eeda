"""The kinds of source that are more than a document at an address: where a poll looks, and what it makes of the answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.collect import addressed, parse
from monitor.errors import NotAFeed, ParseError
from monitor.model import Feed, Item, Source, SourceKind, SourceState
from tests.build import make_source

NOW = datetime(2026, 4, 21, 9, 0, tzinfo=UTC)


def at(source: Source, now: datetime = NOW, **state: Any) -> tuple[str, ...]:
    """The addresses of a poll."""
    asked, _ = addressed(source, SourceState(source.id, now, **state), now)
    return asked.url, *asked.also


def read(source: Source, body: str | bytes, url: str = "", since: datetime | None = None) -> Feed:
    document = body.encode() if isinstance(body, str) else body
    return parse(document, source.kind, url or source.url, "", None, source, since)


# --- placeholders ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "moment", "filled"),
    [
        # in the middle of a month, that month alone
        ("{YYYY}-{MM}.xml", "2026-04-21T09:00", ["2026-04.xml"]),
        ("{YY}{M}.xml", "2026-04-21T09:00", ["264.xml"]),
        # at its start also the month before, which comes first: it is there, the new one may not be yet
        ("{YYYY}-{MM}.xml", "2026-05-01T00:10", ["2026-04.xml", "2026-05.xml"]),
        ("{YYYY}-{MM}.xml", "2026-05-02T11:59", ["2026-04.xml", "2026-05.xml"]),
        ("{YYYY}-{MM}.xml", "2026-05-02T12:01", ["2026-05.xml"]),
        # at New Year
        ("{YYYY}/{MM}.xml", "2027-01-01T05:00", ["2026/12.xml", "2027/01.xml"]),
        # in a month's last hours it is the next one in the Gulf
        ("{YYYY}-{MM}.xml", "2026-04-30T21:00", ["2026-04.xml", "2026-05.xml"]),
        # one document a day
        ("{YYYY}-{MM}-{DD}", "2026-04-21T09:00", ["2026-04-21"]),
        ("{YYYY}-{MM}-{DD}", "2026-04-21T03:00", ["2026-04-20", "2026-04-21"]),
        ("{YYYY}/{M}/{D}", "2026-04-09T23:00", ["2026/4/9", "2026/4/10"]),
        # without any, the address as it is
        ("news.xml", "2026-05-01T00:10", ["news.xml"]),
    ],
)
def test_an_address_is_filled_from_the_moment_of_polling(
    pattern: str, moment: str, filled: list[str]
) -> None:
    source = make_source(kind=SourceKind.NEWS_SITEMAP, url=f"https://gazette.example.org/{pattern}")
    now = datetime.fromisoformat(f"{moment}:00+00:00")
    assert list(at(source, now)) == [f"https://gazette.example.org/{each}" for each in filled]


def test_a_poll_of_two_documents_asks_unconditionally_and_names_the_second_as_further() -> None:
    source = make_source(
        kind=SourceKind.NEWS_SITEMAP, url="https://gazette.example.org/{YYYY}-{MM}.xml", password=None
    )
    new_month = datetime(2026, 5, 1, 1, 0, tzinfo=UTC)
    state = SourceState(source.id, new_month, etag='"a"', last_modified="x", body_hash="y")
    asked, after = addressed(source, state, new_month)
    assert (after.etag, after.last_modified, after.body_hash) == (None, None, None)
    feed = read(asked, "<urlset><url><loc>https://gazette.example.org/1</loc></url></urlset>")
    assert feed.links == ("https://gazette.example.org/2026-05.xml",)


# --- WordPress -------------------------------------------------------------------------------------------------------


def posts(count: int, newest: int = 1000) -> str:
    """Posts of one minute each, the newest first."""
    rows = [
        {
            "id": number,
            "date_gmt": f"2026-04-21T{number // 60 % 24:02}:{number % 60:02}:00",
            "link": f"https://gazette.example.org/{number}",
            "title": {"rendered": f"Post &#8220;{number}&#8221;"},
            "_embedded": {"author": [{"name": "Salma Idrissi"}]},
        }
        for number in range(newest, newest - count, -1)
    ]
    return json.dumps(rows)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://gazette.example.org/", "https://gazette.example.org/wp-json/wp/v2/posts?per_page=20&_embed=author"),
        ("https://gazette.example.org/ar", "https://gazette.example.org/ar/wp-json/wp/v2/posts?per_page=20&_embed=author"),
        # what the operator asks for stays
        (
            "https://gazette.example.org/wp-json/wp/v2/posts?per_page=50&categories=7",
            "https://gazette.example.org/wp-json/wp/v2/posts?per_page=50&_embed=author",
        ),
        (
            "https://gazette.example.org/?rest_route=/wp/v2/posts",
            "https://gazette.example.org/?per_page=20&_embed=author",
        ),
    ],
)  # fmt: skip
def test_wordpress_is_asked_for_the_newest_posts_with_their_authors(url: str, asked: str) -> None:
    (address,) = at(make_source(kind=SourceKind.WORDPRESS, url=url))
    assert address.startswith(asked)
    assert "_fields=id,guid,link" in address
    assert ("categories=7" in address, "rest_route=/wp/v2/posts" in address) == (
        "categories" in url,
        "rest_route" in url,
    )


def test_posts_carry_their_author_and_an_unescaped_title() -> None:
    feed = read(make_source(kind=SourceKind.WORDPRESS), posts(1))
    assert (feed.items[0].title, feed.items[0].authors) == ("Post “1000”", ("Salma Idrissi",))


@pytest.mark.parametrize(
    ("count", "since", "further"),
    [
        # all 20 are newer than the last reading: there may be more behind them
        (20, datetime(2026, 4, 21, 3, 0, tzinfo=UTC), True),
        # the page reaches back beyond it
        (20, datetime(2026, 4, 21, 16, 30, tzinfo=UTC), False),
        # a page that is not full is the last one
        (19, datetime(2026, 4, 21, 3, 0, tzinfo=UTC), False),
        # the first reading is backlog anyway
        (20, None, False),
    ],
)
def test_pages_are_read_back_to_the_last_reading(count: int, since: datetime | None, further: bool) -> None:
    source = make_source(kind=SourceKind.WORDPRESS, url="https://gazette.example.org/")
    (url,) = at(source)
    links = read(source, posts(count), url, since).links
    assert len(links) == int(further)
    if further:
        assert "page=2" in links[0]
        assert "after=2026-04-20T03:00:00Z" in links[0]
        (third,) = read(source, posts(20, 900), links[0], since).links
        assert "page=3" in third


# --- a listing page --------------------------------------------------------------------------------------------------

LISTING = """<html lang="fr"><head><title>Actualités</title></head><body>
<nav><a href="/actualites">Toutes les actualités de la rédaction</a></nav>
<div class="card"><a href="/actualites/101-port"><img src="p.jpg" alt="Le port"></a>
 <h2><a href="/actualites/101-port#top">Le port de Tanger agrandi</a></h2>
 <p>Les travaux durent trois ans.</p><time datetime="2026-04-21T08:00:00Z">ce matin</time>
 <a href="/auteur/salma">Salma Idrissi</a></div>
<a class="card" href="https://gazette.example.org/actualites/102-gare"><h3>La gare de Fès rouvre</h3></a>
<div class="card"><a href="javascript:void(0)">Partager cet article avec vos amis</a></div>
<aside><a href="/publicite/9">Une publicité qui a la longueur d'un titre</a></aside></body></html>"""
CARDS = [
    ("https://gazette.example.org/actualites/101-port", "Le port de Tanger agrandi"),
    ("https://gazette.example.org/actualites/102-gare", "La gare de Fès rouvre"),
]


def page(**keys: Any) -> Source:
    return make_source(kind=SourceKind.PAGE, url="https://gazette.example.org/actualites", **keys)


@pytest.mark.parametrize(
    "keys",
    [
        {"items": ".card"},
        {"items": ".card h2 a, a.card"},
        {"link_pattern": r"/actualites/\d+-"},
        {"items": ".card", "link_pattern": r"/actualites/\d"},
    ],
    ids=["blocks", "links", "pattern", "both"],
)
def test_a_listing_pages_links_are_its_items(keys: dict[str, str]) -> None:
    feed = read(page(**keys), LISTING)
    assert [(item.url, item.title) for item in feed.items] == CARDS
    assert (feed.kind, feed.title, feed.language) == ("page", "Actualités", "fr")


def test_a_block_of_a_listing_gives_date_and_standfirst() -> None:
    first = read(page(items=".card"), LISTING).items[0]
    assert (first.published, first.summary) == (
        datetime(2026, 4, 21, 8, tzinfo=UTC),
        "Les travaux durent trois ans.",
    )


def test_a_picture_that_links_has_its_words() -> None:
    feed = read(page(link_pattern="/101"), "<a href='/101'><img alt='Le port de Tanger'></a>")
    assert feed.items[0].title == "Le port de Tanger"


def test_without_selector_and_pattern_links_as_long_as_a_headline_are_shown() -> None:
    titles = [item.title for item in read(page(), LISTING).items]
    assert "Le port de Tanger agrandi" in titles
    assert "Salma Idrissi" not in titles


@pytest.mark.parametrize(
    ("body", "words", "blocked"),
    [
        (LISTING, "no article on the page matches items: .tile", False),
        ("<form><input type=password></form>", "a login page", True),
        ("<title>Just a moment...</title><p>x</p>", "a captcha", True),
        ("", "no HTML", False),
    ],
    ids=["changed", "login", "captcha", "empty"],
)
def test_a_page_without_an_article_is_an_error_and_not_empty(body: str, words: str, blocked: bool) -> None:
    with pytest.raises(NotAFeed, match=words) as caught:
        read(page(items=".tile"), body)
    assert caught.value.blocked is blocked


def test_a_page_in_windows_1256_is_read_by_its_own_declaration() -> None:
    body = '<meta charset="windows-1256"><a href="/1" class=t>وصول الوفد إلى الدوحة</a>'.encode("cp1256")
    assert read(page(items=".t"), body).items[0].title == "وصول الوفد إلى الدوحة"


# --- Telegram --------------------------------------------------------------------------------------------------------


def message(number: int, text: str, moment: str = "2026-04-21T08:00:00+00:00", more: str = "") -> str:
    return (
        f'<div class="tgme_widget_message js-widget_message" data-post="gazette/{number}">'
        f'<div class="tgme_widget_message_text js-message_text">{text}</div>{more}'
        f'<a class="tgme_widget_message_date"><time datetime="{moment}">08:00</time></a></div>'
    )


def channel(*messages: str, head: str = "") -> str:
    return (
        f"<html><head>{head}</head><body><div class=tgme_channel_info_header_title>Gazette du soir</div>"
        f'<section class="tgme_channel_history js-message_history">{"".join(messages)}</section></body></html>'
    )


TELEGRAM = make_source(kind=SourceKind.TELEGRAM, url="https://t.me/gazette")


def test_a_channels_preview_is_asked_for_however_it_is_named() -> None:
    for url in ("https://t.me/gazette", "https://t.me/s/gazette", "https://t.me/s/gazette/"):
        assert at(make_source(kind=SourceKind.TELEGRAM, url=url)) == ("https://t.me/s/gazette",)


def test_a_channels_messages_are_items_newest_first() -> None:
    preview = '<a><div class="link_preview_title">Le port</div><div class="link_preview_description">Trois ans</div></a>'
    body = channel(message(7, "Un titre<br>et la suite"), message(8, "Autre", more=preview), message(9, ""))
    feed = read(TELEGRAM, body, "https://t.me/s/gazette")
    assert (feed.kind, feed.title) == ("telegram", "Gazette du soir")
    assert [(i.id, i.url, i.title) for i in feed.items] == [
        ("gazette/8", "https://t.me/gazette/8", "Autre"),
        ("gazette/7", "https://t.me/gazette/7", "Un titre"),
    ]
    assert "Trois ans" in feed.items[0].summary
    assert feed.items[1].published == datetime(2026, 4, 21, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        '<div class="tgme_page"><div class="tgme_page_title">Salon</div><a>View in Telegram</a></div>',
        "<html><body>Telegram: Contact @nobody</body></html>",
    ],
    ids=["private", "nobody"],
)
def test_a_private_channel_is_an_error_and_not_empty(body: str) -> None:
    with pytest.raises(NotAFeed, match="not a public channel"):
        read(TELEGRAM, body)


def test_a_public_channel_without_messages_is_empty_and_no_error() -> None:
    assert read(TELEGRAM, channel()).items == ()


def test_older_messages_are_asked_for_where_the_preview_does_not_reach_back() -> None:
    body = channel(message(7, "Un titre"), head='<link rel="prev" href="/s/gazette?before=7">')
    before, behind = datetime(2026, 4, 21, 7, tzinfo=UTC), datetime(2026, 4, 21, 9, tzinfo=UTC)
    url = "https://t.me/s/gazette"
    assert read(TELEGRAM, body, url, before).links == ("https://t.me/s/gazette?before=7",)
    assert read(TELEGRAM, body, url, behind).links == ()


# --- GDELT -----------------------------------------------------------------------------------------------------------

GDELT = make_source(
    kind=SourceKind.GDELT,
    url="https://api.gdeltproject.org/api/v2/doc/doc?query=Rabat%20sourcelang:french&mode=timelinevol&maxrecords=25",
)


def test_a_search_of_gdelt_asks_for_a_list_of_articles_in_json() -> None:
    (url,) = at(GDELT)
    for part in (
        "query=Rabat+sourcelang%3Afrench",
        "mode=artlist",
        "format=json",
        "maxrecords=25",
        "sort=datedesc",
    ):
        assert part in url


def test_gdelts_articles_name_their_outlet_language_and_moment() -> None:
    row = {
        "url": "https://gazette.example.org/1",
        "title": "Rabat , Doha : un accord",
        "seendate": "20260421T081500Z",
        "domain": "gazette.example.org",
        "language": "French",
    }
    feed = read(GDELT, json.dumps({"articles": [row, {"title": "sans adresse"}]}))
    assert feed.items == (
        Item(
            url="https://gazette.example.org/1",
            title="Rabat, Doha: un accord",
            published=datetime(2026, 4, 21, 8, 15, tzinfo=UTC),
            authors=("gazette.example.org",),
            language="fr",
        ),
    )


def test_a_search_without_results_is_empty_and_a_refusal_is_told_in_gdelts_words() -> None:
    assert read(GDELT, "{}").items == ()
    with pytest.raises(ParseError, match="GDELT refuses: Your search was too short"):
        read(GDELT, "Your search was too short.\n")


# --- Google News -----------------------------------------------------------------------------------------------------


def news(guid: str, title: str, source: str = "") -> str:
    return (
        f"<item><title>{title}</title><link>https://news.google.com/rss/articles/{guid}?oc=5&amp;hl=fr</link>"
        f'<guid isPermaLink="false">{guid}</guid><pubDate>Tue, 21 Apr 2026 08:00:00 GMT</pubDate>'
        f"<description>&lt;ol&gt;&lt;li&gt;&lt;a href='x'&gt;Un autre titre&lt;/a&gt;&lt;/li&gt;&lt;/ol&gt;</description>{source}</item>"
    )


@pytest.mark.parametrize(
    ("title", "source", "headline", "outlet"),
    [
        # as its <source> says, though the headline has a dash of its own
        ("Tanger - Le port agrandi - Gazette du Nord", "Gazette du Nord", "Tanger - Le port agrandi", "Gazette du Nord"),
        # an outlet with a dash in its name
        ("Le port agrandi - Gazette - Maroc", "Gazette - Maroc", "Le port agrandi", "Gazette - Maroc"),
        # without <source> the last dash tells
        ("Le port agrandi - Gazette du Nord", "", "Le port agrandi", "Gazette du Nord"),
        # a title that does not name it
        ("Le port agrandi", "Gazette du Nord", "Le port agrandi", "Gazette du Nord"),
        ("توسيع الميناء - جريدة الشمال", "جريدة الشمال", "توسيع الميناء", "جريدة الشمال"),
    ],
)  # fmt: skip
def test_google_news_is_keyed_by_guid_and_attributed_to_the_outlet(
    title: str, source: str, headline: str, outlet: str
) -> None:
    stated = f'<source url="https://nord.example.org">{source}</source>' if source else ""
    body = f"<rss version='2.0'><channel><title>t</title>{news('CBMiAbc_9', title, stated)}</channel></rss>"
    search = make_source(url="https://news.google.com/rss/search?q=port")
    (item,) = read(search, body).items
    assert (item.title, item.authors, item.id) == (headline, (outlet,), "CBMiAbc_9")
    assert item.url == "https://news.google.com/rss/articles/CBMiAbc_9"  # whatever parameters it comes with
    assert item.summary + item.content == ""  # other outlets' headlines are no text of this article


def test_other_feeds_keep_the_dashes_of_their_titles() -> None:
    body = f"<rss version='2.0'><channel><title>t</title>{news('x', 'Un port - une ville')}</channel></rss>"
    assert read(make_source(), body).items[0].title == "Un port - une ville"
