"""Validated entries -> the nouns of `model`. Called by `load`; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from monitor.model import (
    BackupPolicy,
    Channel,
    ChannelKind,
    DigestPlan,
    EmailServer,
    Entity,
    FetchPolicy,
    HeartbeatPolicy,
    PollingPolicy,
    QuietHours,
    Recipient,
    RetentionPolicy,
    Route,
    Source,
    Watchlist,
    WatchlistTest,
    WebPolicy,
    Where,
)
from monitor.settings.schema import (
    CHANNELS,
    ChannelEntry,
    Email,
    EntityEntry,
    MonitorFile,
    RecipientEntry,
    RouteEntry,
    Sample,
    SourceEntry,
    WatchlistEntry,
    as_query,
)

RoutePlan = Mapping[str, Any]
"""What a route states or inherits, by RouteEntry's field names."""


def fetch_policy(file: MonitorFile) -> FetchPolicy:
    return FetchPolicy(**file.fetch.given())


def polling_policy(file: MonitorFile) -> PollingPolicy:
    return PollingPolicy(**file.polling.given())


def retention_policy(file: MonitorFile) -> RetentionPolicy:
    return RetentionPolicy(**file.retention.given())


def backup_policy(file: MonitorFile) -> BackupPolicy:
    return BackupPolicy(**file.backup.given())


def heartbeat_policy(file: MonitorFile) -> HeartbeatPolicy | None:
    return HeartbeatPolicy(**file.heartbeat.given()) if file.heartbeat else None


def web_policy(file: MonitorFile) -> WebPolicy:
    return WebPolicy(**file.web.given())


def email_server(entry: Email | None) -> EmailServer | None:
    if entry is None:
        return None
    route = entry.server
    return EmailServer(
        host=route.host,
        port=route.port,
        sender=entry.sender,
        security=route.security,
        username=route.username,
        password=entry.password or route.password,
    )


def source(entry: SourceEntry, every: timedelta | None) -> Source:
    """`every` is the interval of sources that state none."""
    return Source(**{"name": entry.id, "every": every, **entry.given()})


def entity(entry: EntityEntry) -> Entity:
    return Entity(**entry.given("variants"), variants=entry.variants == "auto")


def watchlist(entry: WatchlistEntry) -> Watchlist:
    return Watchlist(
        id=entry.id,
        title=entry.title or entry.id,
        severity=entry.severity,
        any=tuple(map(as_query, entry.any)),
        all=tuple(map(as_query, entry.all)),
        none=tuple(map(as_query, entry.none)),
        query=entry.query,
        where=Where(**entry.where.given()),
        notify=entry.notify,
        tags=entry.tags,
    )


def channel(entry: ChannelEntry) -> Channel:
    kind = next(kind for kind in CHANNELS if getattr(entry, kind) is not None)
    target = "" if kind == "console" else str(getattr(entry, kind))
    return Channel(entry.id, ChannelKind(kind), target, entry.secret)


def recipient(entry: RecipientEntry) -> Recipient:
    channels = tuple(map(channel, entry.channels))
    return Recipient(
        entry.id, entry.name or entry.id, entry.language, entry.timezone, channels, entry.working_days
    )


def route(
    entry: RouteEntry, plan: RoutePlan, children: tuple[Route, ...], place: tuple[str, int, int]
) -> Route:
    """`plan` is what the route states, and what it inherits."""
    match, digest, quiet = entry.match, plan.get("digest"), plan.get("quiet_hours")
    return Route(
        plan.get("to", ()),
        match.severity,
        match.watchlists,
        match.tags,
        entry.go_on,
        group_wait=plan.get("group_wait") or None,
        group_interval=plan.get("group_interval"),
        digest=DigestPlan(digest.at, digest.days, digest.empty) if digest else None,
        quiet_hours=QuietHours(quiet.start, quiet.end, quiet.break_through) if quiet else None,
        escalate_after=plan.get("escalate_after"),
        escalate_to=plan.get("escalate_to", ()) if plan.get("escalate_after") else (),
        children=children,
        place=place,
    )


def watchlist_test(watchlist: str, match: bool, sample: Sample, place: tuple[str, int, int]) -> WatchlistTest:
    return WatchlistTest(
        watchlist=watchlist,
        match=match,
        title=sample.title,
        body=sample.body,
        url=sample.url,
        language=sample.lang,
        source_id=sample.source or "",
        because=sample.because,
        place=place,
    )
