"""Which files make a configuration, and their bytes read with care. Called by `load` only; it parses nothing.

A file is read without ever blocking (no FIFO hangs a reload), never beyond its cap, and its identity is kept: when
the tree differs at the end of the loading from what was seen at its start, somebody is saving, and nothing is believed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from monitor.errors import Problem

FILE_BYTES = 1_000_000
FOLDERS = ("sources", "entities", "watchlists", "tests")
TOP_FILES = {"monitor.yaml": "monitor", "recipients.yaml": "recipients"}
NOT_OURS = {"schema"}

Identity = tuple[int, int, int]


class Unreadable(Exception):
    """Why a file gives no bytes, as the end of a sentence that begins with its name."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files to read, in the order of reading, as (kind of content, path); and what is wrong with the tree."""

    files: tuple[tuple[str, Path], ...]
    problems: tuple[Problem, ...]


def find_directory(option: str | None) -> Path:
    """The configuration's folder: what `-c` says, else `config` here when it exists, else /etc/monitor."""
    if option:
        return Path(option)
    here = Path("config")
    return here if here.is_dir() else Path("/etc/monitor")


def read_bytes(path: Path, cap: int = FILE_BYTES, remedy: str = "split it") -> tuple[bytes, os.stat_result]:
    """A regular file's bytes and its state when opened. Raises Unreadable, which says why, and the `remedy` of one too large."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise Unreadable("is not a regular file")
            data = file.read(cap + 1)
    except FileNotFoundError:
        raise Unreadable("is not there") from None
    except (OSError, ValueError) as error:
        raise Unreadable(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > cap:
        raise Unreadable(f"is larger than {cap:,} bytes: {remedy}")
    return data, state


def _without_waiting(path: str, flags: int) -> int:
    # a plain open of a FIFO waits for its writer
    return os.open(path, flags | os.O_NONBLOCK)


def list_files(directory: Path) -> Listing:
    """The tree of a configuration. Folders in a fixed order, their files in lexical order."""
    files: list[tuple[str, Path]] = []
    problems: list[Problem] = []
    for name, kind in TOP_FILES.items():
        if os.path.lexists(directory / name):
            files.append((kind, directory / name))
    for kind in FOLDERS:
        files += [(kind, path) for path in _entries(directory / kind) if path.suffix == ".yaml"]
    problems += _strangers_at_top(directory)
    for kind in FOLDERS:
        problems += _strangers_in(directory / kind)
    return Listing(tuple(files), tuple(problems))


def identities(listing: Listing) -> dict[Path, Identity | None]:
    """What tells a file from its successor; None where it is gone."""
    return {path: _identity(path) for _, path in listing.files}


def _identity(path: Path) -> Identity | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []


def _is_yaml(path: Path) -> bool:
    return path.suffix.lower() in (".yaml", ".yml")


def _strangers_at_top(directory: Path) -> Iterator[Problem]:
    """YAML that nobody would read is a mistake: its author believes that it counts."""
    for path in _entries(directory):
        if path.is_dir():
            if path.name in FOLDERS or path.name in NOT_OURS or not any(map(_is_yaml, _entries(path))):
                continue
            known = get_close_matches(path.name, FOLDERS, 1)
            hint = f"did you mean {known[0]}/?" if known else f"the folders are {', '.join(FOLDERS)}"
            yield Problem(str(path), 0, 0, f"a folder that is not read; {hint}")
        elif _is_yaml(path) and path.name not in TOP_FILES:
            yield Problem(str(path), 0, 0, f"a file that is not read; {_home(path)}")


def _home(path: Path) -> str:
    exact = get_close_matches(path.stem, [Path(name).stem for name in TOP_FILES], 1, 0.75)
    if exact:
        return f"did you mean {exact[0]}.yaml?"
    folder = get_close_matches(path.stem, FOLDERS, 1, 0.75)
    if folder:
        return f"did you mean {folder[0]}/{path.stem}.yaml?"
    return f"here only {', '.join(TOP_FILES)} are; the rest is in {', '.join(name + '/' for name in FOLDERS)}"


def _strangers_in(folder: Path) -> Iterator[Problem]:
    for path in _entries(folder):
        if path.is_dir():
            if any(map(_is_yaml, _entries(path))):
                yield Problem(str(path), 0, 0, f"a folder in {folder.name}/ is not read; move its files up")
        elif _is_yaml(path) and path.suffix != ".yaml":
            yield Problem(str(path), 0, 0, f"a file that is not read; name it {path.stem}.yaml")
