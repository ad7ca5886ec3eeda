"""The daemon: starts the app, ticks its loops, obeys signals, tells systemd, ends in order. Called by `monitor run`.

    gather, deliver    begin what is due and return; the work runs in the app's tasks
    release            put alerts that have waited long enough into the outbox
    operators          tell operators of sources whose state has changed and lasts
    housekeeping       retention and the database's upkeep
    SIGHUP             read the configuration again, all or nothing
    SIGTERM, SIGINT    finish what is in flight, then end

The only place that imports APScheduler, and it serves as a tick alone: what is due is a column in the database, never a
job. Decides nothing about articles or alerts.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from apscheduler import events
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from monitor import __version__
from monitor.app import build
from monitor.daemon.heartbeat import SignsOfLife
from monitor.daemon.logs import Redaction, secrets_of
from monitor.daemon.loops import ClockDoubt, ClockWatch, Loop
from monitor.daemon.notify import Notifier
from monitor.errors import (
    ConfigurationError,
    MonitorError,
    SchemaMismatch,
    StoreCorrupt,
    StoreError,
    StoreUnsure,
)
from monitor.parts import Tally
from monitor.settings import Settings, load
from monitor.web import Desk, Metrics, Pulse, bind, serve

log = structlog.get_logger("monitor.daemon")

GATHER_EVERY = 2.0  # seconds
DELIVER_EVERY = 1.0
RELEASE_EVERY = 1.0
OPERATORS_EVERY = 60.0
OPERATORS_FIRST = timedelta(seconds=30)
HOUSEKEEPING_EVERY = 3600.0
HOUSEKEEPING_FIRST = timedelta(minutes=5)  # also for a daemon that is restarted every hour
GRACE = 6.0  # from the signal on, for what is in flight; the rest of systemd's 20 s is for closing on a busy machine
TICK_GRACE = 1.0
HEARTBEAT = 10.0  # seconds, less where systemd wants it more often

# Without a beat for so long a loop is stuck. Housekeeping and a big migration hold the store's thread, hence minutes.
BOUNDS = {"scheduler": 60.0, "gather": 300.0, "deliver": 300.0, "release": 300.0}

# Going on would lose or garble something: end, and let systemd start afresh
FATAL = (StoreCorrupt, StoreUnsure, SchemaMismatch)


def wall_clock() -> datetime:
    return datetime.now(UTC)


class Every(BaseTrigger):  # type: ignore[misc]
    """Ticks at an interval; of all that were missed, in a sleep or by a clock that was set on, one is left.

    APScheduler's own interval counts every one that was missed before it drops them: after a year of seconds it has counted
    for a minute, with gigabytes, and nothing else ran."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        due = (previous_fire_time or now) + self._interval
        return due if due > now else now + self._interval


