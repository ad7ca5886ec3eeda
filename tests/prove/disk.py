"""A disk that fails when told to: the shim disk.c, compiled where the tests run, and its controls.

`Disk` is used by the proofs; the programs under it notice nothing but the errors.
"""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

FIELDS = ("operation", "at", "lasting", "error", "half", "room", "log", "hits", "refused", "writes", "syncs", "cuts", "unlinks")  # fmt: skip
WRITE, SYNC, CUT, UNLINK = range(4)
ENTRY = struct.Struct("=4q")


@dataclass(frozen=True)
class Entry:
    """One thing that was done to a file; `offset` is its new length where it was cut."""

    operation: int
    name: str
    offset: int
    data: bytes


class Disk:
    """The files that begin with `files`. Set and read the control's fields by `set` and `get`."""

    def __init__(self, folder: Path, files: Path) -> None:
        self.library = compiled(folder)
        self.files = files
        self.control, self._log = folder / "disk.control", folder / "disk.log"
        self.control.write_bytes(bytes(8 * len(FIELDS)))
        with self.control.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8 * len(FIELDS))
        self.set()

    @property
    def environ(self) -> dict[str, str]:
        """What a program is started with to be on this disk."""
        return {
            "LD_PRELOAD": str(self.library),
            "DISK_FILES": str(self.files),
            "DISK_CONTROL": str(self.control),
            "DISK_LOG": str(self._log),
        }

    def set(self, **fields: int) -> None:
        """From now on this alone, counted from 1. Nothing: a healthy disk."""
        values = {**dict.fromkeys(FIELDS, 0), "room": -1, **fields}
        self._map[:] = struct.pack(f"={len(FIELDS)}q", *(values[name] for name in FIELDS))

    def get(self, field: str) -> int:
        return int(struct.unpack_from("=q", self._map, 8 * FIELDS.index(field))[0])

    def put(self, field: str, value: int) -> None:
        """Change one field of what is in force."""
        struct.pack_into("=q", self._map, 8 * FIELDS.index(field), value)

    def taken_log(self) -> list[Entry]:
        """What was logged since the last time."""
        data, at, found = self._log.read_bytes(), 0, []
        self._log.write_bytes(b"")
        while at < len(data):
            operation, offset, length, name = ENTRY.unpack_from(data, at)
            at += ENTRY.size
            body = at + name
            end = body + (length if operation == WRITE else 0)
            found.append(Entry(operation, Path(data[at:body].decode()).name, offset, data[body:end]))
            at = end
        return found


def leave_room(control: str, room: int) -> None:
    """From inside a program on the disk: its files may grow by so many bytes from now on (-1: there is no end)."""
    with Path(control).open("r+b") as file:
        file.seek(8 * FIELDS.index("room"))
        file.write(struct.pack("=q", room))


def compiled(folder: Path) -> Path:
    """The shared library; without a compiler the test is skipped."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: the disk's faults come from a library that is compiled here")
    library = folder / "disk.so"
    source = Path(__file__).with_name("disk.c")
    words = ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(library), str(source)]
    done = subprocess.run([compiler, *words, "-ldl", "-pthread"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return library
