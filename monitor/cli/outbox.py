"""`monitor outbox`: the deliveries, and what an operator may do with them. May run beside the daemon.

Channels are named by their ids; no target (an address, a URL with a token) is printed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, output_option, print_json, print_table
from monitor.errors import EXIT_OK, MonitorError, UsageError
from monitor.model import Alert, ChannelState, Delivery, DeliveryState, Digest, Notice, SpikeAlert, Told

if TYPE_CHECKING:
    from monitor.store import Store

COLUMNS = ("id", "state", "to", "attempts", "next attempt", "alert")
CHANNEL_COLUMNS = ("channel", "state", "failures", "waiting", "dead", "next try", "last error")
SHORT = 8  # characters of an id that the table shows and retry and drop understand


@click.group()
def outbox() -> None:
    """List the deliveries and the channels that hold them up, retry or drop deliveries."""


def _open(directory: str | None, now: datetime) -> Store:
    from monitor.settings import find_directory, load
    from monitor.store import Store

    database = load(find_directory(directory), os.environ).database
    return Store.open(database, now=now, upgrade=False, writer=False)


to_option = click.option(
    "--to", "address", metavar="RECIPIENT[/CHANNEL]", help="Only those to this recipient or channel."
)


def _address(text: str | None) -> tuple[str, str | None] | None:
    if text is None:
        return None
    recipient, _, channel = text.partition("/")
    return recipient, channel or None


@outbox.command("list")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="Only those.")
@to_option
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many.")
@config_option
@output_option
def list_(state: str | None, address: str | None, limit: int, directory: str | None, output: str) -> int:
    """The newest deliveries first."""
    now = datetime.now(UTC)
    with _open(directory, now) as store:
        found = store.outbox.list(DeliveryState(state) if state else None, limit, _address(address))
        channels = {each.lane: each for each in store.channels.all()}
    held = {lane: each for lane, each in channels.items() if _rests(each, now)}
    if output == "json":
        print_json([_document(each, held) for each in found])
    else:
        print_table(COLUMNS, (_line(each, held) for each in found), empty="no deliveries")
    return EXIT_OK


@outbox.command("channels")
@config_option
@output_option
def channels(directory: str | None, output: str) -> int:
    """The channels that are not well: how often they failed, what waits for them, and when they are tried again.

    open: after failures in a row one delivery at a time is tried, to probe; the others wait in their order, unattempted.
    resting: as the far side asked. failing: tried as ever. `outbox retry ID` tries a channel at once.
    """
    now = datetime.now(UTC)
    with _open(directory, now) as store:
        states, dead, waiting = store.channels.all(), store.channels.dead(), store.channels.waiting()
    found = [_channel(each, dead, waiting, now) for each in states if not each.well or _rests(each, now)]
    if output == "json":
        print_json(found)
    else:
        print_table(CHANNEL_COLUMNS, (_channel_line(each) for each in found), empty="every channel is well")
    return EXIT_OK


@outbox.command("retry")
@click.argument("delivery_id", metavar="[ID]", required=False)
@click.option("--all", "everything", is_flag=True, help="All that are dead.")
@to_option
@config_option
def retry(delivery_id: str | None, everything: bool, address: str | None, directory: str | None) -> int:
    """Send a dead, dropped or waiting delivery now, with all its attempts before it.

    ID is that of `outbox list`, or its beginning. The daemon sends it within seconds; without one, `monitor once` does. A
    channel that rests is tried at once.
    """
    _one_or_all("retry", delivery_id, everything, address)
    now = datetime.now(UTC)
    with _open(directory, now) as store:
        one = _find(store, delivery_id) if delivery_id else None
        count = store.outbox.retry(one.id if one else None, now, _address(address))
        if one and not count:
            raise MonitorError(_refusal(store, one.id))
    click.echo(f"{count} {'delivery' if count == 1 else 'deliveries'} will be sent")
    return EXIT_OK


def _one_or_all(command: str, delivery_id: str | None, everything: bool, address: str | None) -> None:
    if bool(delivery_id) == everything:
        raise UsageError(f"outbox {command}: give the ID of a delivery, or --all for every dead one")
    if address and not everything:
        raise UsageError(f"outbox {command}: --to goes with --all")


@outbox.command("drop")
@click.argument("delivery_id", metavar="[ID]", required=False)
@click.option("--all", "everything", is_flag=True, help="All that are dead.")
@to_option
@config_option
def drop(delivery_id: str | None, everything: bool, address: str | None, directory: str | None) -> int:
    """Never send a dead or waiting delivery. `outbox retry ID` takes it back."""
    _one_or_all("drop", delivery_id, everything, address)
    with _open(directory, datetime.now(UTC)) as store:
        if not delivery_id:
            count = store.outbox.drop_dead(_address(address))
            click.echo(f"{count} {'delivery is' if count == 1 else 'deliveries are'} dropped")
            return EXIT_OK
        one = _find(store, delivery_id)
        if not store.outbox.drop(one.id):
            raise MonitorError(_refusal(store, one.id))
    click.echo(f"{one.id[:SHORT]} to {_to(one)} is dropped")
    return EXIT_OK


def _find(store: Store, start: str) -> Delivery:
    found: list[Delivery] = store.outbox.starting_with(start)
    if not found:
        raise MonitorError(f"no delivery's id begins with {start}: see `monitor outbox list`")
    if len(found) > 1:
        raise MonitorError(f"{len(found)} deliveries' ids begin with {start}: give more of it")
    return found[0]


def _refusal(store: Store, delivery_id: str) -> str:
    one = store.outbox.get(delivery_id)
    short = delivery_id[:SHORT]
    if one is None:
        return f"{short} was deleted meanwhile"
    if one.state is DeliveryState.LEASED:
        return f"{short} is being sent this moment: try again in a minute"
    if one.state is DeliveryState.SENT:
        return f"{short} was sent on {one.sent_at:%Y-%m-%d at %H:%M} UTC"
    return f"{short} is {one.state} already"


def _to(one: Delivery) -> str:
    return f"{one.recipient}/{one.channel}"


Held = Mapping[tuple[str, str], ChannelState]


def _standing(state: ChannelState, now: datetime) -> str:
    from monitor.deliver import standing

    return standing(state, now)


def _rests(state: ChannelState, now: datetime) -> bool:
    return _standing(state, now) in ("open", "resting")


def _channel(
    state: ChannelState,
    dead: Mapping[tuple[str, str], tuple[int, str]],
    waiting: Mapping[tuple[str, str], int],
    now: datetime,
) -> dict[str, object]:
    letters, error = dead.get(state.lane, (0, ""))
    return {
        "recipient": state.recipient,
        "channel": state.channel,
        "state": _standing(state, now),
        "failures": state.failures,
        "failing_since": state.failing_since,
        "open_since": state.opened_at,
        "next_try_at": state.try_at,
        "waiting": waiting.get(state.lane, 0),
        "dead": letters,
        "dead_since": state.dead_since,
        "last_class": state.last_class or None,
        "last_error": state.last_error or error,
        "operators_told_at": state.told_at,
    }


def _channel_line(one: Mapping[str, object]) -> dict[str, object]:
    at = one["next_try_at"]
    return {
        "channel": f"{one['recipient']}/{one['channel']}",
        **{name: one[name] for name in ("state", "failures", "waiting", "dead")},
        "next try": _minute(at) if isinstance(at, datetime) else "",
        "last error": one["last_error"],
    }


def _document(one: Delivery, held: Held) -> dict[str, object]:
    pending = one.state is DeliveryState.PENDING
    channel = held.get((one.recipient, one.channel)) if pending else None
    return {
        "id": one.id,
        "state": one.state,
        "recipient": one.recipient,
        "channel": one.channel,
        "story": one.story,
        "edition": one.edition,
        **_content(one.alert),
        "attempts": one.attempts,
        "worker_deaths": one.deaths,
        "created_at": one.created_at,
        "next_attempt_at": one.next_attempt_at if pending else None,
        "channel_rests_until": channel.try_at if channel else None,
        "sent_at": one.sent_at,
        "provider_id": one.provider_id,
        "last_class": one.last_class,
        "last_error": one.last_error,
    }


def _content(told: Told) -> dict[str, object]:
    """The same keys of all; `notice` tells an alert from the others."""
    if isinstance(told, Alert):
        return {
            "severity": told.severity,
            "watchlists": told.watchlists,
            "title": told.article.title,
            "url": told.article.url,
            "source": told.article.source_id,
            "notice": None,
        }
    nothing = dict.fromkeys(("severity", "url", "source"))
    return {**nothing, "watchlists": (), "title": _title(told), "notice": _topic(told)}


def _topic(told: Notice | Digest | SpikeAlert) -> str:
    match told:
        case Notice():
            return told.topic
        case Digest():
            return told.kind
        case SpikeAlert():
            return "spike"


def _title(told: Told) -> str:
    match told:
        case Alert():
            return told.article.title
        case Digest():
            return f"{told.kind} of {told.slot}: {len(told.alerts)} stories"
        case SpikeAlert():
            return f"{told.title}: {told.spike.count} articles, {told.spike.expected:g} are usual"
    shown = "; ".join(f"{line.subject}: {line.state}" for line in told.lines[:3])
    return f"{shown}; and {len(told.lines) - 3} more" if len(told.lines) > 3 else shown


def _line(one: Delivery, held: Held) -> dict[str, object]:
    pending = one.state is DeliveryState.PENDING
    channel = held.get((one.recipient, one.channel)) if pending else None
    rests = f"its channel rests until {_minute(channel.try_at)}" if channel and channel.try_at else ""
    return {
        "id": one.id[:SHORT],
        "state": one.state,
        "to": _to(one),
        "attempts": one.attempts,
        "next attempt": _minute(one.next_attempt_at) if pending else "",
        "alert": "\n".join(filter(None, (_title(one.alert), one.last_error, rests))),
    }


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
