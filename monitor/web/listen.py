"""Where the web listens: reads `web: {listen: ...}`, refuses what would be reachable from outside, opens the port.

Called by the daemon before anything else is started, so that a wrong address is told at once.
"""

from __future__ import annotations

import errno
import ipaddress
import socket

from monitor.errors import ConfigurationError, MonitorError, Problem

LOOPBACK_NAMES = ("localhost", "ip6-localhost")


def parse_listen(listen: str) -> tuple[str, int]:
    """`127.0.0.1:8080`, `[::1]:8080` or `localhost:8080` as host and port. Raises ConfigurationError on the rest.

    Port 0 lets the system choose one.
    """
    host, colon, port = listen.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not bare or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise _refused(f"{listen!r} is not HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    if not _is_loopback(bare):
        raise _refused(
            f"{listen!r} can be reached from other machines, and the web has no authentication. "
            "Listen on 127.0.0.1 or ::1, and put a reverse proxy that authenticates in front of it"
        )
    return ("127.0.0.1" if bare.lower() in LOOPBACK_NAMES[:1] else bare), int(port)


def bind(listen: str) -> socket.socket:
    """A listening socket on that address. Raises ConfigurationError, or MonitorError where the port is not free."""
    host, port = parse_listen(listen)
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise MonitorError(
                f"{listen} is in use by another process; set web.listen in monitor.yaml to a free port"
            ) from error
        raise MonitorError(f"cannot listen on {listen}: {error.strerror or error}") from error


def allowed_hosts(public_url_host: str | None, bound: str) -> tuple[str, ...]:
    """The Host headers that are answered. Another one is a page that rebinds its name to this machine."""
    return tuple(
        {
            "localhost",
            "127.0.0.1",
            "::1",
            "[::1]",
            bound,
            f"[{bound}]",
            *([public_url_host] if public_url_host else []),
        }
    )


def _is_loopback(host: str) -> bool:
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # another name may resolve to anything tomorrow
        return False


def _refused(message: str) -> ConfigurationError:
    return ConfigurationError([Problem("monitor.yaml", 0, 0, f"web.listen: {message}")])
