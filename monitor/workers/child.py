"""The program of one worker process: reads tasks from its socket, calls them, writes what they answered.

Started by `monitor.workers` as a script, so it imports nothing but the standard library until its parent has said
where modules are found. It never logs, never prints, and never outlives its parent.

Frames are 8 bytes of length and a pickle. Parent to child: one Setup, then tasks
`(function, args, kwargs)`. Child to parent:
BEGUN when it is ready (after the setup, and again when a task's modules are imported and the task starts), then one
`(kind, payload)`.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import traceback
from typing import Any

BEGUN = b""
ANSWER, RAISED, FAILED = "answer", "raised", "failed"
OUT_OF_MEMORY = 77  # the exit status of a child that met its memory limit
HEADER = struct.Struct("!Q")
PR_SET_PDEATHSIG = 1


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


def limit(memory_bytes: int) -> None:
    """RLIMIT_DATA, not RLIMIT_AS: it counts what is written to, not what libraries merely reserve."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def set_up(sock: socket.socket) -> None:
    setup: dict[str, Any] = pickle.loads(receive(sock))
    die_with(setup["parent"])
    sys.path[:] = setup["path"]
    for module in setup["preload"]:
        importlib.import_module(module)
    limit(setup["memory_bytes"])
    # what libraries print about a hostile document is nobody's message
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


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
    sock = socket.socket(fileno=int(sys.argv[1]))
    try:
        set_up(sock)
        send(sock, BEGUN)
        while True:
            send(sock, outcome(receive(sock), sock))
    except (EOFError, ConnectionError):
        os._exit(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


if __name__ == "__main__":
    main()
