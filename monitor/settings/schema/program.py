"""monitor.yaml. See `monitor.settings.schema`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, StrictBool, StrictInt, StringConstraints, model_validator

from monitor.settings import fields
from monitor.settings.addresses import DatabaseUrl, Mailbox, MailRoute, MailServer, Webhook
from monitor.settings.fields import Duration, Line, Rhythm, mistake
from monitor.settings.references import RecipientId
from monitor.settings.schema.entry import BACKUP, FETCH, HEARTBEAT_EVERY, POLLING, RETENTION, WEB, Entry


class Fetch(Entry):
    user_agent: Line = Field(
        default=FETCH.user_agent, description="How we introduce ourselves; name a contact in it."
    )
    deadline: Duration = Field(
        default=FETCH.deadline, description="The longest a request may take, redirects included."
    )
    per_host: StrictInt = Field(
        default=FETCH.per_host, ge=1, le=16, description="Connections to one host at a time."
    )
    pause: Duration | None = Field(
        default=None,
        description="Between two requests to one host: 0.5 s where none is stated, none on loopback.",
    )
    max_bytes: fields.Size = Field(
        default=FETCH.max_bytes,
        description="The largest answer that is read, uncompressed.",
        json_schema_extra={"default": "10MB"},
    )
    allow_private: StrictBool = Field(
        default=FETCH.allow_private, description="Also read private and loopback addresses. For tests only."
    )
    ports: tuple[Annotated[StrictInt, Field(ge=1, le=65535)], ...] = Field(
        default=(), description="Ports that may be read beside 80 and 443."
    )
    ca_file: fields.CaFile = Field(
        default="",
        description="A file of certificates (PEM) that are trusted beside the system's: a company's own authority.",
    )


class Polling(Entry):
    every: Rhythm = Field(
        default=None, description="adaptive, or one interval for every source that states none."
    )
    min: Duration = Field(default=POLLING.min, description="The shortest adaptive interval.")
    max: Duration = Field(default=POLLING.max, description="The longest adaptive interval.")
    price: Duration = Field(
        default=POLLING.price, description="The waiting, summed over articles, that is worth one request."
    )
    budget: Annotated[StrictInt, Field(ge=1)] | None = Field(
        default=None, description="Requests an hour over all adaptive sources, on average; raises the price."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            shown = fields.say_duration(self.min), fields.say_duration(self.max)
            raise mistake(f"min ({shown[0]}) is longer than max ({shown[1]})")
        return self


class Retention(Entry):
    articles: Duration = Field(default=RETENTION.articles, description="How long articles are kept.")
    ledger: Duration = Field(
        default=RETENTION.ledger, description="How long the decisions about articles are kept."
    )


class Backup(Entry):
    folder: Annotated[str, StringConstraints(min_length=1, max_length=4_000)] = Field(
        default="",
        description="Where `monitor db backup` writes; by default the folder backups beside a SQLite file.",
    )
    keep: Annotated[StrictInt, Field(ge=1, le=1000)] = Field(
        default=BACKUP.keep, description="How many backups are kept; the oldest go."
    )
    warn_after: Duration = Field(
        default=BACKUP.warn_after, description="The age of the newest at which `monitor doctor` warns."
    )


class Heartbeat(Entry):
    url: Webhook = Field(
        description='An address that is asked for while all is well, never inline: "${file:heartbeat.key}".'
    )
    every: Duration = Field(default=HEARTBEAT_EVERY, description="How often.")
    allow_private: StrictBool = Field(
        default=False, description="The address may be one of your own network or of this machine."
    )


class Web(Entry):
    listen: fields.Listen = Field(
        default=WEB.listen, description="HOST:PORT of health and metrics; loopback only."
    )
    public_url: fields.WebAddress = Field(
        default=WEB.public_url, description="The daemon's address in alerts."
    )
    link_key: fields.LinkKey | None = Field(
        default=None,
        description='What signs the links in alerts, never inline: "${file:link.key}". Without it one is made and kept in the database.',
    )


class Email(Entry):
    server: MailServer = Field(
        description="smtps://user@host[:port] (TLS) or smtp://user@host[:port] (STARTTLS)."
    )
    sender: Mailbox = Field(
        alias="from", description="The From header, such as Monitor <monitor@example.org>."
    )
    password: str | None = Field(
        default=None, description='The password, never inline: "${file:smtp.key}" or "${VAR}".'
    )

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        route: MailRoute = self.server
        if route.password and self.password:
            raise mistake("two passwords: one in server, one in password; keep the latter")
        if self.password and not route.username:
            raise mistake("a password without a user: write the user into server, as in smtps://user@host")
        if (
            (route.password or self.password)
            and route.security == "none"
            and not fields.is_loopback(route.host)
        ):
            raise mistake("a password over an open connection: use smtps://")
        return self


class MonitorFile(Entry):
    """monitor.yaml: the service itself. Every key has a default; the file may be absent."""

    later: ClassVar[dict[str, str]] = {
        "defaults": "state each watchlist's and source's keys where they stand"
    }

    database: DatabaseUrl = Field(
        default="sqlite:///var/monitor.db", description="sqlite:///PATH or postgresql://..."
    )
    fetch: Fetch = Field(default_factory=Fetch, description="How the press is read.")
    polling: Polling = Field(default_factory=Polling, description="How often it is read.")
    retention: Retention = Field(default_factory=Retention, description="What is forgotten, and when.")
    backup: Backup = Field(default_factory=Backup, description="Copies of the database, and where they go.")
    heartbeat: Heartbeat | None = Field(
        default=None, description="A sign of life to a service that misses it; none by default."
    )
    web: Web = Field(default_factory=Web, description="The daemon's own pages: health and metrics.")
    email: Email | None = Field(
        default=None, description="The mail server; needed by channels of kind email."
    )
    operators: tuple[RecipientId, ...] = Field(
        default=(), description="Recipients who hear of sources that fail, fall silent, or are well again."
    )
