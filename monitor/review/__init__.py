"""Stories -> documents, pure: press reviews, exports, spikes and their charts. No I/O but the fonts that a PDF is set with.

values      Review and its stories, as the caller brings them
order       what comes first, and why
page        every sentence of a document; `layout` lays it out for the browser, for a mail, as plain text
pdf         the same by typst
tables      the same as rows: CSV, JSON Lines; `workbook` XLSX, imported when it is first asked for
atom        the same as a feed
alerts      a digest's alerts as a review
receipt     what was read in the period, from the sources' states
spike       when a watchlist's volume leaves its own baseline; `chart` draws it
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from monitor.review.alerts import of_alerts
from monitor.review.atom import atom
from monitor.review.chart import png, svg
from monitor.review.layout import html, letter, text
from monitor.review.order import Section, importance, sections
from monitor.review.pdf import missing_scripts, pdf
from monitor.review.receipt import Trouble, receipt
from monitor.review.spike import spikes
from monitor.review.tables import csv, jsonl
from monitor.review.values import Copy, Foot, Heading, Occasion, Review, ReviewStory
from monitor.review.words import LANGUAGES

if TYPE_CHECKING:
    from monitor.review.workbook import xlsx

__all__ = [
    "LANGUAGES",
    "Copy",
    "Foot",
    "Heading",
    "Occasion",
    "Review",
    "ReviewStory",
    "Section",
    "Trouble",
    "atom",
    "csv",
    "html",
    "importance",
    "jsonl",
    "letter",
    "missing_scripts",
    "of_alerts",
    "pdf",
    "png",
    "receipt",
    "sections",
    "spikes",
    "svg",
    "text",
    "xlsx",
]


def __getattr__(name: str) -> Any:
    if name != "xlsx":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.workbook").xlsx
