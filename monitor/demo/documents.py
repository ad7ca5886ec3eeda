"""Feeds, a news sitemap and pages of an outlet, as the press writes them: five formats, two encodings. Pure.

Called by `server`. A document is a function of the outlet, the round, the moment the demo began and the outlet's address.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from jinja2 import Environment, PackageLoader

from monitor.demo.newsroom import Outlet, Piece

Document = tuple[str, bytes]  # (content type, body)


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("monitor.demo"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["rfc822"] = lambda moment: format_datetime(moment)
    made.filters["iso"] = lambda moment: moment.isoformat(timespec="seconds")
    return made


TEMPLATES = _environment()


def _xml(
    template: str, kind: str, encoding: str = "utf-8"
) -> Callable[[Outlet, int, datetime, str], Document]:
    def write(outlet: Outlet, round: int, start: datetime, base: str) -> Document:
        text = TEMPLATES.get_template(template).render(
            outlet=outlet, pieces=outlet.visible(round), start=start, base=base, encoding=encoding
        )
        return kind, text.encode(encoding)

    return write


def _json_feed(outlet: Outlet, round: int, start: datetime, base: str) -> Document:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": base,
        "language": outlet.language,
        "items": [
            {
                "id": piece.slug,
                "url": f"{base}/{piece.slug}",
                "title": piece.title,
                "content_text": "\n\n".join(piece.paragraphs),
                "date_published": piece.published(start).isoformat(timespec="seconds"),
            }
            for piece in outlet.visible(round)
        ],
    }
    return "application/feed+json; charset=utf-8", json.dumps(document, ensure_ascii=False).encode()


# Which outlet serves what, by path. The bodies differ as they do in the world: none, a summary, or the whole text.
FEEDS: dict[str, dict[str, Callable[[Outlet, int, datetime, str], Document]]] = {
    "gazette": {
        "/rss.xml": _xml("rss.xml", "application/rss+xml; charset=utf-8"),
        "/news-sitemap.xml": _xml("news-sitemap.xml", "application/xml; charset=utf-8"),
    },
    "eco": {"/atom.xml": _xml("atom.xml", "application/atom+xml; charset=utf-8")},
    # the encoding is told by the XML declaration alone
    "alger": {"/flux.xml": _xml("rss.xml", "text/xml", "windows-1252")},
    "waha": {"/feed": _xml("rss-content.xml", "application/rss+xml; charset=utf-8")},
    "courier": {"/feed.json": _json_feed},
    "correo": {"/index.rdf": _xml("rdf.xml", "application/rdf+xml; charset=utf-8")},
}


def page(outlet: Outlet, piece: Piece, start: datetime, base: str) -> Document:
    """An article's page with all that surrounds it: menu, sidebar, related links, footer."""
    text = TEMPLATES.get_template("page.html").render(outlet=outlet, piece=piece, start=start, base=base)
    return "text/html; charset=utf-8", text.encode()
