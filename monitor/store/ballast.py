"""A file that only takes up space, beside a SQLite database: given up when the disk is full, so that what is already recorded
can still be sent and settled; laid down again when there is room. Called by the store's engine; decides nothing.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

SIZE = 16 * 1024 * 1024  # bytes: some thousand deliveries, each claimed and settled
ENOUGH = 4 * SIZE  # free, before it is laid down: it must not be what fills the disk
LEAST_FREE = 500_000_000  # bytes ...
LEAST_SHARE = 0.03  # ... or of the disk ...
ENOUGH_FREE = 10_000_000_000  # ... as long as that is less


@dataclass(frozen=True, slots=True)
class Disk:
    """The one that a database lies on, in bytes. `spent`: it was full, and there is no room yet for what the ballast held."""

    folder: Path
    free: int
    size: int
    spent: bool = False

    @property
    def wanted(self) -> int:
        """With less free somebody should know."""
        return int(min(max(LEAST_FREE, self.size * LEAST_SHARE), ENOUGH_FREE))

    def __str__(self) -> str:
        return f"{_bytes(self.free)} of {_bytes(self.size)} are free at {self.folder}"


def _bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


class Ballast:
    """The one of the database at `database`."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".ballast")
        self._spent = False

    def spend(self) -> None:
        self._spent = True
        self.path.unlink(missing_ok=True)

    def keep(self) -> bool:
        """Lay it down where it is missing and there is room. False: it was spent, and there still is none."""
        if not self._there() and shutil.disk_usage(self.path.parent).free >= ENOUGH:
            self._lay()
        self._spent = self._spent and not self._there()
        return not self._spent

    def disk(self) -> Disk:
        usage = shutil.disk_usage(self.path.parent)
        return Disk(self.path.parent, usage.free, usage.total, self._spent)

    def _there(self) -> bool:
        return self.path.is_file() and self.path.stat().st_size == SIZE

    def _lay(self) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(file, 0, SIZE)  # really taken, and not a hole in the file
        except OSError:  # full meanwhile, or a quota: then without
            self.path.unlink()
        finally:
            os.close(file)
