"""OPML, the lists that feed readers exchange: bytes -> outlines, and sources -> bytes. Pure; called by `monitor import`
and `monitor export`.

A list comes from strangers: its DOCTYPE is refused with all entities, and size, depth and number are bounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from monitor.collect import bounds, placeholders
from monitor.collect.xmltext import local_name
from monitor.errors import ParseError
from monitor.model import Source, SourceKind

MAX_BYTES = 5_000_000
MAX_OUTLINES = 20_000
MAX_TEXT = 500  # characters of a name
FEED = "rss"  # what OPML calls every feed, whatever its format


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed in a list: its address, what it is called, and the folders and categories it stands in, outermost first."""

    url: str
    title: str = ""
    kind: str = FEED
    language: str = ""
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opml:
    outlines: tuple[Outline, ...]
    problems: tuple[str, ...] = ()


def read(body: bytes) -> Opml:
    """The feeds of a list, in its order. Raises ParseError for what is no OPML, or built to harm."""
    if len(body) > MAX_BYTES:
        raise ParseError(f"the list has {len(body):,} bytes; at most {MAX_BYTES:,} are read")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ParseError("refused: the list declares a DOCTYPE or entities, which OPML has no need of")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(f"not OPML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:  # in UTF-16 the bytes do not show it
        raise ParseError("refused: the list declares a DOCTYPE or entities, which OPML has no need of")
    if local_name(root.tag) != "opml":
        raise ParseError(f"not OPML: an XML document of <{local_name(root.tag)[:40]}>")
    problems: list[str] = []
    outlines = tuple(_outlines(root, problems))
    return Opml(outlines, tuple(problems))


def _outlines(root: etree._Element, problems: list[str]) -> Iterable[Outline]:
    """Depth first, without recursion: folders are the outlines around one."""
    found = 0
    for element in root.iter("outline"):
        address = _attribute(element, "xmlUrl")
        if not address:
            continue
        found += 1
        if found > MAX_OUTLINES:
            problems.append(f"only the first {MAX_OUTLINES:,} feeds were read")
            return
        url = bounds.link("", address)
        if url is None:
            problems.append(f"line {element.sourceline}: {address[:80]!r} is no web address")
            continue
        yield Outline(
            placeholders.literal(url),
            _attribute(element, "title") or _attribute(element, "text"),
            _attribute(element, "type").lower() or FEED,
            _attribute(element, "language"),
            (*_folders(element), *_categories(element)),
        )


def _folders(element: etree._Element) -> Iterable[str]:
    around = [each for each in element.iterancestors("outline") if not _attribute(each, "xmlUrl")]
    return [
        name for each in reversed(around) if (name := _attribute(each, "text") or _attribute(each, "title"))
    ]


def _categories(element: etree._Element) -> Iterable[str]:
    """`/Boston/Weather,/Harvard`: the standard's way of naming categories without folders."""
    paths = _attribute(element, "category").split(",")
    return [part.strip() for path in paths for part in path.split("/") if part.strip()]


def _attribute(element: etree._Element, name: str) -> str:
    return " ".join(bounds.clean(element.get(name) or "").split())[: MAX_TEXT if name != "xmlUrl" else None]


def write(sources: Iterable[Source], title: str, now: datetime) -> bytes:
    """A list of OPML 2.0. What is no feed keeps its kind as type, so that reading the list again gives the same."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = format_datetime(now, usegmt=True)
    body = etree.SubElement(root, "body")
    for source in sources:
        kind = FEED if source.kind is SourceKind.FEED else source.kind.value
        name = source.name or source.id
        facts = {"type": kind, "text": name, "title": name, "xmlUrl": source.url}
        facts |= {"language": source.language} if source.language else {}
        facts |= {"category": ",".join(f"/{tag}" for tag in source.tags)} if source.tags else {}
        etree.SubElement(body, "outline", facts)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
