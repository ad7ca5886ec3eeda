"""Killable child processes for pure functions that eat what strangers wrote: parsing, extraction, chat libraries.

Called by the pipeline, the composition root and single commands through `Workers.run`. A child that hangs, bloats or
crashes is killed and replaced and costs its own task alone: each child has a socket of its own and shares no lock.
Nothing here knows what a task is about, and nothing is retried.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from monitor.errors import WorkerCrashed, WorkerFailed, WorkerTimeout
from monitor.workers import child as protocol

P = ParamSpec("P")
T = TypeVar("T")

START_SECONDS = 60.0  # for a child to start and import, on a machine that is busy with other things
LAST_SECONDS = 2.0  # for a child to end after it hung up
RECYCLE_AFTER = 2_000  # tasks: what libraries leak does not pile up
LARGEST_ANSWER = 256_000_000  # bytes; a longer header comes from a child gone mad
# What a child may know of its parent's environment: no secret is among these.
INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "HOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV",
             "PYTHONPATH", "PYTHONHOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")  # fmt: skip
# One thread a child: the pool is the parallelism, and numeric libraries would reserve memory for each core.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Child:
    """One process and the socket to it. Used by one task at a time."""

    def __init__(self) -> None:
        self.sock, theirs = socket.socketpair()
        self.sock.setblocking(False)
        self.tasks = 0
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", str(Path(protocol.__file__)), str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={name: os.environ[name] for name in INHERITED if name in os.environ} | ENVIRONMENT,
                process_group=0,  # Ctrl-C is for the parent
            )
        except OSError:
            self.sock.close()
            raise
        finally:
            theirs.close()

    async def send(self, payload: bytes) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.sock, protocol.HEADER.pack(len(payload)))
        await loop.sock_sendall(self.sock, payload)

    async def receive(self) -> bytes:
        (length,) = protocol.HEADER.unpack(await self._exactly(protocol.HEADER.size))
        if length > LARGEST_ANSWER:
            raise WorkerCrashed(f"a child answered {length:,} bytes; at most {LARGEST_ANSWER:,} are read")
        return await self._exactly(length)

    async def _exactly(self, count: int) -> bytes:
        loop = asyncio.get_running_loop()
        buffer = bytearray(count)
        view = memoryview(buffer)
        while view:
            got = await loop.sock_recv_into(self.sock, view)
            if not got:
                raise EOFError
            view = view[got:]
        return bytes(buffer)

    def last_status(self) -> int:
        """Of a child that hung up: as it chose to end, given a moment to do so. Blocks."""
        try:
            return self.process.wait(LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def kill(self) -> None:
        """At once and without waiting; `process.wait()` then takes milliseconds."""
        self.process.kill()
        self.sock.close()


class Workers:
    """An asyncio-facing pool of at most `count` children, started when needed; at most `keep` of them stay when there is
    nothing to do.

    `memory_bytes` limits what each may write to (RLIMIT_DATA). `preload` names modules that a child imports before
    its first task, so that no task's deadline pays for them. Belongs to one event loop.
    """

    def __init__(
        self,
        count: int = 2,
        memory_bytes: int = 512_000_000,
        *,
        preload: Sequence[str] = (),
        keep: int | None = None,
    ) -> None:
        self._free = asyncio.Semaphore(count)
        self._keep = count if keep is None else keep
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._dying: set[asyncio.Task[int]] = set()
        self._memory_bytes = memory_bytes
        self._preload = tuple(preload)
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
        await asyncio.gather(*(self._warm_one() for _ in range(count)))

    async def _warm_one(self) -> None:
        with suppress(WorkerFailed):
            child = await self._start("warming up")
            self._busy.discard(child)
            if self._closed:
                self._discard(child)
            else:
                self._idle.append(child)

    async def close(self) -> None:
        """Kill the children, busy ones too (their calls fail), and wait until they are gone."""
        self._closed = True
        while self._idle:
            self._discard(self._idle.pop())
        busy = tuple(self._busy)
        for child in busy:
            child.process.kill()  # its call reads the end of the socket, and discards it
        await asyncio.gather(*self._dying, *(asyncio.to_thread(child.process.wait) for child in busy))

    async def _take(self, name: str) -> Child:
        """An idle child that is alive, else a new one that is ready."""
        if self._closed:
            raise WorkerFailed(f"{name}: the workers are closed")
        while self._idle:
            child = self._idle.pop()
            if child.process.poll() is None:
                self._busy.add(child)
                return child
            self._discard(child)
        return await self._start(name)

    async def _start(self, name: str) -> Child:
        try:
            child = Child()
        except OSError as error:
            raise WorkerFailed(f"{name}: no child process can be started: {error}") from error
        self._busy.add(child)
        setup = {
            "parent": os.getpid(),
            "path": sys.path,
            "preload": self._preload,
            "memory_bytes": self._memory_bytes,
        }
        late = f"{name}: a child was not ready within {START_SECONDS:g} s"
        try:
            await self._exchange(child, pickle.dumps(setup), START_SECONDS, name, late)
        except BaseException:
            self._discard(child)
            raise
        return child

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
                    await child.send(payload)
                return await child.receive()
        except TimeoutError as error:
            raise WorkerTimeout(late) from error
        except (EOFError, OSError) as error:
            status = await asyncio.to_thread(child.last_status)
            if self._closed:
                raise WorkerFailed(f"{name}: the workers were closed") from error
            raise WorkerCrashed(f"{name}: {self._described(status)}") from error

    def _give_back(self, child: Child) -> None:
        self._busy.discard(child)
        child.tasks += 1
        if self._closed or child.tasks >= RECYCLE_AFTER or len(self._idle) >= self._keep:
            self._discard(child)
        else:
            self._idle.append(child)

    def _discard(self, child: Child) -> None:
        """Kill it now, reap it beside: a cancelled call must not wait."""
        self._busy.discard(child)
        child.kill()
        reaping = asyncio.ensure_future(asyncio.to_thread(child.process.wait))
        self._dying.add(reaping)
        reaping.add_done_callback(self._dying.discard)

    def _described(self, status: int) -> str:
        if status == protocol.OUT_OF_MEMORY:
            return f"out of memory: it needed more than {self._memory_bytes // 1_000_000} MB"
        if status == -signal.SIGKILL:
            return "killed by SIGKILL: perhaps the machine ran out of memory"
        if status < 0:
            return f"crashed by {signal.Signals(-status).name}"
        return f"ended by itself with status {status}"


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
