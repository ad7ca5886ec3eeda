"""What happened in a period, as press reviews, receipts and spikes ask for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.model import Decision, Hit, Match, Reason
from monitor.store import Store
from tests.build import make_article
from tests.store.samples import make_verdict

HOUR = timedelta(hours=1)


def put(
    store: Store,
    at: datetime,
    n: int,
    *watchlists: str,
    source: str = "gazette",
    article: dict[str, Any] | None = None,
    **fields: Any,
) -> int:
    """The n-th article, first seen then and matched by these watchlists; its id."""
    made = make_article(
        f"Report {n}",
        f"Body {n}.",
        key=f"k/{n}",
        source_id=source,
        first_seen=at,
        **{"published": at, **(article or {})},
    )
    matches = tuple(Match(each, (Hit(each, each, "body", 0, 4, "Body"),)) for each in watchlists)
    verdict = make_verdict(made, alert=False, matches=matches, **fields)
    return store.record(verdict, f"k/{n}", "h", at).article_id


@pytest.fixture
def day(store: Store, now: datetime) -> dict[int, int]:
    """Story 1: 'a' yesterday, its copy and a report of 'b' today. Story 2: 'b' today. Story 3: matched by none."""
    first = put(store, now - 30 * HOUR, 1, "a")
    return {
        1: first,
        2: put(store, now - 5 * HOUR, 2, "a", source="herald", story=1, duplicate_of=first),
        3: put(store, now - 4 * HOUR, 3, "b", story=1),
        4: put(store, now - 3 * HOUR, 4, "b"),
        5: put(store, now - 2 * HOUR, 5),
    }


@pytest.mark.parametrize(
    ("since", "until", "watchlists", "found"),
    [
        # since yesterday noon: the matches of that time alone, by story
        (24, 0, None, {1: {2: ["a"], 3: ["b"]}, 2: {4: ["b"]}}),
        # of one watchlist
        (24, 0, ["b"], {1: {3: ["b"]}, 2: {4: ["b"]}}),
        (24, 0, ["c"], {}),
        (24, 0, [], {}),
        # the end is not in it
        (5, 3, None, {1: {2: ["a"], 3: ["b"]}}),
        (48, 24, None, {1: {1: ["a"]}}),
    ],
)
def test_stories_are_found_by_what_matched_in_the_period(
    store: Store,
    now: datetime,
    day: dict[int, int],
    since: int,
    until: int,
    watchlists: list[str] | None,
    found: dict[int, dict[int, list[str]]],
) -> None:
    told = store.reviews.matched(now - since * HOUR, now - until * HOUR, watchlists)
    assert {
        each.told.story.id: {
            id: [match.watchlist for match in matches] for id, matches in each.matches.items()
        }
        for each in told
    } == {story: {day[n]: names for n, names in matches.items()} for story, matches in found.items()}


def test_a_story_has_the_articles_that_came_before_the_end(
    store: Store, now: datetime, day: dict[int, int]
) -> None:
    (then,) = store.reviews.matched(now - 5 * HOUR, now - 4.5 * HOUR)
    assert [member.id for member in then.told.members] == [day[1], day[2]]
    assert then.matches[day[2]][0].hits[0].text == "Body"


def test_a_backlog_is_of_the_period_in_which_it_was_published(store: Store, now: datetime) -> None:
    old: dict[str, Any] = {"backlog": True, "published": now - timedelta(days=90)}
    undated: dict[str, Any] = {"backlog": True, "published": None}
    fresh: dict[str, Any] = {"backlog": True, "published": now - 2 * HOUR}
    for n, article in enumerate((old, undated, fresh), start=1):
        put(store, now - HOUR, n, "a", article=article)
    assert [each.told.story.id for each in store.reviews.matched(now - 24 * HOUR, now)] == [3]
    assert store.reviews.hourly(now - 24 * HOUR, now) == {}
    assert store.reviews.brought(now - 24 * HOUR, now) == {}


def test_hours_count_reports_and_no_copies(store: Store, now: datetime, day: dict[int, int]) -> None:
    put(store, now - 3 * HOUR + timedelta(minutes=59), 6, "b", "a")
    assert store.reviews.hourly(now - 24 * HOUR, now) == {
        "a": {now - 3 * HOUR: 1},
        "b": {now - 4 * HOUR: 1, now - 3 * HOUR: 2},
    }
    assert store.reviews.counting_since() == now - 30 * HOUR


def test_an_empty_store_counts_since_never(store: Store, now: datetime) -> None:
    assert store.reviews.counting_since() is None
    assert store.reviews.matched(now - HOUR, now) == []
    assert store.reviews.idle_hours(now - 2.5 * HOUR, now) == [now - 2.5 * HOUR, now - 1.5 * HOUR]


def test_each_source_is_credited_with_what_it_showed_first(
    store: Store, now: datetime, day: dict[int, int]
) -> None:
    assert store.reviews.brought(now - 24 * HOUR, now) == {"gazette": 3, "herald": 1}
    assert store.reviews.brought(now - 48 * HOUR, now - 24 * HOUR) == {"gazette": 1}


def test_readings_that_failed_and_went_well_again_are_told_in_order(store: Store, now: datetime) -> None:
    lines = [
        ("gazette", 3, Decision("collect", Reason.FETCH_FAILED, "503")),
        ("herald", 2.5, Decision("collect", Reason.NOT_A_FEED, "a login page")),
        ("gazette", 2, Decision("collect", Reason.FETCHED, "20 items, 0 new")),
        ("herald", 1, Decision("collect", Reason.DAMAGED, "truncated")),
        # an article's repair is no reading
        ("herald", 0.5, Decision("refine", Reason.DAMAGED, "its date is absurd")),
    ]
    for source, hours, decision in lines:
        store.ledger.add([decision], source_id=source, now=now - hours * HOUR)
    assert store.reviews.readings(now - 3 * HOUR, now) == [
        ("gazette", now - 3 * HOUR, True),
        ("herald", now - 2.5 * HOUR, True),
        ("gazette", now - 2 * HOUR, False),
        ("herald", now - HOUR, False),
    ]
    assert store.reviews.readings(now - 3 * HOUR, now - 2.5 * HOUR) == [("gazette", now - 3 * HOUR, True)]


def test_an_hour_is_idle_when_nothing_was_written_in_it(
    store: Store, now: datetime, day: dict[int, int]
) -> None:
    store.ledger.add([Decision("collect", Reason.FETCHED)], source_id="gazette", now=now - 6.5 * HOUR)
    assert store.reviews.idle_hours(now - 8 * HOUR, now) == [now - 8 * HOUR, now - 6 * HOUR, now - HOUR]
