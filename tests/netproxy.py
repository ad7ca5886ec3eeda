"""A bad network between a sender and its far side: a TCP proxy on loopback, in this event loop, that fails as networks do.

`Proxy` passes bytes on until `fail` says otherwise. It knows one thing of what it carries: when a whole message has gone up
(`Conversation`), since what is done to the bytes before it, and to the answer after it, decides what the sender can know.
`lost` counts the messages that the far side was given and whose sender is not told: only of these may a second copy come.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum

BLOCK = 65_536
DRIP = 0.25  # seconds a byte
SLOW = (0.01, 0.06)  # seconds a block of bytes, each way
WORD = 5  # bytes: less than a status
GARBAGE = bytes(range(255, -1, -1))
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


class Fault(StrEnum):
    """What becomes of a connection; those from CUT_REQUEST on, of one that carries a message."""

    REFUSED = "refused"  # nobody listens
    RESET = "reset"  # taken, and reset at once
    CLOSED = "closed"  # taken, and closed without a word
    BLACK_HOLE = "black hole"  # taken; nothing is read, nothing said (half-open)
    CUT_REQUEST = "cut request"  # reset in the middle of the message
    LOST_REQUEST = "lost request"  # closed after the message, of which the far side saw no end
    LOST_REPLY = "lost reply"  # the far side took the message; reset before its answer
    MUTE_REPLY = "mute reply"  # ... its answer never comes
    CUT_REPLY = "cut reply"  # ... the first letters of its answer, then closed
    DRIP = "drip"  # ... a byte each quarter of a second
    GARBAGE = "garbage"  # ... other bytes, then closed
    SLOW = "slow"  # everything arrives, late and unevenly


AT_CONNECT = frozenset((Fault.REFUSED, Fault.RESET, Fault.CLOSED, Fault.BLACK_HOLE))
BEFORE_TAKEN = AT_CONNECT | {Fault.CUT_REQUEST, Fault.LOST_REQUEST}
STALLS = frozenset((Fault.BLACK_HOLE, Fault.MUTE_REPLY, Fault.DRIP))
HARMLESS = frozenset((Fault.SLOW,))
UNTOLD = frozenset(Fault) - BEFORE_TAKEN - HARMLESS

Ends = Callable[[bytes], bool | None]
"""Of what a client has said since the last message: True where a message of ours ends here, False where something else
does, None where neither has ended."""


def ends_mail(said: bytes) -> bool | None:
    return True if b"\r\nDATA\r\n" in b"\r\n" + said and said.endswith(b"\r\n.\r\n") else None


def ends_request(part: bytes) -> Ends:
    """A message of ours is a request with a body whose path has `part`; a service may ask other things before and after it."""

    def ends(said: bytes) -> bool | None:
        head, found, body = said.partition(b"\r\n\r\n")
        if not found:
            return None
        lines = head.split(b"\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in lines[1:])
        if len(body) < int(fields.get(b"content-length", b"0")):
            return None
        return part in lines[0]

    return ends


class Proxy:
    """Between whoever connects to `port` and 127.0.0.1:`upstream`. Use `proxy_to`."""

    def __init__(self, upstream: int, ends: Ends, seed: int) -> None:
        self._upstream = upstream
        self._ends = ends
        self._chance = random.Random(seed)
        self._holder = _bound(0)  # keeps the port while nobody listens
        self.port: int = self._holder.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._next: Fault | None = None
        self._after = 0
        self.fault: Fault | None = None
        self.lost = 0
        self.met = 0  # connections and messages that the fault hit

    async def fail(self, fault: Fault, after: int = 0) -> None:
        """From now on, or once `after` more messages have been answered."""
        self._next, self._after = fault, after
        if not after:
            await self._set_in()

    async def heal(self) -> None:
        self.fault, self._next, self._after = None, None, 0
        if self._server is None:
            await self.listen()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accepted, sock=_bound(self.port))

    async def close(self) -> None:
        await self._refuse()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        self._holder.close()

    async def _set_in(self) -> None:
        self.fault = self._next
        if self.fault is Fault.REFUSED:
            await self._refuse()

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()  # those that are connected stay so
            self._server = None

    async def _answered(self) -> None:
        if self._after:
            self._after -= 1
            if not self._after:
                await self._set_in()

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            if self.fault in AT_CONNECT:
                await self._turned_away(reader, writer)
                return
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
            with contextlib.closing(far_writer):
                line = _Line(self, reader, writer, far_reader, far_writer)
                await line.carry()

    async def _turned_away(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """By a fault that needs no word of either side."""
        self.met += 1
        if self.fault in (Fault.BLACK_HOLE, Fault.CLOSED):
            await shut(reader, writer, told=self.fault is Fault.CLOSED)
        else:
            reset(writer)

    async def _dawdle(self) -> None:
        if self.fault is Fault.SLOW:
            await asyncio.sleep(self._chance.uniform(*SLOW))


class _Line:
    """One connection that got through."""

    def __init__(
        self,
        proxy: Proxy,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        self._proxy = proxy
        self._reader, self._writer = reader, writer
        self._far_reader, self._far_writer = far_reader, far_writer
        self._taken = False  # the answer that comes next is to a message

    async def carry(self) -> None:
        ways = [asyncio.create_task(self._up()), asyncio.create_task(self._down())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _up(self) -> None:
        proxy, said = self._proxy, b""
        while block := await self._reader.read(BLOCK):
            if proxy.fault in AT_CONNECT:  # set in since; a connection that was kept meets it too
                await proxy._turned_away(self._reader, self._writer)
                return
            await proxy._dawdle()
            said += block
            ended = proxy._ends(said)
            said = b"" if ended is not None else said
            if ended and proxy.fault in BEFORE_TAKEN:
                proxy.met += 1
                await self._broken_off(block)
                return
            self._taken = self._taken or bool(ended)
            proxy.lost += bool(ended) and proxy.fault in UNTOLD
            self._far_writer.write(block)
            await self._far_writer.drain()

    async def _broken_off(self, last: bytes) -> None:
        """With the message's last bytes."""
        if self._proxy.fault is Fault.CUT_REQUEST:
            self._far_writer.write(last[: len(last) // 2])
            await self._far_writer.drain()
            reset(self._writer)
            reset(self._far_writer)
        else:
            await shut(self._reader, self._writer)

    async def _down(self) -> None:
        proxy = self._proxy
        while block := await self._far_reader.read(BLOCK):
            await proxy._dawdle()
            answers, self._taken = self._taken, False
            if answers and proxy.fault in UNTOLD:
                proxy.met += 1
                await self._garbled(block)
                return
            self._writer.write(block)
            await self._writer.drain()
            if answers:
                proxy.met += proxy.fault in HARMLESS
                await proxy._answered()

    async def _garbled(self, answer: bytes) -> None:
        """The answer to a message that was taken."""
        match self._proxy.fault:
            case Fault.LOST_REPLY:
                reset(self._writer)
            case Fault.MUTE_REPLY:
                await asyncio.Event().wait()  # until the client ends the way up
            case Fault.CUT_REPLY:
                self._writer.write(answer[:WORD])
            case Fault.GARBAGE:
                self._writer.write(GARBAGE)
            case Fault.DRIP:
                for byte in answer:
                    self._writer.write(bytes((byte,)))
                    await asyncio.sleep(DRIP)
        if not self._writer.is_closing():
            await self._writer.drain()


async def shut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, told: bool = True) -> None:
    """An end that the other one reads as an end, whatever of his is still on its way; not `told`: nothing is said. Until he goes."""
    if told:
        writer.write_eof()
    while await reader.read(BLOCK):
        pass


def reset(writer: asyncio.StreamWriter) -> None:
    """The other end reads a reset and not an end."""
    held = writer.get_extra_info("socket")
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    writer.transport.abort()


def _bound(port: int) -> socket.socket:
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind(("127.0.0.1", port))
    return held


@asynccontextmanager
async def proxy_to(upstream: int, ends: Ends, seed: int = 0) -> AsyncIterator[Proxy]:
    made = Proxy(upstream, ends, seed)
    await made.listen()
    try:
        yield made
    finally:
        await made.close()