class Daemon:
    """One run of the daemon over the configuration in `directory`."""

    def __init__(self, directory: Path, environ: Mapping[str, str], redaction: Redaction) -> None:
        self._directory = directory
        self._environ = environ
        self._redaction = redaction
        self.notifier = Notifier(environ)
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._fatal: BaseException | None = None
        self._grace_ends = 0.0  # monotonic seconds
        self._loaded_at = 0.0  # Unix seconds
        self._doubt = ClockDoubt(time.time, time.monotonic)
        self._last_said: dict[str, str] = {}
        self._unread: set[str] = set()  # what was due at the start and is not read yet

    async def run(self) -> None:
        """Until a signal ends it. Raises MonitorError where it cannot start, or cannot go on."""
        self._catch_signals()
        settings = await self._load()
        listener = bind(settings.web.listen)
        async with AsyncExitStack() as stack:
            stack.callback(listener.close)
            self._app = app = build(
                settings, clock=wall_clock, told=self._told, on_fault=self._work_fault, whole=True
            )
            await app.__aenter__()
            stack.push_async_callback(self._close)
            self._pulses = {name: Pulse(name, bound, time.monotonic) for name, bound in BOUNDS.items()}
            self._desk = Desk(app, tuple(self._pulses.values()), loaded_at=self._loaded_at)
            self._metrics = Metrics(self._desk)
            await self._find_unread()
            address = await stack.enter_async_context(serve(self._desk, self._metrics, listener))
            self._loops = self._make_loops()
            self._scheduler = self._start_scheduler()
            lasting = (self._heartbeat(), self._reloads(), app.warm(), SignsOfLife(self._desk).run())
            watchers = [asyncio.create_task(work) for work in lasting]
            for watcher in watchers:
                watcher.add_done_callback(self._watcher_ended)
            log.info("started", version=__version__, web=address, sources=len(app.parts.sources))
            self.notifier.tell("READY=1", self._status())
            await self._stop.wait()
            for watcher in watchers:
                watcher.cancel()
            await self._end()
        log.info("ended")
        if self._fatal:
            raise self._fatal

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)

    async def _load(self) -> Settings:
        self._loaded_at = time.time()  # before: what is saved while it is read counts as later
        settings = await asyncio.to_thread(load, self._directory, self._environ)
        self._redaction.learn(secrets_of(settings))
        return settings

    # --- the loops ---

    def _make_loops(self) -> dict[str, Loop]:
        steps = {
            "gather": self._gather,
            "deliver": self._deliver,
            "release": self._release,
            "operators": self._tell_operators,
            "housekeeping": self._housekeep,
        }
        idle = Pulse("housekeeping", HOUSEKEEPING_EVERY, time.monotonic)
        return {
            name: Loop(step, self._pulses.get(name, idle), self._loop_fault, self._took)
            for name, step in steps.items()
        }

    def _start_scheduler(self) -> AsyncIOScheduler:
        # its defaults drop ticks that come late and run others twice
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        scheduler.add_listener(self._ticked, events.EVENT_JOB_SUBMITTED | events.EVENT_JOB_MAX_INSTANCES)
        scheduler.add_listener(self._tick_lost, events.EVENT_JOB_ERROR | events.EVENT_JOB_MISSED)
        now = wall_clock()
        for name, seconds, first in (
            ("gather", GATHER_EVERY, now),
            ("deliver", DELIVER_EVERY, now),
            ("release", RELEASE_EVERY, now),
            ("operators", OPERATORS_EVERY, now + OPERATORS_FIRST),
            ("housekeeping", HOUSEKEEPING_EVERY, now + HOUSEKEEPING_FIRST),
        ):
            scheduler.add_job(
                self._loops[name].tick, Every(timedelta(seconds=seconds)), id=name, next_run_time=first
            )
        scheduler.start()
        return scheduler

    async def _gather(self) -> None:
        if not await self._app.parts.in_store(self._app.store.room):
            return  # what is recorded is still sent
        for task in (*await self._app.begin_gathering(), *await self._app.begin_revisits()):
            task.add_done_callback(self._work_ended)

    async def _tell_operators(self) -> None:
        if await self._app.tell_operators():
            self._tick_now("deliver")

    async def _deliver(self) -> None:
        for task in await self._app.begin_delivering():
            task.add_done_callback(self._work_ended)

    async def _release(self) -> None:
        if made := await self._app.release():
            log.info("let go", deliveries=made)
            self._tick_now("deliver")

    async def _housekeep(self) -> None:
        if self._doubt.holds():
            log.warning("housekeeping waits for a day: the clock was set on, and by it all may seem too old")
            return
        log.info("housekeeping", removed=await self._app.housekeeping())

    async def _find_unread(self) -> None:
        states = await self._app.parts.in_store(self._app.store.sources.all)
        now = wall_clock()
        later = {state.source_id for state in states if state.next_check_at > now}
        self._unread = set(self._app.parts.sources) - later
        self._desk.first_gather_done = not self._unread

    def _work_ended(self, task: asyncio.Task[Tally]) -> None:
        """A reading or a sending is over; its own faults were told, what is left here came on the way out."""
        if not task.cancelled() and (error := task.exception()):
            self._work_fault(task.get_name(), error)
        self._unread.discard(task.get_name().removeprefix("read "))
        self._unread &= self._app.parts.sources.keys()
        self._desk.first_gather_done = self._desk.first_gather_done or not self._unread

    def _tick_now(self, *names: str) -> None:
        for name in names if not self._stop.is_set() else ():
            self._scheduler.modify_job(name, next_run_time=wall_clock())

    # --- what is told ---

    def _told(self, name: str, tally: Tally) -> None:
        """What came of a source or channel: news at once, trouble when it changes, an uneventful poll never."""
        if tally.articles_new or tally.alerts:
            log.info("read", source=name, new=tally.articles_new, matches=tally.matches, alerts=tally.alerts)
        if tally.alerts:
            self._tick_now("deliver")
        if tally.delivered:
            log.info("delivered", channel=name, alerts=tally.delivered)
        trouble = "; ".join(sentence for _, sentence in tally.problems)
        before = self._last_said.get(name, "")
        if trouble and trouble != before:
            log.warning("trouble", of=name, problem=trouble)
        elif before and not trouble:
            log.info("well again", of=name)
        self._last_said[name] = trouble

    def _work_fault(self, name: str, error: BaseException) -> None:
        gather = self._loops["gather"]
        if isinstance(error, StoreError) and not isinstance(error, FATAL):
            # what cannot be recorded must not be fetched again and again; one source tells it for all
            if gather.waiting:
                self._desk.faults["work"] += 1
                return
            gather.hold()
        self._fault("work", name, error)

    def _loop_fault(self, name: str, error: BaseException) -> None:
        self._fault("loop", name, error)

    def _fault(self, where: str, name: str, error: BaseException) -> None:
        self._desk.faults[where] += 1
        if self._fatal:
            return
        # an error raised on purpose explains itself; the others are ours to find
        log.error(
            "failed", of=name, error=str(error), exc_info=None if isinstance(error, MonitorError) else error
        )
        if isinstance(error, FATAL):
            self._give_up(error)

    def _give_up(self, error: BaseException) -> None:
        self._fatal = self._fatal or error
        self._stop.set()

    def _watcher_ended(self, task: asyncio.Task[None]) -> None:
        # without its heartbeat or its reloads the daemon would only seem to live
        if not task.cancelled() and (error := task.exception()):
            self._give_up(error)

    def _took(self, name: str, seconds: float) -> None:
        self._metrics.ticks.labels(name).observe(seconds)

    def _ticked(self, event: events.JobSubmissionEvent) -> None:
        self._pulses["scheduler"].beat()

    def _tick_lost(self, event: events.JobExecutionEvent) -> None:
        log.error("tick lost", loop=event.job_id, code=event.code, exc_info=getattr(event, "exception", None))

    # --- systemd ---

    def _status(self) -> str:
        app = self._app
        return (
            f"STATUS={len(app.parts.sources)} sources, {len(app.reading)} being read; "
            f"since the start {app.total.alerts} alerts, {app.total.delivered} deliveries"
        )

    async def _heartbeat(self) -> None:
        """Feed the watchdog while everything moves. A task and not a job: it watches the scheduler as well."""
        pause = min(HEARTBEAT, (self.notifier.watchdog or HEARTBEAT) / 2)
        clock = ClockWatch(time.time, time.monotonic)
        while True:
            stuck = [pulse.name for pulse in self._pulses.values() if pulse.stuck]
            if stuck:
                log.error("stuck: systemd is no longer told that all is well", loops=stuck)
            else:
                self.notifier.tell("WATCHDOG=1", self._status())
            await asyncio.sleep(pause)
            if jump := clock.jump():
                log.warning("the clock was set", seconds=round(jump))
                # the scheduler waits for times of day: set back by a year, it would sleep for a year
                self._tick_now(*self._loops)

    # --- reload ---

    async def _reloads(self) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            self.notifier.reloading()
            done = await self._reload_once()
            self._desk.reloads["ok" if done else "refused"] += 1
            self._desk.reload_refused = not done
            self._desk.loaded_at = self._loaded_at if done else self._desk.loaded_at
            self.notifier.tell("READY=1", self._status())

    async def _reload_once(self) -> bool:
        try:
            settings = await self._load()
            waiting = self._app.needs_restart(settings)
            await self._app.reload(settings)
        except ConfigurationError as error:
            for problem in error.problems:
                log.error("mistake in the configuration", problem=str(problem))
            log.error("reload refused: the rules of before stay in force", mistakes=len(error.problems))
            return False
        except Exception as error:  # the reload's wall: whatever a half-written file does, the old rules stay
            log.error("reload refused: the rules of before stay in force", error=str(error), exc_info=error)
            return False
        self._desk.needs_restart = tuple(waiting)
        if waiting:
            log.warning("changed, but in force only after a restart", keys=waiting)
        self._tick_now("gather")
        log.info("reloaded", sources=len(settings.sources), watchlists=len(settings.watchlists))
        return True

    # --- the end ---

    async def _end(self) -> None:
        """No further tick begins, and the present one ends: what it claimed is being sent or given back."""
        self._grace_ends = time.monotonic() + GRACE
        self.notifier.tell("STOPPING=1", "STATUS=finishing what is in flight")
        app = self._app
        log.info("stopping", reading=len(app.reading), sending=len(app.sending))
        ticks = [asyncio.create_task(loop.stop()) for loop in self._loops.values()]
        await asyncio.wait(ticks, timeout=TICK_GRACE)
        self._scheduler.shutdown(wait=False)

    async def _close(self) -> None:
        # where the database is past trust there is nothing to finish
        left = 0.0 if self._fatal else max(0.0, self._grace_ends - time.monotonic())
        await self._app.close(grace=left)


async def run_daemon(directory: Path, environ: Mapping[str, str], redaction: Redaction) -> None:
    """Run until told to stop. Raises MonitorError (ConfigurationError, StoreBusy, ...) where it cannot."""
    daemon = Daemon(directory, environ, redaction)
    try:
        await daemon.run()
    except ConfigurationError as error:
        count = len(error.problems)
        daemon.notifier.tell(f"STATUS={count} {'mistake' if count == 1 else 'mistakes'} in the configuration")
        raise
    except MonitorError as error:
        daemon.notifier.tell("STATUS=" + " ".join(str(error).split()))
        raise
