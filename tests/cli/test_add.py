"""`monitor sources add`: what a site offers, over real sockets, and YAML that the loader takes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from monitor.cli import invoke
from monitor.model import SourceKind
from monitor.settings import load
from tests.build import write_config

NOW = datetime.now(UTC)
TITLES = (
    "Le barrage de Bouregreg retrouve son niveau",
    "La récolte des olives commence plus tôt cette année",
    "Un nouveau train relie Rabat et Tanger dès lundi",
)
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


@pytest.fixture(autouse=True)
def no_robots(httpserver: HTTPServer) -> None:
    """The site has no robots.txt; the server's own answer to what it does not know would forbid all."""
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)


def rss(host: str, prefix: str, text: str = "Un court résumé.") -> str:
    rows = "".join(
        f"<item><title>{title}</title><link>{host}{prefix}/{n}</link><pubDate>{format_datetime(NOW - timedelta(hours=12 * n))}"
        f"</pubDate><description>{text}</description></item>"
        for n, title in enumerate(TITLES)
    )
    return f"<rss version='2.0'><channel><title>Feed {prefix}</title><language>fr</language>{rows}</channel></rss>"


def news_sitemap(host: str) -> str:
    rows = "".join(
        f"<url><loc>{host}/n/{n}</loc><n:news><n:publication_date>{(NOW - timedelta(hours=n)).isoformat()}</n:publication_date>"
        f"<n:title>{title}</n:title></n:news></url>"
        for n, title in enumerate(TITLES)
    )
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='{NEWS}'>{rows}</urlset>"


class Site:
    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.url = server.url_for("").rstrip("/")

    def serve(self, path: str, body: str, kind: str = "text/html; charset=utf-8", status: int = 200) -> None:
        self.server.expect_request(path).respond_with_data(body, status=status, content_type=kind)

    def add(self, capsys: pytest.CaptureFixture[str], path: str = "/", code: int = 0) -> dict[str, Any]:
        assert invoke(["sources", "add", f"{self.url}{path}", "-c", str(self.folder), "-o", "json"]) == code
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document


@pytest.fixture
def site(httpserver: HTTPServer, tmp_path: Path) -> Site:
    monitor = {"fetch": {"allow_private": True, "deadline": "5s"}}
    return Site(httpserver, write_config(tmp_path / "config", monitor=monitor, sources=[]))


