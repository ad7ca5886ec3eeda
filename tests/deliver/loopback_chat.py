"""Apprise's services, turned to a sink on loopback. Runs in the child, in front of `chat.notify`.

The detour lies beneath the service, where its requests leave: what it sends is what the real host would get, and only the
address is another one. The sink finds the host that was meant as the first part of the path.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from monitor.deliver import chat


@contextmanager
def detour(port: int) -> Iterator[None]:
    """Every request of this process goes to 127.0.0.1:`port`, in plain HTTP."""
    from requests.adapters import HTTPAdapter
    from requests.sessions import Session

    class Detour(HTTPAdapter):
        def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            meant = urlsplit(request.url)
            query = f"?{meant.query}" if meant.query else ""
            request.url = f"http://127.0.0.1:{port}/{meant.netloc}{meant.path}{query}"
            return super().send(request, *args, **kwargs)

    ordinary = Session.get_adapter
    Session.get_adapter = lambda self, url: Detour()  # type: ignore[method-assign]
    try:
        yield
    finally:
        Session.get_adapter = ordinary  # type: ignore[method-assign]


def notify_at(port: int, url: str, title: str, body: str, allow_private: bool, went: int = 0) -> chat.Answer:
    """`chat.notify`, where every service lives at 127.0.0.1:`port` and takes messages one after the other without a pause."""
    pause, chat._GAP = chat._GAP, 0.0
    try:
        with detour(port):
            return chat.notify(url, title, body, allow_private, went)
    finally:
        chat._GAP = pause


def hurried(port: int, url: str, title: str, body: str, allow_private: bool, went: int = 0) -> chat.Answer:
    """The same, where nobody waits long for an answer."""
    patience, chat._READ = chat._READ, 0.2
    try:
        return notify_at(port, url, title, body, allow_private, went)
    finally:
        chat._READ = patience


def never(url: str, title: str, body: str, allow_private: bool, went: int = 0) -> chat.Answer:
    """A service that hangs inside its library."""
    import threading

    threading.Event().wait()
    raise AssertionError("unreachable")


def die(url: str, title: str, body: str, allow_private: bool, went: int = 0) -> chat.Answer:
    import os

    os._exit(9)
