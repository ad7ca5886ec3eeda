"""The process lock: one process gathers and delivers on a SQLite database.

It guards the loops, which decide over many transactions; a single conditional UPDATE (`outbox retry`) is safe without
it. The kernel drops the lock with the process, however that ends, so a leftover file never blocks a start.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path

from monitor.errors import StoreBusy

_held: weakref.WeakSet[ProcessLock] = weakref.WeakSet()


class ProcessLock:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def acquire(self, database: str) -> None:
        """Raises StoreBusy, naming the holder, or OSError where the file cannot be made."""
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise StoreBusy(
                f"another monitor process (pid {holder}) works on the database {database}: stop it first, "
                "or give this one a database of its own"
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file
        _held.add(self)

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _forget_in_child() -> None:
    # a forked worker shares the lock's open file; if it outlived a killed daemon, the next start would find it locked
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_forget_in_child)
