"""The composition root: from settings to a working App. Called by `daemon`, `cli` and `demo`; decides nothing itself.

`build` puts the parts together; an App runs the pipeline's steps as tasks, so that a source or channel that hangs
delays no other, and swaps its rules whole on reload.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from monitor import despatch, pipeline
from monitor.collect import Fetchers, budget, faulted, machine
from monitor.deliver import Senders, build_sender
from monitor.despatch import Lane
from monitor.drafting import PRELOAD
from monitor.errors import StoreCorrupt, StoreError, StoreFull, StoreUnsure
from monitor.follow import (
    SPIKES_EVERY,
    due_revisits,
    release,
    revisit,
    tell_of_channels,
    tell_operators,
    tell_spikes,
)
from monitor.judge import Rules, compile_rules, dismantle
from monitor.model import Cause, ChannelKind, ChannelState, Health, Revisit, Source, SourceState
from monitor.parts import Parts, Tally
from monitor.settings import Settings
from monitor.store import Store, StoreThread
from monitor.workers import Workers
from monitor.workers.memory import Spare, collector_at_rest, few_heaps

if TYPE_CHECKING:
    from rich.console import Console

SOURCES_AT_ONCE = 200
READERS = 2  # worker processes that parse and refine
TALKERS = 12  # ... that hold a chat service's library: apart, so that a chat that hangs stops no reading; more of them
# than send at once, so that those that hang leave some to the others
TALKERS_WARM = 1
RESOLVERS = 32  # threads
PRICED_EVERY = timedelta(hours=1)  # where requests have a budget
NOT_OF_THE_SOURCE = (StoreCorrupt, StoreFull, StoreUnsure)  # nor is there anything to write on such a disk
AFTER_A_FAULT = timedelta(minutes=15)  # a source on which the program itself failed waits this long
UNRECORDED = timedelta(seconds=30)  # ... and one whose articles the database did not take, at first

Told = Callable[[str, Tally], None]  # (source's id, or recipient/channel; what came of it)


def rules_of(settings: Settings) -> Rules:
    """The compiled rules. Raises QueryError; `settings.load` has told of those before, with file and line."""
    with collector_at_rest(len(settings.watchlists)):
        return compile_rules(
            settings.watchlists, settings.entities, settings.sources, settings.recipients, settings.routes
        )


@dataclass(slots=True)
class App:
    """The running program. Use it as an async context manager."""

    settings: Settings
    parts: Parts
    fetcher: Fetchers
    workers: tuple[Workers, Workers]  # readers, talkers
    senders: Senders
    told: Told | None = None
    on_fault: Callable[[str, BaseException], None] | None = None
    total: Tally = field(default_factory=Tally)
    reading: dict[str, asyncio.Task[Tally]] = field(default_factory=dict)
    sending: dict[Lane, asyncio.Task[Tally]] = field(default_factory=dict)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SOURCES_AT_ONCE))
    stopping: bool = False
    retiring: set[asyncio.Task[None]] = field(default_factory=set)  # rules of before, being freed
    revisiting: set[asyncio.Task[Tally]] = field(default_factory=set)
    spikes_at: datetime | None = None  # when watchlists' volumes were last looked at
    spare: Spare = field(default_factory=Spare)
    priced_at: datetime | None = None  # when the budget of requests was last turned into a price

    @property
    def store(self) -> Store:
        return self.parts.store

    @property
    def rules(self) -> Rules:
        return self.parts.rules

    async def __aenter__(self) -> Self:
        # names are resolved in this pool: the default of a few threads would let slow names delay all others
        resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="resolve")
        asyncio.get_running_loop().set_default_executor(resolvers)
        await self.fetcher.__aenter__()
        await self.senders.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(grace=10.0)

    async def warm(self) -> None:
        """Start the child processes that will be needed, so that the first news does not wait for them."""
        readers, talkers = self.workers
        channels = [each for recipient in self.parts.recipients.values() for each in recipient.channels]
        chats = sum(each.kind is ChannelKind.APPRISE for each in channels)
        await asyncio.gather(readers.warm(READERS), talkers.warm(min(chats, TALKERS_WARM)))

    # --- gather ---

    async def begin_gathering(self, *, everything: bool = False) -> list[asyncio.Task[Tally]]:
        """Start reading every due source that is not being read; the tasks end by themselves."""
        if self.stopping:
            return []
        await self._keep_budget()
        sources = self.parts.sources
        asked = self.store.sources.states if everything else self.store.sources.due
        states = await self.parts.in_store(asked, self.parts.clock(), list(sources), len(sources))
        return [
            self._begin_reading(sources[state.source_id], state)
            for state in states
            if state.source_id in sources and state.source_id not in self.reading
        ]

    async def _keep_budget(self) -> None:
        """What a request is worth, so that all adaptive sources together stay within the budget, if there is one."""
        policy, now = self.settings.polling, self.parts.clock()
        if policy.budget is None or (self.priced_at and abs(now - self.priced_at) < PRICED_EVERY):
            return
        self.priced_at = now
        ids = [each.id for each in self.parts.sources.values() if each.every is None]
        rhythms = await self.parts.in_store(self.store.sources.rhythms, ids)
        unknown = [""] * (len(ids) - len(rhythms))
        price = await asyncio.to_thread(budget.price, [*rhythms, *unknown], policy)
        self.parts = replace(self.parts, polling=replace(policy, price=price))

    def _begin_reading(self, source: Source, state: SourceState) -> asyncio.Task[Tally]:
        task = asyncio.create_task(self._read(source, state), name=f"read {source.id}")
        self.reading[source.id] = task
        task.add_done_callback(lambda _: self.reading.pop(source.id, None))
        return task

    async def _read(self, source: Source, state: SourceState) -> Tally:
        async with self.slots:
            if self.stopping:
                return Tally()
            work = pipeline.read_source(self.parts, source, state)
            return await self._guarded(source.id, work, partial(self._put_off, source))

    async def gather(self, *, everything: bool = False) -> Tally:
        """Read every due source (or every one at all) once and wait for the last."""
        tally = Tally()
        for task in await self.begin_gathering(everything=everything):
            tally.add(await task)
        return tally

    async def _put_off(self, source: Source, error: Exception) -> None:
        """A source that the program itself fails on must not be tried in a hot loop, nor be silent. What only could not be
        written down is read again soon, and later where that happens again."""
        now = self.parts.clock()
        state = await self.parts.in_store(self.store.sources.state, source.id, now)
        after = replace(
            state,
            next_check_at=now + _pause_after(error, state.failures),
            checked_at=now,
            health=Health.FAILING,
            since=state.since if state.health is Health.FAILING else now,
            failures=state.failures + 1,
            message=f"what was read could not be recorded: {error}"
            if isinstance(error, StoreError)
            else "the program itself failed on this source; see the log",
        )
        condition = faulted(await self.parts.in_store(self.store.conditions.get, source.id), after, now)
        self.parts.conditions[source.id] = condition
        await self.parts.in_store(self.store.sources.save, after, None, condition)

    # --- what follows ---

    async def begin_revisits(self) -> list[asyncio.Task[Tally]]:
        """Start looking again at the pages of alerted articles that are due, a few at a time."""
        if self.stopping or self.revisiting:
            return []
        return [self._begin_revisit(one) for one in await due_revisits(self.parts)]

    def _begin_revisit(self, one: Revisit) -> asyncio.Task[Tally]:
        work = self._guarded(f"article {one.article_id}", revisit(self.parts, one))
        task = asyncio.create_task(work, name=f"revisit {one.article_id}")
        self.revisiting.add(task)
        task.add_done_callback(self.revisiting.discard)
        return task

    async def follow(self) -> Tally:
        """Look at every page that is due, tell the operators what has lasted, let go what is due; wait for the last."""
        tally = Tally()
        while tasks := await self.begin_revisits():
            for task in tasks:
                tally.add(await task)
        await self.tell_operators()
        await self.release()
        return tally

    async def release(self) -> int:
        """Put into the outbox what has waited long enough: gathered alerts, updates, digests, escalations. How many
        deliveries."""
        return 0 if self.stopping else await release(self.parts) + await self._tell_spikes()

    async def _tell_spikes(self) -> int:
        """What watchlists find beyond their usual; looked at every few minutes."""
        now = self.parts.clock()
        if self.spikes_at and timedelta(0) <= now - self.spikes_at < SPIKES_EVERY:
            return 0
        self.spikes_at = now
        return await tell_spikes(self.parts)

    async def tell_operators(self) -> int:
        """Enqueue what operators should hear of their sources and channels; how many deliveries."""
        told = await tell_operators(self.parts, self.settings.operators)
        return told + await tell_of_channels(self.parts, self.settings.operators)

    # --- deliver ---

    async def begin_delivering(self) -> list[asyncio.Task[Tally]]:
        """Start sending on every free channel that has something due; the tasks end by themselves."""
        if self.stopping:
            return []
        free = await despatch.due(self.parts, self.sending)
        return [self._begin_sending(state) for state in free if state.lane not in self.sending]

    def _begin_sending(self, state: ChannelState) -> asyncio.Task[Tally]:
        name = state.lane
        task = asyncio.create_task(self._send(state), name="send " + "/".join(name))
        self.sending[name] = task
        task.add_done_callback(partial(self._lane_done, name))
        return task

    def _lane_done(self, name: Lane, _: asyncio.Task[Tally]) -> None:
        self.sending.pop(name, None)

    async def _send(self, state: ChannelState) -> Tally:
        lane = despatch.run_lane(self.parts, state, lambda: self.stopping)
        return await self._guarded("/".join(state.lane), lane)

    async def deliver(self) -> Tally:
        """Send until nothing can go any more, and wait for the last: nothing is due, or what is due has to wait for a
        channel or for another process."""
        tally = Tally()
        while tasks := await self.begin_delivering():
            done = Tally()
            for task in tasks:
                done.add(await task)
            tally.add(done)
            if not (done.delivered or done.retried or done.dead):
                break
        return tally

    # --- both ---

    async def _guarded(
        self,
        name: str,
        work: Coroutine[object, object, Tally],
        after: Callable[[Exception], Awaitable[None]] | None = None,
    ) -> Tally:
        """The wall between one source's or channel's fault and the rest: told, counted, never passed on."""
        try:
            tally = await work
        except Exception as error:
            if self.on_fault is None:
                raise
            self.on_fault(name, error)
            if after and not isinstance(error, NOT_OF_THE_SOURCE):
                await after(error)
            tally = Tally(sources=1, failed=1, problems=[(name, f"{type(error).__name__}: {error}")])
        self.total.add(replace(tally, problems=[]))
        self.spare.worked()
        if self.told:
            self.told(name, tally)
        return tally

    async def housekeeping(self) -> dict[str, int]:
        """Retention and the database's own upkeep; rows removed a table. Between its slices the store does what others ask.
        Nothing is done while most servers say that this machine's clock is wrong: by its time all may seem too old."""
        removed: Counter[str] = Counter()
        if await self._clock_is_doubted():
            return {}
        work = self.store.upkeep(self.parts.clock(), self.settings.retention)
        while not self.stopping and (done := await self.parts.in_store(next, work, None)):
            removed[done[0]] += done[1]
        return dict(removed)

    async def _clock_is_doubted(self) -> bool:
        found = await self.parts.in_store(self.store.conditions.open)
        mine = [each for each in found if each.source_id in self.parts.sources]
        ours = machine(mine, {}, len(self.parts.sources), self.parts.clock())
        return any(each.cause is Cause.CLOCK for each in ours)

    async def reload(self, settings: Settings) -> None:
        """Put new settings in force, all or nothing. What runs goes on with the old ones to its end.

        Raises MonitorError and changes nothing when the rules do not compile. Database, web address, mail server
        and fetch limits need a restart; `needs_restart` names those that differ.
        """
        rules = await asyncio.to_thread(rules_of, settings)
        users = {*self.reading.values(), *self.sending.values(), *self.revisiting}
        retiring = asyncio.create_task(self._retire(self.parts.rules, users), name="retire rules")
        self.retiring.add(retiring)
        retiring.add_done_callback(self.retiring.discard)
        self.settings = replace(
            settings,
            database=self.settings.database,
            web=self.settings.web,
            email=self.settings.email,
            fetch=self.settings.fetch,
        )
        sources = {source.id: source for source in settings.sources}
        self.parts = replace(
            self.parts,
            rules=rules,
            sources=sources,
            recipients={recipient.id: recipient for recipient in settings.recipients},
            polling=settings.polling,
            memos={id: memo for id, memo in self.parts.memos.items() if id in sources},
        )
        self.parts.repeats.keep(sources)
        self.priced_at = None

    async def _retire(self, rules: Rules, users: Collection[asyncio.Task[Tally]]) -> None:
        """Free what the reload replaced, once what was running has ended."""
        if users:
            await asyncio.wait(users)
        await asyncio.to_thread(dismantle, rules)

    def needs_restart(self, settings: Settings) -> list[str]:
        """The keys of new settings that only a restart puts in force."""
        names = ("database", "web", "email", "fetch")
        return [name for name in names if getattr(settings, name) != getattr(self.settings, name)]

    async def close(self, grace: float) -> None:
        """Finish what is in flight within `grace` seconds; what is cancelled then is done again after a start."""
        self.stopping = True
        tasks = {*self.reading.values(), *self.sending.values(), *self.revisiting}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await asyncio.gather(*self.retiring)
        self.spare.close()
        await self.senders.__aexit__(None, None, None)
        await self.fetcher.__aexit__(None, None, None)
        for workers in self.workers:
            await workers.close()
        await self.parts.in_store(self.store.close)
        self.parts.in_store.close()


