"""Adaptive polling beside fixed intervals and Miniflux's entry frequency, at equal numbers of requests.

Simulated on the publication times of real articles, by the very functions that the daemon uses (`next_state`). Each
schedule knows only what its own earlier polls saw. Run as `python -m benchmarks.rhythm [--plot]`.

Fixed: one interval for all. Miniflux: a week divided by the articles of the last seven days, clamped; its factor is set
so that it spends as many requests. Delay: from an article's stated time to the poll that shows it.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from monitor.collect import Reading, next_state
from monitor.model import PollingPolicy, Request, Response, Source, SourceState

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
PLOT = Path(__file__).resolve().parent.parent / "docs" / "img" / "polling.svg"
PRICES = (1, 3, 10, 30)  # minutes
LISTED = 30  # articles that a feed shows
FEW, SPAN = (
    50,
    timedelta(weeks=12),
)  # of articles.jsonl: outlets with as many dated articles, each one's densest weeks
FIRST, LAST = datetime(2026, 6, 14, tzinfo=UTC), datetime(2026, 7, 18, 12, tzinfo=UTC)  # of the replay
STAMPED = 0.05  # a time of day that so many of an outlet's articles carry is a date without a time
WEEK, HOUR = timedelta(weeks=1), timedelta(hours=1)
SHORTEST, LONGEST = PollingPolicy().min, PollingPolicy().max

Times = Mapping[str, Sequence[datetime]]
Wait = Callable[[str, datetime, Sequence[datetime]], timedelta]
"""Of a source, at a poll, with what this poll showed first: how long until the next one."""


@dataclass(frozen=True)
class Outcome:
    requests: int
    delays: list[float]  # minutes, in order
    missed: int  # articles that left the feed's list unseen

    @property
    def mean(self) -> float:
        return sum(self.delays) / len(self.delays)

    @property
    def p95(self) -> float:
        return self.delays[int(0.95 * len(self.delays))]


def simulate(times: Times, begin: datetime, end: datetime, schedule: Wait) -> Outcome:
    """Every source polled from `begin` to `end`. An article that left the list unseen still has its delay."""
    requests, missed = 0, 0
    delays: list[float] = []
    for source, published in times.items():
        at, seen = begin, bisect_right(published, begin)
        wait = schedule(source, at, published[max(seen - LISTED, 0) : seen])
        while (at := at + wait) <= end:
            requests += 1
            now = bisect_right(published, at)
            new = published[seen:now]
            seen = now
            missed += max(len(new) - LISTED, 0)
            delays += [(at - each).total_seconds() / 60 for each in new]
            wait = schedule(source, at, new)
    return Outcome(requests, sorted(delays), missed)


def adaptive(price: float) -> Wait:
    states: dict[str, SourceState] = {}
    policy = PollingPolicy(price=timedelta(minutes=price))
    chance = random.Random(7)

    def wait(name: str, now: datetime, new: Sequence[datetime]) -> timedelta:
        source = Source(name, f"https://{name}.example.org/feed")
        before = states.get(name, SourceState(name, next_check_at=now))
        states[name] = next_state(
            before, source, policy, _reading(source, before, now, new), now, chance.random()
        )
        return states[name].next_check_at - now

    return wait


def _reading(source: Source, before: SourceState, now: datetime, new: Sequence[datetime]) -> Reading:
    request = Request(source.url, etag='"1"')
    if not new and not before.first_reading:
        return Reading(Response(request, source.url, 304), body_hash=before.body_hash)
    shown = new[-LISTED:]
    return Reading(
        Response(request, source.url, 200, {}, b"<rss/>"),
        items=LISTED,
        new_items=len(shown),
        body_hash=now.isoformat(),
        arrivals=tuple(shown),
        dates=tuple(shown),
        strangers=len(shown),
    )


def entry_frequency(factor: float) -> Wait:
    """Miniflux's POLLING_SCHEDULER=entry_frequency: a week by the entries of the last one."""
    known: dict[str, list[datetime]] = defaultdict(list)

    def wait(name: str, now: datetime, new: Sequence[datetime]) -> timedelta:
        known[name] += new
        weekly = len(known[name]) - bisect_left(known[name], now - WEEK)
        return min(max(factor * WEEK / weekly if weekly else LONGEST, SHORTEST), LONGEST)

    return wait


def fixed(interval: timedelta) -> Wait:
    return lambda name, now, new: interval


def with_requests(wanted: int, run: Callable[[float], Outcome]) -> Outcome:
    """Of a schedule that asks less the larger its number, the run with as many requests; within 1 % where it can."""
    low, high = 1e-3, 1e3
    for _ in range(24):
        middle = (low * high) ** 0.5
        outcome = run(middle)
        if abs(outcome.requests - wanted) <= wanted / 100:
            break
        low, high = (middle, high) if outcome.requests > wanted else (low, middle)
    return outcome


