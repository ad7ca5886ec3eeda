"""This process's own memory: the C library's is kept in few heaps and given back while and after there is work; Python's
collector rests where it would find nothing.

Called by the app. Elsewhere than on glibc there are no heaps to keep, and nothing happens.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HEAPS = 1  # by default eight a processor: what one thread has freed lies idle while another asks the system for more
M_ARENA_MAX = -8  # <malloc.h>
EVERY = 5.0  # seconds; it takes milliseconds
MANY_WATCHLISTS = 1_000


def few_heaps() -> None:
    """For this process from now on; before its threads are there. MALLOC_ARENA_MAX does the same from outside."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)


def give_back() -> None:
    """Free memory to the system. Other threads go on the while, but for those that ask for memory."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class Spare:
    """Gives back what was freed, some seconds after work was done, however much of it there is. Belongs to one event loop."""

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._soon: asyncio.TimerHandle | None = None

    def worked(self) -> None:
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(self._every, self._now)

    def close(self) -> None:
        if self._soon is not None:
            self._soon.cancel()

    def _now(self) -> None:
        self._soon = None
        asyncio.get_running_loop().run_in_executor(None, give_back)


@contextmanager
def collector_at_rest(watchlists: int) -> Iterator[None]:
    """While very many watchlists are compiled, and for what is made of them ever after, the garbage collector rests.

    It would go through the millions of objects again and again, for seconds in which nothing else runs, and find
    nothing: rules hold no circles.
    """
    if watchlists < MANY_WATCHLISTS or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
