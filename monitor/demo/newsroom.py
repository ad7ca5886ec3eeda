"""The demo's outlets and articles, read from the packaged press/*.yaml. Called by `server` and `stage`; serves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

OUTLETS = ("gazette", "eco", "alger", "waha", "courier", "correo")


@dataclass(frozen=True, slots=True)
class Piece:
    """An article as its outlet prints it."""

    slug: str
    title: str
    round: int  # 1: stands there from the beginning, 2: breaks later
    minutes: int  # published so long before the demo began
    paragraphs: tuple[str, ...]
    tempts: str | None = None  # the watchlist that must not match it ...
    because: str = ""  # ... and why one could think it did

    def published(self, start: datetime) -> datetime:
        return start - timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Outlet:
    id: str
    name: str
    language: str
    home: str
    menu: tuple[str, ...]
    aside: str  # the sidebar's heading, and what stands below it
    related: tuple[str, ...]
    footer: str
    pieces: tuple[Piece, ...]

    def visible(self, round: int) -> tuple[Piece, ...]:
        """What its front page has in a round, newest first."""
        shown = (piece for piece in self.pieces if piece.round <= round)
        return tuple(sorted(shown, key=lambda piece: piece.minutes))


def outlets() -> tuple[Outlet, ...]:
    wires = _read("wires")
    return tuple(_outlet(id, _read(id), wires) for id in OUTLETS)


def _read(name: str) -> dict[str, Any]:
    text = files("monitor.demo").joinpath("press", f"{name}.yaml").read_bytes()
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return content


def _outlet(id: str, content: dict[str, Any], wires: dict[str, str]) -> Outlet:
    return Outlet(
        id,
        content["name"],
        content["language"],
        content["home"],
        tuple(content["menu"]),
        content["aside"],
        tuple(content["related"]),
        content["footer"],
        tuple(_piece(item, wires) for item in content["items"]),
    )


def _piece(item: dict[str, Any], wires: dict[str, str]) -> Piece:
    text = wires[item["wire"]] if "wire" in item else item["text"]
    paragraphs = tuple(part.strip() for part in text.split("\n\n") if part.strip())
    trap = item.get("trap", {})
    return Piece(
        item["slug"],
        item["title"],
        item["round"],
        item["minutes"],
        paragraphs,
        trap.get("of"),
        trap.get("because", ""),
    )
