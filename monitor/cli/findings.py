"""What the doctor finds: one thing that is wrong, how bad it is, and what to do. Made by the doctor's modules, printed by `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Weight(IntEnum):
    """How bad: what loses articles or alerts now, what will, what should be looked at."""

    ERROR = 0
    WARNING = 1
    NOTE = 2


@dataclass(frozen=True, slots=True)
class Finding:
    weight: Weight
    area: str
    subject: str
    state: str
    reason: str
    do: str
    since: datetime | None = None
