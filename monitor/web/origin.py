"""Refuses what a page of another site would have a browser change here, whatever token it holds. Wrapped around all routes.

With every request that changes something a browser names where it comes from (Origin, Sec-Fetch-Site). Our own pages keep
their address to themselves, so theirs is "null"; mail programs and scripts name nothing.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
OURS = ("", "same-origin", "none")  # of Sec-Fetch-Site; "none" is the reader's own doing


class OwnOrigin:
    """Stands within the check of the Host header, which it takes for true."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        public = urlsplit(public_url)
        self._public = f"{public.scheme}://{public.netloc}".lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE and self._foreign(Headers(scope=scope)):
            refusal = PlainTextResponse("this request was made by another site: nothing was changed\n", 403)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _foreign(self, headers: Headers) -> bool:
        origin = headers.get("origin", "null").lower()
        here = ("null", self._public, f"http://{headers.get('host', '')}".lower())
        return origin not in here or headers.get("sec-fetch-site", "").lower() not in OURS
