"""Fixtures that every room's tests share. A fixture of one room alone lives in that room's conftest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.databases import (  # noqa: F401
    database_url,
    empty_database_url,
    empty_postgresql_url,
    migrated_postgresql,
    postgresql,
    postgresql_url,
    sqlite_template,
    sqlite_url,
    store,
)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 4, 21, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def corpus_data() -> Path:
    """The real press beside the checkout; its tests skip on a clone that stands alone."""
    folder = ROOT.parent / "shared" / "data"
    if not (folder / "replay.jsonl.gz").is_file():
        pytest.skip("the real press (../shared/data) is not beside this checkout")
    return folder
