"""Who hears of a watchlist through which route, and what of an article is told now, later, again, or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.judge import Rules, compile_rules, judge
from monitor.judge.routing import acting, recipients_of, way_of, ways_of
from monitor.model import (
    Candidates,
    Channel,
    ChannelKind,
    DigestPlan,
    How,
    KnownArticle,
    QuietHours,
    Reason,
    Recipient,
    Route,
    Severity,
    Silence,
    Story,
    Verdict,
    Watchlist,
)
from tests.build import NOON, make_article, make_recipient, make_source, make_watchlist

SCREEN = Channel("screen", ChannelKind.CONSOLE)
MORNING = DigestPlan((time(7, 30),))
NIGHT = QuietHours(time(21), time(6, 30))


def to(*names: str, **fields: Any) -> Route:
    return Route(names, **fields)


# --- the tree

SECURITY = make_watchlist("security", severity=Severity.HIGH, notify=(), tags=("morocco", "police"))
TREES = {
    "a child that fits acts instead of its parent": (
        (to("all", children=(to("police", tags=("police",)),)),),
        ["police"],
    ),
    "a parent without a child that fits acts itself": (
        (to("all", children=(to("money", tags=("economy",)),)),),
        ["all"],
    ),
    "the first child that fits ends it": (
        (to("all", children=(to("police", tags=("police",)), to("morocco", tags=("morocco",)))),),
        ["police"],
    ),
    "a child that goes on lets its sisters act, not its parent": (
        (to("all", children=(to("police", tags=("police",), go_on=True), to("morocco", tags=("morocco",)))),),
        ["police", "morocco"],
    ),
    "a child that goes on ends nothing among its parent's sisters": (
        (to("all", children=(to("police", go_on=True),)), to("behind")),
        ["police"],
    ),
    "a parent that goes on does": (
        (to("all", go_on=True, children=(to("police"),)), to("behind")),
        ["police", "behind"],
    ),
    "a parent that does not fit has no children": (
        (to("all", tags=("economy",), children=(to("police"),)), to("behind")),
        ["behind"],
    ),
    "one that only groups acts through its children": (
        (to(children=(to("police", tags=("police",)),)), to("behind")),
        ["police"],
    ),
    "and counts as not fitting where none of them does": (
        (to(children=(to("money", tags=("economy",)),)), to("behind")),
        ["behind"],
    ),
    "deep down": (
        (to("a", children=(to("b", children=(to("c", severities=(Severity.HIGH,)),)),)),),
        ["c"],
    ),
    "nothing fits": ((to("money", tags=("economy",)),), []),
}


@pytest.mark.parametrize("name", TREES)
def test_a_tree_is_walked_as_alertmanager_walks_its_own(name: str) -> None:
    routes, told = TREES[name]
    assert list(recipients_of(SECURITY, routes)) == told


tags = st.sampled_from(["morocco", "police", "economy"])
trees = st.recursive(
    st.builds(to, st.sampled_from("abc"), tags=st.just(()) | st.tuples(tags), go_on=st.booleans()),
    lambda inner: st.builds(
        to,
        st.sampled_from("abc"),
        tags=st.just(()) | st.tuples(tags),
        go_on=st.booleans(),
        children=st.lists(inner, max_size=3).map(tuple),
    ),
    max_leaves=12,
)


def alertmanager(route: Route, carried: set[str]) -> list[Route] | None:
    """Its Route.Match, as its documentation states it: None where the node does not match."""
    if route.tags and not set(route.tags) & carried:
        return None
    found: list[Route] = []
    for child in route.children:
        matched = alertmanager(child, carried)
        found += matched or []
        if matched is not None and not child.go_on:
            break
    return found or [route]


@given(st.lists(trees, max_size=4).map(tuple))
def test_any_tree_whose_nodes_all_name_somebody_acts_as_in_alertmanager(routes: tuple[Route, ...]) -> None:
    below_a_root = alertmanager(to("root", children=routes), set(SECURITY.tags)) or []
    expected = [one for one in below_a_root if one.to != ("root",)]
    assert list(acting(SECURITY, routes)) == expected


def test_notify_is_the_shortest_route_and_comes_first() -> None:
    both = ways_of(replace(SECURITY, notify=("desk",)), (to("forum", digest=MORNING),))
    assert [(way.recipient, way.notify, way.route.digest) for way in both] == [
        ("desk", True, None),
        ("forum", False, MORNING),
    ]


# --- one recipient

DESK = make_recipient("desk", channels=(SCREEN,), timezone="Asia/Qatar")
CRITICAL = make_watchlist("critical", severity=Severity.CRITICAL, notify=(), tags=("urgent",))


@pytest.mark.parametrize(
    ("watchlists", "routes", "how"),
    [
        # the soonest of several ways, whichever watchlist it is of
        ([SECURITY], (to("desk", digest=MORNING, go_on=True), to("desk")), "now"),
        ([SECURITY, CRITICAL], (to("desk", tags=("urgent",)), to("desk", digest=MORNING)), "now"),
        ([SECURITY], (to("desk", digest=MORNING),), "digest"),
        # notify goes at once, whatever the routes plan
        ([replace(SECURITY, notify=("desk",))], (to("desk", digest=MORNING),), "now"),
        # each watchlist breaks through by its own severity
        ([SECURITY, CRITICAL], (to("desk", digest=MORNING, quiet_hours=NIGHT),), "now"),
    ],
)
def test_of_several_ways_the_soonest_counts(
    watchlists: list[Watchlist], routes: tuple[Route, ...], how: str
) -> None:
    found = way_of(DESK, watchlists, routes, NOON)
    assert found is not None
    assert found[1].how is How(how)


def test_of_ways_that_are_equally_soon_the_route_counts_and_the_earliest_escalation() -> None:
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    routes = (
        to("desk", group_interval=hour, escalate_after=hour, escalate_to=("head",), go_on=True),
        to("desk", digest=MORNING, escalate_after=minute, escalate_to=("deputy",)),
    )
    found = way_of(DESK, [replace(CRITICAL, notify=("desk",))], routes, NOON)
    assert found is not None
    way = found[0]
    assert (way.notify, way.route.group_interval) == (False, hour)
    assert (way.route.escalate_after, way.route.escalate_to) == (minute, ("deputy",))


def test_whoever_is_not_routed_any_more_has_no_way() -> None:
    assert way_of(DESK, [SECURITY], (to("forum"),), NOON) is None


# --- an article

POLICE = make_watchlist(
    "police", title="Police", any=("DGSN",), severity=Severity.HIGH, notify=(), tags=("s",)
)
FORUMS = make_watchlist("forums", title="Forums", any=("forum",), notify=(), tags=("economy",))
BOTH = make_article("La DGSN au forum", "Un texte.")
ROUTES = (to("desk", tags=("s",), quiet_hours=NIGHT), to("desk", "reader", digest=MORNING))
READER = make_recipient("reader", channels=(SCREEN,), timezone="Africa/Casablanca")
LATE = datetime(2026, 4, 21, 20, 0, tzinfo=UTC)  # 23:00 in Doha


def rules(*routes: Route, recipients: tuple[Recipient, ...] = (DESK, READER)) -> Rules:
    return compile_rules((POLICE, FORUMS), [], [make_source()], recipients, routes or ROUTES)


def verdict_of(candidates: Candidates | None = None, now: datetime = NOON) -> Verdict:
    return judge(BOTH, candidates or Candidates(), rules(), now)


def test_each_alert_has_its_time() -> None:
    verdict = verdict_of(now=LATE)
    assert [(alert.recipient, alert.watchlists) for alert in verdict.alerts] == [
        ("desk", ("police", "forums")),
        ("reader", ("forums",)),
    ]
    assert [(timing.how, timing.slot) for timing in verdict.timings] == [
        (How.HELD, "2026-04-22 06:30 Asia/Qatar"),
        (How.DIGEST, "2026-04-22 07:30 Africa/Casablanca"),
    ]


def test_the_ledger_says_what_holds_an_alert_and_until_when() -> None:
    told = [(one.reason, one.detail) for one in verdict_of(now=LATE).decisions if one.stage == "route"]
    assert told == [
        (
            Reason.HELD,
            "desk hears of police, forums by screen held until wed 2026-04-22 06:30 Asia/Qatar by quiet hours "
            "(21:00 to 06:30), 8 h after publication",
        ),
        (
            Reason.IN_DIGEST,
            "reader hears of forums by screen in the digest of wed 2026-04-22 07:30 Africa/Casablanca, "
            "8 h after publication",
        ),
    ]


def test_those_who_know_the_story_are_told_nothing_new_but_what_they_would_hear_is_there() -> None:
    story = Story(3, 7, frozenset({"desk"}))
    known = KnownArticle(7, BOTH, story_id=3)
    verdict = verdict_of(Candidates(same_text=known, stories=(story,)))
    assert [alert.recipient for alert in verdict.alerts] == ["reader"]
    assert [(alert.recipient, alert.watchlists) for alert in verdict.again] == [
        ("desk", ("police", "forums"))
    ]
    assert [one.subject for one in verdict.decisions if one.reason is Reason.ALREADY_ALERTED] == ["desk"]


# --- silences

SILENCE = Silence(4, "nadia", "known since Monday", NOON - timedelta(days=1), NOON + timedelta(days=1))


def test_a_silenced_watchlist_leaves_the_other_one_to_be_told() -> None:
    verdict = verdict_of(Candidates(silences=(replace(SILENCE, watchlist="police"),)))
    assert [(alert.recipient, alert.watchlists, alert.severity) for alert in verdict.alerts] == [
        ("desk", ("forums",), Severity.NORMAL),
        ("reader", ("forums",), Severity.NORMAL),
    ]
    # and the rest goes as its own route plans
    assert [timing.how for timing in verdict.timings] == [How.DIGEST, How.DIGEST]
    silenced = [one for one in verdict.decisions if one.reason is Reason.SILENCED]
    assert [(one.subject, one.detail) for one in silenced] == [
        (
            "desk",
            "desk is not told of police: silence 4 of nadia until wed 2026-04-22 15:00 Asia/Qatar: known since Monday",
        )
    ]


def test_where_everything_is_silenced_nobody_is_told_and_the_ledger_says_so() -> None:
    verdict = verdict_of(Candidates(silences=(replace(SILENCE, source="gazette"),)))
    assert verdict.alerts == verdict.again == ()
    assert [one.reason for one in verdict.decisions if one.stage == "route"] == [Reason.SILENCED] * 3


def test_a_silence_that_is_over_silences_nothing() -> None:
    over = replace(SILENCE, source="gazette", ends_at=NOON)
    assert len(verdict_of(Candidates(silences=(over,))).alerts) == 2
