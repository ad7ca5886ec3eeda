"""The alert as a signed JSON document, POSTed to a program of the operator's choice. Described in docs/webhook.md.

Called through `senders`. The address comes from the configuration, so a private one is allowed; what the far side answers is
never followed (redirects are refused) and read only as far as an error message needs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp

from monitor.deliver.broken import why_broken
from monitor.deliver.chat_rules import scrubbed
from monitor.deliver.retry import of_status, retry_after
from monitor.model import Channel, GaveUp, Message, Outcome, Retry
from monitor.text.plain import one_line

_READ = 4_096  # bytes of an answer
_SHOWN = 200  # characters of it in an error


class WebhookSender:
    """POSTs `message.data` to `channel.target`, signed with `channel.secret` where there is one. Use as `async with`."""

    def __init__(self, user_agent: str, clock: Callable[[], datetime], *, timeout: float = 30.0) -> None:
        self._user_agent = user_agent
        self._clock = clock
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> WebhookSender:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            connector=aiohttp.TCPConnector(limit=0),  # a hundred that hang must not keep the others waiting
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": self._user_agent},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, channel: Channel, message: Message) -> Outcome:
        place = masked(channel.target)
        if not place:
            return GaveUp("not an address of a webhook: it starts with https:// or http://", kind="address")
        body = encode(message)
        headers = headers_for(body, message.reference, channel.secret, self._clock())
        try:
            return await self._post(channel.target, body, headers, place)
        except TimeoutError:
            return Retry(f"{place} did not answer within {self._timeout:.0f} s", kind="timeout")
        except aiohttp.InvalidURL:
            return GaveUp(f"{place} is not an address that can be connected to", kind="address")
        except aiohttp.ClientError as error:
            broken = why_broken(error)
            return Retry(broken.of(place), kind=broken.kind)

    async def _post(self, url: str, body: bytes, headers: dict[str, str], place: str) -> Outcome:
        if self._session is None:
            raise RuntimeError("WebhookSender is used outside its `async with`")
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            if 300 <= answer.status < 400:
                return GaveUp(f"{place} redirects; write the final address into the channel", answer.status)
            said = await _excerpt(answer, url.removeprefix(place))
            wish = retry_after(answer.headers.get("Retry-After"), self._clock())
            return of_status(answer.status, f"{place} answered {answer.status}{said}", wish)


def encode(message: Message) -> bytes:
    """The document's bytes, the same for each attempt."""
    return json.dumps(message.data, ensure_ascii=False, separators=(",", ":")).encode()


def headers_for(body: bytes, reference: str, secret: str | None, now: datetime) -> dict[str, str]:
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": reference}
    if secret:
        headers["X-Monitor-Signature"] = signature(body, secret, int(now.timestamp()))
    return headers


def signature(body: bytes, secret: str, at: int) -> str:
    """`t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>." + body>`: the time is signed too, so a replay can be told."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def masked(url: str) -> str:
    """Scheme and host of an HTTP address, the rest (which may hold a token) left out; '' where it is none."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return (
        f"{parts.scheme}://{parts.hostname}{port}"
        if parts.scheme in ("http", "https") and parts.hostname
        else ""
    )


async def _excerpt(answer: aiohttp.ClientResponse, address: str) -> str:
    """The receiver's own words; where it repeats what it was asked, without the address, which may hold a token."""
    if answer.status < 400 or "Content-Encoding" in answer.headers:
        return ""
    said = (await answer.content.read(_READ)).decode("utf-8", "replace")
    text = one_line(scrubbed(said, address), _SHOWN)
    return f": {text}" if text else ""
