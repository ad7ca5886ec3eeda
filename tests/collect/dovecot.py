"""A real IMAP server on loopback: Debian's dovecot as a process of its own, with a configuration made for it.

Where it is not installed its tests are skipped, unless MONITOR_REQUIRE_DOVECOT=1 says that they must run.
"""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import free_port

USER, PASSWORD = "reader", "canary-imap"
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/home/Maildir
first_valid_uid = 1
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {secure}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    plain: int  # ports
    secure: int

    def url(self, folder: str = "INBOX", user: str = USER) -> str:
        return f"imap://{user}@127.0.0.1:{self.plain}/{folder}"

    def deliver(self, folder: str, *mails: bytes) -> None:
        """Put mails into a folder, which is made where it is missing."""
        with imaplib.IMAP4("127.0.0.1", self.plain) as box:
            box.login(USER, PASSWORD)
            box.create(folder)
            for mail in mails:
                done, told = box.append(folder, "", "", mail)
                assert done == "OK", told

    def flags(self, folder: str) -> list[bytes]:
        """What each mail of a folder is marked with."""
        with imaplib.IMAP4("127.0.0.1", self.plain) as box:
            box.login(USER, PASSWORD)
            box.select(folder, readonly=True)
            return [row for row in box.fetch("1:*", "(FLAGS)")[1] if isinstance(row, bytes)]


def unprivileged() -> pwd.struct_passwd:
    """dovecot's processes refuse to run as root: as whom then."""
    return pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if not program or not shutil.which("openssl"):
        missing = "dovecot (Debian's dovecot-imapd) or openssl is not installed"
        if os.environ.get("MONITOR_REQUIRE_DOVECOT") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    folder, who = Path(tempfile.mkdtemp(prefix="monitor-imap-")), unprivileged()
    server = Dovecot(free_port(), free_port())
    try:
        _prepare(folder, server, who)
        rights = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        command = [program, "-F", "-c", str(folder / "dovecot.conf")]
        process = subprocess.Popen(command, **rights)  # type: ignore[call-overload]
        try:
            _answers(server, folder)
            yield server
        finally:
            process.terminate()
            process.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, server: Dovecot, who: pwd.struct_passwd) -> None:
    (folder / "run").mkdir()
    (folder / "home").mkdir()
    text = CONFIGURATION.format(
        folder=folder,
        user=who.pw_name,
        group=grp.getgrgid(who.pw_gid).gr_name,
        uid=who.pw_uid,
        gid=who.pw_gid,
        plain=server.plain,
        secure=server.secure,
    )
    (folder / "dovecot.conf").write_text(text)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    make = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost"
    )
    subprocess.run(make.split(), cwd=folder, check=True, capture_output=True)
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, who.pw_uid, who.pw_gid)


def _answers(server: Dovecot, folder: Path) -> None:
    for _ in range(100):
        try:
            with imaplib.IMAP4("127.0.0.1", server.plain, timeout=5) as box:
                box.login(USER, PASSWORD)
                return
        except (OSError, imaplib.IMAP4.error):
            time.sleep(0.1)
    log = folder / "log"
    pytest.fail(f"dovecot did not start: {log.read_text() if log.exists() else 'it wrote no log'}")
