"""Where foreign exceptions end: whatever SQLAlchemy, SQLite, psycopg or the file system raise becomes a StoreError.

The message is a sentence for an operator. It never holds SQL, an article's text or a password.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from monitor.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreUnsure

RESTORE = (
    "Stop monitor and put back a backup: `monitor db backup --list` names them, `monitor db restore FILE` keeps the damaged "
    "database beside. Without a backup try `sqlite3 DAMAGED .recover | sqlite3 NEW`."
)
DAMAGED = ("malformed", "is not a database", "disk image", "database corruption")
REFUSED = ("readonly database", "unable to open", "attempt to write a readonly")
UNSURE = ("SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC")  # a second fsync may then succeed and keep nothing
READ_ONLY = "25006"
CONFLICTS = ("40001", "40P01")  # serialization failure, deadlock: the transaction may simply be tried again


class Conflict(StoreError):
    """Another transaction was in the way; nothing was written, and the same call may succeed now."""


class ReadOnly(StoreError):
    """This PostgreSQL server takes no changes: after a failover it is not the primary any more, which another connection may find."""


def first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def translated(cause: BaseException, where: str) -> StoreError:
    """What the driver's own exception means for the operator."""
    said = first_line(cause)
    lower = said.lower()
    if getattr(cause, "sqlstate", None) in CONFLICTS:
        return Conflict(f"{where}: {said}")
    if getattr(cause, "sqlstate", None) == READ_ONLY:
        return ReadOnly(
            f"the server of {where} takes no changes at the moment ({said}): a standby, or on its way to be the primary"
        )
    if any(words in lower for words in DAMAGED):
        return StoreCorrupt(f"the database {where} is damaged ({said}). {RESTORE}")
    if getattr(cause, "sqlite_errorname", None) in UNSURE:
        return StoreUnsure(
            f"the disk of the database {where} failed to keep what was written ({said}): look into the system's log; "
            "monitor has to be started again, which reads what the disk really holds"
        )
    if "database is locked" in lower:
        return StoreBusy(f"the database {where} is being written by another process; try again")
    if any(words in lower for words in REFUSED):
        return StoreError(
            f"the database {where} cannot be written ({said}): give the user that runs monitor write access "
            "to the file and its folder"
        )
    if "is full" in lower:
        return StoreFull(f"the disk of the database {where} is full: free some space; nothing was lost")
    if where.startswith("postgresql") and not getattr(cause, "sqlstate", None):
        return StoreError(f"PostgreSQL does not answer at {where}: {said}")
    return StoreError(f"the database {where} refused: {said}")


@contextmanager
def wall(where: str) -> Iterator[None]:
    """Let StoreErrors and our own mistakes (ValueError, TypeError) through; translate the rest.

    `where` names the database without its password.
    """
    try:
        yield
    except DBAPIError as error:
        raise translated(error.orig or error, where) from error
    except sqlite3.Error as error:
        raise translated(error, where) from error
    except StatementError as error:
        if isinstance(error.orig, ValueError | TypeError):
            raise error.orig from None
        raise StoreError(f"the database {where} refused: {first_line(error)}") from error
    except SQLAlchemyError as error:
        raise StoreError(f"the database {where} cannot be used: {first_line(error)}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(
            f"the database {where} cannot be used: {reason}: {error.filename or 'its folder'}"
        ) from error
