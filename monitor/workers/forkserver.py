"""The process that worker processes are forked from, seen from the daemon: `fork` one, `bury` one that has ended.

It imports and reads once what all of them need (`preload`): they share those pages, and a new one is there in
milliseconds. It never runs a task, so nothing that a stranger wrote comes near it. Called by `Workers`, from threads of
any event loop; every method blocks. It ends with its parent, and its children with it.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from monitor.errors import WorkerCrashed, WorkerFailed, WorkerTimeout
from monitor.workers import child as protocol

START_SECONDS = 60.0  # to start and import, on a machine that is busy with other things
# What it and its children may know of the parent's environment: no secret is among these.
INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "HOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV",
             "PYTHONPATH", "PYTHONHOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "OPENBLAS_CORETYPE")  # fmt: skip
# One thread a child: the pool is the parallelism, numeric libraries would reserve memory for each core, and a process
# of several threads cannot be forked safely.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
CPU = Path("/proc/cpuinfo")
AVX_512 = {
    "avx512f",
    "avx512cd",
    "avx512bw",
    "avx512dq",
    "avx512vl",
}  # what OpenBLAS's kernels of that name use
KILLED = -signal.SIGKILL


class Forkserver:
    """One such process, and the next one where it has died."""

    def __init__(self, preload: Sequence[str] = ()) -> None:
        self._preload = tuple(preload)
        self._turn = threading.Lock()
        self._running: _Running | None = None

    def fork(self, memory_bytes: int) -> Child:
        """A child that may write to so much memory of its own. Raises WorkerFailed and its kinds."""
        with self._turn:
            if self._running is None or self._running.ended():
                self._end()
                self._running = _Running(self._preload)
            return self._running.fork(memory_bytes)

    def close(self) -> None:
        with self._turn:
            self._end()

    def _end(self) -> None:
        if self._running is not None:
            self._running.end()
            self._running = None


def kernels(cpu: str) -> dict[str, str]:
    """What OpenBLAS has to be told of this processor: it knows processors by their model, and for one that is newer than
    itself it takes those of 2013, by which a sentence vector takes a third more time. `cpu` is Linux's /proc/cpuinfo."""
    flags = next((line for line in cpu.splitlines() if line.startswith("flags")), "")
    return {"OPENBLAS_CORETYPE": "SkylakeX"} if set(flags.split()) >= AVX_512 else {}


def _environment() -> dict[str, str]:
    cpu = CPU.read_text("utf-8", "replace") if CPU.is_file() else ""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return kernels(cpu) | inherited | ENVIRONMENT


@cache
def forkserver(preload: tuple[str, ...]) -> Forkserver:
    """The one that this process has for these modules, whoever asks. Started when the first child is."""
    made = Forkserver(preload)
    atexit.register(made.close)
    return made


class _Running:
    def __init__(self, preload: tuple[str, ...]) -> None:
        self._turn = threading.Lock()
        # packets: a request and its answer are one each
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(START_SECONDS)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", str(Path(protocol.__file__)), str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=_environment(),
                process_group=0,  # Ctrl-C is for the parent
            )
        except OSError as error:
            self._control.close()
            raise WorkerFailed(f"no child process can be started: {error}") from error
        finally:
            theirs.close()
        try:
            self._ask({"path": sys.path, "preload": preload})
        except BaseException:
            self.end()
            raise

    def ended(self) -> bool:
        return self.process.poll() is not None

    def fork(self, memory_bytes: int) -> Child:
        mine, theirs = socket.socketpair()
        try:
            with theirs:
                pid = self._ask({"memory_bytes": memory_bytes}, theirs)
        except BaseException:
            mine.close()
            raise
        mine.setblocking(False)
        return Child(self, pid, mine)

    def bury(self, pid: int) -> int:
        """Kill a child and wait for its end: its status, as Popen.returncode has it. One that ended before keeps the
        status that it ended with."""
        try:
            return self._ask({"bury": pid})
        except WorkerFailed:
            return KILLED  # with the forkserver

    def end(self) -> None:
        self._control.close()
        self.process.kill()
        self.process.wait()

    def _ask(self, request: dict[str, object], gift: socket.socket | None = None) -> int:
        """One packet there (and a socket, which becomes the child's), one packet back."""
        packet = pickle.dumps(request)
        try:
            with self._turn:
                if gift is None:
                    self._control.send(packet)
                else:
                    socket.send_fds(self._control, [packet], [gift.fileno()])
                answer = self._control.recv(protocol.LONGEST_PACKET)
        except TimeoutError as error:
            self.process.kill()  # its answer would be taken for the next one's
            raise WorkerTimeout(f"a child was not ready within {START_SECONDS:g} s") from error
        except ConnectionError:
            answer = b""
        except OSError as error:
            raise WorkerFailed(f"no child process can be started: {error}") from error
        if not answer:
            raise WorkerCrashed(described(self.process.wait()))
        status, told = pickle.loads(answer)
        if told:
            raise WorkerFailed(f"no child process can be started: {told}")
        return int(status)


class Child:
    """A worker process, and the socket to it."""

    def __init__(self, home: _Running, pid: int, sock: socket.socket) -> None:
        self._home = home
        self.pid, self.sock = pid, sock
        self.tasks = 0
        self.used_at = 0.0  # by the event loop's clock
        self.burial: asyncio.Future[int] | None = None

    def hung_up(self) -> bool:
        """Whether it ended, or said something unasked, while nothing was asked of it."""
        try:
            self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def kill(self) -> None:
        """At once and without waiting; not after its burial, when its number may be another's."""
        if not self._home.ended():
            os.kill(self.pid, signal.SIGKILL)

    def bury(self) -> int:
        """Its status at the end; waits milliseconds for one that was not killed before."""
        return self._home.bury(self.pid)


def described(status: int) -> str:
    """What is known of an end by its status."""
    if status == KILLED:
        return "killed by SIGKILL: perhaps the machine ran out of memory"
    if status < 0:
        return f"crashed by {signal.Signals(-status).name}"
    return f"ended by itself with status {status}"
