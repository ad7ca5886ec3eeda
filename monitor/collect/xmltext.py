"""XML text made fit for a parser: entities under control, characters legal, the end where it belongs. Pure.

Called by `parse` before feedparser or lxml see the text. Feeds of the press are often nearly XML; what is mended here keeps
them on the strict path, where links and titles come out intact. Nothing outside the document is ever opened.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from monitor.collect import bounds
from monitor.collect.dates import read_date
from monitor.errors import ParseError

TRUNCATED = "truncated:"  # begins the sentence about a document that breaks off
TOO_COMPLEX = "too complex to be a feed"
MAX_EXPANSION = 1_000_000  # characters that a document's own entities may add
MAX_RUN = bounds.MAX_TEXT + 1_000  # characters between two tags
COMPARED = 2_500  # entries of each end of a document that has too many
MAX_BARE = 200_000  # & and < that stand for themselves
MAX_ATTRIBUTES = 1_000  # of one element; feedparser takes 40 s over 100,000

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PROLOG = re.compile(
    r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*", re.DOTALL | re.IGNORECASE
)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_DECLARATION = re.compile(
    r"<\?xml\s[^>]*>", re.IGNORECASE
)  # its encoding is spent, and it may only stand first
_ENTITY = re.compile(
    r"""<!ENTITY\s+(%\s+)?([\w.:-]+)\s+(?:(SYSTEM|PUBLIC)\b|"([^"]*)"|'([^']*)')""", re.IGNORECASE
)
_ROOT = re.compile(r"<((?:[\w.-]+:)?([\w.-]+))")
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<(?![A-Za-z_/!?])"
    r"|&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z_][\w.-]{0,40};)?",
    re.DOTALL,
)
_DATE = re.compile(
    r"<(?:\w+:)?(?:pubDate|published|issued|updated|date|modified|publication_date|lastmod)\b[^>]*>\s*(?:<!\[CDATA\[)?([^<\]]{4,60})",
    re.I,
)
_PREDEFINED = ("lt;", "gt;", "amp;", "quot;", "apos;")

ENTRY = {
    "rss": "item",
    "rdf": "item",
    "channel": "item",
    "feed": "entry",
    "urlset": "url",
    "sitemapindex": "sitemap",
}


@dataclass(frozen=True)
class Markup:
    """A mended document: `root` is the outermost element's name without prefix, in lower case."""

    text: str
    root: str
    problems: tuple[str, ...] = ()


def root_of(text: str) -> str:
    """The outermost element's local name in lower case; '' where there is none."""
    prolog = _PROLOG.match(text)
    match = _ROOT.match(text, prolog.end() if prolog else 0)
    return match[2].lower() if match else ""


def mend(text: str) -> Markup:
    """The document with everything mended that can be. Raises ParseError for bombs and what has no complete entry."""
    problems: list[str] = []
    if _has_long_run(text):  # what is cut from each text later is not carried through every step
        text = "<".join(part[:MAX_RUN] for part in text.split("<"))
    text = _references(_ILLEGAL.sub("", text), problems)
    prolog = _PROLOG.match(text)
    match = _ROOT.match(text, prolog.end() if prolog else 0)
    if match is None:
        raise ParseError("not a feed: no XML element in it")
    name, root = match[1], match[2].lower()
    # The newest entries alone are looked at: a document of 100,000 costs no more than one of 500
    text = _newest_entries(_ended(text, name, root, problems), root, problems)
    if damage := _examine(text):
        # Where tags do not match, each entry is made well-formed by itself: the damage stays inside its entry
        problems.append(damage)
        text = _salvaged(text, root)
    return Markup(text, root, tuple(problems))


