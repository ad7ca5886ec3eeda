"""Small fakes of the two Protocols. The database is never faked; tests/contract holds these to what the real ones do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from monitor.model import (
    Channel,
    FailureKind,
    FetchFailure,
    Message,
    Outcome,
    Request,
    Response,
    Sent,
)


class FakeSender:
    """Keeps what it is given, and answers with the outcomes it was told, in order; afterwards with Sent."""

    def __init__(self, outcomes: Iterable[Outcome] = ()) -> None:
        self.sent: list[tuple[Channel, Message]] = []  # every attempt, refused ones too
        self._outcomes = iter(outcomes)

    async def send(self, channel: Channel, message: Message) -> Outcome:
        self.sent.append((channel, message))
        return next(self._outcomes, Sent())


class FakeFetcher:
    """Answers from `pages`: bytes are served with an ETag of their own, a failure is a failure, a Response is itself.

    A URL that is not there is 404 where its host serves something else, and nobody's host otherwise.
    """

    def __init__(self, pages: Mapping[str, bytes | FetchFailure | Response] | None = None) -> None:
        self.pages = dict(pages or {})
        self.requests: list[Request] = []

    async def fetch(self, request: Request) -> Response:
        self.requests.append(request)
        page = self.pages.get(request.url)
        if isinstance(page, Response):
            return page
        if isinstance(page, bytes):
            return self._serve(request, page)
        failure = page or self._missing(request)
        return Response(
            request, request.url, 404 if failure.kind is FailureKind.STATUS else None, failure=failure
        )

    def _serve(self, request: Request, page: bytes) -> Response:
        tag = f'"{hashlib.sha1(page).hexdigest()}"'
        if request.etag == tag:
            return Response(request, request.url, 304, {"etag": tag})
        return Response(request, request.url, 200, {"etag": tag}, page)

    def _missing(self, request: Request) -> FetchFailure:
        if not request.url.startswith(("http://", "https://")):
            return FetchFailure(FailureKind.REFUSED, "refused: only http and https are read")
        hosts = {urlsplit(url).netloc for url in self.pages}
        if urlsplit(request.url).netloc in hosts:
            return FetchFailure(FailureKind.STATUS, "404 Not Found")
        return FetchFailure(FailureKind.CONNECT, "cannot connect: Connection refused")
