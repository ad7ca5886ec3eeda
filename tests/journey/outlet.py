"""A small outlet on loopback: articles put in by the test, shown as RSS, news sitemap and pages, with ETags."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
AT = datetime(2026, 4, 21, 8, 30, tzinfo=UTC)


@dataclass
class Outlet:
    """`put` an article, read it at `feed`, `sitemap` and its own address."""

    server: HTTPServer
    name: str
    articles: list[tuple[str, str, str]] = field(default_factory=list)  # (slug, title, body)
    sidebar: str = ""
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for path, answer in (
            (self._path("feed.xml"), self._feed),
            (self._path("sitemap.xml"), self._sitemap),
        ):
            self.server.expect_request(path).respond_with_handler(answer)

    def _path(self, name: str) -> str:
        return f"/{self.name}/{name}"

    @property
    def feed(self) -> str:
        return self.server.url_for(self._path("feed.xml"))

    @property
    def sitemap(self) -> str:
        return self.server.url_for(self._path("sitemap.xml"))

    def link(self, slug: str) -> str:
        return self.server.url_for(self._path(slug))

    def put(self, slug: str, title: str, body: str) -> None:
        self.articles.insert(0, (slug, title, body))
        self.server.expect_request(self._path(slug)).respond_with_handler(lambda r: self._page(r, slug))

    def _page(self, request: Request, slug: str) -> Response:
        self.requests.append(request.path)
        _, title, body = next(article for article in self.articles if article[0] == slug)
        paragraphs = "".join(f"<p>{html.escape(p)}</p>" for p in body.split("\n"))
        page = (
            f"<!doctype html><html><head><meta charset='utf-8'><title>{html.escape(title)}</title></head><body>"
            f"<nav><a href='/'>Accueil</a> <a href='/sport'>Sport</a></nav><main><article><h1>{html.escape(title)}</h1>"
            f"{paragraphs}</article></main><aside><h3>Voir aussi</h3><ul><li><a href='/x'>{html.escape(self.sidebar)}</a>"
            f"</li></ul></aside><footer>Mentions légales</footer></body></html>"
        )
        return Response(page, content_type="text/html; charset=utf-8")

    def _feed(self, request: Request) -> Response:
        rows = "".join(
            f"<item><title>{html.escape(title)}</title><link>{self.link(slug)}?utm_source=rss</link>"
            f"<guid isPermaLink='false'>{self.name}-{slug}</guid><pubDate>{format_datetime(AT)}</pubDate>"
            f"<description>{html.escape(body[:120])}</description></item>"
            for slug, title, body in self.articles
        )
        document = f"<rss version='2.0'><channel><title>{self.name}</title>{rows}</channel></rss>"
        return self._answer(request, document, "application/rss+xml")

    def _sitemap(self, request: Request) -> Response:
        rows = "".join(
            f"<url><loc>{self.link(slug)}</loc><n:news><n:publication_date>{AT.isoformat()}</n:publication_date>"
            f"<n:title>{html.escape(title)}</n:title></n:news></url>"
            for slug, title, _ in self.articles
        )
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        document = f"<urlset xmlns='{space}' xmlns:n='{NEWS}'>{rows}</urlset>"
        return self._answer(request, document, "application/xml")

    def _answer(self, request: Request, document: str, kind: str) -> Response:
        self.requests.append(request.path)
        body = document.encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304, headers={"ETag": tag})
        return Response(body, content_type=kind, headers={"ETag": tag})
