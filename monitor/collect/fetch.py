"""One request to the press, bounded in time, bytes and trust. Called by the pipeline and by `monitor parse`.

`HttpFetcher.fetch` answers with a Response whose `failure` says in a sentence what went wrong; it raises nothing for what
the network does. It never parses, never retries, keeps no cookie and no state of a source. aiohttp objects stay in here.
"""

from __future__ import annotations

import asyncio
import http
import os
import re
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Protocol, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from monitor.collect import guard
from monitor.collect.inflate import ACCEPTED, Garbled, Inflater, inflater
from monitor.model import FailureKind, FetchFailure, FetchPolicy, Purpose, Request, Response

MAX_REDIRECTS = 5
MAX_HEADER_BYTES = 100_000
MAX_CONNECTIONS = 100  # of one fetcher, to all hosts
REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
ACCEPT = {
    Purpose.FEED: "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "application/json;q=0.9, text/xml;q=0.9, */*;q=0.5",
    Purpose.PAGE: "text/html, application/xhtml+xml, */*;q=0.5",
}


class Fetcher(Protocol):
    """The world, as the pipeline sees it."""

    async def fetch(self, request: Request) -> Response: ...


class _Failed(Exception):
    """Ends a request from within; becomes the Response's failure."""

    def __init__(self, kind: FailureKind, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.failure = FetchFailure(kind, message, retry_after)


@dataclass
class _Progress:
    """How far a request came; what a failure's message is made of."""

    url: str
    status: int | None = None
    headers: Mapping[str, str] | None = None
    moved_to: str | None = None  # the last hop, as long as every hop so far was permanent
    permanent: bool = True
    received: int = 0  # bytes of the body, as transferred
    announced: int | None = None

    def arrived(self) -> str:
        of = f" of {self.announced:,}" if self.announced is not None else ""
        return f"{self.received:,}{of} bytes"


class HttpFetcher:
    """Fetcher over HTTP. Use it as an async context manager; one serves any number of concurrent fetches."""

    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._hosts: dict[str, _HostQueue] = {}

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            socket_factory=guard.guarded_sockets(self._policy.allow_private),
            limit=MAX_CONNECTIONS,
            limit_per_host=self._policy.per_host,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,  # its own has no bound of ours; see inflate
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            requote_redirect_url=False,
            timeout=aiohttp.ClientTimeout(total=None),  # `fetch` bounds the whole chain of hops
            max_line_size=16_384,
            max_field_size=32_768,
            headers={"User-Agent": self._policy.user_agent, "Accept-Encoding": ACCEPTED},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(self, request: Request) -> Response:
        """The answer, after redirects. Waits its turn at the host first; the deadline counts from its turn on."""
        async with self._turn(request.url):
            start = time.monotonic()
            response = await self._bounded(request)
            return replace(response, seconds=time.monotonic() - start)

    @asynccontextmanager
    async def _turn(self, url: str) -> AsyncIterator[None]:
        host = _host(url)
        queue = self._hosts.setdefault(host, _HostQueue(asyncio.Semaphore(self._policy.per_host)))
        queue.waiting += 1
        try:
            async with queue.turn, self._slots:
                yield
        finally:
            queue.waiting -= 1
            if not queue.waiting:
                del self._hosts[host]

    async def _bounded(self, request: Request) -> Response:
        progress = _Progress(request.url)
        deadline = self._policy.deadline.total_seconds()
        try:
            async with asyncio.timeout(deadline):
                body = await self._follow(request, progress)
        except _Failed as failed:
            failure = failed.failure
        except TimeoutError:
            failure = _late(deadline, progress)
        except Garbled as error:
            failure = FetchFailure(FailureKind.ENCODING, f"compressed badly: {_short(str(error))}")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = _network_failure(error, progress)
        else:
            moved = progress.moved_to if progress.permanent else None
            return Response(
                request, progress.url, progress.status, progress.headers or {}, body, moved_to=moved
            )
        return Response(request, progress.url, progress.status, progress.headers or {}, failure=failure)

    async def _follow(self, request: Request, progress: _Progress) -> bytes:
        seen = {request.url}
        while True:
            if reason := guard.judge_url(progress.url, self._policy.ports, self._policy.allow_private):
                raise _Failed(FailureKind.REFUSED, f"refused: {reason}")
            body, location = await self._one_hop(request, progress)
            if location is None:
                return body
            target = next_hop(progress.url, location)
            if isinstance(target, FetchFailure):
                raise _Failed(target.kind, target.message)
            if target in seen:
                raise _Failed(FailureKind.REDIRECT, f"redirects in a circle, back to {_short(target)}")
            if len(seen) > MAX_REDIRECTS:
                raise _Failed(FailureKind.REDIRECT, f"more than {MAX_REDIRECTS} redirects")
            seen.add(target)
            progress.permanent = progress.permanent and progress.status in PERMANENT
            progress.url = progress.moved_to = target

    async def _one_hop(self, request: Request, progress: _Progress) -> tuple[bytes, str | None]:
        """The body, or where to go instead."""
        assert self._session is not None, "HttpFetcher is an async context manager: enter it first"
        url = URL(progress.url, encoded=progress.url.isascii())
        progress.received, progress.announced = 0, None
        async with self._session.get(url, headers=_headers(request), allow_redirects=False) as answer:
            progress.status = answer.status
            progress.headers = _read_headers(answer)
            location = answer.headers.get("Location")
            if answer.status in REDIRECTS and location:
                answer.close()  # whatever body comes with a redirect is not worth reading
                return b"", location
            _judge_status(request, answer)
            if answer.status == http.HTTPStatus.NOT_MODIFIED:
                return b"", None
            return await self._read_body(answer, progress), None

    async def _read_body(self, answer: aiohttp.ClientResponse, progress: _Progress) -> bytes:
        limit = self._policy.max_bytes
        unpack = _content_decoder(answer.headers.get("Content-Encoding", ""))
        progress.announced = answer.content_length
        if progress.announced is not None and progress.announced > limit:
            raise _Failed(
                FailureKind.TOO_LARGE, f"announces {progress.announced:,} bytes; the limit is {limit:,}"
            )
        pieces: list[bytes] = []
        size = 0
        async for chunk in answer.content.iter_any():
            progress.received += len(chunk)
            for piece in unpack.feed(chunk) if unpack else (chunk,):
                size += len(piece)
                if size > limit:
                    raise _too_large(unpack, limit, progress)
                pieces.append(piece)
        if unpack and progress.received and not unpack.finished:
            raise _Failed(
                FailureKind.TRUNCATED, f"the compressed answer breaks off after {progress.arrived()}"
            )
        return b"".join(pieces)


@dataclass
class _HostQueue:
    turn: asyncio.Semaphore
    waiting: int = 0


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # the guard says what is wrong with it
        return ""


def _headers(request: Request) -> dict[str, str]:
    headers = {"Accept": ACCEPT[request.purpose]}
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    return headers


def _read_headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    if sum(len(name) + len(value) for name, value in answer.raw_headers) > MAX_HEADER_BYTES:
        raise _Failed(FailureKind.PROTOCOL, f"the headers exceed {MAX_HEADER_BYTES:,} bytes")
    return {name.lower(): _text(value) for name, value in answer.headers.items()}


def _text(header: str) -> str:
    """Header bytes beyond ASCII arrive as surrogates, which no database and no log can hold."""
    return header.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def next_hop(url: str, location: str) -> str | FetchFailure:
    """Where a redirect from `url` leads, without the fragment; or why it must not be followed, whatever the guard says."""
    try:
        target = urljoin(url, _text(location).strip()).partition("#")[0].replace(" ", "%20")
    except ValueError as error:
        return FetchFailure(FailureKind.REDIRECT, f"redirects to what is no URL: {error}")
    if url.startswith("https:") and target.startswith("http:"):
        return FetchFailure(FailureKind.REDIRECT, f"redirects from https to http: {_short(target)}")
    if not target.startswith(("http:", "https:")):
        return FetchFailure(FailureKind.REDIRECT, f"redirects away from the web: {_short(target)}")
    return target


def _judge_status(request: Request, answer: aiohttp.ClientResponse) -> None:
    """Raise _Failed for every status whose body is not the document asked for."""
    status = answer.status
    if status == http.HTTPStatus.NOT_MODIFIED:
        if not request.conditional:
            raise _Failed(FailureKind.STATUS, "304 Not Modified, though nothing was asked conditionally")
    elif status == http.HTTPStatus.PARTIAL_CONTENT:
        raise _Failed(FailureKind.TRUNCATED, "206 Partial Content, though the whole was asked for")
    elif not 200 <= status < 300:
        wall = "; a Cloudflare challenge stands before it" if "cf-mitigated" in answer.headers else ""
        retry_after = read_retry_after(answer.headers.get("Retry-After"), answer.headers.get("Date"))
        raise _Failed(FailureKind.STATUS, f"{_status_line(status)}{wall}", retry_after)


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


def _content_decoder(header: str) -> Inflater | None:
    encodings = [name for part in header.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if not encodings:
        return None
    if len(encodings) > 1:
        raise _Failed(FailureKind.ENCODING, f"compressed more than once ({', '.join(encodings)[:80]})")
    if (decoder := inflater(encodings[0])) is None:
        raise _Failed(FailureKind.ENCODING, f"compressed in a way nobody asked for ({encodings[0][:80]})")
    return decoder


def _too_large(unpack: Inflater | None, limit: int, progress: _Progress) -> _Failed:
    if unpack is None:
        return _Failed(FailureKind.TOO_LARGE, f"more than {limit:,} bytes")
    return _Failed(
        FailureKind.TOO_LARGE, f"unpacks to more than {limit:,} bytes (from {progress.received:,}): a bomb?"
    )


def charset_of(response: Response) -> str | None:
    """The charset that the Content-Type states, if any."""
    message = Message()
    message["content-type"] = response.headers.get("content-type", "")
    charset = message.get_param("charset")
    return charset.strip() or None if isinstance(charset, str) else None


def _late(deadline: float, progress: _Progress) -> FetchFailure:
    if progress.status is None:
        return FetchFailure(FailureKind.TIMEOUT, f"no answer within {deadline:g} s")
    return FetchFailure(FailureKind.TIMEOUT, f"only {progress.arrived()} within {deadline:g} s")


def _network_failure(error: Exception, progress: _Progress) -> FetchFailure:
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
    if isinstance(error.os_error, guard.AddressRefused):
        return FetchFailure(FailureKind.REFUSED, f"refused: {error.os_error}")
    return FetchFailure(FailureKind.CONNECT, f"cannot connect to {error.host}: {_reason(error.os_error)}")


def _certificate_problem(error: aiohttp.ClientConnectorCertificateError) -> str:
    cause = error.certificate_error
    return getattr(cause, "verify_message", "") or str(cause)


def _reason(error: BaseException) -> str:
    number = getattr(error, "errno", None)
    told = os.strerror(number) if isinstance(number, int) and number > 0 else getattr(error, "message", "")
    return _short(" ".join((str(told or error) or type(error).__name__).split()))


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"
