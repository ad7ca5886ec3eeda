"""What a running daemon says of itself on its own page. Asked by `doctor` and `reload`; changes nothing."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

DEADLINE = 3.0  # seconds
Sample = tuple[str, Mapping[str, str], float]  # name, labels, value


@dataclass(frozen=True, slots=True)
class Figures:
    """The samples of /metrics."""

    samples: tuple[Sample, ...]

    def value(self, name: str, **labels: str) -> float | None:
        return next((value for each, had, value in self.samples if each == name and had == labels), None)

    def labels(self, name: str, label: str) -> list[str]:
        return [had[label] for each, had, _ in self.samples if each == name and label in had]

    def total(self, name: str) -> float:
        return sum(value for each, _, value in self.samples if each == name)


def figures(listen: str) -> Figures:
    """Raises OSError where nobody answers there, or not with figures."""
    from prometheus_client.parser import text_string_to_metric_families

    with urllib.request.urlopen(f"http://{listen}/metrics", timeout=DEADLINE) as answer:
        text = answer.read(5_000_000).decode("utf-8", "replace")
    try:
        families = list(text_string_to_metric_families(text))
    except ValueError as error:
        raise OSError(f"no figures of monitor ({error})") from error
    return Figures(tuple((one.name, one.labels, one.value) for family in families for one in family.samples))


def not_ready_because(listen: str) -> str | None:
    """The reasons in a line; None when it is ready. Raises OSError where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{listen}/-/ready", timeout=DEADLINE):
            return None
    except urllib.error.HTTPError as error:
        said = error.read(2000).decode("utf-8", "replace").strip().replace("\n", "; ")
        error.close()
        return said or f"it answers {error.code}"


def reason(error: OSError) -> str:
    return str(getattr(error, "reason", error))
