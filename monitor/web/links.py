"""The routes behind an alert's links: GET shows what a link would do and changes nothing, POST does it.

Mail programs and scanners fetch every link of a mail, so only the page's button (or the mail program's own unsubscribe
button, RFC 8058) changes anything. There is no login and no cookie: the token in the address is the permission and
tells at the same time that no other site made the request up. Both ways may be taken again without another effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from monitor.errors import LinkExpired, LinkRefused
from monitor.links import PATH, Grant, about, read
from monitor.model import Alert, Delivery, Notice, Reply, ReplyKind
from monitor.web.desk import Desk
from monitor.web.linkwords import PageWords, page_words
from monitor.web.page import Page, html

MOST_BODY = 4096  # bytes of a form that holds one word
ONE_CLICK = (ReplyKind.UNSUBSCRIBE, ReplyKind.UNSUBSCRIBE_ALL)
DO, UNDO = "yes", "undo"


@dataclass(frozen=True, slots=True)
class Matter:
    """What a link is about: its grant, and the delivery that carried it."""

    grant: Grant
    told: Delivery  # of a letter's story that story alone
    words: PageWords
    who: str


def add_link_routes(web: FastAPI, desk: Desk) -> None:
    route = PATH + "/{kind}/{token}"

    @web.api_route(route, methods=["GET", "HEAD"])
    async def ask(kind: str, token: str, request: Request) -> Response:
        matter = await _matter(desk, kind, token, _browser(request))
        if isinstance(matter, Response):
            return matter
        given = await desk.ask(lambda: (desk.app.store.responses.holding(matter.grant.kind, matter.told),))
        return _trouble(matter.words, "busy") if given is None else _answer(matter, given[0])

    @web.post(route)
    async def act(kind: str, token: str, request: Request) -> Response:
        matter = await _matter(desk, kind, token, _browser(request))
        if isinstance(matter, Response):
            return matter
        wish, by = _wish(matter.grant.kind, await _body(request))
        return await _obey(desk, matter, wish, by) if wish else _trouble(matter.words, "unclear")


async def _matter(desk: Desk, kind: str, token: str, browser: PageWords) -> Matter | Response:
    """What the link is about, or the page that says why it cannot be followed."""
    parts = desk.app.parts
    try:
        grant = read(token, kind, parts.link_key, parts.clock())
    except LinkExpired:
        return _trouble(browser, "expired")
    except LinkRefused:
        return _trouble(browser, "refused")
    found = await desk.ask(lambda: (parts.store.outbox.get(grant.delivery),))
    if found is None:
        return _trouble(browser, "busy")
    told = about(found[0], grant.place) if found[0] else None
    if told is None or (told.story is None and grant.kind not in ONE_CLICK):
        return _trouble(browser, "gone")
    recipient = parts.recipients.get(told.recipient)
    words = page_words(recipient.language) if recipient else browser
    return Matter(grant, told, words, recipient.name if recipient else told.recipient)


async def _obey(desk: Desk, matter: Matter, wish: str, by: str) -> Response:
    store, kind, told = desk.app.store, matter.grant.kind, matter.told
    now = desk.app.parts.clock()

    def work() -> tuple[Reply | None]:
        if wish == DO:
            store.responses.add(kind, told, by, now)
        else:
            store.responses.undo(kind, told, now)
        return (store.responses.holding(kind, told),)

    given = await desk.ask(work)
    if given is None:  # it may be recorded all the same: done again it stays so
        return _trouble(matter.words, "busy")
    return _answer(matter, given[0], undone=wish == UNDO)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY:
            return b""
    return body


def _wish(kind: ReplyKind, body: bytes) -> tuple[str, str]:
    """What the request asks for, and by what means; "" where it does not say. A mail program's button may send its one
    field in either form of the web's forms (RFC 8058, 3.2)."""
    try:
        fields = parse_qs(body.decode("ascii"))
    except ValueError:
        fields = {}
    wish = next(iter(fields.get("do", [])), "")
    if wish in (DO, UNDO):
        return wish, "link"
    one_click = b"List-Unsubscribe" in body and b"One-Click" in body
    return (DO, "one-click") if one_click and kind in ONE_CLICK else ("", "")


def _answer(matter: Matter, given: Reply | None, *, undone: bool = False) -> Response:
    words, asked = matter.words, matter.words.kinds[matter.grant.kind]
    told = matter.told.alert
    watchlists = "" if isinstance(told, Notice) else ", ".join(told.titles)
    names_one = isinstance(told, Alert) and matter.grant.kind is not ReplyKind.UNSUBSCRIBE_ALL
    page = Page(
        title=asked.done if given else asked.title,
        language=words.language,
        rtl=words.rtl,
        means=asked.means.format(who=matter.who, watchlists=watchlists),
        headline=told.article.title if names_one and isinstance(told, Alert) else "",
        small=words.since.format(at=f"{given.at:%Y-%m-%d %H:%M}") if given else words.undone * undone,
        button=words.undo if given else asked.button,
        do=UNDO if given else DO,
    )
    return HTMLResponse(html(page))


_STATUS = {
    "refused": HTTPStatus.FORBIDDEN,
    "expired": HTTPStatus.GONE,
    "gone": HTTPStatus.GONE,
    "unclear": HTTPStatus.BAD_REQUEST,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
}


def _trouble(words: PageWords, what: str) -> Response:
    title, advice = getattr(words, what)
    return HTMLResponse(html(Page(title, words.language, words.rtl, advice)), _STATUS[what])


def _browser(request: Request) -> PageWords:
    return page_words(request.headers.get("accept-language", ""))
