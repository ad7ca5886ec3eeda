"""What the YAML files may hold, as pydantic models: one root model a kind of file. Used by `load` and `jsonschema`.

Field descriptions are what an editor shows. Defaults live in `model`'s nouns; those here only repeat them for editors.
References and queries are judged in validation, by the `Known` names that `load` passes as context.
"""

from __future__ import annotations

from monitor.settings.schema.entities import EntitiesFile, EntityEntry
from monitor.settings.schema.entry import BACKUP, FETCH, HEARTBEAT_EVERY, POLLING, RETENTION, WEB, Entry
from monitor.settings.schema.program import (
    Backup,
    Email,
    Fetch,
    Heartbeat,
    MonitorFile,
    Polling,
    Retention,
    Web,
)
from monitor.settings.schema.recipients import (
    CHANNELS,
    ChannelEntry,
    Digest,
    DigestEntry,
    Quiet,
    QuietEntry,
    RecipientEntry,
    RecipientsFile,
    RouteEntry,
    RouteMatch,
)
from monitor.settings.schema.samples import Sample, TestEntry, TestsFile
from monitor.settings.schema.sources import KIND_WORDS, SourceEntry, SourcesFile
from monitor.settings.schema.watchlists import (
    EntityItem,
    ListItem,
    NearBody,
    NearItem,
    PlainItem,
    QueryItem,
    WatchlistEntry,
    WatchlistsFile,
    WhereEntry,
    as_query,
)

__all__ = [
    "BACKUP",
    "CHANNELS",
    "FETCH",
    "FILES",
    "HEARTBEAT_EVERY",
    "KIND_WORDS",
    "POLLING",
    "RETENTION",
    "WEB",
    "Backup",
    "ChannelEntry",
    "Digest",
    "DigestEntry",
    "Email",
    "EntitiesFile",
    "EntityEntry",
    "EntityItem",
    "Entry",
    "Fetch",
    "Heartbeat",
    "ListItem",
    "MonitorFile",
    "NearBody",
    "NearItem",
    "PlainItem",
    "Polling",
    "QueryItem",
    "Quiet",
    "QuietEntry",
    "RecipientEntry",
    "RecipientsFile",
    "Retention",
    "RouteEntry",
    "RouteMatch",
    "Sample",
    "SourceEntry",
    "SourcesFile",
    "TestEntry",
    "TestsFile",
    "WatchlistEntry",
    "WatchlistsFile",
    "Web",
    "WhereEntry",
    "as_query",
]

FILES: dict[str, type[Entry]] = {
    "monitor": MonitorFile,
    "sources": SourcesFile,
    "entities": EntitiesFile,
    "watchlists": WatchlistsFile,
    "recipients": RecipientsFile,
    "tests": TestsFile,
}
