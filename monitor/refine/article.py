"""An item, and the page behind it where there is one, made into an Article: `refine`.

Called by the pipeline, in a worker process. Decides which text is the article's and says in `notes` what it had to
leave or repair. Never raises for what a source states; a page that kills the worker is the caller's to leave out.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Article, Item, Source, TextFrom
from monitor.refine.dates import clamp
from monitor.refine.facts import Extract
from monitor.refine.keys import item_key
from monitor.refine.markup import is_markup, parse_fragment, tree_text
from monitor.refine.page import PageText, read_page
from monitor.refine.pruning import article_lines, prune
from monitor.refine.sanitise import BODY_LIMIT, MARKUP_LIMIT, clean, clean_line, cut, tidy
from monitor.text.language import detect, language_tag
from monitor.text.tokens import tokenise

SUMMARY_LIMIT = 2_000  # characters
TITLE_WORDS = 14  # of a title that has to be made from the text
HASHED_WORDS = 12  # fewer say too little to tell two articles apart

# What blog software appends to each item, naming article and outlet once more
_APPENDED = re.compile(
    r"\s*(?:The post .{1,300}? (?:appeared first|first appeared) on .{1,100}|"
    r"L[’']article .{1,300}? est apparu en premier sur .{1,100}|"
    r"Cet article .{1,300}? est apparu en premier sur .{1,100}|"
    r"La entrada .{1,300}? (?:se publicó primero|aparece primero) en .{1,100}|"
    r"(?:ظهرت المقالة|ظهر المقال|المقال|التدوينة) .{1,300}? (?:أولاً|أولا|أول مرة) (?:على|في) .{1,100})$"
)


@dataclass(frozen=True, slots=True)
class _Text:
    body: str
    origin: TextFrom


def refine(
    item: Item,
    source: Source,
    page: bytes | None,
    page_url: str | None,
    page_note: str,
    first_seen: datetime,
    backlog: bool,
    charset: str | None = None,
) -> Article:
    """The article that an item announces.

    `page` are the bytes behind its link (at `page_url`, in `charset` as the HTTP header said), or None: then `page_note`
    says why where one was wanted. `first_seen` judges the date that the source states.
    """
    own = _own_text(item)
    title = clean_line(item.title)
    place = page_url or item.url
    read = (
        read_page(page, place, charset, title, own.body, source.article) if page is not None else PageText()
    )
    text = _Text(read.extract.body, TextFrom.PAGE) if read.usable else own
    title = title or (read.extract.title if read.usable else "") or _first_words(text.body)
    published, date_note = _published(item, read.extract, first_seen)
    return Article(
        key=item_key(item, source.id),
        source_id=source.id,
        title=title,
        body=text.body,
        url=item.url,
        guid=item.id,
        summary=cut(clean(item.summary), SUMMARY_LIMIT),
        language=_language(title, text.body, item, read.extract, source),
        published=published,
        first_seen=first_seen,
        authors=_authors(item) or read.extract.authors,
        text_from=text.origin,
        text_hash=text_hash(text.body),
        notes=tuple(note for note in (page_note, read.note, date_note) if note),
        backlog=backlog,
    )


def text_hash(body: str) -> str:
    """Of the folded words: equal for two texts that differ only in case, accents, punctuation or spacing."""
    words = tokenise(body).words
    if len(words) < HASHED_WORDS:
        return ""
    return hashlib.sha256(" ".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _own_text(item: Item) -> _Text:
    """The best text that the feed itself carries: the full one unless the summary says more."""
    content, summary = _plain(item.content[:MARKUP_LIMIT]), _plain(item.summary[:MARKUP_LIMIT])
    if content and len(content) >= len(summary):
        return _Text(content, TextFrom.CONTENT)
    if summary and summary != clean_line(item.title):
        return _Text(summary, TextFrom.SUMMARY)
    return _Text("", TextFrom.TITLE)


def _plain(markup: str) -> str:
    """A feed's text without what leads elsewhere; all of it where pruning would take the better half."""
    whole = clean(markup)
    text = whole
    if is_markup(markup):
        tree = parse_fragment(markup)
        if tree is not None:
            prune(tree)
            text = tidy(tree_text(tree))
    kept = _APPENDED.sub("", "\n".join(article_lines(text)))
    return cut(kept if len(kept) * 2 >= len(whole) else whole, BODY_LIMIT)


def _first_words(body: str) -> str:
    words = body.split(maxsplit=TITLE_WORDS)
    return " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")


def _published(item: Item, extract: Extract, first_seen: datetime) -> tuple[datetime | None, str]:
    """The feed's date, else the page's; a note where the feed's was absurd and nothing better is known."""
    published, note = clamp(item.published, first_seen)
    if published is not None:
        return published, ""
    from_page, _ = clamp(extract.published, first_seen)
    return (from_page, "") if from_page is not None else (None, note)


def _language(title: str, body: str, item: Item, extract: Extract, source: Source) -> str | None:
    said = language_tag(item.language) or extract.language or language_tag(source.language)
    return detect(f"{title}\n{body}", said) or said


def _authors(item: Item) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for author in item.authors if (name := clean_line(author, 200))))
