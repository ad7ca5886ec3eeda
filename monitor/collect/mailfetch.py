"""A folder of mails over IMAP, as a Response. Called by `fetchers` for imap:// and imaps:// addresses.

Reads only (EXAMINE, BODY.PEEK): nothing is marked, moved or deleted. The folder's UIDVALIDITY and UIDNEXT are the answer's
ETag, so a folder where nothing came is 304 as a feed is. The standard library's imaplib speaks the protocol, in threads
of its own; what it may read is counted, and its connection is judged by the guard as every other one is.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import imaplib
import json
import re
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from monitor.collect import guard
from monitor.collect.failures import Failed, short
from monitor.model import FailureKind, FetchFailure, FetchPolicy, Request, Response

PORTS = {"imaps": 993, "imap": 143}
THREADS = 4  # mailboxes that hang delay only mailboxes
FIRST_MAILS = 50  # of a folder that is read for the first time, the newest
MOST_MAILS = 300  # of one poll
MAIL_BYTES = 1_000_000  # of one mail; a newsletter's text stands before its attachments
BLANK = 20.0  # seconds without a byte
_UID = re.compile(rb"UID (\d+)")
_RECEIVED = re.compile(rb'INTERNALDATE "([^"]{10,40})"')


class MailFetcher:
    """Fetcher of folders. The address is imaps://user@host[:port]/FOLDER; the password is the request's secret."""

    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="imap")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def fetch(self, request: Request) -> Response:
        start = time.monotonic()
        line = _Line()
        deadline = self._policy.deadline.total_seconds()
        try:
            async with asyncio.timeout(deadline):
                response = await asyncio.get_running_loop().run_in_executor(
                    self._threads, _read_folder, request, self._policy, line
                )
        except TimeoutError:
            line.cut()  # frees its thread
            late = FetchFailure(FailureKind.TIMEOUT, f"the mail server took more than {deadline:g} s")
            response = Response(request, request.url, failure=late)
        return replace(response, seconds=time.monotonic() - start)


@dataclass
class _Line:
    """The socket in use, so that another thread can end what waits on it."""

    sock: socket.socket | None = None
    ended: bool = False

    def hold(self, sock: socket.socket) -> socket.socket:
        self.sock = sock
        if self.ended:
            self.cut()
        return sock

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()

    def cut(self) -> None:
        self.ended = True
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _Box(imaplib.IMAP4):
    """imaplib over a socket that is open already, within a measure of bytes."""

    def __init__(self, sock: socket.socket, host: str, limit: int) -> None:
        self._given, self._left = sock, limit
        super().__init__(host)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._given

    def read(self, size: int) -> bytes:
        self._spend(size)  # a literal announces its size: before anything of it is read
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise Failed(FailureKind.TOO_LARGE, "the mail server sends more than fetch.max_bytes")


