"""The text of an article that is a PDF file, where pypdf is installed (`pip install media-monitor[pdf]`). Called by extract.

Runs in a worker process, whose deadline and memory bound what a hostile file can cost.
"""

from __future__ import annotations

import re

from monitor.errors import ParseError
from monitor.refine.facts import Extract
from monitor.refine.sanitise import BODY_LIMIT, clean_line, cut, tidy
from monitor.text.language import detect

MARK = b"%PDF-"
PAGES = 50
TITLE_WORDS = 14
_HYPHEN = re.compile(r"(?<=\w)[-\u00ad]\n(?=[a-zà-ÿ])")
_WRAPPED = re.compile(r"(?<![.!?؟:»”\n])\n(?=\S)")  # a line that does not end a sentence goes on


def recognise(body: bytes) -> bool:
    return MARK in body[:1024] and b"<html" not in body[:1024].lower()


def extract(body: bytes, url: str | None) -> Extract:
    """Title and text of the first pages. Raises ParseError without pypdf, and for what it cannot read."""
    try:
        import pypdf
    except ImportError:
        raise ParseError("a PDF document: its text is read where media-monitor[pdf] is installed") from None
    import io

    try:
        document = pypdf.PdfReader(io.BytesIO(body))
        if document.is_encrypted:
            raise ParseError("an encrypted PDF document")
        pages = [page.extract_text() for page in document.pages[:PAGES]]
        stated = str(document.metadata.title or "") if document.metadata else ""
    except ParseError:
        raise
    except Exception as error:  # the library fails in many ways on damaged files; here they end
        raise ParseError(
            f"a PDF document that cannot be read: {type(error).__name__}: {error}"[:300]
        ) from error
    text = _WRAPPED.sub(" ", _HYPHEN.sub("", "\n".join(pages)))
    text = cut(tidy(text), BODY_LIMIT)
    if not text:
        raise ParseError("a PDF document without text: pictures of pages, perhaps")
    title = clean_line(stated) or " ".join(text.split()[:TITLE_WORDS])
    return Extract(title=title, body=text, language=detect(f"{title}\n{text}", None), canonical=url)
