"""A stage for the real daemon: a loopback press, a configuration folder, a notify socket, and the process itself.

Nothing here sleeps a fixed time: everything waits for a line of log, a datagram or a file, and fails at a deadline with
what was seen until then.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from prometheus_client.parser import text_string_to_metric_families

DEADLINE = 30.0  # seconds; what waits takes milliseconds on an idle machine

Line = dict[str, Any]


class Press:
    """An outlet on 127.0.0.1. `feeds` maps a path to its items' titles, `pages` a path to HTML; a path in `hanging`
    never answers."""

    def __init__(self) -> None:
        self.feeds: dict[str, list[str]] = {}
        self.pages: dict[str, str] = {}
        self.hanging: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.arrived = threading.Event()  # somebody waits on a hanging path
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def feed(self, path: str) -> bytes:
        items = "".join(
            f"<item><title>{escape(title)}</title><link>{self.url}{path}/{number}</link>"
            f"<guid>{path}/{number}</guid><description>{escape(title)}.</description></item>"
            for number, title in enumerate(self.feeds[path])
        )
        return f'<rss version="2.0"><channel><title>Stage</title>{items}</channel></rss>'.encode()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body."""
        if path in self.feeds:
            return 200, "application/rss+xml", self.feed(path)
        if path in self.pages:
            return 200, "text/html; charset=utf-8", self.pages[path].encode()
        return 404, "text/plain", b"no such page"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        press = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                press.asked[self.path] += 1
                if self.path in press.hanging:
                    press.arrived.set()
                    press._over.wait(DEADLINE)
                    return
                status, kind, body = press.answer(self.path)
                with contextlib.suppress(ConnectionError):
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


