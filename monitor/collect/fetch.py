"""One request to the press, bounded in time, bytes and trust. Called by the pipeline and by `monitor parse`.

`HttpFetcher.fetch` answers with a Response whose `failure` says in a sentence what went wrong; it raises nothing for what
the network does. It never parses, never retries, keeps no cookie and no state of a source. aiohttp objects stay in here.
"""

from __future__ import annotations

import asyncio
import http
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email.message import Message
from typing import Protocol, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from monitor.collect import guard
from monitor.collect.connections import MAX_CONNECTIONS, OpenDoors, connector
from monitor.collect.failures import Failed, Progress, judge_status, late, network_failure, short, too_large
from monitor.collect.health import server_ahead
from monitor.collect.inflate import ACCEPTED, Garbled, Inflater, inflater
from monitor.collect.repeats import Packed
from monitor.collect.robots import Robots
from monitor.model import FailureKind, FetchFailure, FetchPolicy, Purpose, Request, Response

MAX_REDIRECTS = 5
MAX_HEADER_BYTES = 100_000
PAUSE = 0.5  # seconds between two requests to one host, where the policy states none
MAX_SPACED = 5_000  # hosts whose last request is remembered
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


class HttpFetcher:
    """Fetcher over HTTP. Use it as an async context manager; one serves any number of concurrent fetches."""

    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._hosts: dict[str, _HostQueue] = {}
        self._free_at: dict[str, float] = {}  # by host, the monotonic second of its next request
        self._robots = Robots(policy.user_agent, self._bounded)
        self._doors = OpenDoors()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=connector(self._policy),
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
        """The answer, after redirects. Waits its turn at the host first; the deadline counts from its turn on. A page
        that robots.txt forbids is not asked for."""
        delay = 0.0
        if request.purpose is Purpose.PAGE and self._judge(request.url) is None:
            if refusal := await self._robots.refusal(request.url):
                return Response(request, request.url, failure=refusal)
            delay = await self._robots.delay(request.url)
        async with self._turn(request.url, delay):
            start = time.monotonic()
            response = await self._bounded(request)
            ahead = server_ahead(response.headers, time.time())
            return replace(response, seconds=time.monotonic() - start, ahead=ahead)

    def _judge(self, url: str) -> str | None:
        return guard.judge_url(url, self._policy.ports, self._policy.allow_private)

    @asynccontextmanager
    async def _turn(self, url: str, delay: float) -> AsyncIterator[None]:
        host = _host(url)
        queue = self._hosts.setdefault(host, _HostQueue(asyncio.Semaphore(self._policy.per_host)))
        queue.waiting += 1
        try:
            async with queue.turn:
                await self._spaced(host, max(delay, pause(host, self._policy)))
                async with self._slots:
                    yield
        finally:
            queue.waiting -= 1
            if not queue.waiting:
                del self._hosts[host]

    async def _spaced(self, host: str, seconds: float) -> None:
        """Wait until the host has had its pause since the last request, and take the next place after it."""
        if not seconds:
            return
        now = time.monotonic()
        if len(self._free_at) >= MAX_SPACED:
            self._free_at = {name: free for name, free in self._free_at.items() if free > now}
        begin = max(self._free_at.get(host, now), now)
        self._free_at[host] = begin + seconds
        await asyncio.sleep(begin - now)

    async def _bounded(self, request: Request) -> Response:
        progress = Progress(request.url)
        deadline = self._policy.deadline.total_seconds()
        try:
            async with asyncio.timeout(deadline):
                body = await self._follow(request, progress)
        except Failed as failed:
            failure = failed.failure
        except TimeoutError:
            failure = late(deadline, progress)
        except Garbled as error:
            failure = FetchFailure(FailureKind.ENCODING, f"compressed badly: {short(str(error))}")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = network_failure(error, progress)
        else:
            return _answered(request, progress, body)
        return Response(request, progress.url, progress.status, progress.headers or {}, failure=failure)

    async def _follow(self, request: Request, progress: Progress) -> bytes:
        seen = {request.url}
        while True:
            if reason := self._judge(progress.url):
                raise Failed(FailureKind.REFUSED, f"refused: {reason}")
            if (
                request.purpose is Purpose.PAGE
                and len(seen) > 1
                and (refusal := await self._robots.refusal(progress.url))
            ):
                raise Failed(refusal.kind, refusal.message)
            body, location = await self._one_hop(request, progress)
            if location is None:
                return body
            target = next_hop(progress.url, location)
            if isinstance(target, FetchFailure):
                raise Failed(target.kind, target.message)
            if target in seen:
                raise Failed(FailureKind.REDIRECT, f"redirects in a circle, back to {short(target)}")
            if len(seen) > MAX_REDIRECTS:
                raise Failed(FailureKind.REDIRECT, f"more than {MAX_REDIRECTS} redirects")
            seen.add(target)
            progress.permanent = progress.permanent and progress.status in PERMANENT
            progress.url = progress.moved_to = target

    async def _one_hop(self, request: Request, progress: Progress) -> tuple[bytes, str | None]:
        """The body, or where to go instead."""
        assert self._session is not None, "HttpFetcher is an async context manager: enter it first"
        url = URL(progress.url, encoded=progress.url.isascii())
        progress.received, progress.announced, progress.packed = 0, None, None
        headers = _headers(request)
        if not self._doors.may_stay(_host(progress.url), time.monotonic()):
            headers["Connection"] = "close"
        async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
            progress.status = answer.status
            progress.headers = _read_headers(answer)
            location = answer.headers.get("Location")
            if answer.status in REDIRECTS and location:
                answer.close()  # whatever body comes with a redirect is not worth reading
                return b"", location
            judge_status(request, answer)
            if answer.status == http.HTTPStatus.NOT_MODIFIED:
                return b"", None
            return await self._read_body(answer, progress, request.packed), None

    async def _read_body(self, answer: aiohttp.ClientResponse, progress: Progress, last: bytes) -> bytes:
        """Unpacked; empty where the packed bytes are those named by `last`."""
        limit = self._policy.max_bytes
        unpack = _content_decoder(answer.headers.get("Content-Encoding", ""))
        progress.announced = answer.content_length
        if progress.announced is not None and progress.announced > limit:
            raise Failed(
                FailureKind.TOO_LARGE, f"announces {progress.announced:,} bytes; the limit is {limit:,}"
            )
        body = _Body(unpack, limit, progress)
        packed = progress.packed = Packed(last) if unpack else None
        async for chunk in answer.content.iter_any():
            progress.received += len(chunk)
            body.take(packed.take(chunk) if packed else (chunk,))
        if packed and packed.repeated:
            return b""
        body.take(packed.rest() if packed else ())
        if unpack and progress.received and not unpack.finished:
            raise Failed(
                FailureKind.TRUNCATED, f"the compressed answer breaks off after {progress.arrived()}"
            )
        return b"".join(body.pieces)


