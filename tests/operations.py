"""Looking at what operators' tools read: the exposition of figures, by promtool where it is installed and by its own rules anyway."""

from __future__ import annotations

import re
import shutil
import subprocess

from prometheus_client.parser import text_string_to_metric_families

PROMTOOL = shutil.which("promtool")
NAME = re.compile(r"[a-z][a-z0-9_]*")
UNITS = (
    "milliseconds",
    "minutes",
    "hours",
    "days",
    "kilobytes",
    "megabytes",
    "percent",
)  # promtool wants base units


def promtool(*words: str, text: str = "") -> tuple[int, str]:
    """Exit code and what it said, without its own successes."""
    assert PROMTOOL
    done = subprocess.run([PROMTOOL, *words], input=text, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr.strip()


def exposition_mistakes(text: str) -> list[str]:
    """What `promtool check metrics` would say of metrics in the text format, in its order of rules."""
    found = []
    for family in text_string_to_metric_families(text):
        name = family.name
        if not family.documentation:
            found.append(f"{name}: no help text")
        if not NAME.fullmatch(name):
            found.append(f"{name}: a name in small letters")
        if family.type == "unknown":
            found.append(f"{name}: no type")
        if family.type != "counter" and any(sample.name.endswith("_total") for sample in family.samples):
            found.append(f"{name}: only counters end in _total")
        if family.type == "counter" and any(not sample.name.endswith("_total") for sample in family.samples):
            found.append(f"{name}: counters end in _total")
        if any(name.endswith(unit) for unit in UNITS):
            found.append(f"{name}: not a base unit")
        if len({(one.name, tuple(sorted(one.labels.items()))) for one in family.samples}) != len(
            family.samples
        ):
            found.append(f"{name}: a sample twice")
    return found
