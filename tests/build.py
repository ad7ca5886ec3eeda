"""One builder a noun, with defaults that make a valid one; a test states only what it is about."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.model import Alert, Article, Delivery, Entity, Item, Recipient, Source, Watchlist

NOON = datetime(2026, 4, 21, 12, 0, tzinfo=UTC)


def make_source(id: str = "gazette", **fields: Any) -> Source:
    return Source(**{"id": id, "url": f"https://{id}.example.org/feed", "name": id.title(), **fields})


def make_item(**fields: Any) -> Item:
    return Item(**{"id": "1", "url": "https://gazette.example.org/1", "title": "A title", **fields})


def make_article(title: str = "A title", body: str = "A body.", **fields: Any) -> Article:
    base = {"key": "gazette.example.org/1", "source_id": "gazette", "url": "https://gazette.example.org/1"}
    return Article(**{**base, "title": title, "body": body, "published": NOON, "first_seen": NOON, **fields})


def make_watchlist(id: str = "w", **fields: Any) -> Watchlist:
    return Watchlist(**{"id": id, "title": id, "notify": ("desk",), **fields})


def make_entity(id: str, *names: str, **fields: Any) -> Entity:
    return Entity(**{"id": id, "name": names[0] if names else id, "names": names[1:], **fields})


def make_recipient(id: str = "desk", **fields: Any) -> Recipient:
    return Recipient(**{"id": id, "name": id.title(), **fields})


def alert_of(delivery: Delivery) -> Alert:
    """The alert that a delivery carries, which is not a notice."""
    assert isinstance(delivery.alert, Alert)
    return delivery.alert


def write_config(folder: Path, **files: object) -> Path:
    """A configuration folder: `monitor={...}`, `sources=[...]`, `watchlists=[...]`, `entities=[...]`, `recipients=[...]`."""
    places = {"monitor": "monitor.yaml", "recipients": "recipients.yaml"}
    for name, content in files.items():
        path = folder / places.get(name, f"{name}/all.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        document = content if name == "monitor" else {name: content}
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")  # JSON is YAML
    return folder
