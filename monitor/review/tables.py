"""Review -> rows, one a story, in the order of the other documents: CSV, XLSX, JSON Lines. Pure.

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
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from monitor.model import Severity
from monitor.review.order import headings_by_id, importance, in_order
from monitor.review.page import headline, link, page, passages_of
from monitor.review.values import Review, ReviewStory
from monitor.review.words import Words, place, spread, words_for, zone
from monitor.text.plain import NAME, clean, cut, one_line, sound

# Also their full-width shapes: some spreadsheets in East Asian settings take them for the same.
STARTS_A_FORMULA = frozenset("=+-@|\t\r\n\uff1d\uff0b\uff0d\uff20")
LONGEST_CELL = 32_000  # characters; Excel refuses 32,768
LISTED = 200  # outlets named in a cell

Cell = str | int | float | datetime | None

WIDTHS = {"title": 60, "passage": 80, "outlets": 40, "spread": 40, "url": 50, "watchlists": 28, "outlet": 24}


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


# --- XLSX ------------------------------------------------------------------------------------------------------------


def xlsx(review: Review) -> bytes:
    """A workbook: the stories, and on a second sheet what was read. Moments are the zone's clock; its name is in the head."""
    words = words_for(review.language)
    book = Workbook()
    book.properties.creator = "media-monitor"
    book.properties.created = book.properties.modified = review.until.replace(tzinfo=None)
    sheet: Any = book.active
    sheet.title = _sheet_name(words.occasions[review.occasion])
    sheet.sheet_view.rightToLeft = words.rtl
    _head(sheet, words, place(review.timezone, words))
    for number, cells in enumerate(rows(review), start=2):
        for column, (name, cell) in enumerate(cells.items(), start=1):
            _put(sheet.cell(number, column), name, cell)
    sheet.auto_filter.ref = sheet.dimensions
    if review.receipt:
        _receipt_sheet(book, review, words)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet_name(title: str) -> str:
    return one_line("".join(char for char in title if char not in "[]:*?/\\'"), 31)


def _head(sheet: Any, words: Words, clock: str) -> None:
    for column, (name, title) in enumerate(words.columns.items(), start=1):
        cell = sheet.cell(1, column, f"{title} ({clock})" if name in ("published", "first_seen") else title)
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS.get(name, 18)
    sheet.freeze_panes = "A2"


def _put(cell: Any, name: str, value: Cell) -> None:
    """Text is set as text, whatever it begins with."""
    if isinstance(value, datetime):
        cell.value = value.replace(tzinfo=None, microsecond=0)
        cell.number_format = "yyyy-mm-dd hh:mm"
    else:
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
    cell.alignment = Alignment(vertical="top", wrap_text=name in WIDTHS)
    if name == "url" and value:
        cell.hyperlink = value
        cell.font = Font(color="1D5FA8", underline="single")


def _receipt_sheet(book: Workbook, review: Review, words: Words) -> None:
    sheet: Any = book.create_sheet(_sheet_name(words.coverage))
    sheet.sheet_view.rightToLeft = words.rtl
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 50, 80
    for number, fact in enumerate(page(review).receipt, start=1):
        for column, text in enumerate((fact.label, fact.value), start=1):
            _put(sheet.cell(number, column), "", safe(text))


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
