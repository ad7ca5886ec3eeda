"""All ways out behind one door: a channel's kind picks the sender from a table, and this is the room's wall.

Called by the pipeline, one send a claimed delivery. Whatever a far side or a sender does comes back as an Outcome within
the deadline. A new kind of channel is a copied file and one more row in `build_sender`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Protocol

from rich.console import Console

from monitor import failpoints
from monitor.deliver.chat import ChatSender
from monitor.deliver.console import ConsoleSender
from monitor.deliver.email import EmailSender
from monitor.deliver.file import FileSender
from monitor.deliver.webhook import WebhookSender
from monitor.model import Channel, ChannelKind, EmailServer, FetchPolicy, Message, Outcome, Retry
from monitor.text.plain import one_line
from monitor.workers import Workers

DEADLINE = 60.0  # seconds for one send, whatever the channel
_SHOWN = 300


class Sender(Protocol):
    """Hands a message to a channel. Failure of the far side is a value: Retry or GaveUp, never an exception."""

    async def send(self, channel: Channel, message: Message) -> Outcome: ...


class Senders:
    """The table of senders. As `async with` it opens and closes those that hold connections."""

    def __init__(self, by_kind: Mapping[ChannelKind, Sender], *, deadline: float = DEADLINE) -> None:
        self._by_kind = by_kind
        self._deadline = deadline
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Senders:
        for sender in self._by_kind.values():
            if isinstance(sender, WebhookSender):
                await self._open.enter_async_context(sender)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def send(self, channel: Channel, message: Message) -> Outcome:
        sender = self._by_kind.get(channel.kind)
        if sender is None:
            return Retry(f"nothing is configured to send {channel.kind.value} with", kind="configuration")
        try:
            async with asyncio.timeout(self._deadline):
                failpoints.reached(f"send.{channel.kind.value}", "before")
                outcome = await sender.send(channel, message)
                failpoints.reached(f"send.{channel.kind.value}", "after")
                return outcome
        except TimeoutError:
            return Retry(f"not sent within {self._deadline:.0f} s", kind="timeout")
        except Exception as error:  # the room's wall: a sender's own mistake costs this attempt, and is told
            return Retry(f"{type(error).__name__}: {_without_secrets(error, channel)}", kind="unexpected")


def build_sender(
    email: EmailServer | None,
    workers: Workers,
    policy: FetchPolicy,
    console: Console | None = None,
    *,
    host: str = "",
    clock: Callable[[], datetime],
    deadline: float = DEADLINE,
) -> Senders:
    """All senders of an installation. Without `email`, mail waits for its configuration.

    `host` names the installation in Message-ID; by default it is the domain that mail is sent from.
    """
    host = host or (email.sender.rpartition("@")[2].strip("> ") if email else "") or "localhost"
    by_kind: dict[ChannelKind, Sender] = {
        ChannelKind.APPRISE: ChatSender(workers, clock, allow_private=policy.allow_private),
        ChannelKind.WEBHOOK: WebhookSender(policy.user_agent, clock),
        ChannelKind.CONSOLE: ConsoleSender(console or Console(stderr=True)),
        ChannelKind.FILE: FileSender(email.sender if email else f"media-monitor@{host}", host),
    }
    if email is not None:
        by_kind[ChannelKind.EMAIL] = EmailSender(email, host)
    return Senders(by_kind, deadline=deadline)


def _without_secrets(error: Exception, channel: Channel) -> str:
    text = str(error)
    for secret in (channel.target, channel.secret):
        text = text.replace(secret, "***") if secret else text
    return one_line(text, _SHOWN)
