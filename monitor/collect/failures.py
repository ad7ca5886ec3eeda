"""What went wrong with a request: in the model's kinds, and in words that its reader understands.

Called by `fetch` alone. Pure but for the clock that a `Retry-After` date is compared with where the server states no time.
"""

from __future__ import annotations

import http
import os
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from monitor.collect.guard import AddressRefused
from monitor.collect.inflate import Inflater
from monitor.collect.repeats import Packed
from monitor.model import FailureKind, FetchFailure, Request


class Failed(Exception):
    """Ends a request from within; becomes the Response's failure."""

    def __init__(self, kind: FailureKind, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.failure = FetchFailure(kind, message, retry_after)


@dataclass
class Progress:
    """How far a request came; what a failure's message is made of."""

    url: str
    status: int | None = None
    headers: Mapping[str, str] | None = None
    moved_to: str | None = None  # where the last hop led ...
    permanent: bool = True  # ... and whether every hop so far was a lasting one
    received: int = 0  # bytes of the body, as transferred
    announced: int | None = None
    packed: Packed | None = None  # of a body that comes compressed

    def arrived(self) -> str:
        of = f" of {self.announced:,}" if self.announced is not None else ""
        return f"{self.received:,}{of} bytes"


def judge_status(request: Request, answer: aiohttp.ClientResponse) -> None:
    """Raise Failed for every status whose body is not the document asked for."""
    status = answer.status
    if status == http.HTTPStatus.NOT_MODIFIED:
        if not request.conditional:
            raise Failed(FailureKind.STATUS, "304 Not Modified, though nothing was asked conditionally")
    elif status == http.HTTPStatus.PARTIAL_CONTENT:
        raise Failed(FailureKind.TRUNCATED, "206 Partial Content, though the whole was asked for")
    elif not 200 <= status < 300:
        wall = "; a Cloudflare challenge stands before it" if "cf-mitigated" in answer.headers else ""
        retry_after = read_retry_after(answer.headers.get("Retry-After"), answer.headers.get("Date"))
        raise Failed(FailureKind.STATUS, f"{_status_line(status)}{wall}", retry_after)


def _status_line(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} (an unknown status)"


def read_retry_after(value: str | None, date: str | None = None) -> timedelta | None:
    """`Retry-After` in seconds or as a date, which is compared with the server's own `Date` (else
    with this machine's clock). None if unreadable."""
    if not value:
        return None
    if re.fullmatch(r"\s*\d{1,9}\s*", value):
        return timedelta(seconds=int(value))
    try:
        until = _aware(parsedate_to_datetime(value))
        since = _aware(parsedate_to_datetime(date)) if date else datetime.fromtimestamp(time.time(), UTC)
    except (ValueError, OverflowError):
        return None
    return max(until - since, timedelta(0))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def too_large(unpack: Inflater | None, limit: int, progress: Progress) -> Failed:
    if unpack is None:
        return Failed(FailureKind.TOO_LARGE, f"more than {limit:,} bytes")
    return Failed(
        FailureKind.TOO_LARGE, f"unpacks to more than {limit:,} bytes (from {progress.received:,}): a bomb?"
    )


def late(deadline: float, progress: Progress) -> FetchFailure:
    if progress.status is None:
        return FetchFailure(FailureKind.TIMEOUT, f"no answer within {deadline:g} s")
    return FetchFailure(FailureKind.TIMEOUT, f"only {progress.arrived()} within {deadline:g} s")


def network_failure(error: Exception, progress: Progress) -> FetchFailure:
    """What aiohttp, the socket or the inflater said, in the model's kinds and a reader's words."""
    cut = f"the server closed the connection after {progress.arrived()}"
    match error:
        case aiohttp.ClientConnectorDNSError():
            return FetchFailure(FailureKind.NAME, f"the host name {error.host} does not resolve")
        case aiohttp.ClientConnectorCertificateError():
            return FetchFailure(FailureKind.TLS, f"bad certificate: {_certificate_problem(error)}")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return FetchFailure(FailureKind.TLS, f"no secure connection: {_reason(error)}")
        case aiohttp.ClientConnectorError():
            return _connect_failure(error)
        case aiohttp.ClientPayloadError() if progress.status is not None:
            return FetchFailure(FailureKind.TRUNCATED, cut)
        case aiohttp.ClientResponseError() if "chunk" in error.message.lower():
            return FetchFailure(FailureKind.TRUNCATED, f"the body is damaged: {_reason(error)}")
        case aiohttp.ClientResponseError() | aiohttp.InvalidURL() | ValueError():
            return FetchFailure(FailureKind.PROTOCOL, f"not HTTP as we know it: {_reason(error)}")
        case _ if progress.received:
            return FetchFailure(FailureKind.TRUNCATED, cut)
        case aiohttp.ServerDisconnectedError():
            return FetchFailure(FailureKind.CONNECT, "the server closed the connection without an answer")
        case _:
            return FetchFailure(FailureKind.CONNECT, f"the connection broke: {_reason(error)}")


def _connect_failure(error: aiohttp.ClientConnectorError) -> FetchFailure:
    if isinstance(error.os_error, AddressRefused):
        return FetchFailure(FailureKind.REFUSED, f"refused: {error.os_error}")
    return FetchFailure(FailureKind.CONNECT, f"cannot connect to {error.host}: {_reason(error.os_error)}")


def _certificate_problem(error: aiohttp.ClientConnectorCertificateError) -> str:
    cause = error.certificate_error
    return getattr(cause, "verify_message", "") or str(cause)


def _reason(error: BaseException) -> str:
    number = getattr(error, "errno", None)
    told = os.strerror(number) if isinstance(number, int) and number > 0 else getattr(error, "message", "")
    return short(" ".join((str(told or error) or type(error).__name__).split()))


def short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"
