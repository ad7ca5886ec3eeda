"""The program of the worker processes: one that imports what they need and forks them, and what each of them does then.

Started by `monitor.workers.forkserver` as a script, so it imports nothing but the standard library until its parent has
said where modules are found. It never logs, never prints, and never outlives its parent.

Parent to forkserver: packets of a pickled dict. First `{path, preload}`; then `{memory_bytes}` with a socket, for
a child that serves it, and `{bury}`, to end a child. Each is answered with `(number, what went wrong or "")`.

Parent to child: frames of 8 bytes of length and a pickle, tasks `(function, args, kwargs)`. Child to parent: BEGUN when a
task's modules are imported and it starts, then one `(kind, payload)`.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

BEGUN = b""
ANSWER, RAISED, FAILED = "answer", "raised", "failed"
OUT_OF_MEMORY = 77  # the exit status of a child that met its memory limit
HEADER = struct.Struct("!Q")
LONGEST_PACKET = 65_536
TRIMMED_AFTER = 32  # tasks: a millisecond then; in between free memory lies between what is kept
PR_SET_PDEATHSIG = 1
COLLECT_AFTER = 10_000  # new objects: at Python's 700 a document is gone through a dozen times, which takes 3 % of the whole


def send(sock: socket.socket, payload: bytes) -> None:
    sock.sendall(HEADER.pack(len(payload)))
    sock.sendall(payload)


def receive(sock: socket.socket) -> bytes:
    """One frame. Raises EOFError where the parent is gone."""
    (length,) = HEADER.unpack(receive_exactly(sock, HEADER.size))
    return receive_exactly(sock, length)


def receive_exactly(sock: socket.socket, count: int) -> bytes:
    buffer = bytearray(count)
    view = memoryview(buffer)
    while view:
        got = sock.recv_into(view)
        if not got:
            raise EOFError
        view = view[got:]
    return bytes(buffer)


def die_with(parent: int) -> None:
    """Ask Linux to kill this process when its parent ends; elsewhere the closed socket alone tells."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before it could be asked
        os._exit(0)


# --- the forkserver --------------------------------------------------------------------------------------------------


def set_up(control: socket.socket) -> None:
    setup: dict[str, Any] = pickle.loads(control.recv(LONGEST_PACKET))
    sys.path[:] = setup["path"]
    for module in setup["preload"]:
        importlib.import_module(module)
    # what is here now stays: the collector would write to each object of it, and the page would be shared no more
    gc.collect()
    gc.disable()
    gc.freeze()
    give_back()  # what the imports needed for a moment only


def give_back() -> None:
    """Free memory to the system; the C library keeps it otherwise."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def fork_children(control: socket.socket) -> NoReturn:
    """Answer requests until the parent hangs up, as it does when it is killed: nothing else is waited for here."""
    control.send(pickle.dumps((0, "")))
    while True:
        packet, gifts, _, _ = socket.recv_fds(control, LONGEST_PACKET, 1)
        if not packet:
            os._exit(0)
        request = pickle.loads(packet)
        try:
            done = fork(control, request, *gifts) if gifts else bury(request["bury"])
            answer = (done, "")
        except OSError as error:
            answer = (0, str(error))
        control.send(pickle.dumps(answer))


def fork(control: socket.socket, request: dict[str, int], gift: int) -> int:
    """The number of a new child that serves the socket given with the request."""
    mine = os.getpid()
    try:
        pid = os.fork()
        if pid == 0:
            control.close()
            serve(gift, mine, request["memory_bytes"])
    finally:
        os.close(gift)
    return pid


def bury(pid: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# --- a child ---------------------------------------------------------------------------------------------------------


def serve(gift: int, parent: int, memory_bytes: int) -> NoReturn:
    """Tasks from the socket, until the parent hangs up."""
    try:
        die_with(parent)
        gc.set_threshold(COLLECT_AFTER, 10, 10)
        gc.enable()
        limit(memory_bytes)
        # what libraries print about a hostile document is nobody's message
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sock = socket.socket(fileno=gift)
        done = 0
        while True:
            send(sock, outcome(receive(sock), sock))
            done += 1
            if done % TRIMMED_AFTER == 0:
                give_back()
    except (EOFError, ConnectionError):
        os._exit(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException:  # back in the forkserver's loop there would be two of it
        os._exit(1)


def limit(memory_bytes: int) -> None:
    """RLIMIT_DATA, not RLIMIT_AS: it counts what is written to, not what libraries merely reserve. What the forkserver
    has written to is in it from the beginning."""
    memory_bytes += shared_bytes()
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def shared_bytes() -> int:
    """As Linux counts it for the limit; elsewhere nothing is known."""
    with contextlib.suppress(OSError), Path("/proc/self/status").open() as status:
        for line in status:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0


def outcome(task: bytes, sock: socket.socket) -> bytes:
    """Call the task; the frame that tells what came of it."""
    from monitor.errors import MonitorError

    try:
        function, args, kwargs = pickle.loads(task)
        send(sock, BEGUN)
        return pickle.dumps((ANSWER, function(*args, **kwargs)), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except MonitorError as error:
        return raised(error)
    except Exception as error:  # whatever it is, the parent tells it by its name
        return failed(error)


def raised(error: Exception) -> bytes:
    """The error itself, proven to survive the way; its text where it does not."""
    try:
        frame = pickle.dumps((RAISED, error), pickle.HIGHEST_PROTOCOL)
        pickle.loads(frame)
        return frame
    except Exception:
        return failed(error)


def failed(error: Exception) -> bytes:
    told = "".join(traceback.format_exception_only(error)).strip()
    return pickle.dumps((FAILED, (told, "".join(traceback.format_tb(error.__traceback__, limit=-12)))))


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the daemon decides when its children end
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        set_up(control)
        fork_children(control)
    except (EOFError, ConnectionError):
        os._exit(0)


if __name__ == "__main__":
    main()
