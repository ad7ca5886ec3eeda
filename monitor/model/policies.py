"""Configuration that a room needs. See `monitor.model`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    user_agent: str = "media-monitor (+https://example.org/bot)"
    deadline: timedelta = timedelta(seconds=60)
    per_host: int = 2
    max_bytes: int = 10_000_000
    allow_private: bool = False
    ports: tuple[int, ...] = ()  # beside 80 and 443
    pause: timedelta | None = None  # between two requests to one host; None: half a second, none on loopback
    ca_file: str = ""  # certificates (PEM) that are trusted beside the system's


@dataclass(frozen=True, slots=True)
class PollingPolicy:
    every: timedelta | None = None  # None: adaptive
    min: timedelta = timedelta(minutes=2)
    max: timedelta = timedelta(hours=6)
    price: timedelta = timedelta(minutes=3)  # the waiting, summed over articles, that is worth one request
    budget: int | None = (
        None  # requests an hour, over all adaptive sources and on average; it raises the price
    )


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    articles: timedelta = timedelta(days=365)
    ledger: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class BackupPolicy:
    folder: str = ""  # "": the folder backups beside a SQLite file
    keep: int = 7
    warn_after: timedelta = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class HeartbeatPolicy:
    """Whom to tell that all is well; an address is a secret, since whoever knows it can tell the same."""

    url: str = field(repr=False)
    every: timedelta = timedelta(minutes=1)
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class WebPolicy:
    listen: str = "127.0.0.1:8080"
    public_url: str = "http://127.0.0.1:8080"
    link_key: str | None = field(default=None, repr=False)  # None: one that the store made for itself


@dataclass(frozen=True, slots=True)
class EmailServer:
    """`security` is tls (from the first byte), starttls, or none (loopback only)."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
