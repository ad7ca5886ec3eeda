"""Two days of real press in simulated time, with the example watchlists: what becomes of them as stories and alerts.

Prints the numbers and the ten largest stories, to be read by whoever runs it: `make prove TESTS=...` shows what is printed.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import build
from monitor.judge import compile_rules, judge, sentence, spread, traits
from monitor.model import Article, Delivery, StoryMember
from monitor.settings import load
from monitor.store import Store, ToldStory
from tests.build import alert_of
from tests.conftest import ROOT
from tests.prove.press import replayed_press

pytestmark = [pytest.mark.prove, pytest.mark.corpus]

BEGIN = datetime(2026, 7, 15, tzinfo=UTC)
STEPS = [BEGIN + timedelta(minutes=30 * n) for n in range(97)]  # two days; the first reading is the backlog
DESKS = ("security-desk", "diplomacy-desk", "forum-desk", "economy-desk")


@dataclass
class Outcome:
    stories: list[ToldStory]
    deliveries: list[Delivery]
    problems: list[str]


def write_config(folder: Path, base: str, outlets: list[dict[str, Any]]) -> Path:
    """The example watchlists and entities over the replayed press; every desk has a folder."""
    for name in ("watchlists", "entities"):
        shutil.copytree(ROOT / "config" / name, folder / name)
    sources = [
        {
            "id": f"o-{each['outlet']}",
            "name": each["outlet"],
            "url": f"{base}/feed/{each['outlet']}.xml",
            "country": "QA",
            "language": each["lang"],
            "full_text": True,
        }
        for each in outlets
    ]
    channel = [{"id": "out", "file": str(folder / "alerts")}]
    documents = {
        "monitor.yaml": {"database": f"sqlite:///{folder / 'monitor.db'}", "fetch": {"allow_private": True}},
        "sources/press.yaml": {"sources": sources},
        "recipients.yaml": {"recipients": [{"id": id, "channels": channel} for id in DESKS]},
    }
    (folder / "sources").mkdir()
    for name, content in documents.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
    return folder


async def run(data: Path, folder: Path) -> Outcome:
    with replayed_press(data, STEPS[0]) as press:
        settings = load(write_config(folder, press.base, press.get("/")), {})
        at = STEPS[0]
        async with build(settings, clock=lambda: at) as app:
            for moment in STEPS:
                at = moment
                press.seek(moment)
                tally = await app.gather(everything=True)
                tally.add(await app.deliver())
                assert tally.problems == []
            return await app.parts.in_store(look, app.store)


def look(store: Store) -> Outcome:
    return Outcome(store.stories.recent(limit=100_000), store.outbox.list(limit=100_000), store.check())


def told(members: tuple[StoryMember, ...]) -> str:
    languages = ", ".join(f"{count} {lang}" for lang, count in Counter(m.language for m in members).items())
    own = sum(member.duplicate_of is None for member in members)
    return f"{len(members)} articles ({languages}; {own} texts), {sentence(spread(members))}"


def test_two_days_of_press_become_stories_that_alert_each_desk_once(
    corpus_data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    outcome = asyncio.run(run(corpus_data, folder))
    assert outcome.problems == []
    stories = sorted(outcome.stories, key=lambda each: -len(each.members))
    articles = sum(len(each.members) for each in stories)
    copies = sum(member.duplicate_of is not None for each in stories for member in each.members)
    several = sum(len(each.members) > 1 for each in stories)
    print(
        f"{articles} articles, {copies} of them copies; {len(stories)} stories, {several} of several articles"
    )
    alerts = Counter(delivery.recipient for delivery in outcome.deliveries)
    print(
        f"{len(outcome.deliveries)} alerts: {', '.join(f'{n} {desk}' for desk, n in sorted(alerts.items()))}"
    )
    for one in stories[:10]:
        print(f"\nstory {one.story.id}: {told(one.members)}")
        for member in one.members:
            copy = f" = {member.duplicate_of}" if member.duplicate_of else ""
            print(f"  [{member.id}{copy}] {member.first_seen:%d %H:%M} {member.outlet}: {member.title}")
    assert articles > 200
    # once a recipient and story, and a copy of what a recipient was told never comes to him again
    pairs = [(delivery.recipient, delivery.story) for delivery in outcome.deliveries]
    assert len(pairs) == len(set(pairs))
    keys = {member.url: member for each in stories for member in each.members}
    originals = [
        (
            delivery.recipient,
            keys[alert_of(delivery).article.url].duplicate_of or keys[alert_of(delivery).article.url].id,
        )
        for delivery in outcome.deliveries
    ]
    assert len(originals) == len(set(originals))


# --- a restart in mid-stream -----------------------------------------------------------------------------------------


def stream(data: Path) -> list[Article]:
    """The two days' articles, by publication."""
    articles = []
    with gzip.open(data / "replay.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            given = json.loads(line)
            at = datetime.fromisoformat(given["published"].replace("Z", "+00:00"))
            if STEPS[0] <= at < STEPS[-1]:
                one = Article(
                    given["id"], given["source"], given["title"], given["body"], language=given["lang"]
                )
                articles.append(replace(one, published=at, first_seen=at))
    return sorted(articles, key=lambda each: (each.first_seen, each.key))


def groups(url: str, articles: list[Article], *, restart_every: int) -> dict[int, tuple[int, int | None]]:
    """Story and original of each article, by its number; after so many articles a new process has the store."""
    rules = compile_rules((), (), (), (), ())
    for start in range(0, len(articles), restart_every):
        with Store.open(url, now=STEPS[0]) as store:
            for one in articles[start : start + restart_every]:
                found = traits(one)
                candidates = store.candidates(one, one.first_seen, found)
                verdict = judge(one, candidates, rules, one.first_seen, found)
                store.record(verdict, one.key, "h", one.first_seen)
    with Store.open(url, now=STEPS[-1]) as store:
        stories = store.stories.recent(limit=100_000)
    return {m.id: (each.story.id, m.duplicate_of) for each in stories for m in each.members}


def test_a_restart_in_mid_stream_changes_nothing(
    corpus_data: Path, tmp_path: Path, database_url: str
) -> None:
    articles = stream(corpus_data)
    whole = groups(f"sqlite:///{tmp_path / 'whole.db'}", articles, restart_every=len(articles))
    parts = groups(database_url, articles, restart_every=7)
    print(f"{len(articles)} articles, {len({story for story, _ in whole.values()})} stories")
    assert len(whole) == len(articles) > 200
    assert parts == whole
