"""The replayed press in simulated time, six recipients in three time zones: every match is accounted for, and the sum is right.

Prints the account. The bounded sister is tests/journey/test_time_travel.py.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Alert, Article, DeliveryState, Digest, Silence
from tests.journey.conftest import Clock
from tests.journey.timetravel import Account, account, travel, travelling

pytestmark = [pytest.mark.prove, pytest.mark.corpus]

BEGIN = datetime(2026, 6, 28, tzinfo=UTC)
END = BEGIN + timedelta(days=14)
STEP = timedelta(minutes=30)
WATCHLISTS: list[dict[str, Any]] = [
    {"id": "gaza", "any": ["Gaza", "غزة"], "severity": "high", "tags": ["region"]},
    {"id": "iran", "any": ["Iran", "إيران"], "severity": "critical", "tags": ["region"]},
    {"id": "money", "any": ["bank | banks", "بنك | البنك", "QNB"], "tags": ["economy"]},
    {"id": "energy", "any": ["LNG", "gas", "الغاز"], "severity": "high", "tags": ["economy"]},
    {
        "id": "cup",
        "any": ["World Cup", "كأس العالم"],
        "severity": "low",
        "tags": ["sport"],
        "notify": ["fan"],
    },
    {"id": "ministers", "any": ["Prime Minister", "رئيس مجلس الوزراء"], "tags": ["state"]},
]
WEEK = ["mon", "tue", "wed", "thu", "fri"]
PEOPLE: list[dict[str, Any]] = [
    {"id": "security", "timezone": "Africa/Casablanca"},
    {"id": "wires", "timezone": "Asia/Qatar", "working_days": ["sun", "mon", "tue", "wed", "thu"]},
    {"id": "economy", "timezone": "Africa/Casablanca", "working_days": WEEK},
    {"id": "night", "timezone": "Europe/Paris", "working_days": WEEK},
    {"id": "weekly", "timezone": "Asia/Qatar"},
    {"id": "fan", "timezone": "Europe/Paris", "channels": [{"id": "broken", "console": True}]},
]
QUIET = {"from": "21:00", "to": "06:30"}
ROUTES: list[dict[str, Any]] = [
    {"match": {"tags": ["region"]}, "to": ["security"], "group_interval": "2h", "continue": True},
    {
        "match": {"tags": ["region", "state"]},
        "to": ["wires"],
        "group_wait": "20m",
        "quiet_hours": QUIET,
        "continue": True,
    },
    {
        "match": {"tags": ["economy"]},
        "to": ["economy"],
        "digest": {"at": ["07:30", "17:00"]},
        "continue": True,
    },
    {"match": {"tags": ["region", "economy"]}, "to": ["night"], "quiet_hours": QUIET, "continue": True},
    {"to": ["weekly"], "digest": {"at": ["08:00"], "days": ["sun"], "empty": True}},
]


def press(data: Path) -> list[Article]:
    """The articles of two weeks, each when it was published; outlets by number."""
    articles = []
    outlets: dict[str, str] = {}
    with gzip.open(data / "replay.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            given = json.loads(line)
            at = datetime.fromisoformat(given["published"].replace("Z", "+00:00"))
            if BEGIN <= at < END - timedelta(days=1):
                articles.append(
                    Article(
                        key=given["id"],
                        source_id=outlets.setdefault(given["source"], f"outlet-{len(outlets)}"),
                        title=given["title"],
                        body=given["body"],
                        language=given["lang"],
                        published=at,
                        first_seen=at,
                    )
                )
    return articles


async def run(folder: Path, database: str, articles: list[Article]) -> Account:
    clock = Clock(BEGIN)
    outlets = sorted({article.source_id for article in articles})
    files = {
        "sources": [
            {"id": id, "url": f"https://{id}.example.org/feed", "tier": 1 + n % 3}
            for n, id in enumerate(outlets)
        ],
        "watchlists": WATCHLISTS,
        "recipients": [{"channels": [{"id": "screen", "console": True}], **each} for each in PEOPLE],
        "routes": ROUTES,
    }
    async with travelling(folder, database, clock, **files) as app:
        held = Silence(0, "anna", "a summit", BEGIN + timedelta(days=4), BEGIN + timedelta(days=6), "energy")
        app.store.silences.add(held, BEGIN)
        asleep = (BEGIN + timedelta(days=8, hours=20), BEGIN + timedelta(days=10, hours=5))
        await travel(app, clock, articles, END + timedelta(days=8), STEP, asleep)
        told = account(app.store, app.rules, len(articles))
        made = app.store.outbox.list(limit=1_000_000)
        assert {each.state for each in made} == {DeliveryState.SENT, DeliveryState.DEAD}
        letters = [(each.recipient, each.alert.slot) for each in made if isinstance(each.alert, Digest)]
        assert len(letters) == len(set(letters))
        pairs = [(each.recipient, each.story, each.edition) for each in made if isinstance(each.alert, Alert)]
        assert len(pairs) == len(set(pairs))
        assert app.store.check() == []
        updates = Counter(each.recipient for each in made if each.edition)
        print(f"{len(articles)} articles, {told.matches} matches: {dict(told.outcomes)}")
        print(
            f"{len(made)} deliveries, {len(letters)} of them digests and catch-ups; updates {dict(updates)}"
        )
    return told


def test_every_match_of_two_weeks_of_press_is_accounted_for(
    corpus_data: Path, tmp_path: Path, database_url: str
) -> None:
    told = asyncio.run(run(tmp_path, database_url, press(corpus_data)))
    assert told.lost == ()
    assert sum(told.outcomes.values()) == told.matches > 300
    assert set(told.outcomes) == {"sent", "in a digest", "held and then sent", "silenced", "dead"}