def build(
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    console: Console | None = None,
    told: Told | None = None,
    on_fault: Callable[[str, BaseException], None] | None = None,
    whole: bool = False,
) -> App:
    """Open the store (and its lock; `whole`: look at all of it), compile the rules, make fetcher, workers and senders.

    Raises StoreBusy where another process runs on the database, StoreError where it cannot be used, QueryError.
    """
    few_heaps()
    rules = rules_of(settings)
    store = Store.open(settings.database, now=clock(), whole=whole)
    store.recover(clock())
    readers = Workers(READERS, preload=PRELOAD)
    talkers = Workers(TALKERS, preload=("monitor.deliver.chat",))
    fetcher = Fetchers(settings.fetch)
    senders = build_sender(
        email=settings.email,
        workers=talkers,
        policy=settings.fetch,
        console=console,
        host=message_host(settings),
        clock=clock,
    )
    parts = Parts(
        store=store,
        in_store=StoreThread(store.together),
        fetcher=fetcher,
        workers=readers,
        sender=senders,
        rules=rules,
        sources={source.id: source for source in settings.sources},
        recipients={recipient.id: recipient for recipient in settings.recipients},
        polling=settings.polling,
        public_url=settings.web.public_url,
        host=message_host(settings),
        clock=clock,
        chance=random.random,
        fault=on_fault or raise_fault,
        link_key=settings.web.link_key or store.link_key(),
        worker=f"{socket.gethostname()}:{os.getpid()}",
    )
    return App(settings, parts, fetcher, (readers, talkers), senders, told=told, on_fault=on_fault)


def _pause_after(error: Exception, failures: int) -> timedelta:
    """`failures`: how many readings of the source failed in a row before this one."""
    unwritten = isinstance(error, StoreError)
    return min(AFTER_A_FAULT, UNRECORDED * 2 ** min(failures, 5)) if unwritten else AFTER_A_FAULT


def raise_fault(name: str, error: BaseException) -> None:
    """Without anybody to tell, a fault is passed on."""
    raise error


def message_host(settings: Settings) -> str:
    """The right side of Message-IDs: the domain that sends, else that of the public address."""
    if settings.email and "@" in settings.email.sender:
        return settings.email.sender.rpartition("@")[2].strip("> ")
    return urlsplit(settings.web.public_url).hostname or "localhost"
