"""`monitor notify test`: one marked delivery by each channel of a recipient, at once and really. May run beside the daemon:
it opens no database, so nothing of it is in the outbox or the ledger.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, harmless, output_option, print_json
from monitor.errors import EXIT_FAILED, EXIT_OK, EXIT_PARTIAL, UsageError
from monitor.model import Channel, GaveUp, Outcome, Recipient, Retry, Sent

if TYPE_CHECKING:
    from monitor.settings import Settings


@click.group()
def notify() -> None:
    """Try the channels of a recipient."""


@dataclass(frozen=True, slots=True)
class _Tried:
    channel: Channel
    outcome: Outcome
    reference: str
    seconds: float


@notify.command("test")
@click.argument("id", metavar="RECIPIENT")
@click.option("--channel", "channel", metavar="ID", help="Only this channel of the recipient.")
@config_option
@output_option
def test(id: str, channel: str | None, directory: str | None, output: str) -> int:
    """Send a message that says it is a test by every channel of a recipient, and tell what became of each.

    Exit codes: 0 all sent, 4 some, 1 none, 78 bad configuration.
    """
    from monitor.settings import find_directory, load

    settings = load(find_directory(directory), os.environ)
    recipient = _recipient(settings, id)
    channels = [each for each in recipient.channels if channel in (None, each.id)]
    if not channels:
        known = ", ".join(each.id for each in recipient.channels) or "none"
        raise UsageError(f"{id} has no channel {channel or ''}; there are {known}")
    tried = asyncio.run(_try_all(settings, recipient, channels))
    if output == "json":
        print_json({"recipient": id, "channels": [_document(each) for each in tried]})
    else:
        for each in tried:
            click.echo(harmless(f"{id}/{each.channel.id} ({each.channel.kind}): {_said(each)}"))
    sent = sum(isinstance(each.outcome, Sent) for each in tried)
    return EXIT_OK if sent == len(tried) else EXIT_PARTIAL if sent else EXIT_FAILED


def _recipient(settings: Settings, id: str) -> Recipient:
    for one in settings.recipients:
        if one.id == id:
            return one
    known = ", ".join(one.id for one in settings.recipients) or "none"
    raise UsageError(f"no recipient is called {id}; there are {known}")


async def _try_all(settings: Settings, recipient: Recipient, channels: Sequence[Channel]) -> list[_Tried]:
    """All at once: a channel that hangs keeps the others' results waiting, not the others."""
    from monitor.app import message_host
    from monitor.deliver import Senders, build_sender, render
    from monitor.deliver.trial import trial_delivery
    from monitor.workers import Workers

    async def one(senders: Senders, channel: Channel) -> _Tried:
        now = datetime.now(UTC)
        delivery = trial_delivery(recipient, channel, now)
        message = render(delivery, recipient, settings.web.public_url, message_host(settings))
        outcome = await senders.send(channel, message)
        return _Tried(channel, outcome, delivery.id, (datetime.now(UTC) - now).total_seconds())

    workers = Workers(len(channels))
    senders = build_sender(
        email=settings.email,
        workers=workers,
        policy=settings.fetch,
        host=message_host(settings),
        clock=lambda: datetime.now(UTC),
    )
    try:
        async with senders:
            return list(await asyncio.gather(*(one(senders, each) for each in channels)))
    finally:
        await workers.close()


def _said(tried: _Tried) -> str:
    match tried.outcome:
        case Sent(provider_id=named):
            return "sent" + (f", the far side calls it {named}" if named else "")
        case Retry(error=error):
            return f"not sent: {error} (an alert would be tried again)"
        case GaveUp(error=error):
            return f"not sent: {error} (an alert would be given up)"


def _document(tried: _Tried) -> dict[str, object]:
    outcome = tried.outcome
    return {
        "channel": tried.channel.id,
        "kind": tried.channel.kind,
        "result": "sent"
        if isinstance(outcome, Sent)
        else "retry"
        if isinstance(outcome, Retry)
        else "failed",
        "reference": tried.reference,
        "provider_id": outcome.provider_id if isinstance(outcome, Sent) else None,
        "status": outcome.status,
        "error": "" if isinstance(outcome, Sent) else outcome.error,
        "seconds": round(tried.seconds, 3),
    }
