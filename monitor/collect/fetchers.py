"""The Fetcher of all kinds of source: the web, mailboxes, and services that want their requests apart.

Built by the composition root and by commands that read a source; adds no judgement of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Self
from urllib.parse import urlsplit

from monitor.collect.fetch import Fetcher, HttpFetcher
from monitor.collect.kinds import gdelt
from monitor.collect.mailfetch import PORTS, MailFetcher
from monitor.model import FetchPolicy, Request, Response

APART = {gdelt.HOST: gdelt.SPACING}  # host -> seconds between the starts of two requests


class Fetchers:
    """Fetcher for every address that a source may have. Use it as an async context manager."""

    def __init__(self, policy: FetchPolicy) -> None:
        self._web = HttpFetcher(policy)
        self._mail = MailFetcher(policy)
        self._apart = {host: Spaced(self._web, seconds) for host, seconds in APART.items()}

    async def __aenter__(self) -> Self:
        await self._web.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._web.__aexit__(*error)
        self._mail.close()

    async def fetch(self, request: Request) -> Response:
        return await self._fetcher(request.url).fetch(request)

    def _fetcher(self, url: str) -> Fetcher:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:  # the guard says what is wrong with it
            return self._web
        return self._mail if parts.scheme in PORTS else self._apart.get(host, self._web)


class Spaced:
    """A Fetcher whose requests start at least so many seconds apart, in the order in which they came."""

    def __init__(
        self,
        fetcher: Fetcher,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._fetcher, self._seconds = fetcher, seconds
        self._clock, self._sleep = clock, sleep
        self._turn = asyncio.Lock()
        self._free_at = 0.0

    async def fetch(self, request: Request) -> Response:
        async with self._turn:
            wait = self._free_at - self._clock()
            if wait > 0:
                await self._sleep(wait)
            self._free_at = self._clock() + self._seconds
        return await self._fetcher.fetch(request)
