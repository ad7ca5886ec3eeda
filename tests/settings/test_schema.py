"""The JSON Schemas that editors read: committed, in step with the models, and saying what each key is for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.settings import json_schemas
from tests.conftest import ROOT

COMMITTED = ROOT / "config" / "schema"
NAMES = ["monitor.json", "sources.json", "entities.json", "watchlists.json", "recipients.json", "tests.json"]


def _objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    yield from (one for one in schema.get("$defs", {}).values() if one.get("type") == "object")


def test_there_is_a_schema_for_each_kind_of_file() -> None:
    assert list(json_schemas()) == NAMES
    assert sorted(path.name for path in COMMITTED.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_schema_is_that_of_the_models(name: str) -> None:
    committed = json.loads((COMMITTED / name).read_text("utf-8"))
    assert committed == json_schemas()[name], "write it anew: monitor schema --write config/schema"


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_described_and_no_other_is_allowed(name: str) -> None:
    for one in _objects(json_schemas()[name]):
        assert one["additionalProperties"] is False
        assert [key for key, value in one["properties"].items() if not value.get("description")] == []


def test_an_editor_is_offered_the_values_that_a_key_can_have() -> None:
    watchlists, sources = json_schemas()["watchlists.json"], json_schemas()["sources.json"]
    assert watchlists["$defs"]["Severity"]["enum"] == ["low", "normal", "high", "critical"]
    assert sources["$defs"]["SourceKind"]["enum"] == [
        "feed",
        "news-sitemap",
        "wordpress",
        "page",
        "telegram",
        "gdelt",
        "mailbox",
    ]
    assert "fr" in sources["$defs"]["SourceEntry"]["properties"]["language"]["anyOf"][0]["enum"]


def test_defaults_are_written_as_an_analyst_writes_them() -> None:
    fetch = json_schemas()["monitor.json"]["$defs"]["Fetch"]["properties"]
    assert (fetch["deadline"]["default"], fetch["max_bytes"]["default"]) == ("1m", "10MB")


def test_the_keys_of_the_file_are_the_schemas_keys() -> None:
    email = json_schemas()["monitor.json"]["$defs"]["Email"]["properties"]
    route = json_schemas()["recipients.json"]["$defs"]["RouteEntry"]["properties"]
    entity = json_schemas()["entities.json"]["$defs"]["EntityEntry"]["properties"]
    assert {"server", "from", "password"} == set(email)
    plan = {"group_wait", "group_interval", "digest", "quiet_hours", "escalate_after", "escalate_to"}
    assert {"match", "to", "continue", "routes", *plan} == set(route)
    assert "not" in entity


@pytest.mark.parametrize(
    "file", sorted((ROOT / "config" / "watchlists").glob("*.yaml")), ids=lambda path: path.name
)
def test_the_examples_first_line_names_its_schema(file: Path) -> None:
    first = file.read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schema/watchlists.json"
