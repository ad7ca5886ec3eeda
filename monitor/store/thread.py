"""The one thread that uses the store, so that the event loop never waits for the disk. Called by the pipeline and the app.

A call has transactions of its own, or (`together`) may share one with the calls that wait beside it: each sees what
those before it wrote, and all are answered when one commit has put them on the disk. Where one of them fails, nothing
of them was kept, and each is done again by itself. Decides nothing.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, TypeVar

from monitor.errors import StoreCorrupt, StoreError, StoreUnsure
from monitor.store.wall import Conflict

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_GROUP = 0.05  # seconds; whoever comes then waits for one commit more, no longer
FINAL = (StoreUnsure, StoreCorrupt)  # what must not be tried again on the same disk


@dataclass(slots=True, eq=False)
class _Call:
    run: Callable[[], Any]
    shares: bool
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def do(self) -> None:
        try:
            self.result, self.error = self.run(), None
        except BaseException as error:  # it belongs to the caller, who waits for it in another thread
            self.error = error


class StoreThread:
    """`one_transaction` makes the block in which calls share a transaction: `Store.together`."""

    def __init__(self, one_transaction: Callable[[], AbstractContextManager[None]]) -> None:
        self._one_transaction = one_transaction
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._thread.start()

    async def __call__(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it with transactions of its own."""
        result: T = await self._put(partial(call, *args, **kwargs), shares=False)
        return result

    async def together(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it in one transaction with its neighbours. It may be done twice, the first time in vain: it changes nothing
        but the store."""
        result: T = await self._put(partial(call, *args, **kwargs), shares=True)
        return result

    def close(self) -> None:
        """When what was asked before is done."""
        self._calls.put(None)
        self._thread.join()

    def _put(self, run: Callable[[], Any], *, shares: bool) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        call = _Call(run, shares, loop, loop.create_future())
        self._calls.put(call)
        return call.answer

    # --- in the thread ---

    def _work(self) -> None:
        waiting: deque[_Call] = deque()
        while True:
            if not waiting:
                call = self._calls.get()
                if call is None:
                    return
                waiting.append(call)
            done = self._group(waiting) if waiting[0].shares else self._alone(waiting.popleft())
            _answer(done)

    def _alone(self, call: _Call) -> Sequence[_Call]:
        if not call.answer.cancelled():
            call.do()
        return (call,)

    def _group(self, waiting: deque[_Call]) -> Sequence[_Call]:
        """Do what waits and shares, in order and for as long as a group may last; those that are answered now."""
        done: list[_Call] = []
        try:
            with self._one_transaction():
                self._do_together(waiting, done)
        except StoreError as error:
            return self._after(error, done)
        return done

    def _do_together(self, waiting: deque[_Call], done: list[_Call]) -> None:
        until = time.monotonic() + LONGEST_GROUP
        while (call := self._next_sharing(waiting)) and (not done or time.monotonic() < until):
            done.append(waiting.popleft())
            if not call.answer.cancelled():
                call.do()
            if call.error is not None:
                raise _Apart from call.error

    def _next_sharing(self, waiting: deque[_Call]) -> _Call | None:
        if not waiting:
            try:
                call = self._calls.get_nowait()
            except queue.Empty:
                return None
            if call is None:  # the end: for `_work` to find
                self._calls.put(None)
                return None
            waiting.append(call)
        return waiting[0] if waiting[0].shares else None

    def _after(self, error: StoreError, done: list[_Call]) -> Sequence[_Call]:
        """The transaction is rolled back. What may succeed by itself is done again; a disk past trust is told to all."""
        cause = error.__cause__ if isinstance(error, _Apart) else error
        again = isinstance(error, _Apart | Conflict) and not isinstance(cause, FINAL)
        for call in done:
            if again:
                self._alone(call)
            else:
                call.error = cause
        return done


class _Apart(StoreError):
    """Raised in a shared transaction to undo it: one of its calls failed."""


def _answer(done: Sequence[_Call]) -> None:
    """One wake-up of each loop for all of its answers."""
    for loop in {call.loop for call in done}:
        mine = [call for call in done if call.loop is loop]
        try:
            loop.call_soon_threadsafe(_settle, mine)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue


def _settle(calls: Sequence[_Call]) -> None:
    for call in calls:
        if call.answer.done():
            continue
        if call.error is not None:
            call.answer.set_exception(call.error)
        else:
            call.answer.set_result(call.result)
