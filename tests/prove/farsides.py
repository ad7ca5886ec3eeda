"""Where alerts arrive in these proofs: a real mail server and a real HTTP server on loopback, each in a thread of its own."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.deliver.far_side import closed_port

Arrival = tuple[str, str, str]
"""Where it arrived, its reference (Message-ID or Idempotency-Key; "" of a chat) and what it says first."""


@dataclass
class FarSides:
    """What arrived, in order; `relay` and `sink` are their ports, on `closed` nobody listens."""

    arrived: list[Arrival] = field(default_factory=list)
    relay: int = 0
    sink: int = 0
    closed: int = field(default_factory=closed_port)

    def taken(self) -> list[Arrival]:
        """Everything since this was last asked."""
        taken, self.arrived = self.arrived, []
        return taken

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        reference = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        self.arrived.append((str(envelope.rcpt_tos[0]), reference, str(mail["Subject"])))
        return "250 taken"


@contextmanager
def far_sides() -> Iterator[FarSides]:
    sides = FarSides()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            words = json.loads(body)
            told = words.get("title") or words.get("article", {}).get("title") or ""
            sides.arrived.append((self.path, self.headers.get("Idempotency-Key", ""), str(told)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    controller = Controller(sides, hostname="127.0.0.1", port=closed_port())
    controller.start()
    sides.sink, sides.relay = server.server_address[1], controller.port
    try:
        yield sides
    finally:
        controller.stop()
        server.shutdown()
        server.server_close()


def first_copies(arrived: list[Arrival]) -> Counter[tuple[str, str]]:
    """How many different messages arrived where, by what they say; copies are told by their reference."""
    return Counter((where, said) for where, _, said in dict.fromkeys(arrived))