def compared(times: Times, begin: datetime, end: datetime, price: float) -> dict[str, Outcome]:
    run = partial(simulate, times, begin, end)
    ours = run(adaptive(price))
    interval = len(times) * (end - begin) / ours.requests
    return {
        "fixed": run(fixed(interval)),
        "miniflux": with_requests(ours.requests, lambda factor: run(entry_frequency(factor))),
        "adaptive": ours,
    }


# --- the press -------------------------------------------------------------------------------------------------------


def articles(name: str) -> dict[str, list[datetime]]:
    """The times of each outlet's articles, in order; those without a time of day are left out."""
    found: dict[str, list[datetime]] = defaultdict(list)
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            if moment := _moment(article.get("published") or ""):
                found[article["source"] or ""].append(moment)
    return {source: sorted(times) for source, times in found.items()}


def _moment(stated: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(stated) if len(stated) > 10 else None
    except ValueError:
        return None
    return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def without_bare_dates(times: Times) -> dict[str, list[datetime]]:
    """Without the articles whose time of day says no more than that it was that day."""
    kept: dict[str, list[datetime]] = {}
    for source, published in times.items():
        clock = Counter(each.time() for each in published)
        real = [each for each in published if clock[each.time()] < max(STAMPED * len(published), 3)]
        if len(real) >= LISTED:
            kept[source] = real
    return kept


def densest(times: Times) -> dict[str, list[datetime]]:
    """Of outlets with enough articles the fullest weeks, moved by whole weeks onto one calendar."""
    kept: dict[str, list[datetime]] = {}
    for source, published in times.items():
        starts = ((bisect_right(published, each + SPAN) - at, at) for at, each in enumerate(published))
        count, at = max(starts)
        weeks = -((published[at] - FIRST) // WEEK)
        if count >= FEW:
            kept[source] = [each + weeks * WEEK for each in published[at : at + count]]
    return kept


def presses() -> dict[str, Times]:
    replay = articles("replay")
    samples = densest(without_bare_dates(articles("articles")))
    return {
        "both together": {**replay, **{f"{name} (sample)": times for name, times in samples.items()}},
        "replay": replay,
        "replay, without bare dates": without_bare_dates(replay),
        "articles": samples,
    }


# --- telling ---------------------------------------------------------------------------------------------------------


def main(plot: bool = False) -> None:
    shown: dict[str, list[tuple[float, dict[str, Outcome]]]] = {}
    for name, times in presses().items():
        days = (LAST - FIRST) / timedelta(days=1) * len(times)
        print(f"\n{name}: {len(times)} outlets, {sum(map(len, times.values())):,} articles")
        print(
            "price | requests a source and day | schedule | mean | p95 (minutes) | missed | mean to fixed | to Miniflux"
        )
        for price in PRICES:
            found = compared(times, FIRST, LAST, price)
            shown.setdefault(name, []).append((found["adaptive"].requests / days, found))
            for schedule, each in found.items():
                told = f"{each.mean / found['fixed'].mean:.2f} | {each.mean / found['miniflux'].mean:.2f}"
                rate = each.requests / days
                print(
                    f"{price:g} min | {rate:.1f} | {schedule} | {each.mean:.1f} | {each.p95:.1f} | {each.missed} | {told}",
                    flush=True,
                )
    if plot:
        draw(shown)


def draw(shown: Mapping[str, Sequence[tuple[float, Mapping[str, Outcome]]]]) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "polling"  # the same picture from the same figures
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(shown), figsize=(4 * len(shown), 3.6), squeeze=False)
    looks = {"fixed": ("0.55", "o"), "miniflux": ("tab:orange", "s"), "adaptive": ("tab:blue", "D")}
    for axis, (name, rows) in zip(axes[0], shown.items(), strict=True):
        for schedule, (colour, mark) in looks.items():
            rates = [rate for rate, _ in rows]
            axis.plot(
                rates,
                [each[schedule].mean for _, each in rows],
                color=colour,
                marker=mark,
                ms=4,
                label=schedule,
            )
            axis.plot(rates, [each[schedule].p95 for _, each in rows], color=colour, linestyle=":", lw=1)
        axis.set(xscale="log", yscale="log", title=name, xlabel="requests a source and day")
        axis.grid(alpha=0.3, which="both")
    axes[0][0].set_ylabel("delay in minutes: mean, and p95 dotted")
    axes[0][0].legend()
    figure.tight_layout()
    figure.savefig(PLOT, metadata={"Date": None})


if __name__ == "__main__":
    main(plot="--plot" in sys.argv[1:])
