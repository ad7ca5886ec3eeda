"""Answers that repeat the last one byte by byte, told before they are unpacked: unpacking is half of what such a poll costs.

The pipeline keeps `Repeats`, in memory only; `fetch` holds the bytes of an answer back in `Packed` as long as they may be
those that the request names. Saves work and decides nothing: what is not recognised is unpacked and compared as ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace

from monitor.model import Request, Response

_LENGTH = 8  # bytes of a name that are the length; the rest is a digest


class Repeats:
    """By source, the packed bytes that the last whole answer came in, and the digest of the body in them."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, bytes]] = {}

    def asked(self, source_id: str, body_hash: str | None, request: Request) -> Request:
        """The request, naming the packed bytes of the body that the source is known to have shown (`body_hash`)."""
        digest, packed = self._known.get(source_id, ("", b""))
        return replace(request, packed=packed) if packed and digest == body_hash else request

    def digest(self, source_id: str, response: Response) -> str | None:
        """Of the answer's body (sha256 hex), None where it has none; noted for the next request."""
        if response.repeated:
            return self._known[source_id][0]
        if not response.body:
            return None
        found = hashlib.sha256(response.body).hexdigest()
        if response.packed:
            self._known[source_id] = (found, response.packed)
        else:
            self._known.pop(source_id, None)
        return found

    def keep(self, source_ids: Collection[str]) -> None:
        """Forget all others."""
        self._known = {id: known for id, known in self._known.items() if id in source_ids}


class Packed:
    """The packed bytes of one answer, chunk by chunk. `last`: the name of those that it may repeat."""

    def __init__(self, last: bytes) -> None:
        self._last = last
        self._longest = int.from_bytes(last[:_LENGTH])
        self._hash = hashlib.sha256()
        self._size = 0
        self._held: list[bytes] = []

    def take(self, chunk: bytes) -> list[bytes]:
        """What is to be unpacked now: nothing as long as all of it may be a repetition."""
        self._hash.update(chunk)
        self._size += len(chunk)
        self._held.append(chunk)
        return [] if self._size <= self._longest else self.rest()

    def rest(self) -> list[bytes]:
        """What was held back."""
        held, self._held = self._held, []
        return held

    @property
    def name(self) -> bytes:
        return self._size.to_bytes(_LENGTH) + self._hash.digest()

    @property
    def repeated(self) -> bool:
        """At the end of the answer: whether it was the same. Nothing of it was unpacked then."""
        return bool(self._last) and self.name == self._last
