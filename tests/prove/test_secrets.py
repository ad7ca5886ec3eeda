"""Every secret of a configuration is a canary, and the real daemon fails by each of them: none is found in what it leaves.

Searched are its log, the answers of its web, what the commands print, the database and a backup of it, the mails that it
wrote, and the environment and command line of the daemon and of its children. On PostgreSQL its own password is one
more canary.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest

from tests.daemon.stage import Running, Stage, eventually, get, stage_in
from tests.databases import free_port

pytestmark = pytest.mark.prove

CANARIES = {
    name: f"canary{name}9Zq7"
    for name in ("smtp", "chat", "chatuser", "hookpath", "hookquery", "hooksecret", "linkkey", "imap")
}
COMMANDS = (
    ("check",),
    ("doctor",),
    ("doctor", "-o", "json"),
    ("sources", "list", "-o", "json"),
    ("outbox", "list", "-o", "json"),
    ("outbox", "channels"),
    ("routes", "test", "--watchlist", "meetings"),
    ("notify", "test", "desk"),
    ("why", "1", "-o", "json"),
    ("review",),
    ("feeds",),
)


@contextmanager
def echo() -> Iterator[str]:
    """A receiver that refuses, and says in its answer what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = f"{self.path} {self.headers}".encode()
            self.send_response(500)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def configure(stage: Stage, receiver: str) -> None:
    port = free_port()
    keys = {
        "smtp.key": CANARIES["smtp"],
        "chat.key": f"json://{CANARIES['chatuser']}:{CANARIES['chat']}@127.0.0.1:{port}/{CANARIES['chat']}",
        "hook.url": f"{receiver}/{CANARIES['hookpath']}?token={CANARIES['hookquery']}",
        "hook.key": CANARIES["hooksecret"] * 2,
        "link.key": CANARIES["linkkey"] * 3,
        "imap.key": CANARIES["imap"],
    }
    for name, text in keys.items():
        stage.write(name, text).chmod(0o600)
    stage.write(
        "monitor.yaml",
        'database: "${STAGE_DATABASE}"\n'
        "fetch: {allow_private: true, deadline: 5s}\n"
        "web: {listen: '127.0.0.1:0', public_url: https://monitor.example.org, link_key: '${file:link.key}'}\n"
        f"email: {{server: 'smtp://user@127.0.0.1:{port}', password: '${{file:smtp.key}}', from: m@example.org}}\n"
        "operators: [desk]\n",
    )
    stage.write(
        "recipients.yaml",
        "recipients:\n  - id: desk\n    channels:\n"
        f"      - {{id: out, file: '{stage.alerts}'}}\n"
        "      - {id: mail, email: desk@example.org}\n"
        "      - {id: chat, apprise: '${file:chat.key}'}\n"
        "      - {id: hook, webhook: '${file:hook.url}', secret: '${file:hook.key}'}\n",
    )
    mailbox = f"  - {{id: letters, kind: mailbox, url: 'imaps://reader@127.0.0.1:{port}/INBOX', password: '${{file:imap.key}}'}}\n"
    stage.write("sources/stage.yaml", "sources:\n" + stage.source_yaml("one", "/one") + mailbox)


def command(stage: Stage, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *words, "-c", str(stage.config)],
        env={**os.environ, "STAGE_DATABASE": stage.database},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return f"{done.stdout}\n{done.stderr}"


def processes(daemon: Running) -> Iterator[tuple[str, str]]:
    """Environment and command line of the daemon and of everything in its process group."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
                if group == daemon.process.pid:
                    for name in ("environ", "cmdline"):
                        yield f"{name} of process {folder.name}", (folder / name).read_text()
            except OSError:  # it has ended meanwhile
                continue


def left_behind(stage: Stage, daemon: Running, web: str) -> Iterator[tuple[str, str]]:
    """What a stranger, an operator or a thief of a backup could read, with its name."""
    yield from processes(daemon)
    for path in ("/metrics", "/-/ready", "/-/healthy", "/links/ack/x", "/feeds/x/meetings.atom", "/nothing"):
        response, body = get(web, path)
        yield path, f"{response.getheaders()} {body}"
    for words in COMMANDS:
        yield f"monitor {' '.join(words)}", command(stage, *words)
    backups = stage.root / "backups"
    yield "monitor db backup", command(stage, "db", "backup", str(backups))
    assert any(backups.iterdir())
    # a reload that is refused tells of the file that it is in
    stage.write("recipients.yaml", (stage.config / "recipients.yaml").read_text() + "  - nonsense\n")
    daemon.signal(signal.SIGHUP)
    daemon.wait_for("reload refused: the rules of before stay in force")
    daemon.signal(signal.SIGTERM)
    daemon.end()
    yield "the log", "\n".join(daemon.lines)
    for file in (*stage.root.glob("*.db*"), *backups.iterdir(), *stage.alerts.rglob("*")):
        if file.is_file():
            yield file.name, file.read_bytes().decode("latin-1")


def test_no_secret_is_found_in_anything_that_the_daemon_leaves(tmp_path: Path, database_url: str) -> None:
    database = None if database_url.startswith("sqlite") else database_url
    with stage_in(tmp_path, database) as stage, echo() as receiver:
        configure(stage, receiver)
        daemon, web = stage.start_ready()
        failing = {"desk/mail", "desk/chat", "desk/hook", "letters"}
        while failing:
            failing.discard(daemon.wait_for("trouble")["of"])
        eventually(stage.alert_texts, "an alert in the folder")
        password = unquote(urlsplit(stage.database).password or "")
        secrets = {*CANARIES.values(), *([password] if password else [])}
        searched = 0
        for name, text in left_behind(stage, daemon, web):
            searched += 1
            if name.startswith("environ"):  # it was given there
                text = text.replace(stage.database, "")
            found = [each for each in secrets if each in text or quote(each) in text]
            assert not found, f"{found} in {name}"
        assert searched > 20
