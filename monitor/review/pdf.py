"""Review -> PDF, set by typst in this process: Arabic shaped and ordered, links, tags for screen readers.

Called by the command. The template is ours; what the press wrote is data to it, never markup, and it loads nothing from
anywhere. It is set with the machine's fonts: `missing_scripts` says which letters would have none.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from importlib import resources
from typing import Any

from monitor.errors import MonitorError
from monitor.review.page import page
from monitor.review.values import Review

ABSENT = "a PDF needs the package typst: pip install 'media-monitor[pdf]'"
LATIN = ("Noto Sans", "Liberation Sans", "DejaVu Sans", "Libertinus Serif")
ARABIC = ("Noto Naskh Arabic", "Noto Sans Arabic", "Amiri", "DejaVu Sans", "DejaVu Sans Mono")
DRAWN_FOR_ARABIC = frozenset(ARABIC[:3])


def pdf(review: Review) -> bytes:
    """The document's bytes; the same review gives the same bytes on the same machine, but for what typst dates.
    Raises MonitorError where typst is not installed."""
    typst = _typst()
    made: bytes = typst.compile(
        _template(),
        root=str(resources.files("monitor.review") / "templates"),
        format="pdf",
        sys_inputs={"page": json.dumps(_data(review), ensure_ascii=False)},
        timestamp=int(review.until.timestamp()),
    )
    return made


def missing_scripts() -> tuple[str, ...]:
    """`arabic` where this machine has no font that was drawn for it; typst then takes one of fixed width, or none."""
    return () if DRAWN_FOR_ARABIC.intersection(_families()) else ("arabic",)


def _data(review: Review) -> dict[str, Any]:
    whole = page(review)
    words = whole.words
    known = _families()
    return {
        "title": whole.title,
        "period": whole.period,
        "clock": whole.clock,
        "count": whole.count,
        "chapters": [asdict(chapter) for chapter in whole.chapters],
        "receipt": [asdict(fact) for fact in whole.receipt],
        "language": words.language,
        "rtl": words.rtl,
        "contents": words.contents,
        "coverage": words.coverage,
        "importance": words.importance,
        "told_above": words.told_above,
        "colon": words.colon,
        "fonts": [each for each in dict.fromkeys(LATIN[:2] + ARABIC + LATIN) if each in known],
    }


def _typst() -> Any:
    try:
        import typst
    except ImportError:
        raise MonitorError(ABSENT) from None
    return typst


@cache
def _families() -> frozenset[str]:
    return frozenset(_typst().Fonts().families())


@cache
def _template() -> bytes:
    return (resources.files("monitor.review") / "templates" / "review.typ").read_bytes()
