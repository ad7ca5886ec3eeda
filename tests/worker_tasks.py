"""What the tests let worker processes do. In a module of its own: a child imports it by name."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import time
from pathlib import Path

from monitor.errors import ParseError, QueryError


def echo(value: object) -> object:
    return value


def pid() -> int:
    return os.getpid()


def hang(seconds: float = 60.0) -> None:
    time.sleep(seconds)


def hang_and_say(folder: str) -> None:
    """Leave a file named after this process, so that a test can follow what becomes of it."""
    Path(folder, str(os.getpid())).touch()
    time.sleep(60)


def spin() -> None:
    while True:
        pass


def devour() -> int:
    held = []
    while True:
        held.append(bytearray(8_000_000))


def leave(status: int) -> None:
    os._exit(status)


def segfault() -> None:
    ctypes.string_at(0)


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(message: str) -> None:
    raise ParseError(message)


def refuse_query(message: str, column: int) -> None:
    raise QueryError(message, column)


class Unpicklable(ParseError):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.lock = threading.Lock()


class Demanding(ParseError):
    """Pickles, but cannot be opened again: its constructor wants more than its message."""

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(f"{message} at line {line}")


def refuse_unpicklably(message: str) -> None:
    raise Unpicklable(message)


def refuse_demandingly(message: str) -> None:
    raise Demanding(message, line=3)


def divide(a: int, b: int) -> float:
    return a / b


def answer_a_lock() -> object:
    return threading.Lock()


def environment() -> dict[str, str]:
    return dict(os.environ)


def ignores(number: int) -> bool:
    return signal.getsignal(number) == signal.SIG_IGN


def print_loudly() -> None:
    print("to stdout")
    os.write(2, b"to stderr\n")
