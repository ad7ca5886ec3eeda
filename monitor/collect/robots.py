"""robots.txt: whether an article's page may be read, and how slowly. Called by `fetch` for pages.

Feeds, sitemaps and APIs are exempt: an operator asked for that very address, as a reader's feed program does. The file is
read by protego; what is ours is the keeping (bounded, a day) and RFC 9309's answers to a file that cannot be had: none
allows everything, a server in trouble nothing. It never opens a connection by itself.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from monitor.model import FailureKind, FetchFailure, Request, Response

MAX_HOSTS = 2_000  # whose files are kept
MAX_BYTES = 500_000  # of a file; RFC 9309 asks for 500 KiB
KEPT, KEPT_IN_TROUBLE = 24 * 3600.0, 600.0  # seconds
LONGEST_DELAY = 10.0  # seconds between two requests, whatever Crawl-delay says

_AGENT = re.compile(r"^\s*user[- ]?agent\b\s*:?\s*([^#\r\n]*)", re.IGNORECASE)
_PRODUCT = re.compile(r"[A-Za-z_-]+")


@dataclass(frozen=True, slots=True)
class _File:
    rules: Protego | None  # None: nothing is forbidden
    trouble: str = ""  # why the file could not be read, where that forbids everything
    until: float = 0.0  # monotonic seconds


class Robots:
    """What the hosts' robots.txt say to one user agent. `get` fetches a URL; it answers and never raises."""

    def __init__(
        self,
        user_agent: str,
        get: Callable[[Request], Awaitable[Response]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        product = _PRODUCT.match(user_agent)
        self._agent = product[0].lower() if product else "*"
        self._get = get
        self._monotonic = monotonic
        self._files: OrderedDict[str, asyncio.Task[_File]] = OrderedDict()

    async def refusal(self, url: str) -> FetchFailure | None:
        """Why the page at `url` must not be read, or None."""
        file = await self._file(url)
        host = urlsplit(url).hostname
        if file.trouble:
            return FetchFailure(
                FailureKind.REFUSED, f"refused: robots.txt of {host} cannot be read ({file.trouble})"
            )
        if file.rules is not None and not file.rules.can_fetch(url, self._agent):
            return FetchFailure(
                FailureKind.REFUSED,
                f"refused: robots.txt of {host} does not allow {self._agent} to read this page",
            )
        return None

    async def delay(self, url: str) -> float:
        """Seconds between two requests that the host asks for, within reason."""
        file = await self._file(url)
        asked = file.rules.crawl_delay(self._agent) if file.rules is not None else None
        return min(asked or 0.0, LONGEST_DELAY)

    async def _file(self, url: str) -> _File:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        task = self._files.get(origin)
        if task is None or (task.done() and self._stale(task)):
            task = self._files[origin] = asyncio.create_task(self._read(origin))
        self._files.move_to_end(origin)
        while len(self._files) > MAX_HOSTS:
            self._files.popitem(last=False)
        return await asyncio.shield(task)  # others wait for it too

    def _stale(self, task: asyncio.Task[_File]) -> bool:
        return task.cancelled() or task.exception() is not None or task.result().until < self._monotonic()

    async def _read(self, origin: str) -> _File:
        response = await self._get(Request(f"{origin}/robots.txt"))
        now, failure = self._monotonic(), response.failure
        if failure and failure.kind is FailureKind.TOO_LARGE:
            return _File(None, until=now + KEPT)
        if failure and not 400 <= (response.status or 0) < 500:
            return _File(None, failure.message, now + KEPT_IN_TROUBLE)
        if failure:
            return _File(None, until=now + KEPT)
        # in a thread: half a megabyte takes long enough to hold up everything else
        return _File(await asyncio.to_thread(understand, response.body, self._agent), until=now + KEPT)


def understand(body: bytes, agent: str) -> Protego:
    """The rules in a file. Groups for other agents lose their names: thousands of those make a parser slow."""
    text = body[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    return Protego.parse("\n".join(_for(agent, line) for line in text.splitlines()))


def _for(agent: str, line: str) -> str:
    match = _AGENT.match(line)
    if match is None or match[1].strip().lower() in ("*", agent):
        return line
    return "User-agent: somebody-else"
