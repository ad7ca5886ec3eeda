"""Small fakes of the two Protocols. The database is never faked; tests/contract holds these to what the real ones do."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.model import Channel, Message, Outcome, Sent


class FakeSender:
    """Keeps what it is given, and answers with the outcomes it was told, in order; afterwards with Sent."""

    def __init__(self, outcomes: Iterable[Outcome] = ()) -> None:
        self.sent: list[tuple[Channel, Message]] = []  # every attempt, refused ones too
        self._outcomes = iter(outcomes)

    async def send(self, channel: Channel, message: Message) -> Outcome:
        self.sent.append((channel, message))
        return next(self._outcomes, Sent())
