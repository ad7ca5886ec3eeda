"""From a mail's own unsubscribe button to the next article that nobody is told of, over real sockets."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp

from monitor.app import App
from monitor.links import PATH
from monitor.model import Reason
from monitor.settings import Settings
from monitor.web import Desk, Metrics, bind, serve
from monitor.why import why
from tests.journey.conftest import Clock, Inbox
from tests.journey.outlet import Outlet
from tests.journey.test_first_case import BODY, TITLE

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def test_the_mail_programs_button_ends_the_alerts_of_its_watchlist_alone(
    outlet: Callable[[str], Outlet],
    configure: Callable[..., Settings],
    start: Callable[[Settings], App],
    inbox: Inbox,
    clock: Clock,
) -> None:
    paper = outlet("matin")
    paper.put("doha", TITLE, BODY)
    monitor = {"web": {"public_url": "https://monitor.example.org"}}
    settings = configure({"id": "matin", "url": paper.feed, "backfill": True}, monitor=monitor)
    async with start(settings) as app:
        await app.gather()
        await app.deliver()
        [mail] = inbox.of("security")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        path = urlsplit(mail["List-Unsubscribe"].strip("<>")).path
        assert path.startswith(f"{PATH}/unsubscribe/")
        desk = Desk(app, ())
        async with (
            serve(desk, Metrics(desk), bind("127.0.0.1:0")) as base,
            aiohttp.ClientSession() as session,
            session.post(base + path, data=ONE_CLICK) as answer,
        ):
            assert answer.status == 200

        paper.put("autre", "La Sûreté nationale recrute, un Business Forum suit", "Un autre texte de fond.")
        clock.turn(hours=7)
        await app.gather()
        await app.deliver()
        assert len(inbox.of("security")) == 1
        assert len(inbox.of("forum")) == 1
        told = why(app.store, app.rules, paper.link("autre"), "security", app.parts.host, clock())
        assert told.answers[0].answer == Reason.UNSUBSCRIBED


async def test_a_mail_that_leaves_a_service_without_a_public_address_carries_no_link(
    outlet: Callable[[str], Outlet],
    configure: Callable[..., Settings],
    start: Callable[[Settings], App],
    inbox: Inbox,
) -> None:
    paper = outlet("matin")
    paper.put("doha", TITLE, BODY)
    async with start(configure({"id": "matin", "url": paper.feed, "backfill": True})) as app:
        await app.gather()
        await app.deliver()
    [mail] = inbox.of("security")
    assert mail["List-Unsubscribe"] is None
    assert PATH not in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