@dataclass
class _Mails:
    """The folder's content as the mailbox kind reads it."""

    validator: str
    rows: list[dict[str, object]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def body(self) -> bytes:
        return json.dumps({"mails": self.rows, "problems": self.problems}).encode()


def _read_folder(request: Request, policy: FetchPolicy, line: _Line) -> Response:
    """Runs in a thread. Every failure of network, server or login is the Response's."""
    try:
        box = _connected(urlsplit(request.url), policy, line)
        with contextlib.closing(_Closing(box)):
            mails = _mails(box, request, policy)
    except _Refused as refused:
        failure = FetchFailure(FailureKind.STATUS, refused.told)
        return Response(request, request.url, refused.status, failure=failure)
    except Failed as failed:
        return Response(request, request.url, failure=failed.failure)
    except (imaplib.IMAP4.error, OSError, ValueError, EOFError) as error:
        return Response(request, request.url, failure=_failure(error))
    finally:
        line.close()
    headers = {"etag": mails.validator, "content-type": "application/json"}
    if request.etag == mails.validator:
        return Response(request, request.url, HTTPStatus.NOT_MODIFIED, headers)
    return Response(request, request.url, HTTPStatus.OK, headers, mails.body())


class _Refused(Exception):
    """The server understood, and says no."""

    def __init__(self, status: HTTPStatus, told: str) -> None:
        self.status, self.told = status, told


@dataclass
class _Closing:
    box: _Box

    def close(self) -> None:
        with contextlib.suppress(imaplib.IMAP4.error, OSError, Failed):
            self.box.logout()


def _failure(error: Exception) -> FetchFailure:
    if isinstance(error, guard.AddressRefused):
        return FetchFailure(FailureKind.REFUSED, f"refused: {error}")
    if isinstance(error, socket.gaierror):
        return FetchFailure(FailureKind.NAME, "the mail server's name does not resolve")
    if isinstance(error, ssl.SSLCertVerificationError):
        return FetchFailure(FailureKind.TLS, f"bad certificate: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        return FetchFailure(FailureKind.TLS, f"no secure connection: {short(error.reason or str(error))}")
    if isinstance(error, TimeoutError):
        return FetchFailure(FailureKind.TIMEOUT, f"the mail server said nothing for {BLANK:g} s")
    if isinstance(error, OSError) and not isinstance(error, imaplib.IMAP4.error):
        return FetchFailure(
            FailureKind.CONNECT, f"cannot reach the mail server: {short(error.strerror or str(error))}"
        )
    return FetchFailure(
        FailureKind.PROTOCOL, f"the mail server fails: {short(' '.join(_said(error).split()))}"
    )


def _said(error: Exception) -> str:
    told = error.args[0] if error.args else str(error)
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)


# --- connecting ------------------------------------------------------------------------------------------------------


def _connected(place: SplitResult, policy: FetchPolicy, line: _Line) -> _Box:
    host, port = place.hostname or "", place.port or PORTS.get(place.scheme, 993)
    if port not in (*PORTS.values(), *policy.ports) and not policy.allow_private:
        raise Failed(
            FailureKind.REFUSED,
            f"refused: port {port} is not allowed (fetch.ports in monitor.yaml allows more)",
        )
    if reason := guard.judge_host(host, policy.allow_private):
        raise Failed(FailureKind.REFUSED, f"refused: {reason}")
    sock = line.hold(_open(host, port, policy.allow_private))
    secure = ssl.create_default_context()
    if place.scheme == "imaps":
        sock = line.hold(secure.wrap_socket(sock, server_hostname=host))
    box = _Box(sock, host, policy.max_bytes * 2)
    if place.scheme == "imap" and not _loopback(sock):
        if "STARTTLS" not in box.capabilities:
            raise Failed(FailureKind.TLS, "the mail server offers no STARTTLS: use imaps://")
        box.starttls(secure)
        line.hold(box.socket())
    return box


def _open(host: str, port: int, allow_private: bool) -> socket.socket:
    """A connection to the first of the name's addresses that answers and may be opened."""
    make = guard.guarded_sockets(allow_private)
    failed: OSError | None = None
    for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            sock = make(info)
            sock.settimeout(BLANK)
            sock.connect(info[4])
            return sock
        except OSError as error:
            failed = error
    raise failed or OSError(f"{host} has no address")


def _loopback(sock: socket.socket) -> bool:
    address = sock.getpeername()[0]
    return bool(address == "::1" or address.startswith("127."))


# --- reading ---------------------------------------------------------------------------------------------------------


def _mails(box: _Box, request: Request, policy: FetchPolicy) -> _Mails:
    place = urlsplit(request.url)
    user, folder = unquote(place.username or ""), unquote(place.path.lstrip("/")) or "INBOX"
    try:
        box.login(user, request.secret or "")
    except imaplib.IMAP4.error as error:
        told = f"the mail server refuses the login of {user}: {short(_said(error))}"
        raise _Refused(HTTPStatus.UNAUTHORIZED, told) from None
    done, count = box.select(_quoted(folder), readonly=True)
    if done != "OK":
        told = f"no folder {folder}: {short(_said(imaplib.IMAP4.error(*count)))}"
        raise _Refused(HTTPStatus.NOT_FOUND, told)
    validity, following = _number(box, "UIDVALIDITY"), _number(box, "UIDNEXT")
    mails = _Mails(f"{validity}:{following}:{int(count[0] or 0)}")
    if request.etag != mails.validator:
        _fill(mails, box, _since(request, validity), policy)
    return mails


def _since(request: Request, validity: int) -> int:
    """The first UID that was not there at the last reading; 1 where nothing is known, or the folder was made anew."""
    known = (request.etag or "").split(":")
    return int(known[1]) if len(known) == 3 and known[0] == str(validity) and known[1].isdecimal() else 1


def _number(box: _Box, name: str) -> int:
    value = box.response(name)[1][-1]
    return int(value) if value else 0


def _fill(mails: _Mails, box: _Box, since: int, policy: FetchPolicy) -> None:
    found = _ok(box.uid("SEARCH", "UID", f"{since}:*"))
    uids = sorted(int(uid) for line in found for uid in (line or b"").split())
    fresh = [uid for uid in uids if uid >= since] or uids[-1:]
    most = FIRST_MAILS if since == 1 else MOST_MAILS
    if since > 1 and len(fresh) > most:
        mails.problems.append(f"too many mails: the newest {most} of {len(fresh):,} were read")
    left = policy.max_bytes
    for uid in reversed(fresh[-most:]):
        row, size = _mail(box, uid)
        left -= size
        if left < 0:
            mails.problems.append(
                "the mails are larger than fetch.max_bytes together: the older ones were not read"
            )
            break
        mails.rows += [row] if row else []
    mails.rows.reverse()


def _mail(box: _Box, uid: int) -> tuple[dict[str, object] | None, int]:
    """One mail, up to a measure; None where it is gone by now."""
    for part in _ok(box.uid("FETCH", str(uid), f"(UID INTERNALDATE BODY.PEEK[]<0.{MAIL_BYTES}>)")):
        if isinstance(part, tuple):
            received = _RECEIVED.search(part[0])
            raw = part[1]
            row = {
                "uid": uid,
                "received": received[1].decode("ascii", "replace").strip() if received else None,
                "raw": base64.b64encode(raw).decode("ascii"),
            }
            return row, len(raw)
    return None, 0


def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(*answer[1])
    return answer[1]


def _quoted(folder: str) -> str:
    """A folder's name as IMAP writes it: modified UTF-7, in quotes. Raises ValueError for control characters."""
    if not folder.isprintable():
        raise ValueError("the folder's name holds control characters")
    text = re.sub(r"[^\x20-\x7e]+|&", _shifted, folder)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shifted(found: re.Match[str]) -> str:
    """RFC 3501 5.1.3: base64 of UTF-16 between & and -."""
    if found[0] == "&":
        return "&-"
    coded = binascii.b2a_base64(found[0].encode("utf-16-be"), newline=False).decode("ascii")
    return "&" + coded.rstrip("=").replace("/", ",") + "-"
