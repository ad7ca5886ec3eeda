"""What is sent, and what came of it. See `monitor.model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.model.told import Told


class DeliveryState(StrEnum):
    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"  # by an operator


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert, digest or notice on its way through one channel."""

    id: str  # stable: the reference that all its copies carry
    recipient: str
    channel: str
    alert: Told
    story: int | None  # None: of what tells of no single one
    edition: int
    state: DeliveryState
    created_at: datetime
    next_attempt_at: datetime
    attempts: int = 0
    lease_token: int = 0  # fencing: grows by one a claim
    deaths: int = 0  # leases that expired unsettled
    sent_at: datetime | None = None
    provider_id: str | None = None
    last_class: str = ""
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel fares that is not well, or was not lately. What waits for it stands in the outbox."""

    recipient: str
    channel: str
    failures: int = 0  # in a row, each worth another try
    failing_since: datetime | None = None
    opened_at: datetime | None = None  # since when its breaker is open: one delivery at a time goes, to probe
    try_at: datetime | None = None  # nothing is sent before
    last_class: str = ""
    last_error: str = ""
    dead_since: datetime | None = None  # its first dead letter since something was sent
    told_open: bool = False  # what operators know: that it is open
    told_at: datetime | None = None
    dead_told_at: datetime | None = None  # when they were told of dead letters last

    @property
    def lane(self) -> tuple[str, str]:
        return self.recipient, self.channel

    @property
    def well(self) -> bool:
        """Nothing is wrong, and nobody believes that something is."""
        return not (self.failures or self.dead_since or self.told_open)


@dataclass(frozen=True, slots=True)
class Letter:
    """A digest laid out; whoever sends it adds addresses and ids. Text and HTML are short enough for any mail program."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that travels in the mail itself. The HTML names it `cid:<name>@<host>`."""

    name: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A delivery, rendered. Each sender takes the parts that its channel can show."""

    reference: str  # the delivery's id
    subject: str
    text: str
    html: str
    data: Mapping[str, object]  # the webhook's JSON document
    created_at: datetime
    list_id: str = ""
    language: str = "en"
    url: str | None = None
    unsubscribe: str | None = field(default=None, repr=False)  # for List-Unsubscribe
    chat: str = ""  # what chats show beneath the subject; "": the text without its headline and foot
    thread: str | None = None  # the reference that began the thread; None: this one does
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    provider_id: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    error: str
    after: timedelta | None = None  # as the far side asked
    status: int | None = None
    kind: str = ""  # one word where no status tells: timeout, connect, tls, crash, ...


@dataclass(frozen=True, slots=True)
class GaveUp:
    error: str
    status: int | None = None
    kind: str = ""


Outcome = Sent | Retry | GaveUp
