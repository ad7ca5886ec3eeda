"""A feed a watchlist, for any reader: the stories of the last week as Atom. The address is the permission (`monitor.feeds`).

A reader that asks again is answered 304 where nothing changed (RFC 9110, 13.1: If-None-Match before If-Modified-Since).
A feed is made at most once a minute, so that readers cost the database nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from monitor import feeds
from monitor.press_review import latest
from monitor.review import LANGUAGES, atom
from monitor.web.desk import Desk

KEPT = timedelta(minutes=1)
MEDIA_TYPE = "application/atom+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Made:
    """A feed as it was written at a time."""

    at: datetime
    body: bytes
    tag: str
    updated: datetime


class Shelf:
    """The feeds that were made lately, by watchlist and language: no more than the configuration has of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._made: dict[tuple[str, str], Made] = {}

    async def feed(self, watchlist: str, language: str) -> Made | None:
        """None where the store does not answer. The watchlist is one of the configuration's."""
        now, known = self._desk.app.parts.clock(), self._made.get((watchlist, language))
        if known and timedelta(0) <= now - known.at < KEPT:
            return known
        made = await self._desk.ask(lambda: self._make(watchlist, language, now))
        if made:
            self._made[watchlist, language] = made
        return made

    def _make(self, id: str, language: str, now: datetime) -> Made:
        app, parts = self._desk.app, self._desk.app.parts
        watchlist = next(each for each in app.settings.watchlists if each.id == id)
        found = latest(app.store, watchlist, app.settings.sources, now, language)
        where = feeds.address(id, parts.link_key, parts.public_url, language)
        body = atom(found, parts.host, name=f"watchlist/{id}", address=where)
        tag = hashlib.sha256(body).hexdigest()[:32]
        updated = max((story.last_seen for story in found.stories), default=found.since)
        return Made(now, body, f'"{tag}"', updated.astimezone(UTC).replace(microsecond=0))


def add_feed_routes(web: FastAPI, desk: Desk) -> None:
    shelf = Shelf(desk)

    @web.api_route(feeds.PATH + "/{token}/{name}", methods=["GET", "HEAD"])
    async def feed(token: str, name: str, request: Request, language: str = "en") -> Response:
        watchlist = name.removesuffix(feeds.ENDING)
        if not name.endswith(feeds.ENDING) or not feeds.opens(token, watchlist, desk.app.parts.link_key):
            return _said(HTTPStatus.NOT_FOUND, "there is no such feed: `monitor feeds` lists the addresses")
        if all(each.id != watchlist for each in desk.app.settings.watchlists):
            return _said(HTTPStatus.GONE, "this watchlist is no more")
        made = await shelf.feed(watchlist, language if language in LANGUAGES else "en")
        if made is None:
            return _said(
                HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer; ask again in a minute"
            )
        return _answer(made, request)


def _answer(made: Made, request: Request) -> Response:
    headers = {"ETag": made.tag, "Last-Modified": format_datetime(made.updated, usegmt=True)}
    if _has(made, request):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(made.body, headers=headers, media_type=MEDIA_TYPE)


def _has(made: Made, request: Request) -> bool:
    """Whether the reader has this very feed."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        given = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool(given & {"*", made.tag})
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return made.updated <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def _said(status: HTTPStatus, words: str) -> Response:
    headers = {"Retry-After": "60"} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return PlainTextResponse(f"{words}\n", status, headers)
