"""The JSON-LD of a page, node by node. Called by those of the room who look for facts there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from monitor.refine.markup import Element


def linked_nodes(tree: Element) -> Iterator[dict[str, Any]]:
    """Every object of every document, outer before inner; a document that is no JSON is passed over."""
    for document in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            waiting: list[Any] = [json.loads(str(document), strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, list):
                waiting += node
            elif isinstance(node, dict):
                yield node
                waiting += [value for value in node.values() if isinstance(value, dict | list)]
