"""Which changes of the sources' conditions operators are told now: `changes`. Pure; called by `follow.operators`.

A change is told once it has lasted: long enough that the source would have brought news meanwhile, 72 hours for 401, 403
and 404, at once where the state itself took its time to be established. A recovery is told in one line to whom the
illness was told. Where most sources fail at once it is this machine that has lost the network, and that one thing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.collect.silence import usual_patience
from monitor.model import Cause, Condition, Health, NoticeLine, Source

NETWORK, CLOCK = "@network", "@clock"  # in place of a source's id: no id may begin so
FULL_DISK, LOW_DISK = "@disk-full", "@disk-low"
NAMES = {
    NETWORK: "network of this machine",
    CLOCK: "clock of this machine",
    FULL_DISK: "disk of the database",
    LOW_DISK: "space on the disk of the database",
}
WORDS = {FULL_DISK: "disk-full", LOW_DISK: "disk-low"}  # in place of a state
MACHINE = {NETWORK: Cause.NETWORK, CLOCK: Cause.CLOCK}
FEWEST = 3  # sources, and more than half of all, before the machine is suspected
MACHINE_PATIENCE = timedelta(minutes=15)
REFUSED_PATIENCE = timedelta(hours=72)
FEWEST_READINGS = 3  # for an accident to be a state
OVERRUNS = 2
WORST = (
    Health.GONE, Health.BLOCKED, Health.FAILING, Health.SILENT, Health.OVERRUN, Health.EMPTY, Health.CLOCK_WRONG,
    Health.MOVED, Health.NEW, Health.OK,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A line to tell, and the condition with what will then have been told."""

    line: NoticeLine
    condition: Condition


def worst_first(condition: Condition) -> tuple[int, str]:
    """The order in which conditions are shown."""
    return WORST.index(condition.state), condition.source_id


def machine(
    conditions: Sequence[Condition], before: Mapping[str, Condition], sources: int, now: datetime
) -> list[Condition]:
    """The conditions of this machine itself, network and clock, as its `sources` sources show them."""
    found = []
    for id, cause in MACHINE.items():
        same = [each for each in conditions if each.cause is cause and each.source_id not in MACHINE]
        ill = len(same) >= max(FEWEST, sources // 2 + 1)
        old = before.get(id, Condition(id))
        if ill:
            reason = (
                f"{len(same)} of {sources} sources at once, such as {same[0].source_id}: {same[0].reason}"
            )
            state = Health.FAILING if id == NETWORK else Health.CLOCK_WRONG
            since = old.since if old.state is state and old.since else now
            found.append(replace(old, state=state, since=since, ill_since=since, reason=reason, cause=cause))
        elif not old.well:
            found.append(
                replace(old, state=Health.OK, since=now, ill_since=None, reason="", cause=Cause.NONE)
            )
        elif old.told is not None:
            found.append(old)
    return found


def changes(
    conditions: Iterable[Condition], ours: Sequence[Condition], sources: Mapping[str, Source], now: datetime
) -> list[Change]:
    """What operators are told now, the worst first. `ours` are the machine's conditions; a source that only shows their
    illness waits."""
    excuses = {each.cause for each in ours if not each.well}
    known = [each for each in conditions if each.source_id in sources and each.cause not in excuses]
    told = [change for each in (*ours, *known) if (change := _change(each, sources, now))]
    return sorted(
        told, key=lambda change: (change.condition.source_id not in NAMES, worst_first(change.condition))
    )


def _change(condition: Condition, sources: Mapping[str, Source], now: datetime) -> Change | None:
    told = None if condition.well else condition.state
    if told is condition.told or (told and not _lasts(condition, now)):
        return None
    id = condition.source_id
    name = NAMES.get(id) or sources[id].name or id
    state = str(condition.state) if told is None else WORDS.get(id, str(condition.state))
    line = NoticeLine(name, state, condition.since, condition.reason)
    return Change(line, replace(condition, told=told, told_at=now))


def _lasts(condition: Condition, now: datetime) -> bool:
    ill = now - (condition.ill_since or now)
    match condition.state:
        case Health.GONE | Health.SILENT | Health.MOVED:
            return True
        case Health.OVERRUN:
            return condition.readings >= OVERRUNS
        case _ if condition.source_id in WORDS:
            return True
        case _ if condition.source_id in MACHINE:
            return ill >= MACHINE_PATIENCE
        case _ if condition.cause is Cause.REFUSAL:
            return ill >= REFUSED_PATIENCE
    since = condition.ill_since or now
    return condition.readings >= FEWEST_READINGS and ill >= usual_patience(condition, since)
