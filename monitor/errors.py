"""The errors that media-monitor raises on purpose.

    MonitorError                what a command prints without a traceback; exit 1
    +-- UsageError              the call's words are off; exit 2
    +-- ConfigurationError      the configuration is wrong, one Problem a mistake; exit 78
    +-- QueryError              a query's text is wrong, at a column; exit 78
    +-- ParseError              a document is not what it should be (a feed, a page)
    |   +-- NotAFeed            it is something else altogether: an HTML page, a login form, a captcha
    +-- StoreError              the database cannot be used as it stands
    |   +-- StoreBusy           another process holds the database's lock
    |   +-- StoreAbsent         there is no database at that place yet
    |   +-- SchemaMismatch      the database's schema is older or newer than this program
    |   +-- StoreCorrupt        the database is damaged; the message says how to restore
    |   +-- StoreFull           the disk of the database has no space left; nothing was written
    |   +-- StoreUnsure         the disk failed to keep what was written: only a new start can tell what it holds
    +-- LinkRefused             a link in an alert is not one that was made here, or is for something else
    |   +-- LinkExpired         it was, and its time is over
    +-- WorkerFailed            a child process did not answer
        +-- WorkerTimeout       killed at its deadline
        +-- WorkerCrashed       died: out of memory, or a crash in a C library

Foreign exceptions (SQLAlchemy, aiohttp, lxml, ...) are wrapped once, at their room's wall. A failure that
belongs to the press or to a channel is a value (`model.FetchFailure`, `model.Retry`, `model.GaveUp`), not an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOTHING = 3
EXIT_PARTIAL = 4
EXIT_CONFIG = 78


class MonitorError(Exception):
    """Root of the tree. `exit_code` is what a command ends with."""

    exit_code = EXIT_FAILED


class UsageError(MonitorError):
    exit_code = EXIT_USAGE


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in the configuration. Line and column count from 1; 0 where the whole file is meant."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


class ConfigurationError(MonitorError):
    """All the mistakes of a configuration at once, in the order of the files and lines."""

    exit_code = EXIT_CONFIG

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class QueryError(MonitorError):
    """A query that cannot be read. `column` counts characters of the query's text from 1."""

    exit_code = EXIT_CONFIG

    def __init__(self, message: str, column: int = 1) -> None:
        self.column = column
        super().__init__(message)


class ParseError(MonitorError):
    """A document that is not what its source promises; the message says what it is instead."""


class NotAFeed(ParseError):
    """`blocked` is True where the page keeps robots out: a login form, a captcha."""

    def __init__(self, message: str, blocked: bool = False) -> None:
        super().__init__(message)
        self.blocked = blocked


class StoreError(MonitorError):
    pass


class StoreBusy(StoreError):
    pass


class StoreAbsent(StoreError):
    pass


class SchemaMismatch(StoreError):
    pass


class StoreCorrupt(StoreError):
    pass


class StoreFull(StoreError):
    pass


class StoreUnsure(StoreError):
    pass


class LinkRefused(MonitorError):
    pass


class LinkExpired(LinkRefused):
    pass


class WorkerFailed(MonitorError):
    pass


class WorkerTimeout(WorkerFailed):
    pass


class WorkerCrashed(WorkerFailed):
    pass
