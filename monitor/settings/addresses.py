"""Addresses that may hold secrets: database, mail server, chat. Used by `schema`; no message here shows a value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Annotated
from urllib.parse import unquote

from pydantic import AfterValidator, PlainValidator, StringConstraints, WithJsonSchema

from monitor.settings.fields import is_loopback, mail_address, mistake, nearest, split_url, text_of

DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
MAIL_EXAMPLE = "smtps://user@mail.example.org"


@dataclass(frozen=True, slots=True)
class MailRoute:
    """The parts of a mail server's address. `security` is tls, starttls or none, as in `model.EmailServer`."""

    host: str
    port: int
    security: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def database_url(value: str) -> str:
    scheme = value.partition("://")[0]
    if scheme.partition("+")[0] == "sqlite":
        if not re.fullmatch(r"sqlite:///[^?#\s][^?#\n]*", value) or value.endswith("/"):
            raise mistake(
                "an SQLite database is written sqlite:///var/monitor.db (relative) or sqlite:////var/lib/x.db"
            )
        return value
    if scheme not in DATABASES:
        hint = nearest(scheme, DATABASES) if "://" in value else ""
        raise mistake(f"not sqlite:///PATH or postgresql://USER@HOST/NAME{hint}")
    parts = split_url(value, DATABASES, "postgresql://monitor@127.0.0.1/monitor")
    if len(parts.path) < 2:
        raise mistake("names no database: postgresql://USER@HOST/NAME")
    return value


def mail_server(value: object) -> MailRoute:
    """smtps:// is TLS from the first byte (465); smtp:// is STARTTLS (587), or plain on loopback alone (25)."""
    parts = split_url(text_of(value, f"an address such as {MAIL_EXAMPLE}"), ("smtps", "smtp"), MAIL_EXAMPLE)
    host = parts.hostname or ""
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise mistake(f"holds more than user, host and port: write it like {MAIL_EXAMPLE}")
    if parts.scheme == "smtps":
        security, port = "tls", 465
    else:
        security, port = ("none", 25) if is_loopback(host) else ("starttls", 587)
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return MailRoute(host, parts.port or port, security, username, password)


def mailbox(value: str) -> str:
    """A From header's content: an address, with a name or without."""
    if "\n" in value or "\r" in value:
        raise mistake("one line of text is expected")
    address = parseaddr(value)[1]
    if not address:
        raise mistake("{value} is not a sender such as Monitor <monitor@example.org>")
    mail_address(address)
    return value


def apprise_url(value: str) -> str:
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s]", value) or re.search(r"\s", value):
        raise mistake("not an Apprise address: a scheme, :// and what the chat service wants, without blanks")
    if "," in value and re.search(r",\s*[a-z0-9]+://", value):
        raise mistake("more than one Apprise address: one channel has one target")
    return value


def webhook(value: str) -> str:
    parts = split_url(value, ("https", "http"), "https://example.org/in")
    if parts.username is not None:
        raise mistake("holds a user name before the @: a webhook is signed by its secret instead")
    return value


DatabaseUrl = Annotated[
    str,
    AfterValidator(database_url),
    WithJsonSchema({"type": "string", "examples": ["sqlite:///var/monitor.db"]}),
]
MailServer = Annotated[
    MailRoute, PlainValidator(mail_server), WithJsonSchema({"type": "string", "examples": [MAIL_EXAMPLE]})
]
Mailbox = Annotated[str, AfterValidator(mailbox)]
Apprise = Annotated[str, StringConstraints(max_length=2000), AfterValidator(apprise_url)]
Webhook = Annotated[str, StringConstraints(max_length=2000), AfterValidator(webhook)]
