"""Where the web listens: reads `web: {listen: ...}`, refuses what would be reachable from outside, opens the port.

Called by the daemon before anything else is started, so that a wrong address is told at once.
"""

from __future__ import annotations

import errno
import socket

from monitor.errors import ConfigurationError, MonitorError, Problem
from monitor.settings.fields import is_loopback


def parse_listen(listen: str) -> tuple[str, int]:
    """`127.0.0.1:8080`, `[::1]:8080` or `localhost:8080` as host and port; port 0 lets the system choose one.

    Raises ConfigurationError where others could reach it. The settings have refused that before, with its line; this
    is the last wall, for settings that were made in another way.
    """
    host, _, port = listen.rpartition(":")
    bare = host.strip("[]")
    if not is_loopback(bare):
        message = f"web.listen: {listen!r} is open to the network, and the web has no authentication"
        raise ConfigurationError([Problem("monitor.yaml", 0, 0, message)])
    return ("127.0.0.1" if bare.lower() == "localhost" else bare), int(port)


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
