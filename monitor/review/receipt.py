"""What was read in a period, and what was not: the proof behind "nothing was found". Pure.

Called by whoever makes a review or a digest, with what the store remembers. A source counts as unread
  - from a failed reading to the next good one (the ledger's lines of its readings),
  - after its last good reading, once twice its interval has passed (also where the daemon was stopped),
  - while the whole monitor left no trace for `IDLE` hours or longer.
It is silent where it brought nothing though, by its own rhythm, e^-7 (one in a thousand) is the chance of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Receipt, Source, SourceState

HOUR = timedelta(hours=1)
IDLE = 3  # hours; a quiet night on a small press may well leave an hour without a line
GRACE = timedelta(hours=1)  # at least, after a reading
EXPECTED = 7.0  # articles that a silent source should have brought

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A line of the ledger on a reading: it failed, or it was good again."""

    source_id: str
    at: datetime
    failed: bool


def receipt(
    sources: Sequence[Source],
    states: Mapping[str, SourceState],
    troubles: Iterable[Trouble],
    brought: Mapping[str, tuple[float, int]],
    idle: Iterable[datetime],
    since: datetime,
    until: datetime,
) -> Receipt:
    """`troubles` in order of time, from some time before the period on. `brought` by source: the articles to be expected
    in the period by its own past, and those that came. `idle`: beginnings of the hours in which nothing at all happened."""
    period = (since, until)
    dead = _stretches(sorted(idle))
    failing = _failing(troubles, until)
    uncovered = {
        source.id: _union(
            [*dead, *failing.get(source.id, ()), *_overdue(states.get(source.id), until)], period
        )
        for source in sources
    }
    read = [source for source in sources if _length(uncovered[source.id]) < until - since]
    failed = [
        source
        for source in sources
        if any(end >= until for _, end in failing.get(source.id, ())) or source not in read
    ]
    silent = [
        source
        for source in read
        if source not in failed
        and brought.get(source.id, (0.0, 0))[0] >= EXPECTED
        and not brought[source.id][1]
    ]
    return Receipt(
        sources_read=len(read),
        failed=tuple(source.name or source.id for source in failed),
        silent=tuple(source.name or source.id for source in silent),
        hours_uncovered=round(sum((_length(spans) for spans in uncovered.values()), timedelta()) / HOUR, 1),
    )


def _failing(troubles: Iterable[Trouble], until: datetime) -> dict[str, list[Span]]:
    """From the first failure in a row to the next good reading."""
    began: dict[str, datetime] = {}
    spans: dict[str, list[Span]] = {}
    for each in troubles:
        if each.failed:
            began.setdefault(each.source_id, each.at)
        elif each.source_id in began:
            spans.setdefault(each.source_id, []).append((began.pop(each.source_id), each.at))
    for source_id, start in began.items():
        spans.setdefault(source_id, []).append((start, until))
    return spans


def _overdue(state: SourceState | None, until: datetime) -> Iterator[Span]:
    """After the last good reading; a source that was never read well, at any time."""
    if state is None or state.succeeded_at is None:
        yield datetime.min.replace(tzinfo=until.tzinfo), until
    else:
        grace = max(GRACE, 2 * (state.interval or GRACE))
        yield state.succeeded_at + grace, until


def _stretches(hours: Sequence[datetime]) -> list[Span]:
    """Runs of at least `IDLE` hours."""
    runs: list[list[datetime]] = []
    for hour in hours:
        if runs and hour - runs[-1][-1] == HOUR:
            runs[-1].append(hour)
        else:
            runs.append([hour])
    return [(run[0], run[-1] + HOUR) for run in runs if len(run) >= IDLE]


def _union(spans: Iterable[Span], period: Span) -> list[Span]:
    """Disjoint, in order, within the period."""
    joined: list[Span] = []
    for start, end in sorted((max(start, period[0]), min(end, period[1])) for start, end in spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _length(spans: Iterable[Span]) -> timedelta:
    return sum((end - start for start, end in spans), timedelta())
