"""HTML as trees and as text. Called by sanitise (fragments of feeds) and extract (pages).

Parses with lxml, walks without recursion, so depth costs nothing. Never fetches and never resolves what a document names.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Any

import lxml.etree
import lxml.html

from monitor.errors import ParseError

Element = Any  # lxml's stubs know less of HtmlElement than we need

# A tag that HTML has: "a < b" and "<Reuters>" are text
_NAMES = (
    "a|abbr|article|aside|b|big|blockquote|br|caption|center|cite|code|dd|del|div|dl|dt|em|embed|fieldset|figcaption|"
    "figure|font|footer|form|h[1-6]|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|meta|nav|noscript|"
    "object|ol|p|picture|pre|q|s|script|section|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|tfoot|"
    "th|thead|time|tr|tt|u|ul|video|audio|body|head|title|textarea|button|select|option"
)
_TAG = re.compile(rf"<(?=[a-z/!])(?:/?(?:{_NAMES})(?=[\s/>])|!--|!\[CDATA\[)", re.IGNORECASE)
_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol option p pre section summary table td th tr ul".split()
)
_SILENT = frozenset(
    "script style template noscript head title object embed iframe svg math audio video canvas textarea select button".split()
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
# Encodings that the web uses; Python knows others (punycode, unicode_escape) that no page is written in
_ENCODING = re.compile(
    r"utf-(?:8|16|32)|cp\d|iso8859|iso2022|koi8|gb|hz|big5|shift_jis|euc_|mac-|tis|ascii|johab"
)
MAX_TEXT = 1_000_000  # characters
MAX_TAGS = 40_000
MAX_ATTRIBUTES = 1_000
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{4000,}")
_ATTRIBUTE = re.compile(r"\s[\w:.-]+\s*=")
_SPACE = re.compile(r"\s+")
_BLANK_REFERENCES = re.compile(
    rb"&#0*(?:1[12]|2[89]|3[01]|6553[45]);|&#[xX]0*(?:[bBcC]|1[c-fC-F]|[fF]{3}[efEF]);"
)
_BLANKS = bytes.maketrans(b"\x0b\x0c\x1c\x1d\x1e\x1f", b"      ")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def is_markup(text: str) -> bool:
    return "<" in text and _TAG.search(text) is not None


def parse_fragment(text: str) -> Element | None:
    """The tree of a piece of HTML; None where nothing is left of it."""
    return parse_page(f"<div>{text}</div>") if text.strip() else None


def parse_page(text: str) -> Element | None:
    """The tree of a page; None where there is none. Comments and processing instructions are gone."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, no_network=True
    )
    # Python holds these controls for blanks, so that trafilatura keeps them, and lxml takes them for no text at all; with one of
    # the two that are no characters it finds no article
    text = text.replace("\ufffe", "").replace("\uffff", "")
    body = text.encode("utf-8", "replace").translate(_BLANKS, b"\x00")
    if b"&#" in body:
        body = _BLANK_REFERENCES.sub(b" ", body)
    try:
        return lxml.html.document_fromstring(body, parser=parser)
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError):  # empty, or nothing but declarations
        return None


def text_of(markup: str) -> str:
    tree = parse_fragment(markup)
    return "" if tree is None else tree_text(tree)


def tree_text(tree: Element) -> str:
    """The text of a tree: one line a block, spaces as HTML shows them."""
    pieces: list[str] = []
    for kind, text in _spoken(tree):
        pieces.append("\n" if kind == "break" else _SPACE.sub(" ", text))
    return "".join(pieces)


def _spoken(tree: Element) -> Iterator[tuple[str, str]]:
    """Texts and breaks in reading order; what is not shown is skipped."""
    walk: Any = lxml.etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        silent = element.tag in _SILENT
        if event == "start":
            if element.tag in _BLOCKS:
                yield "break", ""
            if silent:
                walk.skip_subtree()
            elif element.text:
                yield "text", element.text
            continue
        if element.tag in _BLOCKS:
            yield "break", ""
        if element.tail and element is not tree:
            yield "text", element.tail


def letters(text: str) -> str:
    """What two spellings of one line share: its letters and digits, without case."""
    return "".join(char for char in text.casefold() if char.isalnum())


def names_of(element: Element) -> str:
    """Its class and id in small letters, `readMore` as `read-more`."""
    return _CAPITAL.sub("-", f"{element.get('class') or ''} {element.get('id') or ''}").lower()


def named(words: str) -> Callable[[Element], bool]:
    """Tells elements whose class or id holds one of the words (a regex) as a word of its own."""
    pattern = re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.VERBOSE)
    return lambda element: pattern.search(names_of(element)) is not None


def bounded(text: str) -> str:
    """A page within measure: its first part where it is long. Raises ParseError where it is built to cost: libraries take
    half a minute over 100,000 attributes or headings. The largest of 60 real pages has 580,000 characters and 4,700 tags.
    """
    text = text[:MAX_TEXT]
    attributes = (len(_ATTRIBUTE.findall(tag[0])) for tag in _LONG_TAG.finditer(text))
    if text.count("<") > MAX_TAGS or any(count > MAX_ATTRIBUTES for count in attributes):
        raise ParseError("refused, too complex to be an article's page")
    return text


def decode(body: bytes, charset: str | None = None) -> str:
    """The text of a page's bytes. Valid UTF-8 is believed before anything declared; then `charset` (of the HTTP header),
    the page's own declaration, and a guess. Never fails: what cannot be read becomes U+FFFD."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    declared = _META_CHARSET.search(body[:8192])
    names: list[str | None] = [charset, declared.group(1).decode("ascii") if declared else None]
    if b"\x00" not in body[:512]:
        names.insert(0, "utf-8")
    for label in names:
        text = _decoded(body, label)
        if text is not None:
            return text
    return body.decode(_guessed(body), "replace")


def _decoded(body: bytes, name: str | None) -> str | None:
    """None where the bytes are not in this encoding, or there is none of this name."""
    try:
        codec = codecs.lookup(name or "").name
        if not _ENCODING.match(codec):
            return None
        # as browsers do: Latin-1 on the web is windows-1252
        return body.decode("cp1252" if codec in {"iso8859-1", "ascii"} else codec)
    except (LookupError, UnicodeError, ValueError):
        return None


def _guessed(body: bytes) -> str:
    import chardet

    guess = chardet.detect(body[:50_000])["encoding"] or "utf-8"
    try:
        return codecs.lookup(guess).name
    except LookupError:
        return "utf-8"
