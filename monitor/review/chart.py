"""A spike's small chart: 24 hours as bars, what is usual as a line. Pure; SVG for the web, PNG for mail.

Called by whoever tells of a spike. The figures in it need no language: digits and hours. The PNG is written here (deflate and three chunks, the PNG specification, second edition): a drawing library
for twenty-four rectangles would weigh more than the daemon's other libraries together.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from html import escape

from monitor.model import Spike
from monitor.review.spike import HOUR, WINDOW

WIDTH, HEIGHT = 480, 150  # points; the PNG has two pixels a point
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 18, 22
SCALE = 2
GROUND, CALM, LOUD, USUAL, INK = (255, 255, 255), (160, 174, 192), (196, 69, 16), (29, 95, 168), (86, 97, 115)
PALETTE = (GROUND, CALM, LOUD, USUAL, INK)
TICKS = 4  # every so many hours a label

Colour = tuple[int, int, int]

# 5 x 7 points, a row a number; only what stands in a chart
GLYPHS = {
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    ":": (0, 4, 4, 0, 4, 4, 0),
}


@dataclass(frozen=True, slots=True)
class Box:
    """In points from the upper left corner."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Label:
    """`x` is its middle, or with `end` its right edge; `y` its base line."""

    x: float
    y: float
    text: str
    end: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    bars: tuple[Box, ...]
    usual: tuple[Box, ...]  # a dash an hour
    labels: tuple[Label, ...]


def drawing(spike: Spike, zone: tzinfo) -> Drawing:
    """What both formats show. The bars of the spike's own hours are loud; beneath stand the zone's hours."""
    slot = (WIDTH - LEFT - RIGHT) / len(spike.hours)
    base = HEIGHT - BOTTOM
    point = (base - TOP) / max(1.0, *spike.hours, *spike.usual)
    loud = len(spike.hours) - WINDOW
    bars = (
        Box(LEFT + n * slot + 1, base - count * point, slot - 2, count * point, LOUD if n >= loud else CALM)
        for n, count in enumerate(spike.hours)
    )
    dashes = (
        Box(LEFT + n * slot, base - usual * point - 1, slot, 2, USUAL) for n, usual in enumerate(spike.usual)
    )
    most = max(spike.hours)
    labels = [
        Label(LEFT - 6, base - most * point + 4, str(most), end=True),
        Label(LEFT - 6, base + 3, "0", end=True),
    ]
    for n in range(len(spike.hours) - 1, 0, -TICKS):
        hour = (spike.at - (len(spike.hours) - 1 - n) * HOUR).astimezone(zone)
        labels.append(Label(LEFT + (n + 0.5) * slot, HEIGHT - 7, f"{hour:%H:%M}"))
    return Drawing(tuple(bars), tuple(dashes), tuple(labels))


# --- SVG -------------------------------------------------------------------------------------------------------------


def svg(spike: Spike, zone: tzinfo, title: str) -> str:
    """An element to stand in a page; it takes the page's ink, so it is readable in the dark. `title` is for those who do
    not see it."""
    drawn = drawing(spike, zone)
    boxes = "".join(
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" fill="{_hex(box.colour)}"/>'
        for box in (*drawn.bars, *drawn.usual)
        if box.height > 0
    )
    labels = "".join(
        f'<text x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{"end" if label.end else "middle"}">{label.text}</text>'
        for label in drawn.labels
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'direction="ltr" style="max-width:100%;height:auto"><title>{escape(title)}</title>{boxes}'
        f'<g font-family="sans-serif" font-size="11" fill="currentColor">{labels}</g></svg>'
    )


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


# --- PNG -------------------------------------------------------------------------------------------------------------


def png(spike: Spike, zone: tzinfo) -> bytes:
    """960 x 300 pixels of a palette, some 2 kB; to be shown at half that size."""
    drawn = drawing(spike, zone)
    canvas = [bytearray(WIDTH * SCALE) for _ in range(HEIGHT * SCALE)]
    for box in (*drawn.bars, *drawn.usual):
        _fill(canvas, box)
    for label in drawn.labels:
        for box in _glyphs(label):
            _fill(canvas, box)
    return _encode(canvas)


def _fill(canvas: list[bytearray], box: Box) -> None:
    """A box that lies outside loses what does."""
    ink = PALETTE.index(box.colour)
    left, right = (min(max(round(x * SCALE), 0), WIDTH * SCALE) for x in (box.x, box.x + box.width))
    top, bottom = (min(max(round(y * SCALE), 0), HEIGHT * SCALE) for y in (box.y, box.y + box.height))
    for row in canvas[top:bottom]:
        row[left:right] = bytes([ink]) * (right - left)


def _glyphs(label: Label) -> Iterator[Box]:
    width = 6 * len(label.text) - 1
    x = label.x - (width if label.end else width / 2)
    for n, char in enumerate(label.text):
        for row, bits in enumerate(GLYPHS[char]):
            for column in range(5):
                if bits >> (4 - column) & 1:
                    yield Box(x + 6 * n + column, label.y - 7 + row, 1, 1, INK)


def _encode(canvas: list[bytearray]) -> bytes:
    """PNG specification: signature, IHDR (8 bits, palette), PLTE, IDAT (each row unfiltered), IEND."""
    size = struct.pack(">IIBBBBB", len(canvas[0]), len(canvas), 8, 3, 0, 0, 0)
    rows = b"".join(b"\0" + row for row in canvas)
    colours = b"".join(bytes(colour) for colour in PALETTE)
    chunks = ((b"IHDR", size), (b"PLTE", colours), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
