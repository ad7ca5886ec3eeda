"""What every kind of file has in common: a mapping of known keys. See `monitor.settings.schema`."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from monitor.model import (
    BackupPolicy,
    FetchPolicy,
    HeartbeatPolicy,
    PollingPolicy,
    RetentionPolicy,
    WebPolicy,
)

FETCH, POLLING, RETENTION, WEB = FetchPolicy(), PollingPolicy(), RetentionPolicy(), WebPolicy()


BACKUP, HEARTBEAT_EVERY = BackupPolicy(), HeartbeatPolicy("").every


class Entry(BaseModel):
    """A mapping of known keys. `later` names keys of the design that a later version honours, and what to do today."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )
    later: ClassVar[dict[str, str]] = {}

    def given(self, *without: str) -> dict[str, Any]:
        """The fields that the file states, by their Python names."""
        return {name: getattr(self, name) for name in self.model_fields_set if name not in without}