def _has_long_run(text: str) -> bool:
    """Whether more text stands between two tags than is ever kept."""
    start = 0
    while len(text) - start > MAX_RUN:
        end = text.find("<", start, start + MAX_RUN + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def _references(text: str, problems: list[str]) -> str:
    """Each `&` is a legal reference afterwards, and the document's own entities are written out."""
    entities, text = _own_entities(text, problems)
    added = bare = 0

    def replacement(match: re.Match[str]) -> str:
        nonlocal added, bare
        reference = match[1]
        if reference is None and match[0][1:2] != "!":
            bare += 1
            if bare > MAX_BARE:
                raise ParseError(f"refused, {TOO_COMPLEX}: more than {MAX_BARE:,} bare & and <")
        if match[0] == "<":
            return "&lt;"
        if match[0][0] == "<" or reference in _PREDEFINED:
            return match[0]
        if reference is None:
            return "&amp;"  # most often in a link: ?a=1&b=2
        if reference[0] == "#":
            return _character(reference)
        value = entities.get(reference[:-1])
        if value is not None:
            added += len(value)
            if added > MAX_EXPANSION:
                raise ParseError("entity bomb: its entities expand without measure; refused")
            return value
        known = html.entities.html5.get(reference)
        return f"&amp;{reference}" if known is None else html.escape(known)

    return _REFERENCE.sub(replacement, text)


def _own_entities(text: str, problems: list[str]) -> tuple[dict[str, str], str]:
    """What the DOCTYPE declares, and the text without it."""
    prolog = _PROLOG.match(text)
    head, rest = text[: prolog.end()], text[prolog.end() :]  # type: ignore[union-attr]  # it matches the empty text too
    entities: dict[str, str] = {}
    for parameter, name, external, double, single in _ENTITY.findall(head):
        value = double or single
        if re.search(r"&[A-Za-z_]|%[A-Za-z_]+;", value):
            raise ParseError("entity bomb: entities made of entities; refused")
        if external and not parameter:
            problems.append(f"external entity {name[:40]} was not opened")
        if not parameter:
            entities[name] = value
    return entities, _DECLARATION.sub("", _DOCTYPE.sub("", head)) + rest


def _character(reference: str) -> str:
    """What `#233;` or `#xE9;` stands for; the ASCII ones stay references, for they may be markup."""
    code = int(reference[2:-1], 16) if reference[1] in "xX" else int(reference[1:-1])
    if code > 0x10FFFF or _ILLEGAL.match(chr(code)):
        return "\ufffd"
    return chr(code) if code > 0x7F else f"&{reference}"


def _ended(text: str, name: str, root: str, problems: list[str]) -> str:
    """The text up to its root's end tag; where that is missing, up to its last complete entry."""
    end = re.compile(rf"</{re.escape(name)}\s*>", re.IGNORECASE)
    if endings := list(end.finditer(text)):
        return text[: endings[-1].end()]
    if re.match(rf"<{re.escape(name)}\b[^<>]*/>\s*\Z", text[text.find(f"<{name}") :]):
        return text
    return _cut_after_last_entry(text, name, root, problems)


def _cut_after_last_entry(text: str, name: str, root: str, problems: list[str]) -> str:
    entry = ENTRY.get(root, "item")
    closings = list(re.finditer(rf"</(?:[\w.-]+:)?{entry}\s*>", text, re.IGNORECASE))
    if not closings:
        raise ParseError(f"{TRUNCATED} it breaks off before its first complete item")
    text = text[: closings[-1].end()]
    noun = "item was" if len(closings) == 1 else "items were"
    problems.append(f"{TRUNCATED} the {len(closings)} complete {noun} read")
    inner = re.search(r"<((?:[\w.-]+:)?channel)[\s>]", text, re.IGNORECASE)
    if inner and root != "channel" and f"</{inner[1]}" not in text:
        text += f"</{inner[1]}>"
    return f"{text}</{name}>"


def _examine(text: str) -> str | None:
    """What is not well-formed, if anything. Raises ParseError for documents that are built to cost."""
    parser = xml_parser()
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    for entry in parser.error_log:
        if entry.type_name == "ERR_RESOURCE_LIMIT":
            raise ParseError(f"refused, {TOO_COMPLEX}: {entry.message.partition(', ')[0].lower()}")
    if root is not None and root.xpath(f"boolean(//*[count(@*) > {MAX_ATTRIBUTES}])"):
        raise ParseError(f"refused, {TOO_COMPLEX}: an element with more than {MAX_ATTRIBUTES:,} attributes")
    for entry in parser.error_log:
        if entry.level == etree.ErrorLevels.FATAL:
            return f"damaged XML, read as far as it goes: {entry.message[:120]} (line {entry.line})"
    return None


def local_name(tag: str) -> str:
    """A tag without its namespace, or without the prefix of one that nobody declared: lxml reads such a name in a damaged document
    (`<news:1>`), and its own `QName` raises on it."""
    return tag.rpartition("}")[2].rpartition(":")[2]


def xml_parser() -> etree.XMLParser:
    """lxml without entities, network, DTDs or its huge mode; goes on after errors."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
    )


def _newest_entries(text: str, root: str, problems: list[str]) -> str:
    """Only the newest entries where there are too many."""
    blocks = _entries(text, root)
    if len(blocks) <= bounds.MAX_ITEMS:
        return text
    # Documents run from new to old or from old to new: of very many entries, those of both ends are compared
    ends = blocks if len(blocks) <= 2 * COMPARED else [*blocks[:COMPARED], *blocks[-COMPARED:]]
    keep = bounds.newest([_dated(block[0]) for block in ends])
    problems.append(bounds.too_many(len(blocks)))
    return _with_entries(text, blocks, (ends[at][0] for at in keep))


def _entries(text: str, root: str) -> list[re.Match[str]]:
    entry = ENTRY.get(root)
    if entry not in ("item", "entry", "url"):
        return []
    pattern = rf"<((?:[\w.-]+:)?{entry})[\s>].*?</\1\s*>"
    return list(re.finditer(pattern, text, re.DOTALL | re.IGNORECASE))


def _with_entries(text: str, blocks: list[re.Match[str]], kept: Iterable[str]) -> str:
    return text[: blocks[0].start()] + "".join(kept) + text[blocks[-1].end() :]


def _dated(block: str) -> datetime | None:
    match = _DATE.search(block)
    return read_date(html.unescape(match[1])) if match else None


def _salvaged(text: str, root: str) -> str:
    """The document with each entry made well-formed; unchanged where it has no entries to tell apart."""
    blocks = _entries(text, root)
    start = re.search(r"<[A-Za-z][^<>]*>", text)
    if not blocks or not start:
        return text
    name = start[0][1:].split()[0].rstrip(">")
    return _with_entries(text, blocks, (_well_formed(f"{start[0]}{block[0]}</{name}>") for block in blocks))


def _well_formed(wrapped: str) -> str:
    root = etree.fromstring(wrapped.encode("utf-8", "replace"), xml_parser())
    return (
        "".join(etree.tostring(entry, encoding="unicode", with_tail=False) for entry in root)
        if root is not None
        else ""
    )