class _Body:
    """A body as it comes, never more of it than the limit."""

    def __init__(self, unpack: Inflater | None, limit: int, progress: Progress) -> None:
        self._unpack, self._limit, self._progress = unpack, limit, progress
        self._size = 0
        self.pieces: list[bytes] = []

    def take(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            for piece in self._unpack.feed(chunk) if self._unpack else (chunk,):
                self._size += len(piece)
                if self._size > self._limit:
                    raise too_large(self._unpack, self._limit, self._progress)
                self.pieces.append(piece)


def _answered(request: Request, progress: Progress, body: bytes) -> Response:
    return Response(
        request,
        progress.url,
        progress.status,
        progress.headers or {},
        body,
        moved_to=progress.moved_to if progress.permanent else None,
        packed=progress.packed.name if progress.packed else b"",
        repeated=progress.packed is not None and progress.packed.repeated,
    )


@dataclass
class _HostQueue:
    turn: asyncio.Semaphore
    waiting: int = 0


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # the guard says what is wrong with it
        return ""


def pause(host: str, policy: FetchPolicy) -> float:
    """Seconds between the beginnings of two requests to a host. This machine itself needs no sparing."""
    if policy.pause is not None:
        return policy.pause.total_seconds()
    here = host == "localhost" or host == "::1" or host.startswith("127.")
    return 0.0 if here else PAUSE


def _headers(request: Request) -> dict[str, str]:
    headers = {"Accept": ACCEPT[request.purpose]}
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    return headers


def _read_headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    if sum(len(name) + len(value) for name, value in answer.raw_headers) > MAX_HEADER_BYTES:
        raise Failed(FailureKind.PROTOCOL, f"the headers exceed {MAX_HEADER_BYTES:,} bytes")
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
        return FetchFailure(FailureKind.REDIRECT, f"redirects from https to http: {short(target)}")
    if not target.startswith(("http:", "https:")):
        return FetchFailure(FailureKind.REDIRECT, f"redirects away from the web: {short(target)}")
    return target


def _content_decoder(header: str) -> Inflater | None:
    encodings = [name for part in header.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if not encodings:
        return None
    if len(encodings) > 1:
        raise Failed(FailureKind.ENCODING, f"compressed more than once ({', '.join(encodings)[:80]})")
    if (decoder := inflater(encodings[0])) is None:
        raise Failed(FailureKind.ENCODING, f"compressed in a way nobody asked for ({encodings[0][:80]})")
    return decoder


def charset_of(response: Response) -> str | None:
    """The charset that the Content-Type states, if any."""
    message = Message()
    message["content-type"] = response.headers.get("content-type", "")
    charset = message.get_param("charset")
    return charset.strip() or None if isinstance(charset, str) else None
