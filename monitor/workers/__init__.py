"""Killable child processes for pure functions that eat what strangers wrote: parsing, extraction, chat libraries.

Called by the pipeline, the composition root and single commands through `Workers.run`. A child that hangs, bloats or
crashes is killed and replaced and costs its own task alone: each child has a socket of its own and shares no lock.
Nothing here knows what a task is about, and nothing is retried.
"""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from monitor.errors import WorkerCrashed, WorkerFailed, WorkerTimeout
from monitor.workers import child as protocol
from monitor.workers.forkserver import START_SECONDS, Child, Forkserver, described, forkserver

P = ParamSpec("P")
T = TypeVar("T")

RECYCLE_AFTER = 2_000  # tasks: what libraries leak does not pile up
IDLE_SECONDS = 60.0  # ... nor does what a large document left: a new child is there in milliseconds
LARGEST_ANSWER = 256_000_000  # bytes; a longer header comes from a child gone mad


class Workers:
    """An asyncio-facing pool of at most `count` children, started when needed and ended when idle.

    `memory_bytes` limits what each may write to (RLIMIT_DATA), beside what it shares with the others. `preload` names
    modules that are imported before any child is there; pools that name the same ones share their memory. Belongs to one
    event loop.
    """

    def __init__(
        self,
        count: int = 2,
        memory_bytes: int = 400_000_000,
        *,
        preload: Sequence[str] = (),
        source: Forkserver | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._free = asyncio.Semaphore(count)
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._dying: set[asyncio.Future[int]] = set()
        self._memory_bytes = memory_bytes
        self._source = source or forkserver(tuple(preload))
        self._idle_seconds = idle_seconds
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run(self, function: Callable[P, T], deadline: float, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function(*args, **kwargs)` in a child and answer its result.

        `function` is importable; arguments and result can be pickled. `deadline` is in seconds and counts from the
        call itself: neither the wait for a free child nor imports are in it. Raises WorkerTimeout, WorkerCrashed
        (the child died, or the function raised something unforeseen: its traceback is a note), or the MonitorError
        that the function raised. A cancelled call kills its child.
        """
        name = getattr(function, "__name__", str(function))
        async with self._free:
            # not before: of the documents that wait, each is in memory once
            task = pickle.dumps((function, args, kwargs), pickle.HIGHEST_PROTOCOL)
            child = await self._take(name)
            try:
                frame = await self._call(child, task, name, deadline)
            except BaseException:
                self._discard(child)
                raise
            self._give_back(child)
        result: T = opened(frame, name)
        return result

    async def warm(self, count: int) -> None:
        """Start so many children now, so that no task waits for it. One that cannot be started is the tasks' to tell."""
        await asyncio.gather(*(self._warm_one(count) for _ in range(count)))

    async def _warm_one(self, count: int) -> None:
        async with self._free:
            if self._closed or len(self._idle) + len(self._busy) >= count:
                return  # tasks that came first have started theirs
            await self._start_idle()

    async def _start_idle(self) -> None:
        with suppress(WorkerFailed):
            child = await self._start("warming up")
            if self._closed:
                self._discard(child)
            else:
                self._give_back(child)

    async def close(self) -> None:
        """Kill the children, busy ones too (their calls fail), and wait until they are gone."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        while self._idle:
            self._discard(self._idle.pop())
        for child in self._busy:
            self._buried(child)  # its call reads the end of the socket
        await asyncio.gather(*self._dying)

    async def _take(self, name: str) -> Child:
        """An idle child that is alive, else a new one."""
        if self._closed:
            raise WorkerFailed(f"{name}: the workers are closed")
        while self._idle:
            child = self._idle.pop()
            self._busy.add(child)
            if not child.hung_up():
                return child
            self._discard(child)
        return await self._start(name)

    async def _start(self, name: str) -> Child:
        """In a thread: the first one waits for imports."""
        started = asyncio.ensure_future(asyncio.to_thread(self._source.fork, self._memory_bytes))
        try:
            child = await asyncio.shield(started)
        except asyncio.CancelledError:
            started.add_done_callback(self._discard_unwanted)
            raise
        except WorkerFailed as error:
            raise type(error)(f"{name}: {error}") from error
        self._busy.add(child)
        if self._closed:
            self._discard(child)
            raise WorkerFailed(f"{name}: the workers were closed")
        return child

    def _discard_unwanted(self, started: asyncio.Future[Child]) -> None:
        if not started.cancelled() and started.exception() is None:
            self._discard(started.result())

    async def _call(self, child: Child, task: bytes, name: str, deadline: float) -> bytes:
        late = f"{name}: its modules were not imported within {START_SECONDS:g} s"
        frame = await self._exchange(child, task, START_SECONDS, name, late)
        if frame == protocol.BEGUN:
            late = f"{name}: killed at its deadline of {deadline:g} s"
            frame = await self._exchange(child, None, deadline, name, late)
        return frame

    async def _exchange(
        self, child: Child, payload: bytes | None, seconds: float, name: str, late: str
    ) -> bytes:
        """Send, and answer the next frame; what can go wrong becomes a WorkerFailed here."""
        try:
            async with asyncio.timeout(seconds):
                if payload is not None:
                    await send(child, payload)
                return await receive(child)
        except TimeoutError as error:
            raise WorkerTimeout(late) from error
        except (EOFError, OSError) as error:
            status = await asyncio.shield(self._buried(child))
            if self._closed:
                raise WorkerFailed(f"{name}: the workers were closed") from error
            raise WorkerCrashed(f"{name}: {self._described(status)}") from error

    def _give_back(self, child: Child) -> None:
        self._busy.discard(child)
        child.tasks += 1
        if self._closed or child.tasks >= RECYCLE_AFTER:
            self._discard(child)
            return
        loop = asyncio.get_running_loop()
        child.used_at = loop.time()
        self._idle.append(child)
        if self._sweep is None:
            self._sweep = loop.call_later(self._idle_seconds, self._sweep_idle)

    def _sweep_idle(self) -> None:
        """End the children that have had nothing to do; come again while there are others."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        late = [child for child in self._idle if now - child.used_at >= self._idle_seconds]
        self._idle = [child for child in self._idle if child not in late]
        for child in late:
            self._discard(child)
        self._sweep = loop.call_later(self._idle_seconds / 2, self._sweep_idle) if self._idle else None

    def _discard(self, child: Child) -> None:
        self._busy.discard(child)
        child.sock.close()
        self._buried(child)

    def _buried(self, child: Child) -> asyncio.Future[int]:
        """Kill it now, bury it beside (a cancelled call must not wait): its status, soon."""
        if child.burial is None:
            child.kill()
            child.burial = asyncio.ensure_future(asyncio.to_thread(child.bury))
            self._dying.add(child.burial)
            child.burial.add_done_callback(self._dying.discard)
        return child.burial

    def _described(self, status: int) -> str:
        if status == protocol.OUT_OF_MEMORY:
            return f"out of memory: it needed more than {self._memory_bytes // 1_000_000} MB"
        return described(status)


async def send(child: Child, payload: bytes) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(child.sock, protocol.HEADER.pack(len(payload)))
    await loop.sock_sendall(child.sock, payload)


async def receive(child: Child) -> bytes:
    """One frame. Raises EOFError where the child hung up."""
    (length,) = protocol.HEADER.unpack(await _exactly(child, protocol.HEADER.size))
    if length > LARGEST_ANSWER:
        raise WorkerCrashed(f"a child answered {length:,} bytes; at most {LARGEST_ANSWER:,} are read")
    return await _exactly(child, length)


async def _exactly(child: Child, count: int) -> bytes:
    loop = asyncio.get_running_loop()
    buffer = bytearray(count)
    view = memoryview(buffer)
    while view:
        got = await loop.sock_recv_into(child.sock, view)
        if not got:
            raise EOFError
        view = view[got:]
    return bytes(buffer)


def opened(frame: bytes, name: str) -> Any:
    """A child's answer, or the error that it stands for, raised."""
    kind, payload = pickle.loads(frame)
    if kind == protocol.ANSWER:
        return payload
    if kind == protocol.RAISED:
        raise payload
    told, trace = payload
    failure = WorkerCrashed(f"{name}: {told}")
    failure.add_note(trace)
    raise failure
