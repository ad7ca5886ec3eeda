"""The price of a request that keeps all adaptive sources within a budget. Pure; called by `app`, in a thread, now and then.

Each source asks on average sqrt(rate / (2 * price)) times an hour, between its bounds: at one price for all, waiting is
least for the number of requests. So the budget has one unknown, which is found by halving.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

from monitor.collect import rhythm
from monitor.model import PollingPolicy

STEPS = 40
FINENESS = 20  # classes of rates in a factor of e: two rates in one differ by 5 %
SILENT = 1e-6  # articles an hour


def price(rhythms: Iterable[str], policy: PollingPolicy) -> timedelta:
    """The least price, not below the policy's, at which these sources spend no more than its budget of requests an hour.

    Where even the longest interval costs more than that, the price is the highest there is: `max` is a promise too.
    """
    if policy.budget is None:
        return policy.price
    rates = Counter(_class(rate) for text in rhythms for rate in rhythm.usual(text))
    low, high = policy.price / timedelta(hours=1), 1e6
    if _spent(rates, low, policy) <= policy.budget:
        return policy.price
    for _ in range(STEPS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _spent(rates, middle, policy) > policy.budget else (low, middle)
    return timedelta(hours=high)


def _class(rate: float) -> int:
    return round(math.log(max(rate, SILENT)) * FINENESS)


def _spent(rates: Mapping[int, int], owed: float, policy: PollingPolicy) -> float:
    """Requests an hour at this price (in hours), as a mean over the week."""
    least, most = timedelta(hours=1) / policy.max, timedelta(hours=1) / policy.min
    each = ((math.sqrt(math.exp(name / FINENESS) / (2 * owed)), count) for name, count in rates.items())
    return sum(min(max(asked, least), most) * count for asked, count in each) / rhythm.HOURS
