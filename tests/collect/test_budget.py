"""What a request may cost, so that all sources together stay within their budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.collect import budget, rhythm
from monitor.model import PollingPolicy

MONDAY = datetime(2026, 4, 20, tzinfo=UTC)


def source(an_hour: int) -> str:
    learnt = ""
    for hour in range(24 * 14):
        at = MONDAY + timedelta(hours=hour)
        learnt = rhythm.observe(learnt, at, at + timedelta(hours=1), [None] * an_hour)
    return learnt


PRESS = [source(rate) for rate in (0, 1, 2, 5, 20)]


def spent(price: timedelta) -> float:
    """Requests an hour of the press at this price, each source polled through a week."""
    policy = PollingPolicy(price=price)
    requests, week = 0, timedelta(weeks=1)
    for learnt in PRESS:
        at = MONDAY + 2 * week
        while at < MONDAY + 3 * week:
            at += rhythm.wait(learnt, at, price, policy.min, policy.max)
            requests += 1
    return requests / 168


@pytest.mark.parametrize("wanted", [2, 5, 10])
def test_the_price_makes_the_sources_spend_their_budget(wanted: int) -> None:
    price = budget.price(PRESS, PollingPolicy(budget=wanted))
    assert wanted * 0.7 < spent(price) < wanted * 1.15


def test_without_a_budget_or_within_it_the_configured_price_holds() -> None:
    assert budget.price(PRESS, PollingPolicy()) == PollingPolicy().price
    assert budget.price(PRESS, PollingPolicy(budget=1000)) == PollingPolicy().price
    assert budget.price([], PollingPolicy(budget=1)) == PollingPolicy().price


def test_a_budget_below_the_longest_interval_cannot_be_kept_and_ends() -> None:
    assert budget.price(PRESS * 100, PollingPolicy(budget=1)) > timedelta(days=100)
