"""Tells systemd how the daemon is, by the sd_notify protocol: datagrams to the socket named in NOTIFY_SOCKET.

Called by the daemon only. Never fails: where nobody listens there is nobody to tell.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping


class Notifier:
    """`environ` is the process's; systemd sets NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID in it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # "@name" is a socket in Linux's abstract namespace, whose name starts with a NUL byte
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog = _watchdog_seconds(environ)

    def tell(self, *lines: str) -> None:
        """Send assignments such as READY=1 as one datagram."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            # a full or vanished socket: the watchdog's next message says it again, and work goes before talk
            return

    def reloading(self) -> None:
        self.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


def _watchdog_seconds(environ: Mapping[str, str]) -> float | None:
    """The interval within which systemd wants a sign of life; None where it wants none of this process."""
    microseconds = environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(microseconds) / 1_000_000 or None
