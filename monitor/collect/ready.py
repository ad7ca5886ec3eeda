"""Importing this readies a worker process for `parse`: the libraries behind it are imported (about 0.1 s), so that no document's
deadline pays for it. Named by `drafting.PRELOAD`; import it nowhere else."""

from __future__ import annotations

import chardet as chardet

from monitor.collect.kinds import parse

parse(b"<rss version='2.0'><channel><title>Doha</title><item><title>2026</title></item></channel></rss>")
