"""Copies, corrections and restarts through judge and store together, on both databases; no network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.judge import Rules, compile_rules, judge, traits
from monitor.model import Article, Channel, ChannelKind
from monitor.store import Recorded, Store
from tests.build import make_article, make_recipient, make_source, make_watchlist

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STRIKE = (
    "Dockers at the container port of Larache stopped work on Tuesday morning after talks about night shifts ended without a result. "
    "Eleven ships wait in the roads, among them two with grain for the mills of the interior. The union speaks of four hundred "
    "people who stayed away, the harbour company of half as many. Both sides say that they will meet again when the minister "
    "has named a mediator, which he promised for the end of the week."
)
HARVEST = (
    "The first olives of the season were pressed this weekend in the hills above Ouezzane, ten days earlier than last year. Growers "
    "expect a third more oil than in the dry autumns before, and hope that the price at the mill holds. A cooperative of women "
    "that began with one stone press now runs three machines and sells to shops in four countries. Rain in the next days "
    "would delay the picking but do the trees good."
)


def rules() -> Rules:
    watchlist = make_watchlist("ports", any=("dockers | olives",), notify=("desk",))
    desk = make_recipient("desk", channels=(Channel("out", ChannelKind.CONSOLE),))
    return compile_rules((watchlist,), (), (make_source(),), (desk,))


def report(n: int, body: str, title: str = "") -> Article:
    source = f"outlet{n}"
    url = f"https://{source}.example.org/{n}"
    return make_article(title or body[:40], body, key=f"k/{n}", url=url, source_id=source, language="en")


def edited(body: str, n: int) -> str:
    """As another outlet prints it: a dateline before, the last sentence gone."""
    return f"TOWN {n} (Own desk) - {body.rpartition('. ')[0]}."


Read = Callable[[Article, datetime], Recorded]


def reader(store: Store) -> Read:
    known = rules()

    def read(article: Article, at: datetime) -> Recorded:
        seen = replace(article, first_seen=at, published=at)
        found = traits(seen)
        verdict = judge(seen, store.candidates(seen, at, found), known, at, found)
        return store.record(verdict, seen.key, "h", at)

    return read


@pytest.fixture
def read(store: Store) -> Read:
    return reader(store)


def test_a_reprint_of_what_was_told_joins_its_story_and_sends_nothing(
    store: Store, read: Read, now: datetime
) -> None:
    first = read(report(1, STRIKE), now)
    copy = read(report(2, edited(STRIKE, 2), "Larache: port at a standstill"), now + MINUTE)
    assert (first.deliveries, copy.deliveries, copy.story_id) == (1, 0, first.story_id)
    known = store.articles.get(copy.article_id)
    assert known is not None
    assert known.duplicate_of == first.article_id
    (why, *_) = store.stories.placings([copy.article_id])[copy.article_id].reasons
    assert why.startswith(f"reprint of article {first.article_id}")


def test_a_late_copy_joins_within_72_hours_and_no_later(read: Read, now: datetime) -> None:
    first = read(report(1, STRIKE), now)
    assert read(report(2, edited(STRIKE, 2)), now + 71 * HOUR).story_id == first.story_id
    another = read(report(3, HARVEST), now)
    assert read(report(4, edited(HARVEST, 4)), now + 73 * HOUR).story_id != another.story_id


def test_what_an_analyst_split_is_not_joined_again_nor_are_its_reprints(
    store: Store, read: Read, now: datetime
) -> None:
    strike, harvest = read(report(1, STRIKE), now), read(report(2, HARVEST), now)
    store.stories.merge(strike.story_id, harvest.story_id, now)  # somebody's mistake
    new = store.stories.split(strike.story_id, [harvest.article_id], now)
    assert read(report(3, edited(HARVEST, 3)), now + MINUTE).story_id == new
    assert read(report(4, edited(STRIKE, 4)), now + MINUTE).story_id == strike.story_id
    again = read(report(2, HARVEST + " A correction follows."), now + MINUTE)
    assert (again.article_id, again.story_id, again.deliveries) == (harvest.article_id, new, 0)
    assert len(store.outbox.list()) == 2
    assert store.check() == []


def test_new_articles_of_either_join_the_merged_story_and_nobody_is_told_again(
    store: Store, read: Read, now: datetime
) -> None:
    strike, harvest = read(report(1, STRIKE), now), read(report(2, HARVEST), now)
    store.stories.merge(strike.story_id, harvest.story_id, now)
    for n, body in ((3, STRIKE), (4, HARVEST)):
        done = read(report(n, edited(body, n)), now + MINUTE)
        assert (done.story_id, done.deliveries) == (strike.story_id, 0)


def test_a_new_start_between_two_articles_changes_nothing(
    database_url: str, tmp_path_factory: pytest.TempPathFactory, now: datetime
) -> None:
    stream = [
        report(1, STRIKE),
        report(2, HARVEST),
        report(3, edited(STRIKE, 3)),
        report(4, edited(HARVEST, 4)),
        report(5, edited(edited(STRIKE, 3), 5)),
    ]
    other = f"sqlite:///{tmp_path_factory.mktemp('other') / 'monitor.db'}"
    with Store.open(other, now=now) as store:
        unbroken = [reader(store)(each, now + n * MINUTE) for n, each in enumerate(stream)]
    restarted = []
    for n, each in enumerate(stream):
        with Store.open(database_url, now=now) as store:
            restarted.append(reader(store)(each, now + n * MINUTE))
    assert restarted == unbroken
    assert [done.story_id for done in unbroken] == [1, 2, 1, 2, 1]
