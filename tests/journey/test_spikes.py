"""A watchlist's volume beyond its own baseline, from the archive to a mail: once a recipient and spike, at his time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.app import App
from monitor.model import Article, Delivery, Silence, SpikeAlert
from tests.build import make_article
from tests.journey.conftest import Clock
from tests.journey.timetravel import put, travelling

NOON = datetime(2026, 4, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCREEN = [{"id": "screen", "console": True}]
FILES: dict[str, Any] = {
    "sources": [{"id": "gazette", "url": "https://gazette.example.org/feed"}],
    "watchlists": [{"id": "dams", "title": "Dams", "any": ["barrage"]}],
    "recipients": [
        {"id": "desk", "channels": SCREEN},
        {"id": "night", "channels": SCREEN, "timezone": "Europe/Paris"},
        {"id": "reader", "channels": SCREEN},
        {"id": "away", "channels": SCREEN},
    ],
    "routes": [
        {"to": ["desk", "away"], "continue": True},
        {"to": ["night"], "quiet_hours": {"from": "13:00", "to": "15:30"}, "continue": True},
        {"to": ["reader"], "digest": {"at": ["18:00"]}},
    ],
}


def report(n: int, at: datetime) -> Article:
    key = f"gazette.example.org/{n}"
    return make_article(
        f"barrage {n}", f"texte {n}", key=key, url=f"https://{key}", first_seen=at, published=at
    )


def told(app: App) -> dict[str, Delivery]:
    found = [each for each in app.store.outbox.list(limit=1000) if isinstance(each.alert, SpikeAlert)]
    assert len({each.recipient for each in found}) == len(found)
    return {each.recipient: each for each in found}


async def test_a_spike_is_told_once_to_each_at_his_time(tmp_path: Path, database_url: str) -> None:
    clock = Clock(NOON)
    async with travelling(tmp_path, database_url, clock, **FILES) as app:
        silence = Silence(0, "anna", "on leave", NOON - HOUR, NOON + 9 * HOUR, recipient="away")
        app.store.silences.add(silence, NOON)
        days = [report(100 + day, NOON - day * 24 * HOUR) for day in range(1, 15)]
        for article in days:
            clock.now = article.first_seen
            await put(app, [article])
        clock.now = NOON + HOUR / 2
        assert await app.tell_spikes() == 0
        await put(app, [report(n, clock.now) for n in range(9)])
        assert await app.tell_spikes() == 1
        alert = told(app)["desk"].alert
        assert isinstance(alert, SpikeAlert)
        assert (alert.title, alert.spike.count, alert.spike.days) == ("Dams", 9, 13)
        assert len(alert.spike.hours) == len(alert.spike.usual) == 24
        for later, heard in (
            (0.5, {"desk"}),
            (1, {"desk", "night"}),
            (4, {"desk", "night", "reader"}),
            (30, None),
        ):
            clock.now += later * HOUR
            await app.tell_spikes()
            assert heard is None or told(app).keys() == heard
        assert told(app).keys() == {"desk", "night", "reader"}
        lines = [each.decision for each in app.store.ledger.recent(1000) if each.decision.stage == "spike"]
        assert [(line.subject, line.reason) for line in lines if line.subject == "away"] == [
            ("away", "silenced")
        ]
        assert app.store.check() == []
        await app.deliver()
        assert {each.state for each in told(app).values()} == {"sent"}
