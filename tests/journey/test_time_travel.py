"""A week of a small press with six recipients in three time zones: every match is accounted for; clocks change, once."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.model import Article, DeliveryState, Digest, Silence
from tests.build import make_article
from tests.journey.conftest import Clock
from tests.journey.timetravel import Post, account, travel, travelling

MONDAY = datetime(2026, 4, 20, tzinfo=UTC)
SOURCES = [
    {"id": id, "name": id.title(), "url": f"https://{id}.example.org/feed", "tier": tier}
    for id, tier in (("gazette", 3), ("herald", 2), ("times", 1), ("echo", 3), ("radio", 2))
]
WATCHLISTS = [
    {"id": "dams", "any": ["barrage"], "severity": "high", "tags": ["water"]},
    {"id": "floods", "any": ["crue"], "severity": "critical", "tags": ["water"]},
    {"id": "money", "any": ["banque"], "tags": ["economy"]},
    {"id": "sport", "any": ["match"], "severity": "low", "tags": ["sport"], "notify": ["fan"]},
]
PEOPLE: list[dict[str, Any]] = [
    {"id": "security", "timezone": "Africa/Casablanca"},
    {"id": "wires", "timezone": "Asia/Qatar"},
    {"id": "economy", "timezone": "Africa/Casablanca", "working_days": ["mon", "tue", "wed", "thu", "fri"]},
    {"id": "night", "timezone": "Europe/Paris", "working_days": ["mon", "tue", "wed", "thu", "fri"]},
    {"id": "weekly", "timezone": "Asia/Qatar"},
    {
        "id": "fan",
        "timezone": "Europe/Paris",
        "channels": [{"id": "broken", "console": True}],
    },
]
ROUTES: list[dict[str, Any]] = [
    {"match": {"tags": ["water"]}, "to": ["security"], "group_interval": "2h", "continue": True},
    {"match": {"tags": ["water"]}, "to": ["wires"], "group_wait": "20m", "continue": True},
    {
        "match": {"tags": ["economy"]},
        "to": ["economy"],
        "digest": {"at": ["07:30", "17:00"]},
        "continue": True,
    },
    {"to": ["night"], "quiet_hours": {"from": "21:00", "to": "06:30"}, "continue": True},
    {
        "match": {"tags": ["water", "economy"]},
        "to": ["weekly"],
        "digest": {"at": ["08:00"], "days": ["sun"], "empty": True},
    },
]
SCREEN = [{"id": "screen", "console": True}]
FILES: dict[str, Any] = {
    "sources": SOURCES,
    "watchlists": WATCHLISTS,
    "recipients": [{"channels": SCREEN, **each} for each in PEOPLE],
    "routes": ROUTES,
}
SUBJECTS = ("barrage", "crue", "banque", "match", "conseil")


def invented(dice: random.Random, number: int) -> str:
    """Words of no language: two articles have none in common, so only copies are of one story."""
    syllables = [first + second for first in "bdfglmnprstv" for second in "aeiou"]
    return " ".join("".join(dice.choices(syllables, k=4)) for _ in range(number))


def week(number: int = 140) -> list[Article]:
    """Reports from all hours of six days, every third a copy of an earlier one in another outlet."""
    dice = random.Random(20)
    articles: list[Article] = []
    for n in range(number):
        at = MONDAY + timedelta(minutes=dice.randrange(6 * 24 * 60))
        source = dice.choice(SOURCES)["id"]
        subject = dice.choice(SUBJECTS)
        title = f"{invented(dice, 2)} {subject} {invented(dice, 3)}"
        body = f"{invented(dice, 30)} {subject} {invented(dice, 30)}."
        if n % 3 == 2:
            copied = dice.choice(articles)
            title, body, at = (
                copied.title,
                copied.body,
                copied.first_seen + timedelta(minutes=dice.randrange(900)),
            )
        key = f"{source}.example.org/{n}"
        given = {"key": key, "source_id": source, "url": f"https://{key}", "published": at, "first_seen": at}
        articles.append(make_article(title, body, language="fr", text_hash=str(hash(body)), **given))
    return articles


async def test_every_match_of_a_week_is_accounted_for(tmp_path: Path, sqlite_url: str) -> None:
    clock = Clock(MONDAY)
    articles = week()
    async with travelling(tmp_path, sqlite_url, clock, **FILES) as app:
        end = MONDAY + timedelta(days=9)
        silence = Silence(
            0, "anna", "a fair", MONDAY + timedelta(days=1), MONDAY + timedelta(days=2), watchlist="money"
        )
        app.store.silences.add(silence, MONDAY)
        asleep = (MONDAY + timedelta(days=3, hours=20), MONDAY + timedelta(days=5, hours=1))
        await travel(app, clock, articles, end, timedelta(hours=2), asleep)
        told = account(app.store, app.rules, len(articles))
        assert told.lost == ()
        assert sum(told.outcomes.values()) == told.matches > 200
        assert min(told.outcomes.values()) >= 3, told.outcomes
        assert set(told.outcomes) == {"sent", "in a digest", "held and then sent", "silenced", "dead"}
        assert app.store.check() == []
        made = app.store.outbox.list(limit=10_000)
        assert {each.state for each in made} == {DeliveryState.SENT, DeliveryState.DEAD}
        letters = [(each.recipient, each.alert.slot) for each in made if isinstance(each.alert, Digest)]
        assert len(letters) == len(set(letters))  # no slot twice, also of those that were slept through
        post = app.parts.sender
        assert isinstance(post, Post)
        references = [message.reference for _, message in post.sent]
        assert len(references) == len(set(references))


# --- clocks change

# the change, as the zone's clock shows it before: forward over 02:30 (or 00:30), and back
CHANGES = [
    ("Europe/Paris", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), time(2, 30)),
    ("Europe/Paris", datetime(2026, 10, 25, 1, 0, tzinfo=UTC), time(2, 30)),
    ("America/New_York", datetime(2026, 3, 8, 7, 0, tzinfo=UTC), time(2, 30)),
    ("America/New_York", datetime(2026, 11, 1, 6, 0, tzinfo=UTC), time(1, 30)),
    # Morocco goes back for Ramadan and forward after it
    ("Africa/Casablanca", datetime(2026, 2, 15, 2, 0, tzinfo=UTC), time(2, 30)),
    ("Africa/Casablanca", datetime(2026, 3, 22, 2, 0, tzinfo=UTC), time(2, 30)),
    # by half an hour
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC), time(2, 15)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, 0, tzinfo=UTC), time(1, 45)),
]


@pytest.mark.parametrize(("zone", "change", "at"), CHANGES, ids=[f"{z}-{c:%m}" for z, c, _ in CHANGES])
async def test_a_digest_in_the_hour_that_changes_comes_once_a_day(
    tmp_path: Path, sqlite_url: str, zone: str, change: datetime, at: time
) -> None:
    """The slot lies in what clocks skip or show twice; an article comes every six hours."""
    before, after = (moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in (change - HOUR, change))
    assert before != after
    clock = Clock(change - timedelta(hours=30))
    route = {"to": ["desk"], "digest": {"at": [f"{at:%H:%M}"], "empty": True}}
    files = {
        "sources": SOURCES[:1],
        "watchlists": WATCHLISTS[:1],
        "recipients": [{"id": "desk", "timezone": zone, "channels": SCREEN}],
        "routes": [route],
    }
    async with travelling(tmp_path, sqlite_url, clock, **files) as app:
        articles = [report(n, clock.now + n * 6 * HOUR) for n in range(1, 8)]
        await travel(app, clock, articles, change + timedelta(hours=32), timedelta(hours=1))
        made = app.store.outbox.list(limit=100)
        slots = sorted(each.alert.slot for each in made if isinstance(each.alert, Digest))
        days = {clock_day(change + timedelta(hours=hours), zone) for hours in (-24, 0, 24)}
        assert [slot[:10] for slot in slots] == sorted(days)
        assert {slot[11:16] for slot in slots} == {f"{at:%H:%M}"}
        told = account(app.store, app.rules, len(articles))
        assert (told.lost, told.outcomes["in a digest"]) == ((), told.matches)
        assert told.matches == len(articles)


HOUR = timedelta(hours=1)


def clock_day(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def report(n: int, at: datetime) -> Article:
    dice = random.Random(n)
    key = f"gazette.example.org/{n}"
    given = {"key": key, "url": f"https://{key}", "published": at, "first_seen": at}
    return make_article(f"barrage {invented(dice, 4)}", invented(dice, 40), language="fr", **given)
