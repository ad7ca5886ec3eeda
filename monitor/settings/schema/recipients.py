"""recipients.yaml: recipients, their channels, and routes. See `monitor.settings.schema`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, StrictBool, StringConstraints, Tag, model_validator

from monitor.model import DAYS, Severity
from monitor.settings import fields
from monitor.settings.addresses import Apprise, Webhook
from monitor.settings.fields import Duration, Id, Language, Line, MailAddress, mistake
from monitor.settings.references import RecipientId, WatchlistId
from monitor.settings.schema.entry import Entry

CHANNELS = ("email", "apprise", "webhook", "console", "file")


class ChannelEntry(Entry):
    """One way to reach a recipient: exactly one of email, apprise, webhook, console, file."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [kind]} for kind in CHANNELS]})

    id: Id = Field(description="Unique within the recipient.")
    email: MailAddress | None = Field(default=None, description="A mail address.")
    apprise: Apprise | None = Field(
        default=None, description="An Apprise address, never inline: ${VAR} or ${file:PATH}."
    )
    webhook: Webhook | None = Field(default=None, description="An address that gets the alert as JSON.")
    secret: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        default=None, description="Signs the webhook, never inline: ${VAR} or ${file:PATH}."
    )
    console: Literal[True] | None = Field(default=None, description="true: print on the daemon's output.")
    file: Line | None = Field(
        default=None, description="A folder that gets one .eml and one .json a delivery."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [kind for kind in CHANNELS if getattr(self, kind) is not None]
        if len(ways) != 1:
            found = " and ".join(ways) or "none"
            raise mistake(f"a channel is exactly one of {', '.join(CHANNELS)}; here is {found}")
        if self.secret is not None and ways != ["webhook"]:
            raise mistake("secret belongs to a webhook only")
        return self


class RecipientEntry(Entry):
    """A person or desk, and how to reach them."""

    id: Id = Field(description="What notify and to call it.")
    name: Line = Field(default="", description="As alerts greet it.")
    language: Language = Field(default="en", description="Of the alert's own words: ISO 639-1.")
    timezone: fields.TimeZone = Field(
        default="UTC", description="For the times in alerts, of digests and of quiet hours."
    )
    working_days: fields.Weekdays = Field(
        default=DAYS,
        description="Digests come on these days; where a route has quiet hours, other days are quiet.",
        json_schema_extra={"default": list(DAYS)},
    )
    channels: Annotated[tuple[ChannelEntry, ...], Field(min_length=1)] = Field(description="All are used.")

    @model_validator(mode="after")
    def _channels_differ(self) -> Self:
        ids = [channel.id for channel in self.channels]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise mistake(f"two channels of one id: {', '.join(twice)}")
        return self


class RouteMatch(Entry):
    """Conditions on a match; all stated ones must hold."""

    severity: tuple[Severity, ...] = Field(default=(), description="One of these severities.")
    watchlists: tuple[WatchlistId, ...] = Field(default=(), description="One of these watchlists.")
    tags: tuple[fields.Tag, ...] = Field(default=(), description="A watchlist with one of these tags.")


class DigestEntry(Entry):
    """One mail a slot instead of one an alert."""

    at: fields.Clocks = Field(description="Times of the recipient's own clock, such as 07:30.")
    days: fields.Weekdays | None = Field(
        default=None, description="mon ... sun; the recipient's working days where none is stated."
    )
    empty: StrictBool = Field(default=False, description="true: also send it when there is nothing to tell.")


class QuietEntry(Entry):
    """Alerts wait until the quiet hours are over, then come as one mail. Days off are quiet too."""

    start: fields.Clock = Field(alias="from", description="When they begin, by the recipient's own clock.")
    end: fields.Clock = Field(alias="to", description="When they end; past midnight where it is the earlier.")
    break_through: Severity = Field(
        default=Severity.CRITICAL, description="This severity and worse goes at once, past a digest too."
    )

    @model_validator(mode="after")
    def _take_time(self) -> Self:
        if self.start == self.end:
            raise mistake(f"quiet hours from {self.start:%H:%M} to {self.end:%H:%M} never begin or never end")
        return self


def _or_none(keys: str) -> Discriminator:
    """Which form a value has: the word none, or keys and values; in the brackets that `mistakes` knows them by."""
    return Discriminator(lambda value: keys if isinstance(value, dict | Entry) else "<none>")


Digest = Annotated[
    Annotated[DigestEntry, Tag("<at>")] | Annotated[fields.Nothing, Tag("<none>")], _or_none("<at>")
]


Quiet = Annotated[
    Annotated[QuietEntry, Tag("<from>")] | Annotated[fields.Nothing, Tag("<none>")], _or_none("<from>")
]


class RouteEntry(Entry):
    """Who hears of matches beyond their watchlists' notify, and when. The first route that fits ends the search."""

    match: RouteMatch = Field(default_factory=RouteMatch, description="Absent: every match.")
    to: Annotated[tuple[RecipientId, ...], Field(min_length=1)] = Field(
        default=(), description="Ids of recipients; those of the route above where it states none."
    )
    go_on: StrictBool = Field(
        default=False, alias="continue", description="true: try the routes behind this one too."
    )
    group_wait: fields.Wait = Field(
        default=fields.NOTHING, description="Wait so long for further copies of a story before it is told."
    )
    group_interval: Duration = Field(
        default=timedelta(minutes=30), description="At most one update of a story in this time."
    )
    digest: Digest = Field(default=None, description="Not at once, but in one mail at these times; or none.")
    quiet_hours: Quiet = Field(default=None, description="When nothing is sent; or none.")
    escalate_after: fields.DurationOrNone = Field(
        default=None,
        description="A critical alert that nobody acknowledged by then goes to escalate_to; or none.",
    )
    escalate_to: Annotated[tuple[RecipientId, ...], Field(min_length=1)] = Field(
        default=(), description="Who hears next, one after the other."
    )
    routes: tuple[RouteEntry, ...] = Field(
        default=(),
        description="Finer routes: the first that fits acts instead, with what it does not state from here.",
    )


class RecipientsFile(Entry):
    """recipients.yaml: people, their channels, and routes."""

    later: ClassVar[dict[str, str]] = {"silences": "silences are made while the daemon runs, never in YAML"}

    recipients: tuple[RecipientEntry, ...] = Field(description="People and desks.")
    routes: tuple[RouteEntry, ...] = Field(default=(), description="Tried in order; a tree.")
