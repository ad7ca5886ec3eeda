"""The WordPress API (`/wp-json/wp/v2/posts`), for outlets whose RSS refuses robots.

A poll reads the newest posts. Where they do not reach back to the last good reading, the next pages are read too, with
`after=`: what appeared during an outage is not lost.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from monitor.collect.kinds.kind import Document
from monitor.collect.parse import parse
from monitor.model import Feed, Source, SourceKind

PATH = "/wp-json/wp/v2/posts"
PAGE = 20  # posts of a poll
API_PAGE = 10  # ... where nothing is asked
# The rest of a post (an SEO plugin's copy of the page's head, for one) is most of its bytes
FIELDS = "id,guid,link,title,excerpt,content,date,date_gmt,lang,_links,_embedded"
OVERLAP = timedelta(days=1)  # old versions read `after` as local time


def addresses(source: Source, now: datetime) -> tuple[str, ...]:
    parts = urlsplit(source.url)
    path = parts.path
    if "wp-json" not in path and "rest_route=" not in parts.query:
        path = path.rstrip("/") + PATH
    wanted = {"per_page": str(PAGE), "_embed": "author", "_fields": FIELDS}
    query = _query(parts.query)
    return (_url(urlunsplit((parts.scheme, parts.netloc, path, "", "")), {**wanted, **query}),)


def read(document: Document, source: Source) -> Feed:
    feed = parse(document.body, SourceKind.WORDPRESS, document.url, document.media_type, document.charset)
    if document.since is None or not _reaches_short(feed, document):
        return feed
    return replace(feed, links=(_next(document),))


def _reaches_short(feed: Feed, document: Document) -> bool:
    """Whether older posts that were never seen may stand on the next page."""
    asked = _query(urlsplit(document.url).query).get("per_page", "")
    dates = [item.published for item in feed.items]
    full = len(dates) >= (int(asked) if asked.isdecimal() and len(asked) < 5 else API_PAGE)
    return full and all(date is not None and date > document.since for date in dates if document.since)


def _next(document: Document) -> str:
    assert document.since is not None
    query = _query(urlsplit(document.url).query)
    page = query.get("page", "1")
    number = int(page) + 1 if page.isdecimal() and len(page) < 5 else 2
    after = (document.since - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _url(document.url.partition("?")[0], {"after": after, **query, "page": str(number)})


def _query(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


def _url(place: str, query: dict[str, str]) -> str:
    return f"{place}?{urlencode(query, safe=',:/')}"
