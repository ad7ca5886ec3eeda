"""The dashboard and the alert rules in docs/monitoring. That the daemon tells their figures is seen in test_running."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT
from tests.operations import PROMTOOL, promtool

FOLDER = ROOT / "docs" / "monitoring"
FIGURE = re.compile(r"\b(?:monitor|process)_[a-z_]+\b")
SIDES = ("_total", "_bucket", "_count", "_sum")  # what a family's samples add to its name


def rules() -> list[dict[str, Any]]:
    document = YAML(typ="safe").load((FOLDER / "alerts.yml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return found


def test_each_rule_says_what_is_wrong_and_what_to_do() -> None:
    for rule in rules():
        assert {"summary", "do"} <= rule["annotations"].keys(), rule["alert"]
        assert rule["labels"]["severity"] in ("page", "warn", "info"), rule["alert"]
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)


def test_no_panel_lies_on_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


@pytest.mark.skipif(PROMTOOL is None, reason="promtool (Debian: prometheus) is not installed here")
def test_promtool_finds_no_fault_in_the_rules() -> None:
    code, said = promtool("check", "rules", str(FOLDER / "alerts.yml"))
    assert code == 0, said
