"""Review -> XLSX: the rows of `tables` as a workbook. Pure.

Called by the command through `review.xlsx`, and imported when that is first asked for: the daemon makes no workbook, and the
library would hold 8 MB of it.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from monitor.review.page import page
from monitor.review.tables import Cell, rows, safe
from monitor.review.values import Review
from monitor.review.words import Words, place, words_for
from monitor.text.plain import one_line

WIDTHS = {"title": 60, "passage": 80, "outlets": 40, "spread": 40, "url": 50, "watchlists": 28, "outlet": 24}


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
