"""A PostgreSQL server's far side that loses connections: a proxy on loopback that breaks off around a COMMIT.

LOST: the commit never arrives. UNANSWERED: it arrives, the server says it is done, and nobody hears of it. The client cannot tell the two apart.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

LOST, UNANSWERED, PASS = "lost", "unanswered", ""
COMMIT = b"COMMIT\0"
Choose = Callable[[], str]


class Proxy:
    """`choose` is asked at each COMMIT what becomes of it; `broken` counts those that did not go well."""

    def __init__(self, url: str, choose: Choose) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._choose = choose
        self.broken: dict[str, int] = {LOST: 0, UNANSWERED: 0}
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = url.replace(f"{parts.hostname}:{parts.port}", f"127.0.0.1:{port}")
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(self._server) as server:
            mute = threading.Event()  # what the server says is swallowed from here on
            answered = threading.Event()
            threading.Thread(target=self._answer, args=(server, client, mute, answered), daemon=True).start()
            while data := client.recv(65_536):
                fate = self._choose() if COMMIT in data else PASS
                if fate:
                    self.broken[fate] += 1
                if fate == LOST:
                    break_off(server, client)
                    return
                if fate == UNANSWERED:
                    mute.set()
                server.sendall(data)
                if fate == UNANSWERED:
                    answered.wait(10)
                    break_off(server, client)
                    return

            break_off(server)

    def _answer(
        self, server: socket.socket, client: socket.socket, mute: threading.Event, answered: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                if mute.is_set():
                    answered.set()
                    return
                client.sendall(data)
            break_off(client)


def break_off(*ends: socket.socket) -> None:
    """At once, although another thread waits for bytes of theirs."""
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy_to(url: str, choose: Choose) -> Iterator[Proxy]:
    made = Proxy(url, choose)
    try:
        yield made
    finally:
        made.close()
