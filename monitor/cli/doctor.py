"""`monitor doctor`: everything that is wrong, in one screen, the worst first, each with what to do.

Reads the configuration, the database and the machine, and asks the daemon's own page whether it is ready; changes
nothing. The daemon may be running.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.findings import Finding, Weight
from monitor.cli.output import config_option, harmless, output_option, print_json
from monitor.errors import EXIT_FAILED, EXIT_OK, MonitorError, SchemaMismatch, StoreAbsent, StoreCorrupt
from monitor.model import Condition, DeliveryState, Health, SourceState

if TYPE_CHECKING:
    from monitor.settings import Settings
    from monitor.store import Store

BACKLOG = timedelta(minutes=15)  # a delivery that is due for longer waits for something
OVERDUE = timedelta(minutes=15)  # a source that is due for longer is read by nobody
CLOCK_BACK = timedelta(minutes=5)
MUCH_UNUSED = 100_000_000  # bytes


@click.command()
@config_option
@output_option
def doctor(directory: str | None, output: str) -> int:
    """Show every problem in one screen, the worst first, each with what to do.

    Looks at the sources, the channels and the outbox, the database with its journal and backups, the disk, the daemon and whether the
    configuration on the disk is what it has in force, the clock, the configuration's warnings and the installed packages.
    Reads the whole of a SQLite database.

    Exit codes: 0 all is well, 1 something is wrong (notes alone are not), 78 bad configuration.
    """
    from monitor.settings import find_directory, load

    settings = load(find_directory(directory), os.environ)
    now = datetime.now(UTC)
    found = sorted(findings(settings, now), key=lambda each: each.weight)
    wrong = any(each.weight is not Weight.NOTE for each in found)
    if output == "json":
        rows = [{**asdict(each), "weight": each.weight.name.lower()} for each in found]
        print_json({"ok": not wrong, "sources": len(settings.sources), "findings": rows})
    else:
        _print(found, settings, now)
    return EXIT_FAILED if wrong else EXIT_OK


def findings(settings: Settings, now: datetime) -> Iterator[Finding]:
    """All of them, by area."""
    from monitor.cli import doctor_machine

    found, made_at = _stored(settings, now)
    yield from found
    yield from doctor_machine.files(settings, made_at, now)
    yield from doctor_machine.daemon(settings)
    yield from _configuration(settings)
    yield from doctor_machine.packages()


# --- what the database knows -----------------------------------------------------------------------------------------


def _stored(settings: Settings, now: datetime) -> tuple[list[Finding], datetime | None]:
    """And when the database was made, where it can be read."""
    from monitor.store import Store

    try:
        with Store.open(settings.database, now=now, upgrade=False, writer=False) as store:
            return list(_kept(store, settings, now)), store.made_at()
    except StoreAbsent:
        do = "Start the daemon (`monitor run`) or read once (`monitor once`)."
        weight, state, reason = Weight.WARNING, "absent", "nothing was ever read"
    except StoreCorrupt as error:
        do = "`monitor db backup --list`, then `monitor db restore FILE`."
        weight, state, reason = Weight.ERROR, "damaged", str(error)
    except SchemaMismatch as error:
        do = "Start the daemon, which upgrades it, or run `monitor db upgrade`; a newer one needs the newer program."
        weight, state, reason = Weight.ERROR, "another schema", str(error)
    except MonitorError as error:
        do = "Mend what the message names; `monitor db check` tries again."
        weight, state, reason = Weight.ERROR, "unusable", str(error)
    return [Finding(weight, "database", "database", state, reason, do)], None


def _kept(store: Store, settings: Settings, now: datetime) -> Iterator[Finding]:
    yield from _database(store)
    yield from _outbox(store, now)
    yield from _channels(store, now)
    yield from _sources(settings, store.conditions.all(), now)
    yield from _schedule(settings, store.sources.all(), now)


def _database(store: Store) -> Iterator[Finding]:
    for problem in store.check():
        do = "Stop the daemon and restore a backup (`monitor db restore FILE`); `monitor db check` shows all."
        yield Finding(Weight.ERROR, "database", "database", "damaged", problem, do)
    unused = store.unused()
    if unused and unused > MUCH_UNUSED:
        reason = f"{unused / 1e6:.0f} MB of its file hold nothing and are not given back"
        do = "Stop the daemon, run `monitor db compact`, start it again."
        yield Finding(Weight.NOTE, "database", "database", "half empty", reason, do)


def _outbox(store: Store, now: datetime) -> Iterator[Finding]:
    counts = store.outbox.counts()
    if dead := counts[DeliveryState.DEAD]:
        [latest] = store.outbox.list(DeliveryState.DEAD, 1)
        reason = f"{dead} alerts were given up; the latest for {latest.recipient}/{latest.channel}: {latest.last_error}"
        do = "`monitor outbox list --state dead`; mend the channel, then `monitor outbox retry --all`, or drop them."
        yield Finding(Weight.ERROR, "outbox", "deliveries", "dead", reason, do)
    waiting = [
        each for each in store.outbox.list(DeliveryState.PENDING, 1000) if now - each.created_at > BACKLOG
    ]
    if waiting:
        oldest = min(waiting, key=lambda each: each.created_at)
        reason = f"{len(waiting)} alerts wait; the oldest for {oldest.recipient}/{oldest.channel}: {oldest.last_error}"
        do = "`monitor outbox list --state pending` shows the errors; they go out by themselves once the channel works."
        yield Finding(Weight.WARNING, "outbox", "deliveries", "waiting", reason, do, oldest.created_at)


def _channels(store: Store, now: datetime) -> Iterator[Finding]:
    """Those whose breaker is open."""
    from monitor.deliver import standing, troubles
    from monitor.deliver.notice_words import notice_words_for

    waiting = store.channels.waiting()
    for each in store.channels.all():
        if each.opened_at is None:
            continue
        at = "now" if standing(each, now) == "probing" else f"at {each.try_at:%Y-%m-%d %H:%M} UTC"
        count = waiting.get(each.lane, 0)
        waits = "1 alert waits" if count == 1 else f"{count} alerts wait"
        reason = f"{each.failures} attempts in a row failed, {waits}; {each.last_error}; tried again {at}"
        do = notice_words_for("en").advice[troubles.UNREACHABLE]
        name = f"{each.recipient}/{each.channel}"
        yield Finding(Weight.ERROR, "channel", name, "not reached", reason, do, each.failing_since)


def _sources(settings: Settings, conditions: list[Condition], now: datetime) -> Iterator[Finding]:
    from monitor.collect import machine, worst_first
    from monitor.deliver.notice_words import notice_words_for

    advice = notice_words_for("en").advice
    known = {each.source_id: each for each in conditions}
    ill = [
        each
        for each in conditions
        if each.source_id in {source.id for source in settings.sources} and not each.well
    ]
    ours = [each for each in machine(ill, known, len(settings.sources), now) if not each.well]
    for each in ours:
        do = (
            "Check this machine's network and name resolution."
            if each.state is Health.FAILING
            else advice[each.state]
        )
        yield Finding(
            Weight.ERROR, "machine", each.source_id[1:], str(each.state), each.reason, do, each.since
        )
    for each in sorted(ill, key=worst_first):
        lost = each.state not in (Health.MOVED, Health.CLOCK_WRONG)
        weight = Weight.ERROR if lost else Weight.WARNING
        yield Finding(
            weight, "source", each.source_id, str(each.state), each.reason, advice[each.state], each.since
        )


def _schedule(settings: Settings, states: list[SourceState], now: datetime) -> Iterator[Finding]:
    """When the daemon last got on, and whether the clock ran backwards since."""
    wanted = {source.id for source in settings.sources}
    read = [each for each in states if each.source_id in wanted and each.checked_at]
    last = max((each.checked_at for each in read if each.checked_at), default=None)
    if last is None:
        return
    if last > now + CLOCK_BACK:
        reason = f"a source was read at {last:%Y-%m-%d %H:%M} UTC, which is still to come"
        yield Finding(
            Weight.ERROR, "machine", "clock", "set back", reason, "Check the time: `timedatectl`.", last
        )
    overdue = [each for each in read if now - each.next_check_at > OVERDUE]
    if overdue and now - last > OVERDUE:
        reason = f"{len(overdue)} sources are due, and none was read since {last:%Y-%m-%d %H:%M} UTC"
        do = "Start the daemon, or look into its log (`journalctl -u media-monitor`)."
        yield Finding(Weight.ERROR, "daemon", "gather", "no progress", reason, do, last)


# --- the configuration -----------------------------------------------------------------------------------------------


def _configuration(settings: Settings) -> Iterator[Finding]:
    from monitor.cli.check import warnings
    from monitor.cli.lint import suspicions

    for warning in warnings(settings):
        yield Finding(
            Weight.WARNING, "configuration", "check", "warning", warning, "Change it, then `monitor check`."
        )
    if settings.sources and not settings.operators:
        reason = "nobody is told when a source fails or falls silent"
        do = "Name recipients under `operators` in monitor.yaml."
        yield Finding(Weight.WARNING, "configuration", "operators", "none", reason, do)
    if count := len(suspicions(settings)[0]):
        reason = f"{count} things that the watchlists say and can hardly mean"
        yield Finding(Weight.NOTE, "configuration", "lint", "warnings", reason, "`monitor lint` names each.")


# --- for people ------------------------------------------------------------------------------------------------------

_COLOURS = {Weight.ERROR: "red", Weight.WARNING: "yellow", Weight.NOTE: "blue"}


def _print(found: list[Finding], settings: Settings, now: datetime) -> None:
    from monitor.cli.sources import distance

    for each in found:
        mark = click.style(f"{each.weight.name.lower():8}", fg=_COLOURS[each.weight])
        since = f", {distance(each.since, now)}" if each.since else ""
        click.echo(mark + harmless(f"{each.area} {each.subject}: {each.state}{since}"))
        click.echo(harmless(f"        {each.reason}"))
        click.echo(f"        → {each.do}")
    if not found:
        click.echo(f"all is well: {len(settings.sources)} sources, the outbox, the database, the daemon")
