"""Importing this readies a worker process: trafilatura is imported and the language model read (about 0.5 s), so that no
article's deadline pays for it. Named by `refine.PRELOAD`; import it nowhere else."""

from __future__ import annotations

from monitor.refine import article as article
from monitor.text.language import detect

detect("Le modèle est lu à la première question.")
