"""Importing this readies a worker process for `traits`: encoder and tables are read (about 1 s), so that no article's deadline
pays for it. Named by `drafting.PRELOAD`; import it nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.judge.traits import traits
from monitor.model import Article
from monitor.text.background import TABLES
from monitor.text.vectors import slim

slim()
for language in TABLES:
    traits(Article(
        key="", source_id="", title="Doha", body="2026", language=language, first_seen=datetime(2026, 1, 1, tzinfo=UTC)
    ))  # fmt: skip
