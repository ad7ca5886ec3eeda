"""Review -> rows, one a story, in the order of the other documents: CSV, JSON Lines; XLSX in `workbook`. Pure.

Called by the command. A cell that a spreadsheet would take for a formula begins with an apostrophe (`'=1+1`): what the
press writes must not run on an analyst's machine. JSON Lines, which programs read, carry every text as it is.
"""

from __future__ import annotations

import csv as csv_writer
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from monitor.model import Severity
from monitor.review.order import headings_by_id, importance, in_order
from monitor.review.page import headline, link, passages_of
from monitor.review.values import Review, ReviewStory
from monitor.review.words import Words, spread, words_for, zone
from monitor.text.plain import NAME, clean, cut, one_line, sound

# Also their full-width shapes: some spreadsheets in East Asian settings take them for the same.
STARTS_A_FORMULA = frozenset("=+-@|\t\r\n\uff1d\uff0b\uff0d\uff20")
LONGEST_CELL = 32_000  # characters; Excel refuses 32,768
LISTED = 200  # outlets named in a cell

Cell = str | int | float | datetime | None


def safe(value: str) -> str:
    """A text that no spreadsheet computes."""
    text = cut(value, LONGEST_CELL)
    return f"'{text}" if text[:1] in STARTS_A_FORMULA else text


def rows(review: Review) -> Iterator[dict[str, Cell]]:
    """The cells by the names of `Words.columns`; moments aware and in the review's zone, texts safe."""
    words = words_for(review.language)
    for story in in_order(review):
        cells = _cells(story, review, words)
        yield {name: safe(value) if isinstance(value, str) else value for name, value in cells.items()}


def _cells(story: ReviewStory, review: Review, words: Words) -> dict[str, Cell]:
    known = headings_by_id(review)
    named = [known[id] for id in story.watchlists if id in known]
    severity = max((heading.severity for heading in named), key=lambda each: each.rank, default=Severity.LOW)
    there = zone(review.timezone)
    published = story.article.published
    return {
        "watchlists": words.comma.join(one_line(heading.title or heading.id, NAME) for heading in named),
        "severity": words.severity[severity],
        "importance": importance(story, review),
        "title": headline(story, words),
        "outlet": one_line(story.outlet, NAME),
        "language": story.article.language or "",
        "published": published.astimezone(there) if published else None,
        "first_seen": story.first_seen.astimezone(there),
        "url": link(story.article.url),
        "outlets": words.comma.join(one_line(name, NAME) for name in story.outlets[:LISTED]),
        "spread": spread(story, words),
        "passage": " ".join("".join(part.text for part in found) for found in passages_of(story)),
        "story": story.id,
    }


# --- CSV -------------------------------------------------------------------------------------------------------------


def csv(review: Review) -> str:
    """RFC 4180, a head line, moments in ISO 8601. Begins with a byte order mark: without one Excel misreads Arabic."""
    out = io.StringIO()
    writer = csv_writer.writer(out, lineterminator="\r\n")
    columns = words_for(review.language).columns
    writer.writerow(columns.values())
    for cells in rows(review):
        writer.writerow(
            [
                cell.isoformat(timespec="seconds") if isinstance(cell, datetime) else cell
                for cell in cells.values()
            ]
        )
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + out.getvalue()


# --- JSON Lines ------------------------------------------------------------------------------------------------------


def jsonl(review: Review) -> str:
    """A line a story (`kind` is "story"), and a last one of what was read (`kind` is "coverage"). Moments in UTC."""
    lines = [_document(story, review) for story in in_order(review)]
    period = {"since": _utc(review.since), "until": _utc(review.until)}
    if review.receipt:
        lines.append({"kind": "coverage", **period, **asdict(review.receipt)})
    return "".join(sound(json.dumps(line, ensure_ascii=False)) + "\n" for line in lines)


def _document(story: ReviewStory, review: Review) -> dict[str, object]:
    article = story.article
    return {
        "kind": "story",
        "story": story.id,
        "watchlists": story.watchlists,
        "importance": importance(story, review),
        "title": article.title,
        "url": article.url,
        "outlet": story.outlet,
        "source": article.source_id,
        "language": article.language,
        "published": _utc(article.published),
        "first_seen": _utc(story.first_seen),
        "last_seen": _utc(story.last_seen),
        "spread": clean(spread(story, words_for(review.language))),
        "outlets": story.outlets,
        "agencies": [{"name": name, "outlets": outlets} for name, outlets in story.agencies],
        "own": story.own,
        "hits": [
            {"watchlist": match.watchlist, **asdict(hit)} for match in story.matches for hit in match.hits
        ],
        "passages": [[asdict(part) for part in passage] for passage in passages_of(story)],
        "articles": [{**asdict(copy), "first_seen": _utc(copy.first_seen)} for copy in story.copies],
    }


def _utc(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
