"""Why there was no answer, in a kind to count by and words that hold no address. Pure; called by webhook and, in its child, by chat.

The HTTP libraries wrap what happened two or three times, and their own words repeat the URL, which holds tokens: so the
wrapped exceptions are looked through for the one that says it, and only its kind, or the system's words for its number,
is told.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

_DEPTH = 8  # wrappings that are looked through


@dataclass(frozen=True, slots=True)
class Broken:
    """`kind`: connect, timeout, tls, reset or protocol. `words`: a sentence in which {} stands for the far side."""

    kind: str
    words: str

    def of(self, place: str) -> str:
        return self.words.replace("{}", place)


_BROKEN_OFF = Broken("reset", "{} broke the connection off before its answer")

# By the names of exceptions, which three libraries share. Not by their parents: urllib3's refused connection is a timeout.
_SAID = {
    name: broken
    for names, broken in (
        ("ConnectTimeout ConnectTimeoutError ConnectionTimeoutError", Broken("timeout", "no connection to {} came about in time")),
        ("ReadTimeout ReadTimeoutError SocketTimeoutError TimeoutError", Broken("timeout", "{} did not answer in time")),
        ("gaierror NameResolutionError", Broken("connect", "no connection to {}: its name cannot be resolved")),
        ("RemoteDisconnected ServerDisconnectedError", _BROKEN_OFF),
        ("ConnectionResetError ConnectionAbortedError BrokenPipeError", _BROKEN_OFF),
        ("IncompleteRead ClientPayloadError", Broken("reset", "the answer of {} broke off")),
        ("BadStatusLine BadHttpMessage LineTooLong InvalidHeader InvalidChunkLength ClientResponseError HTTPException",
         Broken("protocol", "what {} answers is not HTTP")),
    )
    for name in names.split()
}  # fmt: skip


def why_broken(error: BaseException, otherwise: str = "") -> Broken:
    """Of an exception of requests, urllib3, aiohttp or aiosmtplib, or what they wrap; `otherwise` where it is none of those known."""
    chain = list(_chain(error))
    found = (_of_tls(each) or _SAID.get(type(each).__name__) for each in chain)
    numbers = (each.errno for each in chain if isinstance(each, OSError) and each.errno)
    if said := next(filter(None, found), None):
        return said
    number = next(numbers, None)
    words = os.strerror(number).lower() if number else otherwise or type(error).__name__
    return Broken("connect", f"no connection to {{}}: {words}")


def _of_tls(error: BaseException) -> Broken | None:
    """Of the system's own errors: aiohttp's are of its kinds, and have none of its fields."""
    if verdict := getattr(error, "verify_message", None):
        return Broken("tls", f"no TLS with {{}}, its certificate is not valid: {verdict}")
    reason = getattr(error, "reason", None) if isinstance(error, ssl.SSLError) else None
    return Broken("tls", f"no TLS with {{}}: {reason.lower().replace('_', ' ')}") if reason else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it wraps: as an argument, a reason, a cause, or what it was raised amid."""
    seen: set[int] = set()
    layer = [error]
    for _ in range(_DEPTH):
        layer = [each for each in layer if id(each) not in seen]
        seen |= {id(each) for each in layer}
        yield from layer
        layer = [inner for each in layer for inner in _wrapped(each)]


def _wrapped(error: BaseException) -> Iterator[BaseException]:
    reason = getattr(error, "reason", None)
    inside = (*error.args, reason, getattr(error, "os_error", None), error.__cause__, error.__context__)
    yield from (each for each in inside if isinstance(each, BaseException))
