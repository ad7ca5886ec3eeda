"""From the links of a digest to what its reader is told next: the program's own letters, its own web, over real sockets."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from monitor.model import Digest, Reason, Reply, ReplyKind
from monitor.web import Desk, Metrics, bind, serve
from tests.journey.conftest import Clock
from tests.journey.newsroom import Newsroom, newsroom

OUTLETS: dict[str, dict[str, Any]] = {
    "gazette": {"name": "Gazette", "language": "fr"},
    "times": {"name": "Times", "language": "en", "tier": 1},
}
WATCHLISTS: list[dict[str, Any]] = [
    {"id": "dams", "title": "Dams", "any": ["barrage", "dam"], "tags": ["water"]},
    {"id": "money", "title": "Money", "any": ["banque"], "severity": "high", "tags": ["water"]},
]
ROUTES: list[dict[str, Any]] = [
    {
        "match": {"tags": ["water"]},
        "to": ["desk"],
        "digest": {"at": ["12:00", "17:00"]},
        "continue": True,
    },
    {
        "match": {"watchlists": ["dams"]},
        "to": ["night"],
        "quiet_hours": {"from": "08:00", "to": "12:00"},
        "group_interval": "10m",
    },
]
LONG = "Le niveau du barrage de Bouregreg a atteint sa limite après trois jours de pluie, selon les techniciens du site."


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 4, 21, 9, 0, tzinfo=UTC))


@pytest.fixture
async def room(tmp_path: Path, database_url: str, clock: Clock) -> AsyncIterator[Newsroom]:
    channels = [{"id": "out", "file": str(tmp_path / "out")}]
    people = [{"id": id, "timezone": "UTC", "channels": channels} for id in ("desk", "night")]
    async with newsroom(tmp_path, database_url, OUTLETS, WATCHLISTS, people, ROUTES, clock) as opened:
        await opened.work()
        opened.write("gazette", "Le barrage déborde", LONG)
        opened.write("gazette", "Une banque ouvre à Tétouan", "La banque a choisi le nord du pays.")
        await opened.work()
        await opened.work(hours=3)
        yield opened


def links(room: Newsroom, kind: ReplyKind) -> list[str]:
    """The paths in the last letter, in the order in which its text has them."""
    [one] = [each for each in room.deliveries("desk") if isinstance(each.alert, Digest)]
    [message] = [message for _, message in room.sender.sent if message.reference == one.id]
    return [urlsplit(url).path for url in re.findall(rf"http\S+/{kind}/\S+", message.text)]


async def press(room: Newsroom, path: str, body: str = "do=yes") -> str:
    """The page that pressing the button brings."""
    desk = Desk(room.app, ())
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with (
        serve(desk, Metrics(desk), bind("127.0.0.1:0")) as base,
        aiohttp.ClientSession() as session,
        session.get(base + path) as shown,
        session.post(base + path, data=body, headers=form) as done,
    ):
        assert (shown.status, done.status) == (200, 200)
        assert 'value="yes"' in await shown.text()
        return await done.text()


async def replies(room: Newsroom) -> list[Reply]:
    return await room.app.parts.in_store(room.app.store.responses.recent)


async def test_a_story_of_a_digest_is_silenced_and_the_others_go_on(room: Newsroom) -> None:
    ((_, letter),) = room.digests("desk")
    assert [alert.article.title for alert in letter.alerts] == [
        "Une banque ouvre à Tétouan",
        "Le barrage déborde",
    ]
    page = await press(room, links(room, ReplyKind.SILENCE_STORY)[1])
    assert "Le barrage déborde" in page
    (given,) = await replies(room)
    assert (given.kind, given.story) == (ReplyKind.SILENCE_STORY, letter.stories[1])
    room.write("times", "The dam overflows", LONG)
    room.write("times", "Une banque ouvre à Tétouan", "La banque a choisi le nord du pays.")
    await room.work()
    await room.work(hours=5)
    told = [alert.article.title for _, each in room.digests("desk")[1:] for alert in each.alerts]
    assert told == ["Une banque ouvre à Tétouan"]  # in the leading press now
    lines = room.app.store.ledger.of_article(1)
    assert Reason.SILENCED in [line.decision.reason for line in lines]


@pytest.mark.parametrize("kind", [ReplyKind.ACKNOWLEDGE, ReplyKind.NOT_RELEVANT])
async def test_an_answer_to_a_story_of_a_digest_is_in_the_ledger_of_its_article(
    room: Newsroom, kind: ReplyKind
) -> None:
    await press(room, links(room, kind)[0])
    reasons = {id: [line.decision.reason for line in room.app.store.ledger.of_article(id)] for id in (1, 2)}
    expected = Reason.ACKNOWLEDGED if kind is ReplyKind.ACKNOWLEDGE else Reason.NOT_RELEVANT
    assert expected in reasons[2]
    assert expected not in reasons[1]


async def test_the_mail_programs_button_leaves_all_the_watchlists_of_the_letter(room: Newsroom) -> None:
    page = await press(room, links(room, ReplyKind.UNSUBSCRIBE)[0], "List-Unsubscribe=One-Click")
    assert "Money, Dams" in page
    assert {(each.kind, each.watchlist, each.by) for each in await replies(room)} == {
        (ReplyKind.UNSUBSCRIBE, "money", "one-click"),
        (ReplyKind.UNSUBSCRIBE, "dams", "one-click"),
    }
    room.write("gazette", "Un autre barrage est inauguré", "Une cérémonie a réuni les élus du nord.")
    await room.work()
    await room.work(hours=5)
    assert len(room.digests("desk")) == 1


async def test_an_update_of_what_a_letter_told_answers_that_letter(room: Newsroom) -> None:
    [letter] = room.deliveries("night")
    assert isinstance(letter.alert, Digest)
    room.write("times", "The dam overflows", LONG)
    await room.work(minutes=30)
    [_, update] = room.deliveries("night")
    [message] = [message for _, message in room.sender.sent if message.reference == update.id]
    assert message.thread == letter.id
    assert message.subject == "[Normal] Le barrage déborde"
    # a chat that saw a line of many is told the whole
    assert "Why you receive this" in message.chat