class NotifySocket:
    """What systemd's side of sd_notify is: a datagram socket; each datagram is a dict of its assignments."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.seen: list[dict[str, str]] = []

    def wait_for(self, name: str) -> dict[str, str]:
        """The next datagram that assigns `name`."""
        end = time.monotonic() + DEADLINE
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            with contextlib.suppress(TimeoutError):
                text = self._socket.recv(4096).decode()
                self.seen.append(dict(line.split("=", 1) for line in text.splitlines()))
                if name in self.seen[-1]:
                    return self.seen[-1]
        raise AssertionError(f"no {name} within {DEADLINE:g} s; came: {self.seen}")

    def close(self) -> None:
        self._socket.close()


class Running:
    """A daemon's process. Its log is read as it comes; `stop` is called for every one that still runs."""

    def __init__(self, directory: Path, environ: dict[str, str], wrapper: Sequence[str] = ()) -> None:
        base = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
        self.process = subprocess.Popen(
            [*wrapper, sys.executable, "-m", "monitor", "run", "-c", str(directory), "--log-format", "json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**base, **environ},
            text=True,
            process_group=0,
        )
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def wait_for(self, event: str, **fields: object) -> Line:
        """The next line of log with this event, whose fields hold these values (text: contained in it)."""
        end = time.monotonic() + DEADLINE
        while (left := end - time.monotonic()) > 0:
            try:
                text = self._queue.get(timeout=left)
            except queue.Empty:
                break
            if text is None:
                break
            self.lines.append(text)
            line = parsed(text)
            if line.get("event") == event and all(
                str(value) in str(line.get(key, "")) for key, value in fields.items()
            ):
                return line
        raise AssertionError(f"no {event!r} {fields} in the log:\n" + "\n".join(self.lines[-40:]))

    def seen(self) -> list[str]:
        """All lines of log so far."""
        with contextlib.suppress(queue.Empty):
            while (text := self._queue.get_nowait()) is not None:
                self.lines.append(text)
            self._queue.put(None)  # the end, which others wait for
        return self.lines

    def end(self) -> int:
        """Wait until it has ended by itself; its exit code."""
        code = self.process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        while (text := self._queue.get(timeout=DEADLINE)) is not None:
            self.lines.append(text)
        return code

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        assert self.process.stderr is not None
        self.process.stderr.close()


def parsed(text: str) -> Line:
    with contextlib.suppress(ValueError):
        line = json.loads(text)
        if isinstance(line, dict):
            return line
    return {}


def eventually(question: Callable[[], Any], what: str) -> Any:
    """The first true answer to a question that is put again and again; fails at the deadline."""
    end = time.monotonic() + DEADLINE
    pause = threading.Event()
    while not (answer := question()):
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        pause.wait(0.02)
    return answer


def get(address: str, path: str, **headers: str) -> tuple[HTTPResponse, str]:
    """One GET to the daemon's web; the response and its body."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=DEADLINE)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


def figure(address: str, name: str, **labels: str) -> float:
    """One sample of the daemon's /metrics."""
    text = get(address, "/metrics")[1]
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    found = [float(sample.value) for sample in samples if sample.name == name and sample.labels == labels]
    assert len(found) == 1, f"{name}{labels} is {found} in:\n{text}"
    return found[0]


class Stage:
    """A configuration folder around a press, and the daemons started on it."""

    def __init__(self, root: Path, database: str | None = None) -> None:
        self.root = root
        self.config = root / "config"
        self.alerts = root / "alerts"
        self.press = Press()
        self.database = database or f"sqlite:///{root}/monitor.db"
        self.running: list[Running] = []
        self._notify: list[NotifySocket] = []
        self.write_all()

    def write_all(self) -> None:
        self.write("monitor.yaml", self.monitor_yaml())
        self.write("recipients.yaml", self.recipients_yaml())
        self.write("sources/stage.yaml", "sources:\n" + self.source_yaml("one", "/one"))
        self.write("watchlists/all.yaml", watchlist_yaml("meetings", "rencontre"))
        self.press.feeds["/one"] = ["Une rencontre à Rabat"]

    def write(self, name: str, text: str) -> Path:
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def monitor_yaml(self, listen: str = "127.0.0.1:0") -> str:
        return (
            'database: "${STAGE_DATABASE}"\n'
            "fetch: {allow_private: true, deadline: 20s}\n"
            f"web: {{listen: '{listen}', public_url: http://127.0.0.1}}\n"
        )

    def recipients_yaml(self, more: str = "") -> str:
        file = f"{{id: out, file: '{self.alerts}'}}"
        return f"recipients:\n  - id: desk\n    name: Desk\n    channels:\n      - {file}\n{more}"

    def source_yaml(self, id: str, path: str) -> str:
        return f"  - {{id: {id}, name: {id.title()}, kind: feed, url: '{self.press.url}{path}', backfill: true}}\n"

    def start(self, *wrapper: str, **environ: str) -> Running:
        """`wrapper`: a program that starts the daemon."""
        daemon = Running(self.config, {"STAGE_DATABASE": self.database, **environ}, wrapper)
        self.running.append(daemon)
        return daemon

    def start_ready(self, *wrapper: str, **environ: str) -> tuple[Running, str]:
        """A daemon that has started, and the address of its web."""
        daemon = self.start(*wrapper, **environ)
        return daemon, daemon.wait_for("started")["web"]

    def notify(self, address: str | None = None) -> NotifySocket:
        listener = NotifySocket(address or str(self.root / "notify"))
        self._notify.append(listener)
        return listener

    def alert_texts(self) -> list[str]:
        return [path.read_text(encoding="utf-8") for path in sorted(self.alerts.rglob("*.json"))]

    def close(self) -> None:
        for daemon in self.running:
            daemon.stop()
        for listener in self._notify:
            listener.close()
        self.press.close()


def watchlist_yaml(id: str, term: str) -> str:
    return f"watchlists:\n  - {{id: {id}, title: {id.title()}, any: [{term}], notify: [desk]}}\n"


@contextlib.contextmanager
def stage_in(root: Path, database: str | None = None) -> Iterator[Stage]:
    stage = Stage(root, database)
    try:
        yield stage
    finally:
        stage.close()
