"""What a crash, a hanging channel and a broken reload may and may not do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor import despatch
from monitor.app import App
from monitor.deliver import Sender
from monitor.errors import QueryError
from monitor.judge.matching import read
from monitor.model import Channel, DeliveryState, Message, Outcome, Sent
from monitor.settings import Settings
from tests.build import make_article, make_watchlist
from tests.journey.conftest import Clock, Inbox
from tests.journey.outlet import Outlet
from tests.journey.test_first_case import BODY, TITLE

Configure = Callable[..., Settings]
Start = Callable[[Settings], App]
MakeOutlet = Callable[[str], Outlet]


BRIEFS = (  # three events
    "La Sûreté nationale ouvre un concours de gardiens à Kénitra, où neuf mille candidats se disputent trois cents places.",
    "Un camion de pastèques renversé bloque la rocade d'Agadir, et la Sûreté nationale règle la circulation jusqu'au soir.",
    "Chevaux barbes et cavaliers de la Sûreté nationale défilent au salon d'El Jadida, devant un jury venu de Saumur.",
)


class Crash(BaseException):
    """The process dies here, as by kill -9: nothing catches it."""


class DiesAfterSending:
    def __init__(self, inner: Sender) -> None:
        self.inner = inner

    async def send(self, channel: Channel, message: Message) -> Outcome:
        await self.inner.send(channel, message)
        raise Crash


class HangsOn:
    """A far side that never answers on one recipient's channel, until it is let go."""

    def __init__(self, url_part: str) -> None:
        self.hangs = url_part
        self.sent: list[str] = []
        self.let_go = asyncio.Event()

    async def send(self, channel: Channel, message: Message) -> Outcome:
        if self.hangs in channel.target:
            await self.let_go.wait()
        self.sent.append(channel.target)
        return Sent()


async def test_a_crash_between_sending_and_settling_sends_again_under_the_same_message_id(
    outlet: MakeOutlet, configure: Configure, start: Start, inbox: Inbox, clock: Clock
) -> None:
    paper = outlet("matin")
    paper.put("doha", TITLE, BODY)
    settings = configure({"id": "matin", "url": paper.feed, "backfill": True})
    async with start(settings) as app:
        await app.gather()
        dying = replace(app.parts, sender=DiesAfterSending(app.parts.sender))
        [lane] = await despatch.due(dying)
        with pytest.raises(Crash):
            await despatch.run_lane(dying, lane, lambda: False)
    assert len(inbox.of("security")) == 1

    clock.turn(hours=1)  # the dead worker's lease is over
    async with start(settings) as app:
        await app.deliver()
        assert app.store.outbox.counts()[DeliveryState.SENT] == 1
    sent, again = inbox.of("security")
    assert sent["Message-ID"] == again["Message-ID"]


async def test_a_hanging_channel_delays_no_other(
    outlet: MakeOutlet, configure: Configure, start: Start, clock: Clock
) -> None:
    paper = outlet("matin")
    settings = configure(
        {"id": "matin", "url": paper.feed, "backfill": True},
        watchlists=[
            {"id": "w", "any": ["Hammouchi", "Sûreté"], "notify": ["security", "forum"]},
        ],
    )
    paper.put("doha", TITLE, BODY)
    async with start(settings) as app:
        sender = HangsOn("forum@")
        app.parts = replace(app.parts, sender=sender)
        await app.gather()
        tasks = await app.begin_delivering()
        quick = next(task for task in tasks if "security" in task.get_name())
        await quick
        assert sender.sent == ["security@example.org"]

        paper.put(
            "rabat", "La Sûreté nationale recrute", "Un concours ouvre mardi pour des centaines de postes."
        )
        clock.turn(minutes=30)
        await app.gather()
        [later] = await app.begin_delivering()  # the hanging channel is left alone, the other gets its own
        await later
        assert sender.sent == ["security@example.org"] * 2
        sender.let_go.set()
        await asyncio.gather(*tasks)
        await app.deliver()
        assert sorted(sender.sent) == ["forum@example.org"] * 2 + ["security@example.org"] * 2


async def test_a_stop_gives_back_what_is_not_begun(
    outlet: MakeOutlet, configure: Configure, start: Start
) -> None:
    paper = outlet("matin")
    for number, text in enumerate(BRIEFS):
        paper.put(f"n{number}", text.partition(",")[0], text)
    settings = configure({"id": "matin", "url": paper.feed, "backfill": True})
    async with start(settings) as app:
        sender = HangsOn("security@")
        app.parts = replace(app.parts, sender=sender)
        await app.gather()
        [task] = await app.begin_delivering()
        await asyncio.sleep(0)
        app.stopping = True
        sender.let_go.set()
        assert (await task).delivered <= 1
        counts = app.store.outbox.counts()
        assert counts[DeliveryState.LEASED] == 0
        assert counts[DeliveryState.PENDING] >= 2
        assert counts[DeliveryState.SENT] == len(sender.sent)


async def test_a_reload_that_does_not_compile_leaves_the_old_rules_in_force(
    outlet: MakeOutlet, configure: Configure, start: Start
) -> None:
    paper = outlet("matin")
    async with start(configure({"id": "matin", "url": paper.feed})) as app:
        parts, settings = app.parts, app.settings
        broken = replace(settings, watchlists=(make_watchlist("w", any=("entity:nobody",)),))
        with pytest.raises(QueryError):
            await app.reload(broken)
        assert app.parts is parts
        assert app.settings is settings


async def test_a_reload_puts_new_watchlists_in_force_for_the_next_article(
    outlet: MakeOutlet, configure: Configure, start: Start, inbox: Inbox, clock: Clock
) -> None:
    paper = outlet("matin")
    settings = configure({"id": "matin", "url": paper.feed, "backfill": True, "every": "5m"})
    async with start(settings) as app:
        paper.put("a", "Le barrage de Bouregreg déborde", "La pluie a surpris tout le monde.")
        await app.gather()
        await app.reload(
            replace(settings, watchlists=(make_watchlist("w", any=("barrage",), notify=("forum",)),))
        )
        paper.put("b", "Un second barrage déborde", "La crue est attendue mardi soir.")
        clock.turn(minutes=10)
        await app.gather()
        await app.deliver()
    assert len(inbox.of("forum")) == 1


async def test_old_rules_are_freed_when_what_began_with_them_has_ended(
    outlet: MakeOutlet, configure: Configure, start: Start, inbox: Inbox
) -> None:
    paper = outlet("matin")
    paper.put("doha", TITLE, BODY)
    settings = configure({"id": "matin", "url": paper.feed, "backfill": True})
    async with start(settings) as app:
        old = app.rules
        [reading] = await app.begin_gathering()
        await asyncio.sleep(0)  # the reading has begun, under the old rules
        await app.reload(replace(settings, watchlists=(make_watchlist("w", any=("barrage",)),)))
        [retiring] = app.retiring
        assert (await reading).alerts == 1
        await retiring
        assert old.watchlists is not app.rules.watchlists
        assert not old.index.holding(read(make_article(TITLE, BODY), app.rules))
        await app.deliver()
    assert len(inbox.of("security")) == 1