def test_a_sites_feeds_news_sitemap_and_api_are_found_and_the_best_is_first(
    site: Site, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    site.serve(
        "/",
        "<html lang='fr'><head><title>La Gazette | Toute l'info</title>"
        "<link rel='alternate' type='application/rss+xml' href='/feed/'>"
        "<link rel='alternate' type='application/atom+xml' href='/feed/again'>"
        "<link rel='alternate' type='application/rss+xml' href='/comments/feed/'>"
        "<link rel='https://api.w.org/' href='/wp-json/'></head><body>Bonjour</body></html>",
    )
    site.serve("/feed/", rss(site.url, "/f"), "application/rss+xml")
    site.serve("/feed/again", rss(site.url, "/f"), "application/rss+xml")
    site.serve("/robots.txt", f"User-agent: *\nSitemap: {site.url}/sitemap_index.xml\n", "text/plain")
    index = "".join(
        f"<sitemap><loc>{site.url}/{name}</loc></sitemap>" for name in ("images.xml", "news-sitemap.xml")
    )
    site.serve("/sitemap_index.xml", f"<sitemapindex>{index}</sitemapindex>", "application/xml")
    site.serve("/news-sitemap.xml", news_sitemap(site.url), "application/xml")
    posts = [
        {
            "id": n,
            "date_gmt": (NOW - timedelta(days=n)).strftime("%Y-%m-%dT%H:%M:%S"),
            "link": f"{site.url}/w/{n}",
            "title": {"rendered": title},
            "content": {"rendered": f"<p>{'Un long texte. ' * 100}</p>"},
        }
        for n, title in enumerate(TITLES)
    ]
    site.serve("/wp-json/wp/v2/posts", json.dumps(posts), "application/json")

    told = site.add(capsys)
    found = told["found"]
    assert [(each["kind"], each["url"].removeprefix(site.url)) for each in found] == [
        ("news-sitemap", "/news-sitemap.xml"),
        ("feed", "/feed/"),
        ("wordpress", "/wp-json/wp/v2/posts?per_page=50&_embed=author"),
    ]
    sitemap, feed, api = found
    assert (feed["per_day"], feed["language"], feed["full_text_in_feed"]) == (2.0, "fr", False)
    assert api["full_text_in_feed"] is True
    assert [sample["title"] for sample in sitemap["samples"]] == list(TITLES)
    assert told["requests"] <= 10

    # each block is ready to paste
    blocks = "".join(each["yaml"] for each in found)
    (site.folder / "sources" / "pasted.yaml").write_text(f"sources:\n{blocks}", encoding="utf-8")
    sources = load(site.folder, {}).sources
    assert [source.kind for source in sources] == [
        SourceKind.NEWS_SITEMAP,
        SourceKind.FEED,
        SourceKind.WORDPRESS,
    ]
    assert {source.name for source in sources} == {"La Gazette"}
    assert [source.full_text for source in sources] == [True, True, False]
    assert {each["known_as"] for each in site.add(capsys)["found"]} == {source.id for source in sources}


def test_an_address_that_is_a_feed_says_so_and_prints_yaml_alone_on_stdout(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.serve("/rss.xml", rss(site.url, "/f", "Un long texte. " * 100), "application/rss+xml")
    assert invoke(["sources", "add", f"{site.url}/rss.xml", "-c", str(site.folder)]) == 0
    out, err = capsys.readouterr()
    assert "is itself a feed" in err
    assert "# 3 items, 2.0 items a day, newest" in out
    assert "language fr, full text" in out
    (site.folder / "sources" / "pasted.yaml").write_text(out, encoding="utf-8")
    [source] = load(site.folder, {}).sources
    assert (source.url, source.full_text) == (f"{site.url}/rss.xml", False)


def test_a_site_that_refuses_its_page_is_asked_for_its_sitemap(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.serve("/", "no", status=403)
    site.serve("/news-sitemap.xml", news_sitemap(site.url), "application/xml")
    told = site.add(capsys)
    assert [each["kind"] for each in told["found"]] == ["news-sitemap"]
    assert "403 Forbidden" in told["notes"][0]


def test_a_sitemap_of_a_month_is_watched_through_its_index(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.serve("/", "<html><head><title>x</title></head><body>y</body></html>")
    site.serve("/robots.txt", "Sitemap: /sitemap.xml", "text/plain")
    index = f"<sitemapindex><sitemap><loc>{site.url}/news-2026-04.xml</loc></sitemap></sitemapindex>"
    site.serve("/sitemap.xml", index, "application/xml")
    site.serve("/news-2026-04.xml", news_sitemap(site.url), "application/xml")
    [found] = site.add(capsys)["found"]
    assert found["url"] == f"{site.url}/sitemap.xml"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<html><title>Connexion</title><form><input type='password'></form></html>", "a login page"),
        (
            "<html><title>Just a moment...</title><div class='cf-challenge'></div></html>",
            "captcha or a robot check",
        ),
    ],
)
def test_a_wall_is_named(site: Site, capsys: pytest.CaptureFixture[str], page: str, said: str) -> None:
    site.serve("/", page)
    assert said in site.add(capsys, code=1)["notes"][0]
    assert invoke(["sources", "add", f"{site.url}/", "-c", str(site.folder)]) == 1
    assert "refuses robots" in capsys.readouterr().err


def test_where_nothing_is_found_it_says_what_to_try(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.serve("/", "<html><head><title>x</title></head><body>y</body></html>")
    assert invoke(["sources", "add", f"{site.url}/", "-c", str(site.folder)]) == 1
    assert "try the address of a section" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("ftp://example.org/", 2, "is no address of a site"),
        ("https://user:secret@example.org/", 2, "is no address of a site"),
        ("http://127.0.0.1:9/", 1, "cannot connect"),
    ],
)
def test_an_address_that_cannot_be_asked_is_told(
    site: Site, capsys: pytest.CaptureFixture[str], address: str, code: int, said: str
) -> None:
    assert invoke(["sources", "add", address, "-c", str(site.folder)]) == code
    assert said in capsys.readouterr().err


def test_a_hostile_site_costs_a_bounded_number_of_requests(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    links = "".join(f"<link rel='alternate' type='application/rss+xml' href='/feed/{n}'>" for n in range(500))
    site.serve("/", f"<html><head>{links}</head><body></body></html>")
    site.serve("/robots.txt", "".join(f"Sitemap: {site.url}/map{n}.xml\n" for n in range(500)), "text/plain")
    assert site.add(capsys, code=1)["requests"] <= 30
