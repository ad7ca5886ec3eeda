"""Bounded decompression, chunk by chunk: what a server sends may unpack to a thousand times its size.

Called by `fetch` for Content-Encoding and by `parse` for a document that is itself a gzip file. Never holds more than
the limit it was given.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli

ACCEPTED = "gzip, deflate, br"
GZIP_MAGIC = b"\x1f\x8b"
MAX_MEMBERS = 64  # gzip files may be strung together; real ones seldom are


class TooMuch(Exception):
    """The unpacked bytes exceed the limit."""


class Garbled(Exception):
    """The bytes are not what their encoding promises."""


class Inflater(Protocol):
    @property
    def finished(self) -> bool: ...

    def feed(self, chunk: bytes) -> Iterator[bytes]: ...


class _Zlib:
    STEP = 65536

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits)
        self._members = 1
        self.finished = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        data = chunk
        while data:
            try:
                piece = self._stream.decompress(data, self.STEP)
            except zlib.error as error:
                raise Garbled(str(error)) from None
            yield piece
            data = self._stream.unconsumed_tail
            self.finished = self._stream.eof
            if self.finished:
                data = self._next_member()

    def _next_member(self) -> bytes:
        rest = self._stream.unused_data
        # Zero padding or rubbish behind a complete stream is ignored, as gzip itself does
        if not rest.startswith(GZIP_MAGIC) or self._members >= MAX_MEMBERS:
            return b""
        self._members += 1
        self._stream = zlib.decompressobj(self._wbits)
        return rest


class _Deflate:
    """`deflate` means a zlib stream, yet some servers send it bare: the first bytes tell."""

    def __init__(self) -> None:
        self._inner: _Zlib | None = None

    @property
    def finished(self) -> bool:
        return self._inner is not None and self._inner.finished

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if self._inner is None and chunk:
            self._inner = _Zlib(zlib.MAX_WBITS if chunk[0] & 0x0F == 8 else -zlib.MAX_WBITS)
        if self._inner is not None:
            yield from self._inner.feed(chunk)


class _Brotli:
    STEP = 65536

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        try:
            yield self._stream.process(chunk, output_buffer_limit=self.STEP)
            while not self._stream.can_accept_more_data():
                yield self._stream.process(b"", output_buffer_limit=self.STEP)
        except brotli.error as error:
            raise Garbled(str(error)) from None


def inflater(encoding: str) -> Inflater | None:
    """A fresh one for an encoding's name (lower case); None where it is not one of `ACCEPTED`."""
    if encoding in ("gzip", "x-gzip"):
        return _Zlib(zlib.MAX_WBITS | 16)
    if encoding == "deflate":
        return _Deflate()
    return _Brotli() if encoding == "br" else None


def gunzip(data: bytes, limit: int) -> tuple[bytes, bool]:
    """The bytes in a gzip file and whether it was complete. Raises TooMuch beyond `limit` bytes, Garbled."""
    stream = _Zlib(zlib.MAX_WBITS | 16)
    pieces, size = [], 0
    for piece in stream.feed(data):
        size += len(piece)
        if size > limit:
            raise TooMuch
        pieces.append(piece)
    return b"".join(pieces), stream.finished
