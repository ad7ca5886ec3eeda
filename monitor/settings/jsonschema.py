"""The JSON Schemas of the configuration files, for editors. Called by `monitor schema`; made of `schema`'s models."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from monitor.settings.fields import say_duration
from monitor.settings.schema import FILES

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Defaults as an analyst writes them: 60s, 10MB."""

    def encode_default(self, dft: Any) -> Any:
        return say_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def json_schemas() -> dict[str, dict[str, Any]]:
    """File name -> schema, one for each kind of configuration file."""
    return {f"{kind}.json": _schema(kind) for kind in FILES}


def _schema(kind: str) -> dict[str, Any]:
    schema = FILES[kind].model_json_schema(by_alias=True, schema_generator=_Generator)
    return {"$schema": DIALECT, **_without_titles(schema)}


def _without_titles(node: Any) -> Any:
    """pydantic's titles repeat the keys; in an editor's bubble they hide the description."""
    if isinstance(node, dict):
        return {
            key: _without_titles(value)
            for key, value in node.items()
            if not (key == "title" and isinstance(value, str))
        }
    return [_without_titles(item) for item in node] if isinstance(node, list) else node
