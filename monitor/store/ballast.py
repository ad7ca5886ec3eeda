"""A file that only takes up space, beside a SQLite database: given up when the disk is full, so that what is already recorded
can still be sent and settled; laid down again when there is room. Called by the store's engine; decides nothing.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

SIZE = 16 * 1024 * 1024  # bytes: some thousand deliveries, each claimed and settled
ENOUGH = 4 * SIZE  # free, before it is laid down: it must not be what fills the disk


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
