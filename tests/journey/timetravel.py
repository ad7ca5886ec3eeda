"""A program that lives through days in seconds, and the account of what became of every match.

Articles come as the pipeline records them; the pass that lets alerts go and the outbox run at every step, the senders are
the far side's fake.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.app import App, build
from monitor.drafting import Draft
from monitor.intake import judge_and_record
from monitor.judge import Rules, traits
from monitor.judge.routing import recipients_of
from monitor.model import Article, Channel, DeliveryState, Digest, GaveUp, Message, Outcome, Reason, Sent
from monitor.parts import Tally
from monitor.settings import load
from monitor.store import Store
from tests.build import write_config
from tests.journey.conftest import Clock


class Post:
    """Takes what it is given, but for the channels called `broken`."""

    def __init__(self) -> None:
        self.sent: list[tuple[Channel, Message]] = []

    async def send(self, channel: Channel, message: Message) -> Outcome:
        if channel.id == "broken":
            return GaveUp("there is no such mailbox", status=550)
        self.sent.append((channel, message))
        return Sent()


@asynccontextmanager
async def travelling(folder: Path, database: str, clock: Clock, **files: Any) -> AsyncIterator[App]:
    """`files`: sources, watchlists, recipients, routes as the configuration has them."""
    people = {"recipients": files.pop("recipients"), "routes": files.pop("routes")}
    config = write_config(folder / "travel", monitor={"database": "${DATABASE}"}, **files)
    (config / "recipients.yaml").write_text(json.dumps(people), encoding="utf-8")
    async with build(load(config, {"DATABASE": database}), clock=clock) as app:
        app.parts = replace(app.parts, sender=Post())
        yield app


async def put(app: App, articles: Iterable[Article]) -> None:
    for article in articles:
        drafted = Draft(article, traits(article))
        done = await app.parts.in_store.together(judge_and_record, app.parts, drafted, article.key, "h")
        assert isinstance(done, Tally), done


async def travel(
    app: App,
    clock: Clock,
    articles: Sequence[Article],
    until: datetime,
    step: timedelta,
    asleep: tuple[datetime, datetime] | None = None,
) -> None:
    """Each article comes when it was first seen. From the one to the other moment of `asleep` the machine sleeps."""
    waiting = sorted(articles, key=lambda each: (each.first_seen, each.key))
    while clock.now < until:
        clock.now += step
        if asleep and asleep[0] <= clock.now < asleep[1]:
            continue
        come = [each for each in waiting if each.first_seen <= clock.now]
        del waiting[: len(come)]
        await put(app, [replace(each, first_seen=clock.now) for each in come])
        await app.release()
        await app.deliver()


@dataclass(frozen=True)
class Account:
    """What became of the matches, a match being an article and a recipient whom one of its watchlists reaches."""

    matches: int
    outcomes: Counter[str]
    lost: tuple[str, ...]


def account(store: Store, rules: Rules, articles: int) -> Account:
    outcomes: Counter[str] = Counter()
    lost: list[str] = []
    matches = 0
    for article_id in range(1, articles + 1):
        for recipient in _reached(store, rules, article_id):
            matches += 1
            outcome = _became(store, article_id, recipient)
            outcomes[outcome] += 1
            if outcome in ("lost", "waits"):
                lost.append(f"article {article_id} for {recipient}: {outcome}")
    return Account(matches, outcomes, tuple(lost))


def _reached(store: Store, rules: Rules, article_id: int) -> list[str]:
    matched = {match.watchlist for match in store.articles.matches(article_id)}
    found = [
        recipient
        for one in rules.watchlists
        if one.watchlist.id in matched
        for recipient in recipients_of(one.watchlist, rules.routes)
    ]
    return list(dict.fromkeys(found))


def _became(store: Store, article_id: int, recipient: str) -> str:
    known = store.articles.get(article_id)
    assert known is not None
    told = store.waiting.last_told(known.story_id).get(recipient)
    if told is not None:
        made = store.outbox.of_story(known.story_id, recipient)
        states = {each.state for each in made}
        if states == {DeliveryState.DEAD}:
            return "dead"
        assert states == {DeliveryState.SENT}, (article_id, recipient, states)
        kinds = {each.alert.kind for each in made if isinstance(each.alert, Digest)}
        return "in a digest" if "digest" in kinds else "held and then sent" if kinds else "sent"
    if any(each.alert.recipient == recipient for each in store.waiting.of_story(known.story_id)):
        return "waits"
    lines = [each.decision for each in store.ledger.of_article(article_id)]
    silenced = any(each.reason is Reason.SILENCED and each.subject == recipient for each in lines)
    return "silenced" if silenced else "lost"
